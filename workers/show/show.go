// Package show makes what browsers are shown of films, when they ask for it: stills,
// drawings of the sound, clips and whole copies. What was made is kept, within
// bounds, and can always be made again.
package show

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/shown"
)

// mostWaiting things are under way at once, those in the queue included.
const mostWaiting = 64

// ErrBounds is wrapped where something is asked for that is never made.
var ErrBounds = errors.New("that is never made")

// Options are how a Projector works.
type Options struct {
	Dir     string   // where what was made is kept: its owner alone may look into it
	Command []string // starts a native process
	// Local gives a film a path, for as long as it is not released.
	Local func(ctx context.Context, sum blob.Sum) (path string, release func(), err error)
	// Known gives an error where there is no recording of a film any more, though the film
	// itself may still lie there.
	Known  func(ctx context.Context, sum blob.Sum) error
	Bytes  int64         // that are kept at most
	Native int           // processes at once
	Memory int64         // bytes that each may take
	Linger time.Duration // for which what nobody waits for any more goes on
	Log    *slog.Logger
}

// Projector makes things and keeps them. Its methods may be called from several
// goroutines at once, Close last.
type Projector struct {
	o     Options
	slots chan struct{} // native processes
	slow  chan struct{} // those of them that make whole copies

	mu      sync.Mutex
	makings map[string]*making
	changed chan struct{} // closed at the next change of a whole copy
	kept    int64         // bytes
	closed  bool
	spare   *child // started, with nothing to do yet; nil: none
	all     sync.WaitGroup
}

const asideFolder = "aside" // where things lie that are not whole

// Open opens the folder, made if it is missing, and removes what a process that was
// killed left in it.
func Open(o Options) (*Projector, error) {
	aside := filepath.Join(o.Dir, asideFolder)
	if err := errors.Join(os.RemoveAll(aside), os.MkdirAll(aside, 0o700), os.Chmod(o.Dir, 0o700)); err != nil {
		return nil, fmt.Errorf("open what browsers were shown: %w", err)
	}
	p := &Projector{
		o: o, makings: map[string]*making{},
		slots: make(chan struct{}, max(1, o.Native)), slow: make(chan struct{}, max(1, o.Native-1)),
		changed: make(chan struct{}),
	}
	var err error
	if _, p.kept, err = look(o.Dir); err == nil {
		err = p.bound()
	}
	if err != nil {
		return nil, fmt.Errorf("open what browsers were shown: %w", err)
	}
	return p, nil
}

// Close ends all that is under way.
func (p *Projector) Close() {
	p.mu.Lock()
	p.closed = true
	for _, m := range p.makings {
		m.cancel(context.Canceled)
	}
	p.mu.Unlock()
	p.all.Wait()
	if p.spare != nil {
		p.spare.stop()
		p.spare = nil
	}
}

// Thumb is a JPEG of the picture that is shown at a time.
func (p *Projector) Thumb(ctx context.Context, film blob.Sum, at time.Duration, width int) (shown.Growing, error) {
	if width < shown.LeastWidth || width > shown.MostWidth || at < 0 {
		return nil, fmt.Errorf("a still %d pixels wide at %s: %w", width, at, ErrBounds)
	}
	name := fmt.Sprintf("still-%d-%d-%s.jpg", at.Milliseconds(), width, shown.Edition)
	return p.whole(ctx, film, name, job{Kind: still, From: at, Width: width})
}

// Waveform is a drawing of the sound, as media.Wave makes it.
func (p *Projector) Waveform(ctx context.Context, film blob.Sum) (shown.Growing, error) {
	return p.whole(ctx, film, "wave-"+shown.Edition+".dat", job{Kind: wave})
}

// Frames lists when the pictures are shown, as media.Frames does.
func (p *Projector) Frames(ctx context.Context, film blob.Sum) (shown.Growing, error) {
	return p.whole(ctx, film, "frames-"+shown.Edition+".dat", job{Kind: frames})
}

// Copy is the whole film as any browser plays it, by the film's own clock.
func (p *Projector) Copy(ctx context.Context, film blob.Sum) (shown.Growing, error) {
	return p.begun(ctx, film, copyName, job{Kind: whole})
}

const copyName = "copy-" + shown.Edition + ".mp4"

// Clip is a part of it, whose time 0 is from.
func (p *Projector) Clip(ctx context.Context, film blob.Sum, from, to time.Duration) (shown.Growing, error) {
	name, err := clipName(from, to)
	if err != nil {
		return nil, err
	}
	return p.begun(ctx, film, name, job{Kind: clip, From: from, To: to})
}

func clipName(from, to time.Duration) (string, error) {
	if from < 0 || to <= from || to-from > shown.MostClip {
		return "", fmt.Errorf("a clip from %s to %s: %w", from, to, ErrBounds)
	}
	return fmt.Sprintf("clip-%d-%d-%s.mp4", from.Milliseconds(), to.Milliseconds(), shown.Edition), nil
}

