// Package cut has a native process render the reels that visits ask for, one at a
// time. What is asked for is written down, so that a server that was killed goes on.
package cut

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/shown"
	"dyade/annotate/store"
)

// Options are how a Cutter works; all are wanted.
type Options struct {
	Store   *store.Store
	Dir     string   // for what is not whole yet; nothing else is in there
	Command []string // starts a native process
	Memory  int64    // bytes that it may take
	// Local gives a film a path, for as long as it is not released.
	Local func(ctx context.Context, sum blob.Sum) (path string, release func(), err error)
	// Keep takes over the files of a rendering that is whole; false where it is no longer
	// asked for, when it leaves nothing of them.
	Keep func(ctx context.Context, job, film, provenance string) (bool, error)
	Log  *slog.Logger
}

// Cutter renders reels. Its methods may be called from several goroutines at once.
type Cutter struct {
	o Options

	turn chan struct{} // to have a native process, of which there is one at a time

	mu      sync.Mutex
	now     *rendering          // nil: no reel is rendered
	under   map[*rendering]bool // all that is, clips among it
	changed chan struct{}       // closed at the next change
}

// rendering is one under way.
type rendering struct {
	store.Order
	films    map[blob.Sum]bool
	cancel   context.CancelCauseFunc
	ended    chan struct{} // closed when nothing is left of it but what was kept
	begun    time.Time
	done, of float64
}

// Open makes the folder, and removes what a process that was killed left in it.
func Open(o Options) (*Cutter, error) {
	if err := errors.Join(os.RemoveAll(o.Dir), os.MkdirAll(o.Dir, 0o700)); err != nil {
		return nil, fmt.Errorf("open the cutting room: %w", err)
	}
	return &Cutter{o: o, turn: make(chan struct{}, 1), under: map[*rendering]bool{}, changed: make(chan struct{})}, nil
}

// Changed is closed once a rendering is further than when it was called.
func (c *Cutter) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

// set changes what is told.
func (c *Cutter) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
	close(c.changed)
	c.changed = make(chan struct{})
}

// At tells how far the rendering of a visit's reel is, in seconds of the reel, and how
// long it takes still, 0 where that cannot be told yet; not begun, where it waits or
// none is asked for.
func (c *Cutter) At(visit string) (done, of float64, left time.Duration, begun bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.now
	if r == nil || r.Visit != visit {
		return 0, 0, 0, false
	}
	if r.done > 0 {
		left = time.Duration(float64(time.Since(r.begun)) / r.done * (r.of - r.done))
	}
	return r.done, r.of, left, true
}

// pause is how long a rendering waits for what may pass: the media store is away.
const pause = 5 * time.Second

// Run renders what is asked for until ctx is over.
func (c *Cutter) Run(ctx context.Context) {
	for ctx.Err() == nil {
		changed, wait := c.o.Store.Changed(), (<-chan time.Time)(nil)
		order, err := c.o.Store.NextReel(ctx)
		if err == nil && order != nil {
			err = c.render(ctx, *order)
			changed = closed
		}
		if err != nil && ctx.Err() == nil {
			c.o.Log.Warn("cannot render a reel for now; trying again", "error", err)
			changed, wait = nil, time.After(pause)
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-wait:
		}
	}
}

var closed = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// errUnwanted ends a rendering that nobody asks for any more.
var errUnwanted = errors.New("it is no longer asked for")

// render renders one reel, and writes down what became of it. An error is of what may
// pass.
func (c *Cutter) render(ctx context.Context, o store.Order) error {
	var plan annotate.Reel
	if err := json.Unmarshal(o.Plan, &plan); err != nil {
		return c.fail(o, &shown.Uncut{Reason: shown.UncutFailing, Err: err})
	}
	if c.await(ctx) != nil {
		return nil
	}
	defer c.giveTurn()
	rctx, r := c.begin(ctx, plan)
	r.Order = o
	c.set(func() { c.now = r })
	var watching sync.WaitGroup
	watching.Go(func() { c.watch(rctx, r) })
	err := c.aside(func(dir string) error {
		if err := c.work(rctx, r, plan, dir); err != nil {
			return err
		}
		_, err := c.o.Keep(rctx, r.Job, filepath.Join(dir, filmFile), filepath.Join(dir, provenanceFile))
		return err
	})
	cause := context.Cause(rctx)
	r.cancel(nil)
	watching.Wait()
	c.set(func() { c.now = nil })
	c.end(r)
	if gone := errors.Is(cause, errUnwanted) || ctx.Err() != nil; !gone {
		return c.settle(ctx, o, err)
	}
	return nil
}

