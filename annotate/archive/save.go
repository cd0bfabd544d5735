package archive

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"dyade/annotate/blob"
)

// Errors of Save, wrapped.
var (
	ErrThere      = errors.New("it is there already")
	ErrUnwritable = errors.New("the file cannot be written")
)

// Save writes what give gives to a new file that its owner alone can read. It is
// there, and safe on the disk, when it was found to be a whole archive, and not at
// all otherwise.
func Save(path string, give func(io.Writer) error) (c Contents, size int64, err error) {
	c, size, err = save(path, give)
	if err != nil {
		return Contents{}, 0, fmt.Errorf("save a backup as %s: %w", path, err)
	}
	return c, size, nil
}

func save(path string, give func(io.Writer) error) (c Contents, size int64, err error) {
	part := path + ".part"
	if err := absent(path); err != nil {
		return c, 0, err
	}
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return c, 0, fmt.Errorf("%s: %w", part, ErrThere)
	}
	if err != nil {
		return c, 0, fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	defer os.Remove(part) // gone already where all went well
	out := &file{f: f}
	if c, err = pass(out, give); err == nil {
		err = out.sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return c, 0, err
	}
	if err := absent(path); err != nil {
		return c, 0, err
	}
	if err := errors.Join(os.Rename(part, path), blob.SyncFolder(filepath.Dir(path))); err != nil {
		return c, 0, fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	return c, out.n, nil
}

func absent(path string) error {
	switch _, err := os.Lstat(path); {
	case err == nil:
		return ErrThere
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	return nil
}

// pass examines what is given while it is written.
func pass(to io.Writer, give func(io.Writer) error) (c Contents, err error) {
	r, w := io.Pipe()
	examined := make(chan error, 1)
	go func() {
		var err error
		c, err = Examine(r)
		r.CloseWithError(err) // no use in giving more
		examined <- err
	}()
	err = give(io.MultiWriter(to, w))
	w.CloseWithError(err)
	if found := <-examined; err == nil {
		err = found
	}
	return c, err
}

// file tells its own errors from those of what is written to it.
type file struct {
	f *os.File
	n int64
}

func (f *file) Write(p []byte) (int, error) {
	n, err := f.f.Write(p)
	f.n += int64(n)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	return n, err
}

// sync makes sure that all is on the disk.
func (f *file) sync() error {
	if err := f.f.Sync(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnwritable, err)
	}
	return nil
}
