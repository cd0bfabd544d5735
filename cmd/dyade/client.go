package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"dyade/annotate/web/client"
)

// withServer does something with the server of a data folder: the one that is
// running, or one of our own with so many workers, which ends with it.
func withServer(ctx context.Context, t *terminal, data string, workers int, do func(context.Context, *client.Client) error) error {
	s := &serving{t: t, data: data, workers: workers}
	logs, err := s.logFile()
	if err != nil {
		return err
	}
	defer logs.Close()
	s.log, s.err = logger(logs), logs
	switch err := s.open(ctx); {
	case errors.Is(err, errInUse):
		c, err := running(ctx, t, s.data)
		if err != nil {
			return err
		}
		return do(ctx, c)
	case err != nil:
		return err
	}
	// It goes on until what it does is done, and hands back when that is interrupted.
	sctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- s.run(sctx, []string{anyPort}, func(url string) { ready <- url }) }()
	select {
	case url := <-ready:
		err = do(ctx, &client.Client{URL: url, Token: s.token, Lang: t.lang.String()})
	case err = <-ended:
		ended <- nil
	}
	stop()
	return errors.Join(err, <-ended, s.close())
}

// logFile is where a server writes what happens that nobody looks at.
func (s *serving) logFile() (*os.File, error) {
	if err := os.MkdirAll(s.data, 0o700); err != nil {
		return nil, fmt.Errorf("open the data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(s.data, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the data folder: %w", err)
	}
	return f, nil
}

// running is the server that has a data folder open. One that is starting has not
// written its address yet.
func running(ctx context.Context, t *terminal, data string) (*client.Client, error) {
	const most = 20 * time.Second
	wctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	c, err := client.Await(wctx, data)
	switch {
	case err == nil:
		c.Lang = t.lang.String()
		return c, nil
	case wctx.Err() != nil:
		return nil, errors.Join(ctx.Err(), fmt.Errorf("find the server of %s: another dyade has this folder open and does not say where it answers", data))
	}
	return nil, err
}
