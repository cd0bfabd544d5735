package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"syscall"

	"github.com/spf13/pflag"

	"dyade/annotate/archive"
	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/annotate/web"
	"dyade/annotate/web/client"
	"dyade/internal/i18n"
	"dyade/workers"
)

// doBackup is `dyade backup FILE`.
func doBackup(ctx context.Context, t *terminal, args []string) error {
	path, dir, err := t.fileAndData(t.flags("backup"), args)
	if err != nil {
		return err
	}
	if !hasData(dir) {
		return t.refuse(nil, "backup_nothing", dir)
	}
	t.say("backup_begin", dir)
	var c archive.Contents
	var size int64
	err = withData(ctx, t, dir, func(from holder) (err error) {
		c, size, err = archive.Save(path, func(to io.Writer) error { return from.backup(ctx, to) })
		return err
	})
	switch {
	case err == nil:
		fmt.Fprintln(t.out, i18n.T(t.lang, "backup_done", path, c.Recordings, float64(size)/1e6))
		return nil
	case ctx.Err() != nil:
		return errors.Join(ctx.Err(), err)
	case errors.Is(err, archive.ErrThere):
		return t.refuse(nil, "backup_there", path)
	case errors.Is(err, syscall.ENOSPC):
		return t.refuse(err, "backup_full")
	case errors.Is(err, archive.ErrUnwritable):
		return t.refuse(err, "backup_unwritable", path)
	}
	var r *refusal
	if errors.As(err, &r) {
		return err
	}
	return t.refuse(err, "backup_broken")
}

// doRestore is `dyade restore FILE`.
func doRestore(ctx context.Context, t *terminal, args []string) error {
	flags := t.flags("restore")
	media := flags.String("media", "", "")
	path, dir, err := t.fileAndData(flags, args)
	if err != nil {
		return err
	}
	if !isMedia(*media) {
		return wrongUse{i18n.T(t.lang, "cli_help_restore")}
	}
	f, err := os.Open(path)
	if err != nil {
		return t.refuse(err, "restore_unreadable", path)
	}
	defer f.Close()
	t.say("restore_begin", dir)
	c, err := restore(ctx, t, f, dir, *media)
	switch {
	case err == nil:
		fmt.Fprintln(t.out, i18n.T(t.lang, "restore_done", c.Recordings, dir))
		return nil
	case ctx.Err() != nil:
		return errors.Join(ctx.Err(), err)
	case errors.Is(err, errInUse):
		return t.refuse(nil, "serve_in_use", dir)
	case errors.Is(err, archive.ErrInUse):
		return t.refuse(err, "restore_taken", dir)
	case errors.Is(err, archive.ErrNoArchive):
		return t.refuse(nil, "restore_no_archive", path)
	case errors.Is(err, archive.ErrCut):
		return t.refuse(nil, "restore_cut", path)
	case errors.Is(err, store.ErrNewer):
		return t.refuse(nil, "data_newer", path)
	case errors.Is(err, archive.ErrChanged):
		return t.refuse(err, "restore_changed", path)
	case errors.Is(err, syscall.ENOSPC):
		return t.refuse(err, "backup_full")
	}
	return err
}

func restore(ctx context.Context, t *terminal, from io.Reader, dir, asked string) (none archive.Contents, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return none, fmt.Errorf("open the data folder: %w", err)
	}
	s := &serving{t: t, data: dir}
	if err := s.claim(); err != nil {
		return none, err
	}
	defer s.lock.Close()
	to := archive.Place{
		Database: filepath.Join(dir, databaseFile), Media: filepath.Join(dir, mediaFolder), Aside: filepath.Join(dir, asideFolder),
	}
	had, err := mediaAddress(dir)
	if err != nil {
		return none, err
	}
	if had != "" || asked != "" {
		if s.realm, err = realmAt(filepath.Join(dir, realmFile)); err != nil {
			return none, err
		}
		if to.Store, err = settleMedia(ctx, dir, asked, s.realm); err != nil {
			return none, err
		}
	}
	return archive.Read(ctx, from, to)
}

// fileAndData reads the arguments of a command on a file and a data folder.
func (t *terminal) fileAndData(f *pflag.FlagSet, args []string) (path, dir string, err error) {
	lang := f.String("lang", "", "")
	data := f.String("data", "", "")
	if err := t.parse(f, args, 1); err != nil {
		return "", "", err
	}
	if err := t.speak(*lang); err != nil {
		return "", "", err
	}
	dir, err = chosen(*data)
	return f.Arg(0), dir, err
}

// refuse says why something was not done, with what to try, and the detail where
// there is one.
func (t *terminal) refuse(detail error, key string, args ...any) error {
	t.say("cli_error", i18n.T(t.lang, key, args...))
	if detail != nil {
		t.say("cli_detail", detail)
	}
	return errFailed
}

// hasData tells whether a data folder holds anything.
func hasData(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, databaseFile))
	return !errors.Is(err, fs.ErrNotExist)
}

// holder has a data folder open.
type holder interface {
	backup(ctx context.Context, to io.Writer) error
	check(ctx context.Context) (archive.Health, error)
}

// withData does something with all that a data folder holds: through the server
// that has it open, or else under its lock, with nothing started.
func withData(ctx context.Context, t *terminal, dir string, do func(holder) error) error {
	s := &serving{t: t, data: dir}
	switch err := s.claim(); {
	case errors.Is(err, errInUse):
		c, err := running(ctx, t, dir)
		if err != nil {
			return err
		}
		return do(door{c})
	case err != nil:
		return err
	}
	defer s.lock.Close()
	return do(alone(dir))
}

// door is a data folder that a server has open.
type door struct{ *client.Client }

func (c door) backup(ctx context.Context, to io.Writer) error {
	answer, err := c.Ask(ctx, http.MethodGet, web.BackupPath, nil)
	if err != nil {
		return err
	}
	defer answer.Close()
	_, err = io.Copy(to, answer)
	return err
}

func (c door) check(ctx context.Context) (archive.Health, error) {
	var h web.Soundness
	err := c.Read(ctx, http.MethodGet, web.CheckPath, nil, &h)
	return h.Health, err
}

// alone is a data folder that nobody serves.
type alone string

func (a alone) with(ctx context.Context, do func(archive.Keeper) error) error {
	media, err := mediaOf(string(a))
	if err != nil {
		return err
	}
	if s, ok := media.(*blob.S3); ok { // told once, rather than of each film
		realm, err := os.ReadFile(filepath.Join(string(a), realmFile))
		if err == nil {
			err = s.Claim(ctx, workers.Realm(realm).Instance(), false)
		}
		if err != nil {
			return &refusal{"media_unusable", []any{s}, err}
		}
	}
	s, err := store.Open(ctx, filepath.Join(string(a), databaseFile), now)
	if err != nil {
		return err
	}
	return errors.Join(do(archive.Keeper{Store: s, Media: media, Aside: filepath.Join(string(a), asideFolder)}), s.Close())
}

func (a alone) backup(ctx context.Context, to io.Writer) error {
	return a.with(ctx, func(k archive.Keeper) error { return archive.Write(ctx, k, to) })
}

func (a alone) check(ctx context.Context) (h archive.Health, err error) {
	err = a.with(ctx, func(k archive.Keeper) (err error) {
		h, err = archive.Check(ctx, k)
		return err
	})
	var r *refusal
	if err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrNewer) && !errors.As(err, &r) { // it cannot even be opened
		h.Problems = append(h.Problems, archive.Problem{Code: archive.BadDatabase, Detail: err.Error()})
		err = nil
	}
	return h, err
}
