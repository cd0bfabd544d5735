package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/annotate/web"
	"dyade/annotate/web/client"
	"dyade/internal/i18n"
)

// doBatch is `dyade batch DIR`.
func doBatch(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("batch")
	lang := f.String("lang", "", "")
	data := f.String("data", "", "")
	out := f.String("out", "", "")
	n := f.Int("workers", runtime.GOMAXPROCS(0), "")
	retry := f.Bool("retry", false, "")
	if err := t.parse(f, args, 1); err != nil {
		return err
	}
	if err := t.speak(*lang); err != nil {
		return err
	}
	if *n < 1 {
		return wrongUse{i18n.T(t.lang, "cli_help_batch")}
	}
	if *out == "" {
		*out = filepath.Join(f.Arg(0), "dyade")
	}
	dir, err := chosen(*data)
	if err != nil {
		return err
	}
	b := &batch{t: t, dir: f.Arg(0), out: *out, data: dir, retry: *retry, board: newBoard(t)}
	if err := b.list(); err != nil {
		return err
	}
	if len(b.items) == 0 {
		t.say("batch_nothing", b.dir)
		return errFailed
	}
	return withServer(ctx, t, dir, *n, b.run)
}

// batch analyses a tree of recordings.
type batch struct {
	t              *terminal
	dir, out, data string
	retry          bool
	items          []*item
	over           int
	board          *board
}

// item is one recording of a batch. What it lacks is not known yet.
type item struct {
	path    string // below the batch's folder
	size    int64
	sum     blob.Sum
	told    web.Recording
	moments int
	written bool
	err     error // why it could not be sent or written
}

func (i *item) over() bool {
	return i.err != nil || i.written || i.told.State == store.Failed || i.told.State == store.Cancelled
}

// kinds are the endings of what cameras, phones and recorders write.
var kinds = strings.Fields(`.mp4 .m4v .mov .qt .3gp .3g2 .mkv .webm .avi .mts .m2ts .ts .mpg .mpeg .m2v .vob .mxf .dv .wmv .asf .flv .ogv
	.h264 .264 .hevc .265 .h263 .ivf
	.wav .m4a .mp3 .aac .flac .wma .ac3 .caf .aif .aiff .au .amr .ogg .oga .opus`)

// list finds the recordings, in the order of their paths. Hidden files and what a
// batch wrote are passed by.
func (b *batch) list() error {
	out, err := filepath.Abs(b.out)
	if err != nil {
		return fmt.Errorf("list %s: %w", b.dir, err)
	}
	err = filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		full, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") && path != b.dir
		switch {
		case d.IsDir() && (hidden || full == out || full == b.data):
			return fs.SkipDir
		case hidden, !d.Type().IsRegular(), !slices.Contains(kinds, strings.ToLower(filepath.Ext(path))):
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(b.dir, path)
		b.items = append(b.items, &item{path: rel, size: info.Size()})
		return err
	})
	if err != nil {
		return fmt.Errorf("list %s: %w", b.dir, err)
	}
	return nil
}

// run sends what the server does not have, and waits for all.
func (b *batch) run(ctx context.Context, c *client.Client) error {
	b.t.say("batch_begin", len(b.items), b.out)
	g, gctx := errgroup.WithContext(ctx)
	sent := make(chan *item, len(b.items))
	g.Go(func() error { defer close(sent); return b.send(gctx, c, sent) })
	g.Go(func() error { return b.follow(gctx, c, sent) })
	err := g.Wait()
	b.board.end()
	if ctx.Err() != nil {
		b.t.say("batch_stopped")
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	return b.sumUp()
}

// send submits one film after another. What concerns one alone is its own error.
func (b *batch) send(ctx context.Context, c *client.Client, sent chan<- *item) error {
	there, err := c.Recordings(ctx)
	if err != nil {
		return fmt.Errorf("ask what was sent before: %w", err)
	}
	had := map[blob.Sum]web.Recording{}
	for _, r := range there {
		had[r.SHA256] = r
	}
	for _, i := range b.items {
		if i.sum, i.err = blob.OfFile(ctx, filepath.Join(b.dir, i.path)); i.err == nil {
			i.told, i.err = b.submit(ctx, c, i, had)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if i.err == nil {
			had[i.sum] = i.told
		}
		sent <- i
	}
	return nil
}

func (b *batch) submit(ctx context.Context, c *client.Client, i *item, had map[blob.Sum]web.Recording) (web.Recording, error) {
	r, ok := had[i.sum]
	if ok && b.retry && (r.State == store.Failed || r.State == store.Cancelled) {
		r.State = store.Working
		return r, c.Retry(ctx, r.ID)
	}
	if ok {
		return r, nil
	}
	if !fits(b.data, i.size) {
		return r, errors.New(i18n.T(b.t.lang, "batch_no_room", b.data))
	}
	f, err := os.Open(filepath.Join(b.dir, i.path))
	if err != nil {
		return r, err
	}
	defer f.Close()
	return c.Submit(ctx, filepath.Base(i.path), store.Batch, f)
}

// spare is left free on the disk: what an analysis writes, and the system needs.
const spare = 1 << 30

// fits tells whether a film of that size does on the disk. Where that cannot be told,
// sending it tells.
func fits(data string, size int64) bool {
	var disk syscall.Statfs_t
	return syscall.Statfs(data, &disk) != nil || int64(disk.Bavail)*disk.Bsize >= size+spare
}

// follow shows how far the recordings are that were sent, and writes what was made
// of them, until all are over.
func (b *batch) follow(ctx context.Context, c *client.Client, sent <-chan *item) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var open []*item
	for sent != nil || len(open) > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case i, more := <-sent:
			if !more {
				sent = nil
				continue
			}
			open = append(open, i)
			continue
		case <-tick.C:
		}
		all, err := c.Recordings(ctx)
		if err != nil {
			return fmt.Errorf("ask how far the recordings are: %w", err)
		}
		told := map[blob.Sum]web.Recording{}
		for _, r := range all {
			told[r.SHA256] = r
		}
		for _, i := range open {
			b.look(ctx, c, i, told)
		}
		open = slices.DeleteFunc(open, (*item).over)
		b.board.show(open, b.over, len(b.items))
	}
	return nil
}

