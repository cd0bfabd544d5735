package upload

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
)

// Sweep removes uploads that nobody has gone on with since a time, and forgets those
// that were taken in before it.
func (u *Uploads) Sweep(ctx context.Context, before time.Time) error {
	last, err := u.shelf.last()
	for id, at := range last {
		if err == nil && at.Before(before) {
			err = u.sweep(ctx, id, before)
		}
	}
	if err != nil {
		return fmt.Errorf("sweep the folder for uploads: %w", err)
	}
	return nil
}

// Finish takes in what had come whole when the process ended. It is to be called before
// anything is deleted: its film would stay.
func (u *Uploads) Finish(ctx context.Context) error {
	last, err := u.shelf.last()
	for id := range last {
		info, unknown := u.shelf.info(id)
		had, gone := os.Stat(u.shelf.path(id, ""))
		switch _, untaken := u.shelf.receipt(id); {
		case untaken == nil:
			err = errors.Join(err, u.shelf.clear(id))
		case unknown == nil && gone == nil && info.Size > 0 && had.Size() == info.Size:
			err = errors.Join(err, u.shelf.take(ctx, info))
		}
	}
	if err != nil {
		return fmt.Errorf("take in what had come: %w", err)
	}
	return nil
}

// Forget forgets that uploads became a recording.
func (u *Uploads) Forget(recording string) error {
	last, err := u.shelf.last()
	for id := range last {
		r, unknown := u.shelf.receipt(id)
		if err == nil && unknown == nil && r.Recording == recording {
			err = u.shelf.remove(id)
		}
	}
	if err != nil {
		return fmt.Errorf("forget what uploads became: %w", err)
	}
	return nil
}

// Open counts the uploads that are under way.
func (u *Uploads) Open() (int, error) {
	n, _, err := u.shelf.open()
	if err != nil {
		return 0, fmt.Errorf("count the uploads under way: %w", err)
	}
	return n, nil
}

// sweep removes one, unless somebody went on with it just now.
func (u *Uploads) sweep(ctx context.Context, id string, before time.Time) (err error) {
	lock, err := u.locks.NewLock(id)
	if err != nil {
		return err
	}
	if err := lock.Lock(ctx, func() {}); err != nil {
		return errors.Join(err, ctx.Err())
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	last, err := u.shelf.last()
	if err == nil && last[id].Before(before) {
		err = u.shelf.remove(id)
	}
	return err
}

// last tells when something of each upload was last written.
func (s *shelf) last() (map[string]time.Time, error) {
	all, err := os.ReadDir(s.uploads.Dir)
	last := map[string]time.Time{}
	for _, entry := range all {
		id, _, _ := strings.Cut(entry.Name(), ".")
		info, gone := entry.Info()
		switch {
		case !anID.MatchString(id): // not ours
		case errors.Is(gone, fs.ErrNotExist):
		case gone != nil:
			return nil, gone
		case info.ModTime().After(last[id]):
			last[id] = info.ModTime()
		}
	}
	return last, err
}

// locks has one request at a film at a time. Another ends one that hangs, on a
// connection that may be no more, and waits for one that does not.
type locks struct{ *memorylocker.MemoryLocker }

// NewLock implements tusd's Locker.
func (l locks) NewLock(id string) (handler.Lock, error) {
	lock, err := l.MemoryLocker.NewLock(id)
	return polite{lock}, err
}

// polite is a lock that says why it was not had.
type polite struct{ lock handler.Lock }

// Lock waits as long as ctx lets it.
func (p polite) Lock(ctx context.Context, end func()) error {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		interrupt := end
		end = sync.OnceFunc(func() { go v.yield(interrupt) })
	}
	err := p.lock.Lock(ctx, end)
	if errors.Is(err, handler.ErrLockTimeout) {
		return refusal(http.StatusLocked, "the film is being taken in: ask again in a moment")
	}
	return err
}

// Unlock lets the next one.
func (p polite) Unlock() error { return p.lock.Unlock() }
