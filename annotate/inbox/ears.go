package inbox

import (
	"log/slog"
	"sync"

	"github.com/fsnotify/fsnotify"
)

// ears hear of files that come into folders. What they do not hear of is found later,
// by looking through the folders.
type ears struct {
	watcher *fsnotify.Watcher // nil: the system has none to give
	log     *slog.Logger
	wake    chan struct{} // something was heard
	done    sync.WaitGroup

	mu     sync.Mutex
	paths  map[string]bool
	missed bool
	deaf   bool // and has said so
}

// mostHeard is how many files are told of one by one.
const mostHeard = 10_000

func listen(log *slog.Logger) *ears {
	e := &ears{log: log, wake: make(chan struct{}, 1), paths: map[string]bool{}}
	var err error
	if e.watcher, err = fsnotify.NewWatcher(); err != nil {
		e.complain(err)
		return e
	}
	e.done.Go(e.run)
	return e
}

// run empties the system's queue at all times, also while a film is copied.
func (e *ears) run() {
	for {
		select {
		case event, ok := <-e.watcher.Events:
			if !ok {
				return
			}
			// Of a file that is written to nothing need be said: it is looked at anyway
			// until it is quiet.
			if event.Has(fsnotify.Create) {
				e.hear(event.Name, false)
			}
		case _, ok := <-e.watcher.Errors:
			if !ok {
				return
			}
			e.hear("", true)
		}
	}
}

func (e *ears) hear(path string, missed bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if missed || len(e.paths) >= mostHeard {
		e.missed = true
	} else {
		e.paths[path] = true
	}
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// heard gives what was heard of since it was last asked, and whether there was more.
func (e *ears) heard() (paths map[string]bool, missed bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	paths, missed = e.paths, e.missed
	e.paths, e.missed = map[string]bool{}, false
	return paths, missed
}

// add listens to a folder too.
func (e *ears) add(dir string) {
	if e.watcher == nil {
		return
	}
	if err := e.watcher.Add(dir); err != nil {
		e.complain(err)
	}
}

// complain says once that something will be heard of late.
func (e *ears) complain(err error) {
	if e.deaf {
		return
	}
	e.deaf = true
	e.log.Warn("the system does not tell of all that comes into watched folders: they are looked through instead", "error", bare(err))
}

func (e *ears) close() {
	if e.watcher != nil {
		_ = e.watcher.Close() // it has no error to give
	}
	e.done.Wait()
}
