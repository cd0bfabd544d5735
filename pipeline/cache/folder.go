package cache

import (
	"cmp"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// The cache's folder and what to do with the folders in it. All goes through an
// os.Root and never into a symbolic link, so that nothing planted here leads to
// files elsewhere.

// aside is a new name for what is not yet an entry, or no longer a shelf.
func aside() string { return "." + rand.Text() }

// stored is what a shelf's folder looks like from outside.
type stored struct {
	folder string
	bytes  int64
	used   time.Time // by the folder's modification time: each Shelf and Put sets it
}

// survey lists the shelves, those used longest ago first. What processes that
// were killed left behind is counted and leaves with its shelf.
func survey(root *os.Root) []stored {
	// What cannot be read cannot be counted; putting will say what is wrong.
	entries, _ := fs.ReadDir(root.FS(), ".")
	var list []stored
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !e.IsDir() {
			continue
		}
		list = append(list, stored{e.Name(), weigh(root, e.Name()), info.ModTime()})
	}
	slices.SortFunc(list, func(a, b stored) int {
		return cmp.Or(a.used.Compare(b.used), strings.Compare(a.folder, b.folder))
	})
	return list
}

// weigh is the size of the files at and below name; what another process removes
// meanwhile weighs nothing.
func weigh(root *os.Root, name string) (bytes int64) {
	_ = fs.WalkDir(root.FS(), name, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			if info, err := e.Info(); err == nil {
				bytes += info.Size()
			}
		}
		return nil
	})
	return bytes
}

// remove removes a folder or file of the cache. It is moved aside first, so that
// nobody puts something into it meanwhile.
func remove(root *os.Root, name string) error {
	out := aside()
	if err := root.Rename(name, out); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // by another process
		}
		return err
	}
	if root.RemoveAll(out) == nil {
		return nil
	}
	return root.RemoveAll(out) // somebody had entered it just before
}
