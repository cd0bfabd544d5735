package cache

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// Shelf keeps entries by name. Its methods may be called from several goroutines
// at once. A nil *Shelf keeps nothing: it is what --no-cache uses.
type Shelf struct {
	cache  *Cache
	folder string
}

// Close lets the cache throw the shelf away when it needs room. It is called once.
func (s *Shelf) Close() {
	if s == nil {
		return
	}
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	if s.cache.inUse[s.folder]--; s.cache.inUse[s.folder] == 0 {
		delete(s.cache.inUse, s.folder)
	}
	s.cache.due = 0 // there may be room now where there was none
}

// Clear throws away all that is on the shelf, by whomever it was put. The shelf
// can be used on.
func (s *Shelf) Clear() error {
	if s == nil {
		return nil
	}
	if err := remove(s.cache.root, s.folder); err != nil {
		return fmt.Errorf("clearing a shelf of the cache: %w", err)
	}
	s.cache.mu.Lock()
	s.cache.due = 0 // there is room where there was none
	s.cache.mu.Unlock()
	return nil
}

// Get reads what was put under name; false where there is none or it is damaged,
// in which case it is removed.
func (s *Shelf) Get(name string) ([]byte, bool) {
	if s == nil || !valid(name) {
		return nil, false
	}
	root, file := s.cache.root, path.Join(s.folder, name)
	info, err := root.Lstat(file)
	if err != nil {
		return nil, false
	}
	if info.Mode().IsRegular() && info.Size() <= s.cache.limit {
		entry, err := root.ReadFile(file)
		if err != nil {
			return nil, false
		}
		if data, ok := unseal(entry); ok {
			return data, true
		}
	}
	_ = root.RemoveAll(file)
	return nil, false
}

// Put keeps data under name, 1 to 100 bytes that are no path and do not start
// with a dot; of several that put under one name the last wins. It is not synced
// to the disk: it survives the end of the process, and what a loss of power
// leaves of it is told by its checksum. The error wraps ErrFull or the system's
// own (syscall.ENOSPC, syscall.EROFS); the work it came from can go on without.
func (s *Shelf) Put(name string, data []byte) error {
	if s == nil {
		return nil
	}
	if !valid(name) {
		return fmt.Errorf("keeping %q in the cache: not a name for an entry", name)
	}
	entry := seal(data)
	err := s.cache.makeRoom(int64(len(entry)))
	if err == nil {
		err = s.write(name, entry)
	}
	if errors.Is(err, fs.ErrNotExist) { // a new shelf, or one thrown away meanwhile
		if err = s.cache.root.Mkdir(s.folder, 0o700); err == nil || errors.Is(err, fs.ErrExist) {
			err = s.write(name, entry)
		}
	}
	if err != nil {
		return fmt.Errorf("keeping %s in the cache: %w", name, err)
	}
	return nil
}

func (s *Shelf) write(name string, entry []byte) error {
	root, fresh := s.cache.root, path.Join(s.folder, aside())
	err := root.WriteFile(fresh, entry, 0o600)
	if err == nil {
		err = root.Rename(fresh, path.Join(s.folder, name))
	}
	if err != nil {
		_ = root.Remove(fresh)
	}
	return err
}

func valid(name string) bool {
	return name != "" && len(name) <= 100 && name[0] != '.' && filepath.IsLocal(name) && !strings.ContainsAny(name, "/\\\x00")
}

// An entry is the magic, the sha256 of the data, the data.
const magic = "dyade.cache/1\n"

func seal(data []byte) []byte {
	sum := sha256.Sum256(data)
	entry := make([]byte, 0, len(magic)+len(sum)+len(data))
	return append(append(append(entry, magic...), sum[:]...), data...)
}

func unseal(entry []byte) (data []byte, ok bool) {
	rest, ok := bytes.CutPrefix(entry, []byte(magic))
	if !ok || len(rest) < sha256.Size {
		return nil, false
	}
	data = rest[sha256.Size:]
	return data, sha256.Sum256(data) == [sha256.Size]byte(rest)
}
