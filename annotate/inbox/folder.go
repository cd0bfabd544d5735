package inbox

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"dyade/annotate/store"
)

// How much of a folder is looked at.
const (
	mostDepth   = 16
	mostEntries = 100_000
)

// folder is a watched one, as it was last seen. It is not held open: a stick could not
// be unplugged.
type folder struct {
	dir     string
	number  int // in logs, which name no folder
	there   bool
	files   map[string]*file // those that may be films, by their paths from dir
	scans   int
	passed  int  // files that are no films by their names
	told    bool // how many are none
	entries int
	grumble string // what the last scan could not look at
}

// state is what tells a file that has changed from one that has not.
type state struct {
	size  int64
	mtime int64 // in ns
	inode uint64
}

func stateOf(info fs.FileInfo) state {
	s := state{size: info.Size(), mtime: info.ModTime().UnixNano()}
	if sys, ok := info.Sys().(*syscall.Stat_t); ok {
		s.inode = sys.Ino
	}
	return s
}

// file is one that may be a film.
type file struct {
	state
	quiet  time.Time // since when it has not changed
	due    time.Time // when to look at it again; zero: not before it changes
	asked  time.Time // when the store was asked whether it knows it; zero: never
	tries  int       // that failed
	scan   int       // at which it was there
	passed bool      // it is no film
}

// scan looks through a folder.
func (b *watch) scan(ctx context.Context, f *folder) {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		f.away(err, b.Log)
		return
	}
	defer root.Close()
	f.back(b.Log)
	f.scans++
	f.passed, f.entries = 0, mostEntries
	w := &walk{watch: b, folder: f, root: root, ctx: ctx}
	w.dir(".", 0)
	f.complain(w.err, b.Log)
	if w.err == nil && ctx.Err() == nil {
		for path, x := range f.files {
			if x.scan != f.scans {
				delete(f.files, path) // it is gone
			}
		}
	}
	b.recall(ctx, f)
}

// away notes that the folder is not there.
func (f *folder) away(err error, log *slog.Logger) {
	if f.there {
		log.Warn("a watched folder cannot be opened: it is looked for again and again", "folder", f.number, "error", bare(err))
	}
	f.there, f.told = false, false
	clear(f.files)
}

func (f *folder) back(log *slog.Logger) {
	if !f.there {
		log.Info("a watched folder is there again", "folder", f.number)
	}
	f.there = true
}

// complain says once what cannot be looked at.
func (f *folder) complain(err error, log *slog.Logger) {
	why := ""
	if err != nil {
		why = bare(err)
	}
	if why != "" && why != f.grumble {
		log.Warn("some of a watched folder is not looked at", "folder", f.number, "error", why)
	}
	f.grumble = why
}

// sumUp says once how many files are no films, when all have been looked at.
func (f *folder) sumUp(log *slog.Logger) {
	n := f.passed
	for _, x := range f.files {
		if x.passed {
			n++
		} else if !x.due.IsZero() {
			return
		}
	}
	if f.there && !f.told && n > 0 {
		f.told = true
		log.Info("files in a watched folder are no films, and left alone", "folder", f.number, "files", n)
	}
}

var errTooMany = errors.New("there is too much in it")

// walk goes through a folder, or a part of it.
type walk struct {
	*watch
	*folder
	root *os.Root
	ctx  context.Context
	err  error // the first that kept it from a part
}

// dir looks at what is in a folder. It listens first, so that nothing comes in
// between.
func (w *walk) dir(path string, depth int) {
	if depth > mostDepth {
		w.fail(errTooMany)
		return
	}
	w.ears.add(filepath.Join(w.folder.dir, path))
	d, err := w.root.OpenFile(path, os.O_RDONLY|syscall.O_DIRECTORY|syscall.O_NONBLOCK, 0)
	if err != nil {
		w.fail(err)
		return
	}
	var below []string
	for err == nil && w.ctx.Err() == nil {
		var some []fs.DirEntry
		some, err = d.ReadDir(256)
		for _, e := range some {
			if w.entries--; w.entries < 0 {
				err = errTooMany
				break
			}
			switch at := filepath.Join(path, e.Name()); {
			case private(e.Name()):
			case e.IsDir():
				below = append(below, at)
			case e.Type().IsRegular():
				w.meet(at)
			}
		}
	}
	d.Close()
	if !errors.Is(err, io.EOF) {
		w.fail(err)
	}
	for _, at := range below {
		w.dir(at, depth+1)
	}
}

func (w *walk) fail(err error) {
	if w.err == nil && !errors.Is(err, fs.ErrNotExist) { // what is gone is no matter
		w.err = err
	}
}

// meet takes note of a file.
func (w *walk) meet(path string) {
	if !w.Film(filepath.Base(path), nil) {
		w.passed++
		return
	}
	info, err := w.root.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		w.fail(err)
		return
	}
	x := w.files[path]
	if x == nil || x.state != stateOf(info) {
		x = w.changed(stateOf(info))
		w.files[path] = x
	}
	x.scan = w.scans
}

// changed is a file that has just changed.
func (b *watch) changed(s state) *file {
	now := b.Clock.Now()
	return &file{state: s, quiet: now, due: now.Add(b.Pace.Settle)}
}

// visit looks at what was heard of in a folder.
func (b *watch) visit(ctx context.Context, f *folder, paths map[string]bool) {
	var mine []string
	for full := range paths {
		path, err := filepath.Rel(f.dir, full)
		if err == nil && filepath.IsLocal(path) && path != "." && !private(filepath.Base(path)) {
			mine = append(mine, path)
		}
	}
	if len(mine) == 0 || !f.there {
		return
	}
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return // scan says so
	}
	defer root.Close()
	w := &walk{watch: b, folder: f, root: root, ctx: ctx}
	for _, path := range mine {
		info, err := root.Lstat(path)
		switch {
		case err != nil: // it is gone
		case info.IsDir():
			w.dir(path, strings.Count(path, "/")+1)
		case info.Mode().IsRegular():
			w.meet(path)
		}
	}
	b.recall(ctx, f)
}

const (
	askEvery  = 24 * time.Hour
	askAtOnce = 500
)

// recall asks the store of files that it has not been asked of lately.
func (b *watch) recall(ctx context.Context, f *folder) {
	now := b.Clock.Now()
	var files []*file
	var traces []store.Trace
	ask := func() bool {
		known, err := b.Store.Remembered(ctx, traces...)
		if err != nil {
			b.complain(f, err)
			return false // look asks again
		}
		for i, x := range files {
			x.asked = now
			if known[i] {
				x.due = time.Time{}
			}
		}
		files, traces = files[:0], traces[:0]
		return true
	}
	for path, x := range f.files {
		if x.passed || !x.asked.IsZero() && now.Sub(x.asked) < askEvery {
			continue
		}
		files, traces = append(files, x), append(traces, b.trace(path, x.state))
		if len(files) == askAtOnce && !ask() {
			return
		}
	}
	if len(files) > 0 {
		ask()
	}
}
