// Package archive writes all that a data folder holds into one file, while it is
// in use, and makes a data folder of such a file.
package archive

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/store"
)

// What lies in an archive, a tar file, in this order: the database, as it was at
// one instant; each blob that it needs, under its sum; a last entry that says that
// the archive is whole.
const (
	databaseEntry = "dyade.db"
	mediaEntries  = "media/"
	lastEntry     = "whole"
)

// Keeper holds a database and its media.
type Keeper struct {
	Store *store.Store
	Media blob.Store
	Dir   string // a folder for the copy of the database, which may be large
	// Hold keeps blobs from being removed until it is released.
	Hold func() (release func())
}

// Write writes an archive.
func Write(ctx context.Context, k Keeper, to io.Writer) error {
	release := k.Hold()
	defer release()
	if err := write(ctx, k, tar.NewWriter(to)); err != nil {
		return fmt.Errorf("write a backup: %w", err)
	}
	return nil
}

func write(ctx context.Context, k Keeper, to *tar.Writer) error {
	dir, err := os.MkdirTemp(k.Dir, ".backup-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, databaseEntry)
	if err := k.Store.Backup(ctx, copied); err != nil {
		return err
	}
	db, err := os.Open(copied)
	if err != nil {
		return err
	}
	defer db.Close()
	info, err := db.Stat()
	if err != nil {
		return err
	}
	if err := add(to, databaseEntry, info.Size(), db); err != nil {
		return err
	}
	sums, err := needed(ctx, copied)
	if err != nil {
		return err
	}
	for _, sum := range sums {
		if err := addBlob(ctx, to, k.Media, sum); err != nil {
			return err
		}
	}
	return errors.Join(add(to, lastEntry, 0, strings.NewReader("")), to.Close())
}

// needed lists what the copy of a database needs.
func needed(ctx context.Context, path string) (sums []blob.Sum, err error) {
	s, err := store.Open(ctx, path, time.Now)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return s.AllNeeded(ctx)
}

func addBlob(ctx context.Context, to *tar.Writer, from blob.Store, sum blob.Sum) error {
	size, err := from.Size(ctx, sum)
	if err != nil {
		return err
	}
	r, err := from.Get(ctx, sum)
	if err != nil {
		return err
	}
	defer r.Close()
	return add(to, mediaEntries+string(sum), size, r)
}

func add(to *tar.Writer, name string, size int64, from io.Reader) error {
	if err := to.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: time.Unix(0, 0), Format: tar.FormatPAX}); err != nil {
		return err
	}
	n, err := io.Copy(to, from)
	if err == nil && n != size {
		err = fmt.Errorf("%s: it has %d bytes, not %d", name, n, size)
	}
	return err
}

// Errors of Read, wrapped.
var (
	ErrNoArchive = errors.New("it is no backup that dyade made")
	ErrCut       = errors.New("it ends too early: the backup was not finished, or not copied whole")
	ErrInUse     = errors.New("there is a database already: name a new folder, or move that one away first")
)

// Read makes the data folder dir of an archive; it is there when all of it was read
// and checked, and not at all otherwise.
func Read(ctx context.Context, from io.Reader, dir, database, media string) error {
	if err := read(ctx, tar.NewReader(from), dir, database, media); err != nil {
		return fmt.Errorf("restore a backup into %s: %w", dir, err)
	}
	return nil
}

func read(ctx context.Context, from *tar.Reader, dir, database, media string) error {
	if _, err := os.Stat(filepath.Join(dir, database)); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(ErrInUse, err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	aside, err := os.MkdirTemp(filepath.Dir(dir), ".restore-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(aside)
	if err := unpack(ctx, from, aside, database, media); err != nil {
		return err
	}
	if err := check(ctx, aside, database, media); err != nil {
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w (the folder must be new or empty)", err)
	}
	return os.Rename(aside, dir)
}

// unpack writes what an archive holds.
func unpack(ctx context.Context, from *tar.Reader, dir, database, media string) error {
	folder, err := blob.OpenFolder(filepath.Join(dir, media))
	if err != nil {
		return err
	}
	for first := true; ; first = false {
		h, err := from.Next()
		switch {
		case first && (err != nil || h.Name != databaseEntry):
			return errors.Join(ErrNoArchive, err)
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return ErrCut
		case err != nil:
			return err
		case h.Name == lastEntry:
			return nil
		case first:
			err = writeFile(filepath.Join(dir, database), from)
		default:
			err = putBlob(ctx, folder, strings.TrimPrefix(h.Name, mediaEntries), from)
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return ErrCut
		}
		if err != nil {
			return err
		}
	}
}

func writeFile(path string, from io.Reader) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Sync(), f.Close()) }()
	_, err = io.Copy(f, from)
	return err
}

func putBlob(ctx context.Context, to *blob.Folder, name string, from io.Reader) error {
	want, err := blob.ParseSum(name)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoArchive, err)
	}
	sum, _, err := to.Put(ctx, from)
	if err == nil && sum != want {
		err = fmt.Errorf("%s: %w", want, blob.ErrDamaged)
	}
	return err
}

// check makes sure that a database is sound and has all that it needs.
func check(ctx context.Context, dir, database, media string) (err error) {
	s, err := store.Open(ctx, filepath.Join(dir, database), time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Check(ctx); err != nil {
		return err
	}
	folder, err := blob.OpenFolder(filepath.Join(dir, media))
	if err != nil {
		return err
	}
	sums, err := s.AllNeeded(ctx)
	for _, sum := range sums {
		_, serr := folder.Size(ctx, sum)
		err = errors.Join(err, serr)
	}
	return err
}
