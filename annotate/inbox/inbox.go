// Package inbox watches folders into which people copy films, and takes each film in
// once it has stopped growing. What lies in the folders is read and nothing else.
package inbox

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"slices"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/store"
)

// Media keeps what films hold.
type Media interface {
	Put(ctx context.Context, r io.Reader) (blob.Sum, int64, error)
}

// Engine does the work on recordings.
type Engine interface {
	// Submit takes in a film that the media store has and gives its recording's id.
	Submit(ctx context.Context, film store.Submission) (id string, err error)
	Delete(ctx context.Context, id string) error
}

// Inbox takes in what is copied into folders. Only one may use a store at a time.
type Inbox struct {
	// Dirs may be missing, come and go.
	Dirs []string
	// Film tells whether a file is a film: by its name alone where head is nil, else
	// also by its first bytes.
	Film   func(name string, head []byte) bool
	Media  Media
	Engine Engine
	Store  *store.Store
	// Key hides what the store remembers of files. With another key all are new.
	Key []byte
	// Room tells whether the media store has room for a film of a size; nil: it is
	// found out by putting it there.
	Room  func(size int64) bool
	Log   *slog.Logger
	Clock Clock
	Pace  Pace
}

// Clock tells the time, also while the machine's is set; the zero value is the
// machine's own.
type Clock struct {
	Now   func() time.Time
	After func(time.Duration) <-chan time.Time
}

// Pace is how long things take; what is zero is as this package thinks.
type Pace struct {
	Settle   time.Duration // for how long a file must not have changed: 3 s
	Unsure   time.Duration // the same, of one of which nothing else tells that it is whole: 30 s
	Patience time.Duration // the same, of one that is cut off, or that someone has open to write: 10 min
	Rescan   time.Duration // how often all is looked through, since network shares tell nothing: 30 s
	Grace    time.Duration // for how long a share that hangs may keep it from stopping: 3 s
}

// watch is an inbox at work.
type watch struct {
	Inbox
	folders []*folder
	ears    *ears
	said    map[string]bool // complaints about films since the last that was taken in
	tidied  time.Time       // when files that are gone were last forgotten
}

func (b *Inbox) watch() *watch {
	w := &watch{Inbox: *b, said: map[string]bool{}}
	w.Clock.Now, w.Clock.After = or(b.Clock.Now == nil, time.Now, b.Clock.Now), or(b.Clock.After == nil, time.After, b.Clock.After)
	p := &w.Pace
	p.Settle, p.Unsure = cmp.Or(p.Settle, 3*time.Second), cmp.Or(p.Unsure, 30*time.Second)
	p.Patience, p.Rescan = cmp.Or(p.Patience, 10*time.Minute), cmp.Or(p.Rescan, 30*time.Second)
	p.Grace = cmp.Or(p.Grace, 3*time.Second)
	for i, dir := range b.Dirs {
		w.folders = append(w.folders, &folder{dir: dir, number: i + 1, there: true, files: map[string]*file{}})
	}
	return w
}

func or[T any](cond bool, a, b T) T {
	if cond {
		return a
	}
	return b
}

// Run takes films in until ctx is over.
func (b *Inbox) Run(ctx context.Context) {
	w := b.watch()
	w.ears = listen(b.Log)
	defer w.ears.close()
	over := make(chan struct{})
	go func() { defer close(over); w.run(ctx) }()
	<-ctx.Done()
	select {
	case <-over:
	case <-time.After(w.Pace.Grace):
		b.Log.Warn("a watched folder does not answer: it is given up")
	}
}

func (b *watch) run(ctx context.Context) {
	var rescan time.Time
	for ctx.Err() == nil {
		paths, missed := b.ears.heard()
		if begun := b.Clock.Now(); missed || !begun.Before(rescan) {
			for _, f := range b.folders {
				b.scan(ctx, f)
			}
			b.tidy(ctx)
			now := b.Clock.Now()
			rescan = now.Add(max(b.Pace.Rescan, 10*now.Sub(begun))) // a slow share is not to be kept busy
		} else {
			for _, f := range b.folders {
				b.visit(ctx, f, paths)
			}
		}
		for _, f := range b.folders {
			b.round(ctx, f)
		}
		select {
		case <-ctx.Done():
		case <-b.ears.wake:
		case <-b.Clock.After(b.next(rescan)):
		}
	}
}

// next is how long there is nothing to do.
func (b *watch) next(rescan time.Time) time.Duration {
	for _, f := range b.folders {
		for _, x := range f.files {
			if !x.due.IsZero() && x.due.Before(rescan) {
				rescan = x.due
			}
		}
	}
	return max(0, rescan.Sub(b.Clock.Now()))
}

// round looks at the files of a folder whose time has come, the oldest film first.
func (b *watch) round(ctx context.Context, f *folder) {
	var due []string
	for path, x := range f.files {
		if !x.due.IsZero() && !x.due.After(b.Clock.Now()) {
			due = append(due, path)
		}
	}
	slices.SortFunc(due, func(p, q string) int {
		return cmp.Or(cmp.Compare(f.files[p].mtime, f.files[q].mtime), cmp.Compare(p, q))
	})
	for _, path := range due {
		if ctx.Err() != nil {
			return
		}
		b.look(ctx, f, path, f.files[path])
	}
	f.sumUp(b.Log)
}
