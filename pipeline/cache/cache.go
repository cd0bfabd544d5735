// Package cache keeps the results of finished pieces of work, so that an
// analysis that was stopped goes on from them. What it keeps shows children: it
// lies in a folder that only its owner may enter.
//
// A shelf holds what belongs together, the results of one recording under one
// set of versions, and is thrown away whole. Several processes may use a cache
// at once. Each entry is written aside, renamed and checked when read, so the
// worst that a kill, a lost race or a damaged disk can do is a result that has to
// be computed again.
package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// DefaultLimit is the usual bound of a cache, in bytes.
const DefaultLimit = 1 << 30

// Dir is where the cache lies: $XDG_CACHE_HOME/dyade, else ~/.cache/dyade (XDG
// Base Directory Specification 0.8: a relative $XDG_CACHE_HOME is ignored).
func Dir() (string, error) {
	if base := os.Getenv("XDG_CACHE_HOME"); filepath.IsAbs(base) {
		return filepath.Join(base, "dyade"), nil
	}
	home, err := os.UserHomeDir()
	if err == nil && !filepath.IsAbs(home) {
		err = fmt.Errorf("the home folder %q is not a full path", home)
	}
	if err != nil {
		return "", fmt.Errorf("finding the cache: %w; set HOME or XDG_CACHE_HOME, or use --no-cache", err)
	}
	return filepath.Join(home, ".cache", "dyade"), nil
}

// Cache is an open cache. Its methods may be called from several goroutines at
// once, Close last. A nil *Cache keeps nothing.
type Cache struct {
	root  *os.Root
	limit int64

	mu    sync.Mutex
	inUse map[string]int // shelves that are open here, by their folder
	total int64          // bytes in the cache when last counted, and put since
	due   int64          // bytes that may still be put before it is counted again
}

// Open opens the cache in dir, made if it is missing, and closes it to everyone
// but its owner. It will hold at most limit bytes, and where several processes
// put at once about a sixteenth more for each further one.
func Open(dir string, limit int64) (*Cache, error) {
	root, err := openPrivate(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the cache: %w; choose another place with XDG_CACHE_HOME, or use --no-cache", err)
	}
	tag(root)
	return &Cache{root: root, limit: limit, inUse: map[string]int{}}, nil
}

func openPrivate(dir string) (*os.Root, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	info, err := root.Stat(".")
	if err == nil && !own(info) {
		err = fmt.Errorf("the folder belongs to somebody else: remove it, or name another place with XDG_CACHE_HOME")
	}
	if err == nil && info.Mode().Perm() != 0o700 {
		err = root.Chmod(".", 0o700)
	}
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return root, nil
}

// own tells whether a folder is this user's.
func own(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(st.Uid) == os.Geteuid()
}

// tag marks the folder for programs that make backups, which then leave it out
// (Cache Directory Tagging Specification 0.6). A folder that takes no tag can
// still be read from.
func tag(root *os.Root) {
	f, err := root.OpenFile("CACHEDIR.TAG", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return
	}
	defer f.Close()
	_, _ = f.WriteString("Signature: 8a477f597d28d172789f06886806bc55\n# Made by dyade; `dyade cache clear` empties this folder.\n")
}

// Close lets go of the cache.
func (c *Cache) Close() error {
	if c == nil {
		return nil
	}
	return c.root.Close()
}

// Shelf gives the shelf of a key: a recording's fingerprint with the versions of
// all that shapes its results. Until it is closed it is not thrown away by this
// Cache. Of a nil *Cache it is nil.
func (c *Cache) Shelf(key string) *Shelf {
	if c == nil {
		return nil
	}
	sum := sha256.Sum256([]byte(key))
	s := &Shelf{cache: c, folder: hex.EncodeToString(sum[:])}
	c.mu.Lock()
	c.inUse[s.folder]++
	c.mu.Unlock()
	now := time.Now()
	_ = c.root.Chtimes(s.folder, now, now) // a new shelf has no folder yet
	return s
}

// ErrFull is wrapped by Put's error where the shelves in use fill the cache, or
// what is put is larger than it.
var ErrFull = errors.New("the cache is full")

// makeRoom counts n bytes that are about to be put, and throws away the shelves
// that were used longest ago where they would be too many. The folders are looked
// through once for each sixteenth of the limit that is put, and other processes'
// entries are counted only then.
func (c *Cache) makeRoom(n int64) error {
	if n > c.limit {
		return ErrFull
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.due -= n; c.due < 0 {
		c.due = c.limit / 16
		shelves := survey(c.root)
		c.total = 0
		for _, s := range shelves {
			c.total += s.bytes
		}
		for _, s := range shelves {
			if c.total+max(n, c.due) <= c.limit {
				break
			}
			if c.inUse[s.folder] == 0 && remove(c.root, s.folder) == nil {
				c.total -= s.bytes
			}
		}
	}
	if c.total+n > c.limit {
		return ErrFull
	}
	c.total += n
	return nil
}

// Size is how many bytes the cache in dir holds; none where there is no cache.
func Size(dir string) (int64, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return 0, absent(err)
	}
	defer func() { _ = root.Close() }()
	return weigh(root, "."), nil
}

// Clear removes everything in the cache in dir and tells how many bytes that
// was. Analyses that are under way go on and fill it again.
func Clear(dir string) (freed int64, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return 0, absent(err)
	}
	defer func() { _ = root.Close() }()
	entries, err := fs.ReadDir(root.FS(), ".")
	for _, e := range entries {
		bytes := weigh(root, e.Name())
		gone := remove(root, e.Name())
		if gone == nil {
			freed += bytes
		}
		err = errors.Join(err, gone)
	}
	if err != nil {
		return freed, fmt.Errorf("clearing the cache in %s: %w", dir, err)
	}
	return freed, nil
}

// absent takes a missing cache for an empty one.
func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("looking into the cache: %w", err)
}
