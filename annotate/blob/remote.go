package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Remote is the media store of a `dyade serve` on another machine, as an Exchange
// over its HTTP door.
type Remote struct {
	address string
	token   string
	client  *http.Client
	silence time.Duration // after which the other side counts as gone
	fetcher
}

// MediaPath is where the door has the media store: POST puts a blob and answers
// with a Receipt; GET of the sum below it gives one, from where the header Range
// says.
const MediaPath = "/api/media"

// Receipt is the door's answer to a blob.
type Receipt struct {
	Sum       Sum   `json:"sum"`
	SizeBytes int64 `json:"size_bytes"`
}

// NewRemote speaks to the server at an address like https://host:8765, which
// wants a token.
func NewRemote(address, token string) (*Remote, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is no address of a dyade serve: one like https://host:8765 is wanted", address)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ExpectContinueTimeout = mostDoubt
	r := &Remote{
		address: strings.TrimRight(address, "/") + MediaPath, token: token, silence: mostSilence,
		client: &http.Client{Transport: transport},
	}
	r.fetcher = fetcher{r.from, time.Second}
	return r, nil
}

// Put implements Exchange. Where the connection breaks, the server keeps nothing.
func (r *Remote) Put(ctx context.Context, from io.Reader) (sum Sum, n int64, err error) {
	ctx, w := newWatch(ctx, r.silence)
	defer w.end()
	resp, err := r.ask(ctx, http.MethodPost, "", 0, w.reader(from))
	if err == nil {
		defer resp.Body.Close()
		var got Receipt
		err = json.NewDecoder(w.reader(resp.Body)).Decode(&got)
		sum, n = got.Sum, got.SizeBytes
	}
	if err != nil {
		return "", 0, fmt.Errorf("put into the media store: %w", w.why(err))
	}
	return sum, n, nil
}

// Get implements Exchange.
func (r *Remote) Get(ctx context.Context, sum Sum) (io.ReadCloser, error) {
	return r.from(ctx, sum, 0)
}

// from reads a blob from an offset; only from the start can it be checked.
func (r *Remote) from(ctx context.Context, sum Sum, offset int64) (io.ReadCloser, error) {
	ctx, w := newWatch(ctx, r.silence)
	resp, err := r.ask(ctx, http.MethodGet, "/"+string(sum), offset, nil) //nolint:bodyclose // fetched does it
	if err != nil {
		err = w.why(err)
		w.end()
		return nil, fmt.Errorf("fetch %s from the media store: %w", sum, err)
	}
	return &fetched{body: resp.Body, in: w.reader(resp.Body), watch: w, want: sum, whole: offset == 0, sum: sha256.New()}, nil
}

// ask makes a request. Where it was not done as wanted, that is the error.
func (r *Remote) ask(ctx context.Context, method, path string, offset int64, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, r.address+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	want := http.StatusOK
	if offset > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
		want = http.StatusPartialContent
	}
	if method == http.MethodPost {
		want = http.StatusCreated
		// A refusal that comes while the body is on its way can be lost: the
		// server closes, the writing fails first, and nobody hears why.
		req.Header.Set("Expect", "100-continue")
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == want {
		return resp, nil
	}
	err = refusal(resp)
	_ = resp.Body.Close()
	return nil, err
}

// refusal is what an answer says that is not what was wanted. Only dyade can know
// what its media store misses, not a server that has nothing to do with it.
func refusal(resp *http.Response) error {
	const most = 1 << 10
	var said struct{ Error string }
	if json.NewDecoder(io.LimitReader(resp.Body, most)).Decode(&said) != nil || said.Error == "" {
		return fmt.Errorf("the server answers %s: check that its address is that of a dyade serve", resp.Status)
	}
	if resp.StatusCode == http.StatusNotFound {
		return ErrMissing
	}
	return fmt.Errorf("the server answers %s: %s", resp.Status, said.Error)
}

// fetched is what comes of a blob.
type fetched struct {
	body  io.Closer
	in    io.Reader
	watch *watch
	want  Sum
	whole bool // it is read from its start
	sum   hash.Hash
}

func (f *fetched) Read(p []byte) (int, error) {
	n, err := f.in.Read(p)
	f.sum.Write(p[:n])
	switch {
	case err == nil:
		return n, nil
	case !errors.Is(err, io.EOF):
		return n, f.watch.why(err)
	case f.whole && hex.EncodeToString(f.sum.Sum(nil)) != string(f.want):
		return n, ErrDamaged
	}
	return n, io.EOF
}

func (f *fetched) Close() error {
	defer f.watch.end()
	return f.body.Close()
}

// mostDoubt is how long a server may take to say that it wants what is put, before
// it is sent unasked: those who answer for it may not pass the question on.
const mostDoubt = 5 * time.Second

// mostSilence is how long the other side may give no sign of life.
const mostSilence = 30 * time.Second

var errSilent = errors.New("the server gave no sign of life for too long: check the network between the machines")

// watch ends a request in which nothing moves any more.
type watch struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	timer   *time.Timer
	silence time.Duration
}

func newWatch(ctx context.Context, silence time.Duration) (context.Context, *watch) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &watch{ctx, cancel, time.AfterFunc(silence, func() { cancel(errSilent) }), silence}
}

func (w *watch) end() {
	w.timer.Stop()
	w.cancel(nil)
}

// why is the error that a request ended with, or what made it end.
func (w *watch) why(err error) error {
	if errors.Is(context.Cause(w.ctx), errSilent) {
		return errSilent
	}
	return err
}

// reader tells of each sign of life in what it reads.
func (w *watch) reader(r io.Reader) io.Reader { return &watched{w, r} }

type watched struct {
	watch *watch
	r     io.Reader
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.watch.timer.Reset(w.watch.silence)
	return n, err
}
