package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/net/netutil"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/export"
	"dyade/annotate/shown"
	"dyade/annotate/web"
	"dyade/annotate/web/client"
	"dyade/internal/i18n"
	"dyade/pipeline/decode"
	"dyade/pipeline/eval/label/notebook"
	"dyade/workers/show"
)

// doLabel is `dyade label`.
func doLabel(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("label")
	lang := f.String("lang", "", "")
	out := f.String("out", "", "")
	by := f.String("by", "", "")
	data := f.String("data", "", "")
	show := f.Bool("print", false, "")
	if err := t.parse(f, args, 1); err != nil {
		return err
	}
	if err := t.speak(*lang); err != nil {
		return err
	}
	who := annotate.Label{Label: string(annotate.Parent), By: *by}
	if _, err := (annotate.Labels{"turns": {who}}).Settled(); err != nil {
		return wrongUse{i18n.T(t.lang, "label_by", *by)}
	}
	path, err := filepath.Abs(f.Arg(0))
	if err != nil {
		return fmt.Errorf("find the film: %w", err)
	}
	dir, err := chosen(*data)
	if err != nil {
		return err
	}
	l := &labelling{t: t, path: path, out: filepath.Dir(path), by: *by, print: *show}
	if *out != "" {
		if l.out, err = filepath.Abs(*out); err != nil {
			return fmt.Errorf("find the folder of the labels: %w", err)
		}
	}
	return l.run(ctx, filepath.Join(dir, labelFolder))
}

// labelling is a film that is being labelled.
type labelling struct {
	t         *terminal
	path, out string // of the film, and the folder of its labels
	by        string
	print     bool

	recording annotate.Recording
	book      *notebook.Notebook
	room      string   // a folder of its own, as long as it goes on
	lock      *os.File // of that
}

// run lets somebody label until ctx is over.
func (l *labelling) run(ctx context.Context, dir string) error {
	if err := l.look(ctx); err != nil {
		return err
	}
	if err := l.enter(dir); err != nil {
		return err
	}
	defer func() { _ = errors.Join(os.RemoveAll(l.room), l.lock.Close()) }() // else it goes at the next start
	var err error
	l.book, err = notebook.Open(l.out, export.EAFFilm{Path: l.path, Name: filepath.Base(l.path), Type: shown.Type(l.recording)})
	var fault *notebook.Fault
	if errors.As(err, &fault) {
		return &refusal{key: "label_in_the_way", args: []any{fault.Path}, detail: fault.Err}
	}
	if err != nil {
		return err
	}
	token, err := tokenAt(filepath.Join(dir, client.TokenFile))
	if err != nil {
		return err
	}
	return l.serve(ctx, token)
}

// look sees that the film can be read.
func (l *labelling) look(ctx context.Context) error {
	s, err := decode.Open(ctx, l.path)
	if err != nil {
		return err
	}
	defer s.Close()
	l.recording = s.Recording()
	l.recording.Name = filepath.Base(l.path)
	return nil
}

// key names the labels of a film in a folder.
func (l *labelling) key() [sha256.Size]byte { return sha256.Sum256([]byte(l.path + "\x00" + l.out)) }

// enter makes the room, which nobody else has meanwhile. What one that was killed has
// left goes.
func (l *labelling) enter(dir string) error {
	key := l.key()
	l.room = filepath.Join(dir, hex.EncodeToString(key[:8]))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("open the data folder: %w", err)
	}
	door, err := lockedAt(filepath.Join(dir, lockFile), syscall.LOCK_EX) // others come in one after another
	if err != nil {
		return err
	}
	defer door.Close()
	rooms, err := filepath.Glob(filepath.Join(dir, "*", lockFile))
	if err != nil {
		return fmt.Errorf("open the data folder: %w", err)
	}
	for _, lock := range rooms {
		left, err := lockedAt(lock, syscall.LOCK_EX|syscall.LOCK_NB)
		if err != nil {
			continue // somebody is in it
		}
		if err := errors.Join(os.RemoveAll(filepath.Dir(lock)), left.Close()); err != nil {
			return fmt.Errorf("tidy up the data folder: %w", err)
		}
	}
	if err := os.MkdirAll(l.room, 0o700); err != nil {
		return fmt.Errorf("open the data folder: %w", err)
	}
	l.lock, err = lockedAt(filepath.Join(l.room, lockFile), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return &refusal{key: "label_in_use", args: []any{l.path}}
	}
	return err
}

// lockedAt locks a file, made where it is missing.
func lockedAt(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open a lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), how); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	return f, nil
}

// serve answers the page until ctx is over.
func (l *labelling) serve(ctx context.Context, token string) error {
	log := slog.New(slog.NewJSONHandler(l.t.err, &slog.HandlerOptions{Level: slog.LevelError}))
	if err := forgetKeys(); err != nil {
		return err
	}
	projector, err := l.projector(log)
	if err != nil {
		return err
	}
	defer projector.Close()
	sum := l.sum()
	labels, err := web.NewLabels(web.LabelOptions{
		Path: l.path, Recording: l.recording, Sum: sum, Notebook: desk{l.book}, Shown: projector, By: l.by, Token: token, Log: log,
	})
	if err != nil {
		return err
	}
	door, err := bind(ctx, loopback(l.key()))
	if err != nil {
		return err
	}
	var beside sync.WaitGroup
	defer beside.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	if !shown.Playable(l.recording) {
		beside.Go(func() { _ = projector.PrepareCopy(ctx, sum) }) // without it, clips are shown
	}
	beside.Go(func() { l.open(ctx, "http://"+door.Addr().String(), token) })
	return respond(ctx, netutil.LimitListener(door, mostCallers), labels.Handler(), log)
}

// open opens the page in a browser, or says how to go there.
func (l *labelling) open(ctx context.Context, address, token string) {
	l.t.say("label_kept", l.out, strings.Join(l.book.Files(), ", "))
	enter := address + web.KeyPath + "?token=" + token + "&to=" + web.LabelPath
	if l.print {
		fmt.Fprintln(l.t.out, enter)
		return
	}
	if err := browse(ctx, l.room, enter); err != nil {
		l.t.say("cli_error", i18n.T(l.t.lang, "open_no_browser", enter))
		l.t.say("cli_detail", err)
	}
	l.t.say("open_serves")
}

// sum is what the film goes by where things are shown of it. Its content is not read for
// that: large films would be waited for.
func (l *labelling) sum() blob.Sum {
	key := l.key()
	return blob.Sum(hex.EncodeToString(key[:]))
}

// projector makes what the browser is shown, in the room.
func (l *labelling) projector(log *slog.Logger) (*show.Projector, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find dyade's own program: %w", err)
	}
	return show.Open(show.Options{
		Dir: filepath.Join(l.room, shownFolder), Command: []string{self, "show"}, Bytes: mostShown,
		Native: showAtOnce, Memory: showMemory, Linger: showLingers, Log: log,
		Local: func(context.Context, blob.Sum) (string, func(), error) { return l.path, func() {}, nil },
		Known: func(context.Context, blob.Sum) error { return nil },
	})
}

// desk is a notebook as the door knows it.
type desk struct{ *notebook.Notebook }

// Keep has labels kept.
func (d desk) Keep(labels annotate.Labels) error {
	err := d.Notebook.Keep(labels)
	var fault *notebook.Fault
	if errors.As(err, &fault) {
		return &web.Blocked{Path: fault.Path}
	}
	return err
}
