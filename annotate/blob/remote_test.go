package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dyade/annotate/blob"
	"dyade/annotate/web"
)

const token = "a token that nobody guesses"

// door is that of a dyade serve, as far as the media store goes.
func door(t *testing.T, media blob.Store) http.Handler {
	t.Helper()
	dir := t.TempDir()
	s, err := web.New(web.Options{
		Media: media, Engine: struct{ web.Engine }{}, Token: token, Uploads: filepath.Join(dir, "uploads"), Aside: filepath.Join(dir, "aside"),
		Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s.Handler()
}

// remote speaks to what a handler answers.
func remote(t *testing.T, h http.Handler) *blob.Remote {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	r, err := blob.NewRemote(srv.URL+"/", token)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// breaking breaks answers off after so many bytes and writes down where each was
// to begin.
type breaking struct {
	next  http.Handler
	after int

	mu    sync.Mutex
	begun []string
}

func (b *breaking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	b.begun = append(b.begun, r.Header.Get("Range"))
	b.mu.Unlock()
	b.next.ServeHTTP(&breaksOff{w, b.after}, r)
}

type breaksOff struct {
	http.ResponseWriter
	left int
}

func (b *breaksOff) Write(p []byte) (int, error) {
	n, err := b.ResponseWriter.Write(p[:min(len(p), b.left)])
	if err := http.NewResponseController(b.ResponseWriter).Flush(); err != nil {
		return n, err
	}
	if b.left -= n; b.left == 0 {
		panic(http.ErrAbortHandler)
	}
	return n, err
}

func TestABrokenTransferGoesOn(t *testing.T) {
	f, _ := folder(t)
	film := strings.Repeat("0123456789", 1<<16)
	sum := put(t, f, film)
	way := &breaking{next: door(t, f), after: 200_000}
	r := remote(t, way)
	r.Hasten(time.Minute)
	into := filepath.Join(t.TempDir(), "fetched")
	for range 2 { // the second time it is there
		path, err := r.Local(context.Background(), sum, into)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != film {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
	if want := []string{"", "bytes=200000-", "bytes=400000-", "bytes=600000-"}; fmt.Sprint(way.begun) != fmt.Sprint(want) {
		t.Errorf("asked for %q, want %q", way.begun, want)
	}
	if left := files(t, into); len(left) != 1 {
		t.Errorf("there are %v", left)
	}
}

func TestATransferThatBringsNothingEnds(t *testing.T) {
	var asked atomic.Int32
	r := remote(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked.Add(1)
		panic(http.ErrAbortHandler)
	}))
	r.Hasten(time.Minute)
	if path, err := r.Local(context.Background(), blob.Of(nil), t.TempDir()); err == nil || errors.Is(err, blob.ErrMissing) {
		t.Errorf("it gives %s, %v", path, err)
	}
	if n := asked.Load(); n < 3 {
		t.Errorf("asked %d times", n)
	}
}

func TestLocalTellsWhatIsWrong(t *testing.T) {
	ctx := context.Background()
	f, _ := folder(t)
	r := remote(t, door(t, f))
	r.Hasten(time.Minute)
	if _, err := r.Local(ctx, blob.Of([]byte("nobody put this")), t.TempDir()); !errors.Is(err, blob.ErrMissing) {
		t.Errorf("missing: %v", err)
	}
	sum := put(t, f, "a film")
	harm(f)(t, sum, "a fi1m")
	into := t.TempDir()
	for range 2 { // what is wrong is not kept either
		if _, err := r.Local(ctx, sum, into); !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("damaged: %v", err)
		}
	}
}

// A server that says no more is left: half-way through what it gives, before it
// takes what is put, and before it says that it has that.
func TestSilenceEnds(t *testing.T) {
	over := make(chan struct{})
	mute := func(before func(w http.ResponseWriter, r *http.Request) error) *blob.Remote {
		r := remote(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := before(w, r); err != nil {
				t.Error(err)
			}
			<-over
		}))
		r.Hasten(50 * time.Millisecond)
		return r
	}
	gives := mute(func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Length", "17")
		_, err := io.WriteString(w, "a film")
		return errors.Join(err, http.NewResponseController(w).Flush())
	})
	takes := mute(func(_ http.ResponseWriter, r *http.Request) error {
		_, _ = io.Copy(io.Discard, r.Body) // as far as it comes
		return nil
	})
	takesNothing := mute(func(http.ResponseWriter, *http.Request) error { return nil })
	t.Cleanup(func() { close(over) })

	ctx := context.Background()
	if err := blob.Verify(ctx, gives, blob.Of(nil)); !errors.Is(err, blob.ErrSilent) {
		t.Errorf("get: %v", err)
	}
	for _, r := range []*blob.Remote{takes, takesNothing} {
		if _, _, err := r.Put(ctx, bytes.NewReader(make([]byte, 32<<20))); !errors.Is(err, blob.ErrSilent) {
			t.Errorf("put: %v", err)
		}
	}
}

func TestRefusalsSayWhatIsWrong(t *testing.T) {
	f, _ := folder(t)
	full := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInsufficientStorage)
		_, _ = io.WriteString(w, `{"error":"the disk of the server is full"}`)
	})
	another := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Authorization", "Bearer another")
			h.ServeHTTP(w, r)
		})
	}
	for _, c := range []struct {
		answers http.Handler
		want    string
	}{
		{full, "507 Insufficient Storage: the disk of the server is full"},
		{another(door(t, f)), "401 Unauthorized: the token is missing or wrong"},
		{http.NotFoundHandler(), "404 Not Found: check that its address is that of a dyade serve"},
	} {
		r := remote(t, c.answers)
		film := bytes.NewReader(make([]byte, 1<<20))
		_, _, putting := r.Put(context.Background(), film)
		if film.Len() != 1<<20 {
			t.Errorf("%s: the film is sent all the same", c.want)
		}
		_, getting := r.Get(context.Background(), blob.Of(nil))
		for _, err := range []error{putting, getting} {
			if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, blob.ErrMissing) {
				t.Errorf("%v, want %s", err, c.want)
			}
		}
	}
}

func TestAnAddressIsChecked(t *testing.T) {
	for _, a := range []string{"", "host:8765", "redis://host", "http://", "http://[::1"} {
		if _, err := blob.NewRemote(a, token); err == nil || !strings.Contains(err.Error(), "https://host:8765") {
			t.Errorf("%q: %v", a, err)
		}
	}
}