// begun gives a thing as soon as there is something of it.
func (p *Projector) begun(ctx context.Context, film blob.Sum, name string, j job) (shown.Growing, error) {
	r, err := p.get(ctx, film, name, j)
	if err != nil {
		return nil, err
	}
	if r.m != nil {
		if _, err := r.until(0); err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	return r, nil
}

// whole gives a thing once all of it is there.
func (p *Projector) whole(ctx context.Context, film blob.Sum, name string, j job) (shown.Growing, error) {
	r, err := p.get(ctx, film, name, j)
	if err != nil {
		return nil, err
	}
	for r.m != nil && !r.Whole() {
		if _, err := r.until(r.m.now().bytes); err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	return r, nil
}

// get gives what is there, or joins those who wait for it, or starts making it.
func (p *Projector) get(ctx context.Context, film blob.Sum, name string, j job) (*reader, error) {
	if _, err := blob.ParseSum(string(film)); err != nil {
		return nil, err
	}
	path := filepath.Join(p.o.Dir, string(film), name)
	p.mu.Lock()
	defer p.mu.Unlock()
	if f, err := os.Open(path); err == nil {
		now := time.Now()
		_ = os.Chtimes(path, now, now) // it was used last now
		return &reader{ctx: ctx, file: f}, nil
	}
	m := p.makings[path]
	if m == nil || !m.join() {
		var err error
		if m, err = p.start(film, path, j); err != nil {
			return nil, err
		}
	}
	leave := func() { m.leave(p.o.Linger) }
	f, err := os.Open(m.aside)
	if err != nil {
		leave()
		return nil, fmt.Errorf("read what is being made: %w", err)
	}
	return &reader{ctx: ctx, m: m, file: f, leave: leave}, nil
}

// start starts making; p.mu is held.
func (p *Projector) start(film blob.Sum, path string, j job) (*making, error) {
	if p.closed || len(p.makings) >= mostWaiting {
		return nil, shown.ErrBusy
	}
	f, err := os.CreateTemp(filepath.Join(p.o.Dir, asideFolder), "*")
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("make something to show: %w", err)
	}
	m := &making{sum: film, aside: f.Name(), job: j, ended: make(chan struct{}), state: state{changed: make(chan struct{})}, waiting: 1}
	m.ctx, m.cancel = context.WithCancelCause(context.Background())
	m.job.Into = m.aside
	p.makings[path] = m
	p.tell(j.Kind)
	p.all.Go(func() { p.make(m, path) })
	return m, nil
}

// make makes a thing and puts it in its place.
func (p *Projector) make(m *making, path string) {
	begun := time.Now()
	err := p.work(m)
	p.mu.Lock()
	if err == nil {
		err = p.settle(m, path)
	}
	if p.makings[path] == m { // it may have been given up, and another be at it
		delete(p.makings, path)
	}
	p.tell(m.job.Kind)
	p.mu.Unlock()
	if err != nil {
		_ = os.Remove(m.aside) // it is gone where all went well
		if c := context.Cause(m.ctx); c != nil {
			err = c
		}
		err = fmt.Errorf("make a %s: %w", m.job.Kind, err)
		p.o.Log.Info("nothing was made to show", "film", m.sum, "kind", m.job.Kind, "error", err)
	} else {
		p.o.Log.Debug("made to show", "film", m.sum, "kind", m.job.Kind, "seconds", time.Since(begun).Seconds())
	}
	m.set(func() { m.done, m.err = err == nil, err })
	m.cancel(nil)
	close(m.ended)
	if err := p.bound(); err != nil {
		p.o.Log.Warn("cannot bound what browsers were shown", "error", err)
	}
	p.readySpare()
}

// work waits for its turn and has the native process do the job.
func (p *Projector) work(m *making) error {
	lanes, nice := []chan struct{}{p.slots}, eager
	switch {
	case m.job.quiet:
		lanes, nice = nil, quiet // beside those that others wait for
	case m.job.Kind == whole:
		lanes, nice = []chan struct{}{p.slow, p.slots}, polite
	}
	for i, lane := range lanes {
		select {
		case lane <- struct{}{}:
		case <-m.ctx.Done():
			free(lanes[:i])
			return m.ctx.Err()
		}
	}
	defer free(lanes)
	film, release, err := p.o.Local(m.ctx, m.sum)
	if err != nil {
		return err
	}
	defer release()
	m.job.Film = film
	c, err := p.hire(nice)
	if err != nil {
		return fmt.Errorf("start the native process: %w", err)
	}
	err = c.run(m.ctx, m.job, p.o.Memory, func(n note) { m.set(func() { m.bytes = n.Bytes }) })
	if err == nil {
		err = p.o.Known(m.ctx, m.sum) // what came of a film that was deleted meanwhile is not kept
	}
	return err
}

// free gives places in lanes back.
func free(lanes []chan struct{}) {
	for _, lane := range lanes {
		<-lane
	}
}

// settle puts what is whole in its place; p.mu is held.
func (p *Projector) settle(m *making, path string) error {
	if m.ctx.Err() != nil {
		return m.ctx.Err()
	}
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Stat(m.aside)
	if err == nil {
		err = os.Rename(m.aside, path)
	}
	if err == nil {
		p.kept += info.Size()
	}
	return err
}