// look takes in how far a recording is.
func (b *batch) look(ctx context.Context, c *client.Client, i *item, told map[blob.Sum]web.Recording) {
	r, ok := told[i.sum]
	if !ok && i.err == nil {
		i.err = errors.New(i18n.T(b.t.lang, "batch_deleted"))
	}
	if ok {
		i.told = r
	}
	if i.err == nil && i.told.State == store.Done {
		i.err = b.write(ctx, c, i)
		i.written = i.err == nil
	}
	if i.over() && ctx.Err() == nil {
		b.over++
		b.board.over(i)
	}
}

// write writes what the analysis of a recording gave into a folder of its name.
func (b *batch) write(ctx context.Context, c *client.Client, i *item) error {
	whole, err := c.Recording(ctx, i.told.ID)
	if err != nil {
		return err
	}
	dir := filepath.Join(b.out, i.path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, name := range whole.Files {
		doc, err := c.File(ctx, i.told.ID, name)
		if err != nil {
			return err
		}
		if name == "moments.json" {
			var m struct{ Moments []json.RawMessage }
			if err := json.Unmarshal(doc, &m); err != nil {
				return err
			}
			i.moments = len(m.Moments)
		}
		if err := writeWhole(filepath.Join(dir, filepath.Base(name)), doc); err != nil {
			return err
		}
	}
	return nil
}

// writeWhole writes a file, or leaves it as it was.
func writeWhole(path string, doc []byte) error {
	aside := filepath.Join(filepath.Dir(path), "."+filepath.Base(path))
	if err := os.WriteFile(aside, doc, 0o600); err != nil {
		return errors.Join(err, os.RemoveAll(aside))
	}
	return os.Rename(aside, path)
}

// sumUp shows a table of all, and writes it for other programs.
func (b *batch) sumUp() error {
	failed := 0
	rows := [][]string{{"path", "state", "reason", "seconds", "moments"}}
	for _, i := range b.items {
		state, reason := string(i.told.State), i.told.Failure
		if i.err != nil {
			state, reason = string(store.Failed), i.err.Error()
		}
		if state != string(store.Done) {
			failed++
		}
		rows = append(rows, []string{i.path, state, reason, strconv.FormatFloat(i.seconds(), 'f', 1, 64), strconv.Itoa(i.moments)})
	}
	b.table()
	b.t.say("batch_end", len(b.items)-failed, failed)
	if err := b.csv(rows); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	if failed > 0 {
		return errFailed
	}
	return nil
}

func (b *batch) csv(rows [][]string) error {
	if err := os.MkdirAll(b.out, 0o700); err != nil {
		return err
	}
	var doc strings.Builder
	if err := csv.NewWriter(&doc).WriteAll(rows); err != nil {
		return err
	}
	return writeWhole(filepath.Join(b.out, "summary.csv"), []byte(doc.String()))
}

func (i *item) seconds() float64 {
	var film struct {
		DurationS float64 `json:"duration_s"`
	}
	_ = json.Unmarshal(i.told.Probe, &film) // not known where it could not be read
	return film.DurationS
}
