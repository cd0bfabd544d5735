package storm

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/annotate/web"
	"dyade/annotate/web/client"
)

// work is what the server is given to do.
type work struct {
	server *server
	films  []film
	rounds int // recordings that were done, looked at and deleted
}

// mostWork is how long the work may take once the faults are over.
const mostWork = 10 * time.Minute

// keepInFlight submits all films, and each again once it is done, until the faults
// are over; then it waits until all are done.
func (w *work) keepInFlight(ctx context.Context, calm <-chan struct{}) error {
	var over <-chan time.Time
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-over:
			return fmt.Errorf("the work was not done %v after the last fault", mostWork)
		case <-calm:
			calm, over = nil, time.After(mostWork)
		case <-tick.C:
		}
		if done, err := w.look(ctx, calm != nil); err != nil || done && calm == nil {
			return err
		}
	}
}

// look submits what the server does not have; where there is to be more work, it
// checks and deletes what is done. A server that does not answer is asked again.
func (w *work) look(ctx context.Context, more bool) (done bool, err error) {
	list, err := w.server.list(ctx)
	if err != nil {
		return false, nil //nolint:nilerr // it is being killed and the like
	}
	have := map[string]web.Recording{}
	for _, t := range list {
		if t.State == store.Failed || t.State == store.Cancelled {
			return false, fmt.Errorf("%s is %s (%s), and nothing is wrong with it", t.Name, t.State, t.Failure)
		}
		have[t.Name] = t
	}
	done = true
	for _, f := range w.films {
		t, ok := have[f.name]
		switch {
		case !ok:
			done = false
			_ = w.server.submit(ctx, f) // it is looked for at the next look
		case t.State != store.Done:
			done = false
		case more:
			if err := w.recycle(ctx, f, t); err != nil {
				return false, err
			}
		}
	}
	return done, nil
}

// recycle checks a recording that is done, and deletes it.
func (w *work) recycle(ctx context.Context, f film, t web.Recording) error {
	err := w.same(ctx, f, t)
	var wrong *differs
	if errors.As(err, &wrong) {
		return err
	}
	remove := func(ctx context.Context, c *client.Client) error { return c.Delete(ctx, t.ID) }
	if err == nil && w.server.ask(ctx, remove) == nil {
		w.rounds++
	}
	return nil // a server that did not answer is asked again at the next look
}

// differs says that an analysis is not what it would be without a storm.
type differs struct{ what string }

func (d *differs) Error() string { return d.what + " is not what it is without a storm" }

// same compares what an analysis gave; an error that is no *differs may pass.
func (w *work) same(ctx context.Context, f film, t web.Recording) error {
	return w.server.ask(ctx, func(ctx context.Context, c *client.Client) error {
		whole, err := c.Recording(ctx, t.ID)
		if err != nil {
			return err
		}
		if len(whole.Files) != len(f.want) {
			return &differs{fmt.Sprintf("%s: the list of files %v", f.name, whole.Files)}
		}
		for name, want := range f.want {
			got, err := c.File(ctx, t.ID, name)
			if err != nil {
				return err
			}
			if !bytes.Equal(got, want) {
				return &differs{f.name + ": " + name}
			}
		}
		return nil
	})
}

// verify makes sure that each recording is there once, done, and the same.
func (w *work) verify(ctx context.Context) error {
	var list []web.Recording
	err := until(ctx, "the server to answer", time.Minute, func() bool {
		var err error
		list, err = w.server.list(ctx)
		return err == nil
	})
	if err != nil {
		return err
	}
	if len(list) != len(w.films) {
		return fmt.Errorf("there are %d recordings, not %d", len(list), len(w.films))
	}
	for _, f := range w.films {
		i := slices.IndexFunc(list, func(t web.Recording) bool { return t.Name == f.name && t.State == store.Done })
		if i < 0 {
			return fmt.Errorf("%s is not done", f.name)
		}
		if err := w.same(ctx, f, list[i]); err != nil {
			return err
		}
	}
	w.server.o.Say("all %d recordings are done, and %d before them, each the same as without a storm", len(w.films), w.rounds)
	return nil
}

