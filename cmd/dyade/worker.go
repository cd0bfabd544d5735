package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/web/client"
	"dyade/internal/i18n"
	"dyade/workers"
)

// doSteps is `dyade worker`.
func doSteps(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("worker")
	lang := f.String("lang", "", "")
	data := f.String("data", "", "")
	address := f.String("redis", "", "")
	server := f.String("server", "", "")
	media := f.String("media", "", "")
	memory := f.Int64("memory", 2048, "")
	certificate := f.String("certificate", "", "")
	if err := t.parse(f, args, 0); err != nil {
		return err
	}
	if err := t.speak(*lang); err != nil {
		return err
	}
	*address = redisAddress(*address)
	if (*data == "") == (*server == "") || *address == "" || *memory <= 0 || !isMedia(*media) || *media != "" && *server == "" {
		return wrongUse{i18n.T(t.lang, "cli_help_worker")}
	}
	if *certificate != "" {
		if err := trust(*certificate); err != nil {
			return err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find dyade's own program: %w", err)
	}
	queue, err := workers.Dial(*address)
	if err != nil {
		return wrongUse{err.Error()}
	}
	e := &engaged{Worker: &workers.Worker{Redis: queue, Native: []string{self, "native"}, Memory: *memory << 20, Log: logger(t.err)}}
	if *server == "" {
		err = e.beside(*data)
	} else {
		err = e.afar(*server, *media, t.lang.String())
	}
	if err := errors.Join(err, forgetKeys()); err != nil {
		return err
	}
	err = e.work(ctx)
	if errors.Is(err, workers.ErrEdition) {
		t.say("cli_error", i18n.T(t.lang, "worker_edition"))
		return errFailed
	}
	return err
}

// engaged is a worker of a server.
type engaged struct {
	*workers.Worker
	ask  asking
	fits func(context.Context) error // says whether it can do that server's work
}

// beside engages a worker that sees the server's data folder.
func (e *engaged) beside(data string) (err error) {
	e.Dir, e.Pause = filepath.Join(data, workFolder), 50*time.Millisecond
	e.Media, err = mediaOf(data)
	e.fits = func(context.Context) error { return nil }
	e.ask = func(context.Context) (workers.Realm, error) {
		doc, err := os.ReadFile(filepath.Join(data, realmFile))
		return workers.Realm(strings.TrimSpace(string(doc))), err
	}
	return err
}

// afar engages one that does not. There may be hundreds, who are not to keep Redis
// busy by asking.
func (e *engaged) afar(server, media, lang string) (err error) {
	e.Pause = 200 * time.Millisecond
	if e.Dir, err = elsewhere(); err != nil {
		return err
	}
	door := &client.Client{URL: strings.TrimRight(server, "/"), Token: os.Getenv(tokenVariable), Lang: lang}
	e.ask = func(ctx context.Context) (workers.Realm, error) {
		realm, err := door.Realm(ctx)
		return workers.Realm(realm), err
	}
	if media == "" {
		e.fits = func(context.Context) error { return nil }
		e.Media, err = blob.NewRemote(server, os.Getenv(tokenVariable))
		return err
	}
	s, err := onS3(media, e.Dir)
	e.Media, e.fits = s, isTheirs(s, media, e.Worker)
	return err
}

// asking asks a server whose work is to be done.
type asking func(context.Context) (workers.Realm, error)

// errChanged says that the server's work is another's now.
var errChanged = errors.New("the server was started anew")

// work does steps for a server for as long as both are of one edition.
func (e *engaged) work(ctx context.Context) (err error) {
	for {
		if e.Realm, err = e.ask.first(ctx, e.Log); err != nil || ctx.Err() != nil {
			return err
		}
		if err := e.Realm.Check(); err != nil {
			return err
		}
		if err := e.fits(ctx); err != nil || ctx.Err() != nil {
			return err
		}
		rctx, end := context.WithCancelCause(ctx)
		go e.ask.again(rctx, e.Realm, end)
		err = e.Run(rctx)
		changed := errors.Is(context.Cause(rctx), errChanged)
		if end(nil); err != nil || !changed {
			return err
		}
	}
}

// first waits for a server that does not answer yet.
func (ask asking) first(ctx context.Context, log *slog.Logger) (workers.Realm, error) {
	const pause = 500 * time.Millisecond
	for told := false; ; told = true {
		realm, err := ask(ctx)
		if !away(err) {
			return realm, err
		}
		if !told && ctx.Err() == nil {
			log.Info("waiting for the server", "error", err)
		}
		select {
		case <-ctx.Done():
			return "", nil // it was asked to stop, and did
		case <-time.After(pause):
		}
	}
}

// again ends the work when the server's is another: it is another edition now, or
// has another data folder.
func (ask asking) again(ctx context.Context, realm workers.Realm, end context.CancelCauseFunc) {
	const pause = 10 * time.Second
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if now, err := ask(ctx); err == nil && now != realm {
			end(errChanged)
			return
		}
	}
}

// away says of an error that there is no server to answer, for now.
func away(err error) bool {
	var unreachable *url.Error
	return errors.Is(err, fs.ErrNotExist) || errors.As(err, &unreachable)
}

// elsewhere is where a worker works that has no data folder.
func elsewhere() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("choose where to work: %w", err)
	}
	return filepath.Join(cache, "dyade-work"), nil
}

// tokenVariable holds what a server wants to be told by a worker elsewhere.
const tokenVariable = "DYADE_TOKEN" //nolint:gosec // a name, no secret

// logger writes what happens, one JSON object a line, without names or content of
// recordings.
func logger(to io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{Level: logLevel}))
}

// doNative is `dyade native`, which workers start.
func doNative(ctx context.Context, t *terminal, _ []string) error {
	return workers.Native(ctx, os.Stdin, t.out)
}
