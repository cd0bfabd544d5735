package main

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"dyade/annotate/web"
	"dyade/annotate/web/client"
	"dyade/internal/i18n"
)

// openPage is `dyade open`.
func openPage(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("open")
	lang := f.String("lang", "", "")
	data := f.String("data", "", "")
	show := f.Bool("print", false, "")
	if err := t.parse(f, args, 0); err != nil {
		return err
	}
	if err := t.speak(*lang); err != nil {
		return err
	}
	dir, err := chosen(*data)
	if err != nil {
		return err
	}
	c, err := answering(ctx, dir, *data == "")
	switch {
	case errors.Is(err, fs.ErrNotExist) && ctx.Err() == nil:
		t.say("cli_error", i18n.T(t.lang, "open_nobody", dir))
		return errFailed
	case err != nil:
		return err
	}
	address := c.URL + web.KeyPath + "?" + url.Values{"token": {c.Token}}.Encode()
	if *show {
		fmt.Fprintln(t.out, address)
		return nil
	}
	if err := browse(ctx, dir, address); err != nil {
		t.say("cli_error", i18n.T(t.lang, "open_no_browser", address))
		t.say("cli_detail", err)
		return errFailed
	}
	return nil
}

// How long a server may take to answer: one that was asked to start, and one that
// nobody can be asked to start.
const (
	startTime = 20 * time.Second
	lateTime  = 3 * time.Second
)

// answering is the server of a data folder, once it answers; started where it does
// not and the user's systemd knows of it. The error wraps fs.ErrNotExist where none
// comes.
func answering(ctx context.Context, dir string, start bool) (*client.Client, error) {
	c, err := reach(ctx, dir)
	if !away(err) {
		return c, err
	}
	wait := lateTime
	if start && exec.CommandContext(ctx, "systemctl", "--user", "--quiet", "start", "dyade.service").Run() == nil {
		wait = startTime
	}
	wctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if c, err := reach(wctx, dir); !away(err) {
			return c, err
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
