package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"dyade/annotate/store"
	"dyade/annotate/web"
	"dyade/annotate/web/client"
	"dyade/internal/i18n"
	"dyade/pipeline/decode"
)

// openPage is `dyade open`.
func openPage(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("open")
	lang := f.String("lang", "", "")
	data := f.String("data", "", "")
	show := f.Bool("print", false, "")
	if err := t.parse(f, args, anyNumber); err != nil {
		return err
	}
	if err := t.speak(*lang); err != nil {
		return err
	}
	dir, err := chosen(*data)
	if err != nil {
		return err
	}
	o := opening{t: t, dir: dir, films: f.Args(), print: *show}
	if err := o.look(); err != nil {
		return err
	}
	c, err := answering(ctx, dir, *data == "")
	switch {
	case errors.Is(err, fs.ErrNotExist) && ctx.Err() == nil && !*show:
		return o.serve(ctx)
	case errors.Is(err, fs.ErrNotExist) && ctx.Err() == nil:
		t.say("cli_error", i18n.T(t.lang, "open_nobody", dir))
		return errFailed
	case err != nil:
		return err
	}
	return o.page(ctx, c)
}

// opening is a page to be opened: that of some films' visit, or the first one.
type opening struct {
	t     *terminal
	dir   string
	films []string
	print bool
}

// look sees that the films may be films, before anything is started.
func (o *opening) look() error {
	for _, film := range o.films {
		if err := decode.Look(film); err != nil {
			return err
		}
	}
	return nil
}

// serve serves the folder itself, until ctx is over, and opens the page meanwhile; where
// there is none to open, it ends.
func (o *opening) serve(ctx context.Context) error {
	quiet := slog.New(slog.NewJSONHandler(o.t.err, &slog.HandlerOptions{Level: slog.LevelError}))
	s := &serving{t: o.t, log: quiet, err: o.t.err, data: o.dir, redis: redisAddress(""), workers: runtime.GOMAXPROCS(0)}
	switch err := s.open(ctx); {
	case errors.Is(err, errInUse):
		return o.t.refuse(nil, "serve_in_use", o.dir)
	case err != nil:
		return err
	}
	sctx, stop := context.WithCancel(ctx)
	defer stop()
	var opening sync.WaitGroup
	var failed error
	err := s.run(sctx, loopback(sha256.Sum256([]byte(o.dir))), func(url string) {
		opening.Go(func() {
			if failed = o.meanwhile(sctx, &client.Client{URL: url, Token: s.token, Lang: o.t.lang.String()}); failed != nil {
				stop()
			}
		})
	})
	opening.Wait()
	return errors.Join(failed, err, s.close())
}

// meanwhile opens the page of the server that this process is.
func (o *opening) meanwhile(ctx context.Context, c *client.Client) error {
	err := o.page(ctx, c)
	// Where no browser opens, it was said how to go there without it.
	if err == nil || errors.Is(err, errFailed) {
		o.t.say("open_serves")
		return nil
	}
	return err
}

// page sends the films into one visit, and opens its page.
func (o *opening) page(ctx context.Context, c *client.Client) error {
	to, err := o.send(ctx, c)
	if err != nil {
		return err
	}
	asked := url.Values{"token": {c.Token}}
	if to != "" {
		asked.Set("to", to)
	}
	address := c.URL + web.KeyPath + "?" + asked.Encode()
	if o.print {
		fmt.Fprintln(o.t.out, address)
		return nil
	}
	if err := browse(ctx, o.dir, address); err != nil {
		o.t.say("cli_error", i18n.T(o.t.lang, "open_no_browser", address))
		o.t.say("cli_detail", err)
		return errFailed
	}
	return nil
}

// send sends the films, and gives the page of their visit; empty: there are none.
func (o *opening) send(ctx context.Context, c *client.Client) (page string, err error) {
	visit := ""
	for _, path := range o.films {
		film, err := os.Open(path)
		if err != nil {
			return "", fmt.Errorf("open a film: %w", err)
		}
		x, err := c.SubmitTo(ctx, visit, filepath.Base(path), store.Interactive, film)
		film.Close()
		if err != nil {
			return "", fmt.Errorf("send %s: %w", path, err)
		}
		if visit == "" {
			visit = x.Visit
		}
	}
	if visit == "" {
		return "", nil
	}
	return web.VisitsPath + visit, nil
}

// startTime is how long a server may take from its start until it answers.
const startTime = 20 * time.Second

// answering is the server of a data folder, once it answers; started where it does
// not and the user's systemd knows of it. The error wraps fs.ErrNotExist where none
// comes: at once where nothing was started, and nobody holds the folder.
func answering(ctx context.Context, dir string, start bool) (*client.Client, error) {
	c, err := reach(ctx, dir)
	if !away(err) {
		return c, err
	}
	started := start && exec.CommandContext(ctx, "systemctl", "--user", "--quiet", "start", "dyade.service").Run() == nil
	wctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if c, err := reach(wctx, dir); !away(err) {
			return c, err
		}
		if !started && away(claimed(dir)) {
			cancel()
		}
		select {
		case <-wctx.Done():
			return nil, errors.Join(ctx.Err(), fmt.Errorf("find the server of %s: %w", dir, fs.ErrNotExist))
		case <-tick.C:
		}
	}
}

// reach asks the server of a data folder. One that was killed has left its address,
// where another user of the machine may answer by now, who is not to be told the key.
func reach(ctx context.Context, dir string) (*client.Client, error) {
	if err := claimed(dir); err != nil {
		return nil, err
	}
	c, err := client.Of(dir)
	if err != nil {
		return nil, err
	}
	_, err = c.Realm(ctx)
	return c, err
}

// claimed gives an error that wraps fs.ErrNotExist where no server holds the lock of
// a data folder. It only looks: to try the lock could keep a server from its start.
func claimed(dir string) error {
	info, err := os.Stat(filepath.Join(dir, lockFile))
	if err != nil {
		return fmt.Errorf("find the server of %s: %w", dir, err)
	}
	held, err := os.ReadFile("/proc/locks")
	if err != nil {
		return fmt.Errorf("see who holds locks: %w", err)
	}
	// Only the number is compared: the devices that some file systems tell differ.
	inode := ":" + strconv.FormatUint(info.Sys().(*syscall.Stat_t).Ino, 10)
	for line := range strings.Lines(string(held)) {
		if f := strings.Fields(line); len(f) > 5 && f[1] == "FLOCK" && strings.HasSuffix(f[5], inode) {
			return nil
		}
	}
	return fmt.Errorf("find the server of %s: %w", dir, fs.ErrNotExist)
}

// leading is a page that leads to an address.
var leading = template.Must(template.New("leading").Parse(
	`<!doctype html><meta charset="utf-8"><title>dyade</title>` +
		`<meta http-equiv="refresh" content="0; url={{.}}"><p><a href="{{.}}">dyade</a></p>` + "\n"))

// browse shows an address in the user's browser. It goes there by way of a file
// that only the user reads: the list of processes, which all users of the machine
// see, is not to hold the key.
func browse(ctx context.Context, dir, address string) error {
	path := filepath.Join(dir, openFile)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("lead to the page: %w", err)
	}
	if err := errors.Join(leading.Execute(f, address), f.Close()); err != nil {
		return fmt.Errorf("lead to the page: %w", err)
	}
	out, err := exec.CommandContext(ctx, "xdg-open", path).CombinedOutput()
	if err != nil {
		return fmt.Errorf("open the page with xdg-open: %w: %s", err, out)
	}
	return nil
}
