package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Folder is a Store in a folder of the file system, that its owner alone can
// look into: it shows children.
type Folder struct {
	dir string
}

const aside = "aside" // where blobs are written before they are whole

// OpenFolder makes the folder where there is none.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(filepath.Join(dir, aside), 0o700); err != nil {
		return nil, fmt.Errorf("open the media store: %w", err)
	}
	return &Folder{dir}, nil
}

// Path is where a blob lies, for programs that want a file's name. What lies
// there must not be changed.
func (f *Folder) Path(sum Sum) string { return filepath.Join(f.dir, string(sum[:2]), string(sum)) }

// Local is Path of a blob that is there; nothing is fetched.
func (f *Folder) Local(ctx context.Context, sum Sum, _ string) (string, error) {
	_, err := f.Size(ctx, sum)
	return f.Path(sum), err
}

// Put writes aside, and gives the blob its name when it is safe on the disk.
func (f *Folder) Put(ctx context.Context, r io.Reader) (Sum, int64, error) {
	part, err := os.CreateTemp(filepath.Join(f.dir, aside), "*")
	if err != nil {
		return "", 0, fmt.Errorf("put into the media store: %w", err)
	}
	defer os.Remove(part.Name()) // gone already where all went well
	sum := sha256.New()
	n, err := io.Copy(part, io.TeeReader(reader(ctx, r), sum))
	if err == nil {
		err = part.Chmod(0o400)
	}
	if err == nil {
		err = part.Sync()
	}
	if err = errors.Join(err, part.Close()); err != nil {
		return "", 0, fmt.Errorf("put into the media store: %w", err)
	}
	name := Sum(hex.EncodeToString(sum.Sum(nil)))
	if err := f.settle(part.Name(), f.Path(name)); err != nil {
		return "", 0, fmt.Errorf("put into the media store: %w", err)
	}
	return name, n, nil
}

// Adopt implements Store. Within a file system nothing is copied.
func (f *Folder) Adopt(ctx context.Context, path string) (Sum, int64, error) {
	name, n, err := f.adopt(ctx, path)
	if errors.Is(err, syscall.EXDEV) {
		name, n, err = f.copied(ctx, path)
	}
	if err == nil {
		err = gone(path)
	}
	if err != nil {
		return "", 0, fmt.Errorf("take a file into the media store: %w", err)
	}
	return name, n, nil
}

func (f *Folder) adopt(ctx context.Context, path string) (Sum, int64, error) {
	file, err := plain(path)
	if err != nil {
		return "", 0, err
	}
	defer file.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, reader(ctx, file))
	if err != nil {
		return "", 0, err
	}
	now := time.Now() // or it would be old at once, and swept away before anybody needs it
	err = errors.Join(os.Chtimes(path, now, now), file.Chmod(0o400))
	if err == nil {
		err = file.Sync()
	}
	name := Sum(hex.EncodeToString(sum.Sum(nil)))
	if err == nil {
		err = f.settle(path, f.Path(name))
	}
	return name, n, err
}

// plain opens a file that is one.
func plain(path string) (*os.File, error) {
	if info, err := os.Lstat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("it is no plain file: %w", fs.ErrInvalid)
	}
	return os.Open(path)
}

// copied is Put of a file.
func (f *Folder) copied(ctx context.Context, path string) (Sum, int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer file.Close()
	return f.Put(ctx, file)
}

// gone removes a name. A rename leaves it there where it and the new one are of the
// same file already.
func gone(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// settle moves a whole file to its place, for good. It takes the place of one that
// is there already, which may be damaged.
func (f *Folder) settle(part, place string) error {
	shelf := filepath.Dir(place)
	if err := os.Mkdir(shelf, 0o700); err == nil {
		if err := SyncFolder(f.dir); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := os.Rename(part, place); err != nil {
		return err
	}
	return SyncFolder(shelf)
}

// SyncFolder makes sure that the names in a folder are on the disk.
func SyncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); !errors.Is(err, syscall.EINVAL) { // some file systems have nothing to sync
		return err
	}
	return nil
}

// Checked is Local of a blob that is what was put; the error wraps ErrDamaged where
// it is not.
func (f *Folder) Checked(ctx context.Context, sum Sum, into string) (string, error) {
	if err := Verify(ctx, f, sum); err != nil {
		return "", err
	}
	return f.Local(ctx, sum, into)
}

// Get implements Exchange.
func (f *Folder) Get(ctx context.Context, sum Sum) (io.ReadCloser, error) { return f.Open(ctx, sum) }

// Open implements Store.
func (f *Folder) Open(_ context.Context, sum Sum) (io.ReadSeekCloser, error) {
	file, err := os.Open(f.Path(sum))
	if err != nil {
		return nil, f.wrap("open", sum, err)
	}
	return &checked{File: file, want: sum, sum: sha256.New()}, nil
}

// Size implements Store.
func (f *Folder) Size(_ context.Context, sum Sum) (int64, error) {
	info, err := os.Stat(f.Path(sum))
	if err != nil {
		return 0, f.wrap("look for", sum, err)
	}
	return info.Size(), nil
}

// Remove implements Store.
func (f *Folder) Remove(_ context.Context, sum Sum) error {
	if err := os.Remove(f.Path(sum)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f.wrap("remove", sum, err)
	}
	return nil
}

func (f *Folder) wrap(what string, sum Sum, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrMissing
	}
	return fmt.Errorf("%s %s in the media store: %w", what, sum, err)
}

// Each implements Store.
func (f *Folder) Each(ctx context.Context, give func(Sum, time.Time) error) error {
	shelves, err := os.ReadDir(f.dir)
	if err != nil {
		return fmt.Errorf("list the media store: %w", err)
	}
	for _, shelf := range shelves {
		if shelf.Name() == aside || !shelf.IsDir() {
			continue
		}
		files, err := os.ReadDir(filepath.Join(f.dir, shelf.Name()))
		if err != nil {
			return fmt.Errorf("list the media store: %w", err)
		}
		for _, file := range files {
			if err := ctx.Err(); err != nil {
				return err
			}
			sum, err := ParseSum(file.Name())
			if err != nil {
				continue // not ours
			}
			info, err := file.Info()
			if err != nil {
				continue // removed since
			}
			if err := give(sum, info.ModTime()); err != nil {
				return err
			}
		}
	}
	return nil
}

// Sweep implements Store.
func (f *Folder) Sweep(_ context.Context, before time.Time) error {
	parts, err := os.ReadDir(filepath.Join(f.dir, aside))
	if err != nil {
		return fmt.Errorf("sweep the media store: %w", err)
	}
	for _, part := range parts {
		if info, err := part.Info(); err == nil && info.ModTime().Before(before) {
			err = os.Remove(filepath.Join(f.dir, aside, part.Name()))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("sweep the media store: %w", err)
			}
		}
	}
	return nil
}

// checked compares what was read from start to end with the blob's name.
type checked struct {
	*os.File
	want    Sum
	sum     hash.Hash
	skipped bool // it was not read in one go
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.File.Read(p)
	c.sum.Write(p[:n])
	if errors.Is(err, io.EOF) && !c.skipped && hex.EncodeToString(c.sum.Sum(nil)) != string(c.want) {
		return n, ErrDamaged
	}
	return n, err
}

func (c *checked) Seek(offset int64, whence int) (int64, error) {
	at, err := c.File.Seek(offset, whence)
	c.skipped = at != 0
	c.sum.Reset()
	return at, err
}

// WriteTo hides that of os.File, which would pass by the check.
func (c *checked) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, struct{ io.Reader }{c}) }