// once makes sure from the log that no analysis and no step was accepted twice.
func (w *work) once() error {
	var err error
	for _, such := range []func(entry) (string, bool){
		func(e entry) (string, bool) { return e.Recording, e.Msg == "recording analysed" },
		func(e entry) (string, bool) { return e.Recording + " " + e.Step, e.Msg == "step done" },
	} {
		counts := w.server.journal.count(such)
		for name, n := range counts {
			if n > 1 {
				err = errors.Join(err, fmt.Errorf("%s was done %d times", name, n))
			}
		}
		if len(counts) < len(w.films) {
			err = errors.Join(err, fmt.Errorf("the log tells of %d things done only", len(counts)))
		}
	}
	return err
}

// tidy makes the server's clock jump so far that what killed processes left in the
// media store is old, and waits until it is gone.
func (s *server) tidy(ctx context.Context) error {
	if err := s.jump(48 * time.Hour); err != nil {
		return err
	}
	return until(ctx, "the media store to be tidy", 2*time.Minute, func() bool {
		stray, err := s.strays(ctx)
		return err == nil && len(stray) == 0
	})
}

// strays lists what lies in the media store and no recording needs.
func (s *server) strays(ctx context.Context) (list []string, err error) {
	needed, err := s.needed(ctx)
	if err != nil {
		return nil, err
	}
	media := filepath.Join(s.data, "media")
	err = filepath.WalkDir(media, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !needed[d.Name()] {
			list = append(list, path)
		}
		return nil
	})
	return list, err
}

func (s *server) needed(ctx context.Context) (map[string]bool, error) {
	list, err := s.column(ctx, "SELECT sum FROM needed")
	needed := map[string]bool{}
	for _, sum := range list {
		needed[sum] = true
	}
	return needed, err
}

// column reads one of the server's database.
func (s *server) column(ctx context.Context, query string) (list []string, err error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.data, "dyade.db")+"?mode=ro&_pragma=busy_timeout(20000)")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// kept are what a data folder may hold when nobody serves it.
var kept = []string{"dyade.db", "lock", "token", "realm", "log", "media", "redis", "shown", "uploads", "work"}

// leftovers makes sure that a stopped server leaves no process, no row of work, no
// file that is not needed, and nothing damaged.
func (s *server) leftovers(ctx context.Context) error {
	if left := processes(s.data); len(left) > 0 {
		return fmt.Errorf("processes %v are left", left)
	}
	list, err := os.ReadDir(s.data)
	if err != nil {
		return err
	}
	for _, x := range list {
		if !slices.Contains(kept, x.Name()) {
			err = errors.Join(err, fmt.Errorf("the file %s is left", x.Name()))
		}
	}
	rooms, rerr := os.ReadDir(filepath.Join(s.data, "work"))
	if rerr == nil && len(rooms) > 0 {
		err = errors.Join(err, fmt.Errorf("%d rooms of workers are left", len(rooms)))
	}
	return errors.Join(err, rerr, s.sound(ctx))
}

// sound checks the database and the media store whole.
func (s *server) sound(ctx context.Context) (err error) {
	stray, err := s.strays(ctx)
	if err == nil && len(stray) > 0 {
		err = fmt.Errorf("nobody needs %s", strings.Join(stray, ", "))
	}
	db, oerr := store.Open(ctx, filepath.Join(s.data, "dyade.db"), time.Now)
	if oerr != nil {
		return errors.Join(err, oerr)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = errors.Join(err, db.Check(ctx))
	queued, qerr := db.Queued(ctx)
	if len(queued) > 0 {
		err = errors.Join(err, fmt.Errorf("%d steps are left", len(queued)))
	}
	sums, nerr := db.AllNeeded(ctx)
	media, merr := blob.OpenFolder(filepath.Join(s.data, "media"))
	err = errors.Join(err, qerr, nerr, merr)
	if err != nil {
		return err
	}
	for _, sum := range sums {
		err = errors.Join(err, blob.Verify(ctx, media, sum))
	}
	return err
}
