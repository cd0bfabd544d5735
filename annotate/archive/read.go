package archive

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/store"
)

// Errors of Read and Save, wrapped.
var (
	ErrNoArchive = errors.New("it is no backup that dyade made")
	ErrCut       = errors.New("it ends too early: the backup was not finished, or not copied whole")
	ErrChanged   = errors.New("it was changed since it was made")
	ErrInUse     = errors.New("there is a database already, or something of one")
)

// Place is where the parts of a data folder lie, all in one file system but for a
// Store.
type Place struct {
	Database, Media, Aside string
	// Store is where media are, where that is not the folder Media.
	Store blob.Store
}

// Read makes a database and its media of an archive. They are there when all of it
// was read and checked, and not at all otherwise.
func Read(ctx context.Context, from io.Reader, to Place) (Contents, error) {
	c, err := read(ctx, from, to)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // whatever that made fail
	}
	if err != nil {
		return Contents{}, fmt.Errorf("restore a backup: %w", err)
	}
	return c, nil
}

func read(ctx context.Context, from io.Reader, to Place) (c Contents, err error) {
	if err := vacant(to); err != nil {
		return c, err
	}
	if err := os.MkdirAll(to.Aside, 0o700); err != nil {
		return c, err
	}
	defer os.Remove(to.Aside) // where nothing else lies in it
	dir, err := os.MkdirTemp(to.Aside, "restore-*")
	if err != nil {
		return c, err
	}
	defer os.RemoveAll(dir)
	part := Place{Database: filepath.Join(dir, databaseEntry), Media: filepath.Join(dir, "media"), Store: to.Store}
	had := map[blob.Sum]bool{} // that is to stay where this fails
	if to.Store == nil {
		part.Store, err = blob.OpenFolder(part.Media)
	} else {
		err = to.Store.Each(ctx, func(sum blob.Sum, _ time.Time) error {
			had[sum] = true
			return nil
		})
	}
	if err != nil {
		return c, err
	}
	if c, err = unpack(ctx, from, part); err == nil {
		err = complete(ctx, part)
	}
	switch {
	case to.Store == nil && err == nil:
		return c, settle(part, to)
	case to.Store == nil:
		return c, err
	case err == nil:
		err = os.Rename(part.Database, to.Database)
	}
	if err != nil {
		return c, errors.Join(err, undo(context.WithoutCancel(ctx), to.Store, had))
	}
	return c, blob.SyncFolder(filepath.Dir(to.Database))
}

// undo removes what a store did not have before.
func undo(ctx context.Context, s blob.Store, had map[blob.Sum]bool) error {
	return s.Each(ctx, func(sum blob.Sum, _ time.Time) error {
		if had[sum] {
			return nil
		}
		return s.Remove(ctx, sum)
	})
}

