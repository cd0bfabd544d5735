package client

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"dyade/annotate/store"
	"dyade/annotate/web"
	"dyade/annotate/web/upload"
)

// How often sending a film is tried again that does not come on, and how long is
// waited before that: longer each time.
const (
	mostTries = 6
	pause     = 200 * time.Millisecond
)

// Submit sends a film, and goes on where it was when the connection breaks.
func (c *Client) Submit(ctx context.Context, name string, q store.Queue, film io.ReadSeeker) (r web.Recording, err error) {
	return c.SubmitTo(ctx, "", name, q, film)
}

// SubmitTo is Submit into a visit; empty: one of its own.
func (c *Client) SubmitTo(ctx context.Context, visit, name string, q store.Queue, film io.ReadSeeker) (r web.Recording, err error) {
	size, err := film.Seek(0, io.SeekEnd)
	if err != nil {
		return r, fmt.Errorf("read the film: %w", err)
	}
	place, err := c.begin(ctx, visit, name, q, size)
	if err != nil {
		return r, err
	}
	for at, tries := int64(0), 0; ; tries++ {
		id, had, err := c.send(ctx, place, film, at)
		if id != "" {
			return c.Recording(ctx, id)
		}
		if had > at {
			tries = 0
		}
		if at = had; !passing(err) || tries == mostTries || ctx.Err() != nil {
			c.giveUp(ctx, place)
			return r, err
		}
		select {
		case <-ctx.Done():
			c.giveUp(ctx, place)
			return r, ctx.Err()
		case <-time.After(pause << tries):
		}
	}
}

// giveUp leaves nothing of an upload, where the server can be told.
func (c *Client) giveUp(ctx context.Context, place string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if resp, err := c.tus(ctx, http.MethodDelete, place, nil, nil); err == nil {
		_ = resp.Body.Close() // it says nothing
	}
}

// begin makes an upload and gives its address.
func (c *Client) begin(ctx context.Context, visit, name string, q store.Queue, size int64) (string, error) {
	said := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	of := "filename " + said(name) + ",queue " + said(string(q))
	if visit != "" {
		of += ",visit " + said(visit)
	}
	resp, err := c.tus(ctx, http.MethodPost, upload.Path, nil, map[string]string{
		"Upload-Length": strconv.FormatInt(size, 10), "Upload-Metadata": of,
	})
	if err != nil {
		return "", err
	}
	return resp.Header.Get("Location"), resp.Body.Close()
}

// send sends what is left of a film; at is where the server was thought to be, had
// where it was. The id is that of the recording, once all has come.
func (c *Client) send(ctx context.Context, place string, film io.ReadSeeker, at int64) (id string, had int64, err error) {
	resp, err := c.tus(ctx, http.MethodHead, place, nil, nil)
	if err != nil {
		return "", at, err
	}
	had, err = strconv.ParseInt(resp.Header.Get("Upload-Offset"), 10, 64)
	if id = resp.Header.Get(upload.RecordingHeader); id != "" || err != nil {
		return id, had, errors.Join(err, resp.Body.Close())
	}
	if err := resp.Body.Close(); err != nil {
		return "", had, err
	}
	if _, err := film.Seek(had, io.SeekStart); err != nil {
		return "", had, fmt.Errorf("read the film: %w", err)
	}
	resp, err = c.tus(ctx, http.MethodPatch, place, io.NopCloser(film), map[string]string{
		"Upload-Offset": strconv.FormatInt(had, 10), "Content-Type": "application/offset+octet-stream",
	})
	if err != nil {
		return "", had, err
	}
	return resp.Header.Get(upload.RecordingHeader), had, resp.Body.Close()
}

// tus makes a request of the protocol for uploads.
func (c *Client) tus(ctx context.Context, method, path string, body io.Reader, headers map[string]string) (*http.Response, error) {
	req, err := c.request(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Tus-Resumable", "1.0.0")
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	return c.answered(req)
}

// passing tells whether an error may pass: the connection broke, or the server was
// at the film for another.
func passing(err error) bool {
	var r *Refused
	if !errors.As(err, &r) {
		return true
	}
	switch r.Status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusLocked, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable:
		return true
	}
	return false
}
