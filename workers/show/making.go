package show

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"dyade/annotate/blob"
)

// making is a thing under way, for all who wait for it.
type making struct {
	sum    blob.Sum
	aside  string // path until it is whole
	job    job
	ctx    context.Context
	cancel context.CancelCauseFunc
	ended  chan struct{} // closed when nothing is left of it but what it made

	mu sync.Mutex
	state
	waiting int
	leaving *time.Timer // until it is given up; nil: somebody waits
}

// errUnwanted ends what nobody waits for.
var errUnwanted = errors.New("nobody waits for it any more")

// set tells of a change.
func (m *making) set(change func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change()
	close(m.changed)
	m.changed = make(chan struct{})
}

// state is how far a making is.
type state struct {
	bytes   int64 // that may be read
	done    bool
	err     error         // what became of it
	changed chan struct{} // closed at the next change
}

func (m *making) now() state {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state
}

// join counts one more who waits; false where it has been given up.
func (m *making) join() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ctx.Err() != nil {
		return false
	}
	if m.waiting++; m.leaving != nil {
		m.leaving.Stop()
		m.leaving = nil
	}
	return true
}

// leave counts one less, and gives up what nobody has waited for for a while.
func (m *making) leave(linger time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.waiting--; m.waiting > 0 || m.done || m.err != nil {
		return
	}
	m.leaving = time.AfterFunc(linger, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.waiting == 0 {
			m.cancel(errUnwanted)
		}
	})
}

// reader reads a thing that may still be growing.
type reader struct {
	ctx   context.Context
	m     *making // nil: it was whole from the start
	file  *os.File
	at    int64
	leave func()
}

// until waits until there are more than so many bytes, or all.
func (r *reader) until(more int64) (state, error) {
	for {
		now := r.m.now()
		if now.err != nil || now.done || now.bytes > more {
			return now, now.err
		}
		select {
		case <-now.changed:
		case <-r.ctx.Done():
			return state{}, r.ctx.Err()
		}
	}
}

// Read implements shown.Growing.
func (r *reader) Read(p []byte) (int, error) {
	if r.m == nil {
		return r.file.Read(p)
	}
	now, err := r.until(r.at)
	if err != nil {
		return 0, err
	}
	if r.at >= now.bytes && now.done {
		return 0, io.EOF
	}
	n, err := r.file.ReadAt(p[:min(int64(len(p)), now.bytes-r.at)], r.at)
	r.at += int64(n)
	if n > 0 && errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// Whole implements shown.Growing.
func (r *reader) Whole() bool {
	return r.m == nil || r.m.now().done
}

var errGrowing = errors.New("what is still being made cannot be sought in")

// Seek implements shown.Growing.
func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch {
	case r.m == nil:
		return r.file.Seek(offset, whence)
	case !r.Whole():
		return 0, errGrowing
	case whence == io.SeekCurrent:
		offset += r.at
	case whence == io.SeekEnd:
		offset += r.m.now().bytes
	}
	if offset < 0 {
		return 0, os.ErrInvalid
	}
	r.at = offset
	return offset, nil
}

// Close implements shown.Growing.
func (r *reader) Close() error {
	if r.leave != nil {
		r.leave()
		r.leave = nil
	}
	return r.file.Close()
}
