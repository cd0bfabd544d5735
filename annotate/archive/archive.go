// Package archive writes all that a data folder holds into one file, while it is
// in use, makes a data folder of such a file, and tells whether what a data folder
// holds is sound.
package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/store"
)

// What lies in an archive, a tar file, in this order: the database, as it was at
// one instant; each blob that it needs, under its sum; a last entry that says that
// the archive is whole, and what is in it.
const (
	databaseEntry = "dyade.db"
	mediaEntries  = "media/"
	lastEntry     = "whole"
)

// Contents is what the last entry says.
type Contents struct {
	Recordings int      `json:"recordings"`
	Blobs      int      `json:"blobs"`
	Database   blob.Sum `json:"database"` // sha256
}

// Keeper holds a database and its media.
type Keeper struct {
	Store *store.Store
	Media blob.Store
	Aside string // a folder for a copy of the database, made where there is none
	// Hold keeps blobs from being removed until it is released; nil: nobody does.
	Hold func() (release func())
}

// Write writes an archive. What was written before an error has no last entry.
func Write(ctx context.Context, k Keeper, to io.Writer) error {
	if k.Hold != nil {
		defer k.Hold()()
	}
	err := write(ctx, k, tar.NewWriter(to))
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // whatever that made fail
	}
	if err != nil {
		return fmt.Errorf("write a backup: %w", err)
	}
	return nil
}

func write(ctx context.Context, k Keeper, to *tar.Writer) error {
	if err := os.MkdirAll(k.Aside, 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(k.Aside, "backup-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, databaseEntry)
	if err := k.Store.Backup(ctx, path); err != nil {
		return err
	}
	c, sums, err := look(ctx, path)
	if err != nil {
		return err
	}
	if c.Database, err = addFile(to, path); err != nil {
		return err
	}
	for _, sum := range sums {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := addBlob(ctx, to, k.Media, sum); err != nil {
			return err
		}
	}
	doc, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return errors.Join(add(to, lastEntry, int64(len(doc)), bytes.NewReader(doc)), to.Close())
}

// look makes sure that a database is sound, and lists what it needs.
func look(ctx context.Context, path string) (c Contents, needed []blob.Sum, err error) {
	s, err := store.Open(ctx, path, time.Now)
	if err != nil {
		return c, nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Check(ctx); err != nil {
		return c, nil, err
	}
	all, err := s.Recordings(ctx)
	if err != nil {
		return c, nil, err
	}
	needed, err = s.AllNeeded(ctx)
	return Contents{Recordings: len(all), Blobs: len(needed)}, needed, err
}

func addFile(to *tar.Writer, path string) (blob.Sum, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	in := summing(f)
	err = add(to, databaseEntry, info.Size(), in)
	return in.sum(), err
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
	stop := context.AfterFunc(ctx, func() { r.Close() }) // a film may be long
	defer stop()
	if err := add(to, mediaEntries+string(sum), size, r); err != nil {
		return fmt.Errorf("add %s: %w", sum, err)
	}
	return nil
}

func add(to *tar.Writer, name string, size int64, from io.Reader) error {
	if err := to.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: time.Unix(0, 0), Format: tar.FormatPAX}); err != nil {
		return err
	}
	n, err := io.Copy(to, from)
	if err == nil && n != size {
		err = fmt.Errorf("it has %d bytes, not %d", n, size)
	}
	return err
}
