package workers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// room is a folder for what a worker has under way. It shows what films show: it
// is gone when the worker is, at the latest when another one comes.
type room struct {
	dir string
	key *os.File // locked while the worker lives
}

// openRoom makes a room among others in a folder, and clears those of workers that
// were killed.
func openRoom(among string) (*room, error) {
	if err := os.MkdirAll(among, 0o700); err != nil {
		return nil, fmt.Errorf("make room for work: %w", err)
	}
	door, err := lock(among, syscall.LOCK_EX) // between a room's making and its locking it looks like a dead one's
	if err != nil {
		return nil, fmt.Errorf("make room for work: %w", err)
	}
	defer door.Close()
	if err := sweep(among); err != nil {
		return nil, fmt.Errorf("clear the rooms of killed workers: %w", err)
	}
	dir, err := os.MkdirTemp(among, "*")
	if err != nil {
		return nil, fmt.Errorf("make room for work: %w", err)
	}
	key, err := lock(dir, syscall.LOCK_EX)
	if err != nil {
		return nil, fmt.Errorf("make room for work: %w", errors.Join(err, os.Remove(dir)))
	}
	return &room{dir, key}, nil
}

// ClearRooms removes what killed workers have left in the folder for work, and
// nothing of those that live.
func ClearRooms(among string) error {
	door, err := lock(among, syscall.LOCK_EX)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("clear the rooms of killed workers: %w", err)
	}
	defer door.Close()
	if err := sweep(among); err != nil {
		return fmt.Errorf("clear the rooms of killed workers: %w", err)
	}
	return nil
}

func sweep(among string) error {
	rooms, err := os.ReadDir(among)
	if err != nil {
		return err
	}
	for _, r := range rooms {
		dir := filepath.Join(among, r.Name())
		key, err := lock(dir, syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, fs.ErrNotExist) {
			continue // someone works in it, or has left it
		}
		if err != nil {
			return err
		}
		if err := errors.Join(os.RemoveAll(dir), key.Close()); err != nil {
			return err
		}
	}
	return nil
}

// leave removes the room.
func (r *room) leave() error { return errors.Join(os.RemoveAll(r.dir), r.key.Close()) }

// lock opens a folder, or a file, and locks it until it is closed or the process
// ends.
func lock(path string, how int) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
