package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dyade/annotate/store"
	"dyade/annotate/web"
)

// client speaks to the server of a data folder, through its door.
type client struct {
	url, token string
	lang       string
}

// withServer does something with the server of a data folder: the one that is
// running, or one of our own with so many workers, which ends with it.
func withServer(ctx context.Context, t *terminal, data string, workers int, do func(context.Context, *client) error) error {
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
	go func() { ended <- s.run(sctx, "127.0.0.1:0", func(url string) { ready <- url }) }()
	select {
	case url := <-ready:
		err = do(ctx, &client{url, s.token, t.lang.String()})
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
func running(ctx context.Context, t *terminal, data string) (*client, error) {
	const most = 20 * time.Second
	wctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		address, err := os.ReadFile(filepath.Join(data, addressFile))
		if err == nil {
			token, err := tokenAt(filepath.Join(data, tokenFile))
			return &client{strings.TrimSpace(string(address)), token, t.lang.String()}, err
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("find the server of %s: %w", data, err)
		}
		select {
		case <-wctx.Done():
			return nil, errors.Join(ctx.Err(), fmt.Errorf("find the server of %s: another dyade has this folder open and does not say where it answers", data))
		case <-tick.C:
		}
	}
}

// ask makes a request and gives the answer's body, which is to be closed. An answer
// that is no success is an error with what it says.
func (c *client) ask(ctx context.Context, method, path string, body io.Reader) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Accept-Language", c.lang)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 300 {
		return resp.Body, nil
	}
	defer resp.Body.Close()
	var said struct{ Error string }
	if json.NewDecoder(resp.Body).Decode(&said) != nil || said.Error == "" {
		said.Error = resp.Status
	}
	return nil, fmt.Errorf("the server says: %s", said.Error)
}

func (c *client) read(ctx context.Context, method, path string, body io.Reader, into any) error {
	answer, err := c.ask(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer answer.Close()
	return json.NewDecoder(answer).Decode(into)
}

// recordings lists them all.
func (c *client) recordings(ctx context.Context) ([]web.Recording, error) {
	var all struct{ Recordings []web.Recording }
	err := c.read(ctx, http.MethodGet, "/api/recordings", nil, &all)
	return all.Recordings, err
}

// submit sends a film.
func (c *client) submit(ctx context.Context, name string, q store.Queue, film io.Reader) (r web.Recording, err error) {
	query := url.Values{"name": {name}, "queue": {string(q)}}
	err = c.read(ctx, http.MethodPost, "/api/recordings?"+query.Encode(), film, &r)
	return r, err
}

// file gives what a recording's analysis gave under a name.
func (c *client) file(ctx context.Context, id, name string) ([]byte, error) {
	answer, err := c.ask(ctx, http.MethodGet, "/api/recordings/"+id+"/files/"+url.PathEscape(name), nil)
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	var doc bytes.Buffer
	_, err = io.Copy(&doc, answer)
	return doc.Bytes(), err
}