// vacant makes sure that nothing lies where a database is to be: SQLite would take
// what it finds beside one for a part of it.
func vacant(to Place) error {
	paths := []string{to.Database, to.Database + "-wal", to.Database + "-shm", to.Database + "-journal"}
	if to.Store == nil {
		paths = append(paths, to.Media)
	}
	for _, path := range paths {
		switch _, err := os.Lstat(path); {
		case err == nil:
			return fmt.Errorf("%s: %w", path, ErrInUse)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	return nil
}

func unpack(ctx context.Context, from io.Reader, to Place) (Contents, error) {
	database := func(r io.Reader) (blob.Sum, error) { return writeFile(to.Database, r) }
	media := func(r io.Reader) (blob.Sum, error) {
		sum, _, err := to.Store.Put(ctx, r)
		return sum, err
	}
	return walk(from, database, media)
}

func writeFile(path string, from io.Reader) (sum blob.Sum, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	in := summing(from)
	if _, err := io.Copy(f, in); err != nil {
		return "", err
	}
	return in.sum(), f.Sync()
}

// complete makes sure that a database is sound and has all that it needs.
func complete(ctx context.Context, p Place) error {
	_, needed, err := look(ctx, p.Database)
	switch {
	case errors.Is(err, store.ErrNewer), ctx.Err() != nil:
		return err
	case err != nil:
		return fmt.Errorf("%w: %w", ErrChanged, err)
	}
	for _, sum := range needed {
		if _, err := p.Store.Size(ctx, sum); err != nil {
			return fmt.Errorf("%w: %w", ErrChanged, err)
		}
	}
	return nil
}

// settle moves what is whole to its place. The database comes last: without it
// nothing is there.
func settle(part, to Place) error {
	if err := os.Rename(part.Media, to.Media); err != nil {
		return err
	}
	err := blob.SyncFolder(filepath.Dir(to.Media))
	if err == nil {
		err = os.Rename(part.Database, to.Database)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(to.Media))
	}
	return blob.SyncFolder(filepath.Dir(to.Database))
}

// Examine reads an archive to its end and makes sure that it is whole, and what
// was written.
func Examine(from io.Reader) (Contents, error) {
	drop := func(r io.Reader) (blob.Sum, error) {
		in := summing(r)
		_, err := io.Copy(io.Discard, in)
		return in.sum(), err
	}
	c, err := walk(from, drop, drop)
	if err == nil {
		_, err = io.Copy(io.Discard, from)
	}
	if err != nil {
		return Contents{}, fmt.Errorf("examine a backup: %w", err)
	}
	return c, nil
}

// keep takes the content of an entry and gives its sum.
type keep func(io.Reader) (blob.Sum, error)

// walk goes through an archive, to its last entry. What it has given away is right
// when it returns without an error.
func walk(from io.Reader, database, media keep) (Contents, error) {
	in := tar.NewReader(from)
	h, err := in.Next()
	if foreign(err) || err == nil && (!plain(h) || h.Name != databaseEntry) {
		return Contents{}, ErrNoArchive
	}
	if err != nil {
		return Contents{}, err
	}
	sum, err := database(in)
	if err != nil {
		return Contents{}, cut(err)
	}
	for n := 0; ; n++ {
		h, err := in.Next()
		switch {
		case err != nil:
			return Contents{}, cut(err)
		case !plain(h):
			return Contents{}, fmt.Errorf("%w: %q is none of its entries", ErrChanged, h.Name)
		case h.Name == lastEntry:
			return last(in, n, sum)
		}
		if err := take(in, h.Name, media); err != nil {
			return Contents{}, cut(err)
		}
	}
}

// foreign tells whether a first entry could not be read because it is none.
func foreign(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, tar.ErrHeader) || errors.Is(err, tar.ErrFieldTooLong)
}

// cut says what an error of reading means.
func cut(err error) error {
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return ErrCut
	case errors.Is(err, tar.ErrHeader), errors.Is(err, tar.ErrFieldTooLong):
		return fmt.Errorf("%w: %w", ErrChanged, err)
	}
	return err
}

// plain tells whether an entry is one as Write makes them. Others may stand for
// much more than they bring, as sparse files do, and fill a disk.
func plain(h *tar.Header) bool {
	for name := range h.PAXRecords {
		if name != "size" { // of what is longer than 8 GiB
			return false
		}
	}
	return h.Typeflag == tar.TypeReg
}

// take gives a blob away, which must be what its name says.
func take(in io.Reader, name string, media keep) error {
	hex, ok := strings.CutPrefix(name, mediaEntries)
	want, err := blob.ParseSum(hex)
	if !ok || err != nil {
		return fmt.Errorf("%w: %q is none of its entries", ErrChanged, name)
	}
	sum, err := media(in)
	if err == nil && sum != want {
		err = fmt.Errorf("%w: %s", ErrChanged, name)
	}
	return err
}

// mostContents is more than a last entry has.
const mostContents = 1 << 10

// last reads the last entry, which must tell of what came before it.
func last(in io.Reader, blobs int, database blob.Sum) (c Contents, err error) {
	doc, err := io.ReadAll(io.LimitReader(in, mostContents))
	if err != nil {
		return c, cut(err)
	}
	if err := json.Unmarshal(doc, &c); err != nil || c.Blobs != blobs || c.Database != database {
		return c, errors.Join(ErrChanged, err)
	}
	return c, nil
}

// summed adds up what is read through it.
type summed struct {
	io.Reader
	hash hash.Hash
}

func summing(r io.Reader) summed {
	h := sha256.New()
	return summed{io.TeeReader(r, h), h}
}

func (s summed) sum() blob.Sum { return blob.Sum(hex.EncodeToString(s.hash.Sum(nil))) }
