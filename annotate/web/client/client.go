// Package client speaks to a `dyade serve` through its door.
package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"dyade/annotate/web"
)

// Client is of one server.
type Client struct {
	URL, Token string
	Lang       string // in which it is to speak; empty: as it likes
	// Pinned is the certificate that the server shows; nil: one that the system
	// believes.
	Pinned []byte

	once   sync.Once
	pinned *http.Client
}

// Files of a data folder, in which its server says where it answers while it does,
// and what it wants to be told.
const (
	AddressFile = "address"
	TokenFile   = "token"
	// CertificateFile is what it shows over TLS.
	CertificateFile = "certificate.pem"
)

// Of is a client of the server that has a data folder open. The error wraps
// fs.ErrNotExist where none does, or has said so yet.
func Of(dir string) (*Client, error) {
	var said [2]string
	for i, name := range []string{AddressFile, TokenFile} {
		doc, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, fmt.Errorf("find the server of %s: %w", dir, err)
		}
		said[i] = strings.TrimSpace(string(doc))
	}
	c := &Client{URL: said[0], Token: said[1]}
	if !strings.HasPrefix(c.URL, "https:") {
		return c, nil
	}
	doc, err := os.ReadFile(filepath.Join(dir, CertificateFile))
	block, _ := pem.Decode(doc)
	if err != nil || block == nil {
		return nil, errors.Join(fmt.Errorf("%s holds no certificate to know the server of %s by: start that again", CertificateFile, dir), err)
	}
	c.Pinned = block.Bytes
	return c, nil
}

// Await is Of, which waits until one does.
func Await(ctx context.Context, dir string) (*Client, error) {
	const pause = 50 * time.Millisecond
	for {
		c, err := Of(dir)
		if !errors.Is(err, fs.ErrNotExist) {
			return c, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// client asks the one server, by whatever name that is reached.
func (c *Client) client() *http.Client {
	if c.Pinned == nil {
		return http.DefaultClient
	}
	c.once.Do(func() {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.TLSClientConfig = &tls.Config{
			MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, //nolint:gosec // what it shows is compared whole
			VerifyConnection: func(s tls.ConnectionState) error {
				if !bytes.Equal(s.PeerCertificates[0].Raw, c.Pinned) {
					return errors.New("another server answers in its place")
				}
				return nil
			},
		}
		c.pinned = &http.Client{Transport: t}
	})
	return c.pinned
}

// Refused is the error of an answer that is no success.
type Refused struct {
	Status int
	Why    string // what it says
}

func (r *Refused) Error() string { return "the server says: " + r.Why }

// Ask makes a request and gives the answer's body, which is to be closed. The error
// is a *Refused where the answer is no success.
func (c *Client) Ask(ctx context.Context, method, path string, body io.Reader) (io.ReadCloser, error) {
	req, err := c.request(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	resp, err := c.answered(req)
	if err != nil {
		return nil, err
	}
	return resp.Body, nil
}

func (c *Client) request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.URL+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	req.Header.Set("Accept-Language", c.Lang)
	return req, nil
}

func (c *Client) answered(req *http.Request) (*http.Response, error) {
	resp, err := c.client().Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 300 {
		return resp, nil
	}
	defer resp.Body.Close()
	var said web.Refusal
	if json.NewDecoder(resp.Body).Decode(&said) != nil || said.Error == "" {
		said.Error = resp.Status
	}
	return nil, &Refused{resp.StatusCode, said.Error}
}

// Read makes a request whose answer is a JSON document.
func (c *Client) Read(ctx context.Context, method, path string, body io.Reader, into any) error {
	answer, err := c.Ask(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer answer.Close()
	return json.NewDecoder(answer).Decode(into)
}

// do makes a request whose answer says nothing.
func (c *Client) do(ctx context.Context, method, path string) error {
	answer, err := c.Ask(ctx, method, path, nil)
	if err != nil {
		return err
	}
	return answer.Close()
}

// Realm asks whose work a worker is to do.
func (c *Client) Realm(ctx context.Context) (string, error) {
	var told web.Realm
	err := c.Read(ctx, http.MethodGet, web.RealmPath, nil, &told)
	return told.Realm, err
}

const recordings = "/api/recordings"

// Recordings lists them all, without their files.
func (c *Client) Recordings(ctx context.Context) ([]web.Recording, error) {
	var all web.Recordings
	err := c.Read(ctx, http.MethodGet, recordings, nil, &all)
	return all.Recordings, err
}

// Recording tells of one.
func (c *Client) Recording(ctx context.Context, id string) (r web.Recording, err error) {
	err = c.Read(ctx, http.MethodGet, recordings+"/"+id, nil, &r)
	return r, err
}

// File gives what a recording's analysis gave under a name.
func (c *Client) File(ctx context.Context, id, name string) ([]byte, error) {
	answer, err := c.Ask(ctx, http.MethodGet, recordings+"/"+id+"/files/"+url.PathEscape(name), nil)
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	return io.ReadAll(answer)
}

// Retry starts anew the analysis of one that failed or was cancelled.
func (c *Client) Retry(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodPost, recordings+"/"+id+"/retry")
}

// Delete removes one and all that came of it.
func (c *Client) Delete(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, recordings+"/"+id)
}