// await waits for a turn.
func (c *Cutter) await(ctx context.Context) error {
	select {
	case c.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// try takes a turn where nobody has it.
func (c *Cutter) try(context.Context) error {
	select {
	case c.turn <- struct{}{}:
		return nil
	default:
		return shown.ErrBusy
	}
}

func (c *Cutter) giveTurn() { <-c.turn }

// begin makes a rendering of a plan known to who may end it, until end.
func (c *Cutter) begin(ctx context.Context, plan annotate.Reel) (context.Context, *rendering) {
	ctx, cancel := context.WithCancelCause(ctx)
	r := &rendering{films: filmsOf(plan), cancel: cancel, ended: make(chan struct{}), begun: time.Now()}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.under[r] = true
	return ctx, r
}

func (c *Cutter) end(r *rendering) {
	r.cancel(nil)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.under, r)
	close(r.ended)
}

func filmsOf(plan annotate.Reel) map[blob.Sum]bool {
	films := map[blob.Sum]bool{}
	for _, p := range plan.Parts {
		if p.Cut != nil {
			films[blob.Sum(p.Cut.Recording)] = true
		}
	}
	return films
}

// watch ends a rendering that is no longer asked for.
func (c *Cutter) watch(ctx context.Context, r *rendering) {
	for {
		changed := c.o.Store.Changed()
		if asked, err := c.o.Store.ReelAsked(ctx, r.Job); err == nil && !asked {
			r.cancel(errUnwanted)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}

// mostCrashes of one rendering, after which it is given up.
const mostCrashes = 2

// settle writes down what became of a rendering.
func (c *Cutter) settle(ctx context.Context, o store.Order, err error) error {
	if err == nil {
		c.o.Log.Info("reel rendered", "visit", o.Visit)
		return nil
	}
	var crashed *crash
	if errors.As(err, &crashed) && o.Crashes+1 < mostCrashes {
		c.o.Log.Warn("rendering a reel took the native process down; once more", "visit", o.Visit, "error", err)
		return c.o.Store.ReelCrashed(ctx, o.Job)
	}
	if u := uncut(err); u != nil {
		return c.fail(o, u)
	}
	return err
}

// uncut is an error that trying again does not help; nil: it may pass.
func uncut(err error) *shown.Uncut {
	var crashed *crash
	var unfit *Unfit
	switch {
	case errors.As(err, &crashed):
		return &shown.Uncut{Reason: shown.UncutCrash, Err: err}
	case errors.As(err, &unfit):
		return &shown.Uncut{Reason: unfit.Reason, Part: unfit.Part, Err: err}
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &shown.Uncut{Reason: shown.UncutFull, Err: err}
	case errors.Is(err, blob.ErrMissing), errors.Is(err, blob.ErrDamaged):
		return &shown.Uncut{Reason: shown.UncutMissing, Err: err}
	case errors.Is(err, errRender):
		return &shown.Uncut{Reason: shown.UncutFailing, Err: err}
	}
	return nil
}

// fail ends it for good.
func (c *Cutter) fail(o store.Order, u *shown.Uncut) error {
	c.o.Log.Warn("no reel was rendered", "visit", o.Visit, "reason", u.Reason, "part", u.Part, "error", u.Err)
	return c.o.Store.ReelFailed(context.Background(), o.Job, u.Reason, u.Part)
}

// aside lends a folder of its own to what is done.
func (c *Cutter) aside(do func(dir string) error) error {
	dir, err := os.MkdirTemp(c.o.Dir, "*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	return do(dir)
}

// work has the native process render into a folder.
func (c *Cutter) work(ctx context.Context, r *rendering, plan annotate.Reel, dir string) error {
	j := job{Plan: plan, Sources: map[string]string{}, Dir: dir}
	var releases []func()
	defer func() {
		for _, release := range releases {
			release()
		}
	}()
	for sum := range r.films {
		path, release, err := c.o.Local(ctx, sum)
		if err != nil {
			return err
		}
		releases, j.Sources[string(sum)] = append(releases, release), path
	}
	return run(ctx, c.o.Command, c.o.Memory, j, func(n note) {
		c.set(func() { r.done, r.of = n.Seconds, n.Of })
	})
}

// Forget ends what is being rendered of a film that is deleted, and waits until nothing
// is left of it.
func (c *Cutter) Forget(ctx context.Context, film blob.Sum) error {
	c.mu.Lock()
	var ending []*rendering
	for r := range c.under {
		if r.films[film] {
			r.cancel(errUnwanted)
			ending = append(ending, r)
		}
	}
	c.mu.Unlock()
	for _, r := range ending {
		select {
		case <-r.ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Clips renders each cut of a reel by itself, for one who waits, and hands it over. Who
// takes one slowly keeps nobody else's reel waiting, and lets go once ctx is over, which
// take gets: a film of the reel may be deleted. The error wraps shown.ErrBusy where
// something else is rendered as it begins, and a shown.Uncut where one cannot be.
func (c *Cutter) Clips(ctx context.Context, plan annotate.Reel, take func(ctx context.Context, part int, film io.Reader) error) error {
	ctx, r := c.begin(ctx, plan)
	defer c.end(r)
	turn := c.try
	for i, p := range plan.Parts {
		if p.Cut == nil {
			continue
		}
		one := plan
		one.Parts = []annotate.Part{p}
		err := c.aside(func(dir string) error {
			if err := c.clip(ctx, one, dir, turn); err != nil {
				return asClip(err, i)
			}
			film, err := os.Open(filepath.Join(dir, filmFile))
			if err != nil {
				return err
			}
			defer film.Close()
			return take(ctx, i, film)
		})
		if err != nil {
			return fmt.Errorf("render clips: %w", err)
		}
		turn = c.await
	}
	return nil
}

// clip renders one once it has its turn.
func (c *Cutter) clip(ctx context.Context, plan annotate.Reel, dir string, turn func(context.Context) error) error {
	if err := turn(ctx); err != nil {
		return err
	}
	defer c.giveTurn()
	return c.work(ctx, &rendering{films: filmsOf(plan)}, plan, dir)
}

// asClip is an error of a part, as the reel counts it, that was rendered by itself.
func asClip(err error, part int) error {
	u := uncut(err)
	if u == nil {
		return err
	}
	if u.Part > 0 {
		u.Part = part + 1
	}
	return u
}
