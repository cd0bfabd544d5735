package web_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/shown"
	"dyade/annotate/web"
)

// stage is what films are shown by in tests: it says what it was asked for, or fails.
type stage struct {
	err    error
	grows  chan string // what comes of a thing that grows; nil: it is whole
	broken error       // how that ends; nil: well
	forgot []blob.Sum

	mu      sync.Mutex
	copied  shown.Copied
	changed chan struct{}
}

type thing struct {
	*bytes.Reader
	s *stage
}

func (t thing) Whole() bool  { return t.s.grows == nil }
func (t thing) Close() error { return nil }
func (t thing) Read(p []byte) (int, error) {
	if t.s.grows == nil {
		return t.Reader.Read(p)
	}
	if part, ok := <-t.s.grows; ok {
		return copy(p, part), nil
	}
	if t.s.broken != nil {
		return 0, t.s.broken
	}
	return 0, io.EOF
}

func (s *stage) give(format string, args ...any) (shown.Growing, error) {
	return thing{bytes.NewReader(fmt.Appendf(nil, format, args...)), s}, s.err
}

func (s *stage) Thumb(_ context.Context, film blob.Sum, at time.Duration, width int) (shown.Growing, error) {
	return s.give("%s %v %d", film[:4], at, width)
}
func (s *stage) Waveform(_ context.Context, film blob.Sum) (shown.Growing, error) {
	return s.give("%s wave", film[:4])
}
func (s *stage) Copied(blob.Sum) shown.Copied {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cmp.Or(s.copied, shown.CopyNone)
}

func (s *stage) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

// become makes a copy another.
func (s *stage) become(c shown.Copied) {
	s.Changed()
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.copied, s.changed = c, nil
}

func (s *stage) Frames(_ context.Context, film blob.Sum) (shown.Growing, error) {
	return s.give("%s frames", film[:4])
}
func (s *stage) Copy(_ context.Context, film blob.Sum) (shown.Growing, error) {
	return s.give("%s copy", film[:4])
}
func (s *stage) Clip(_ context.Context, film blob.Sum, from, to time.Duration) (shown.Growing, error) {
	return s.give("%s %v to %v", film[:4], from, to)
}
func (s *stage) Forget(_ context.Context, film blob.Sum) error {
	s.forgot = append(s.forgot, film)
	return nil
}

// showing opens a door with a stage, and submits a film.
func showing(t *testing.T) (d *door, s *stage, at string, sum blob.Sum) {
	t.Helper()
	s = &stage{}
	d = open(t, func(o *web.Options) { o.Shown = s })
	x := d.film("film.mp4", "the film's bytes")
	return d, s, "/api/recordings/" + x.ID, blob.Of([]byte("the film's bytes"))
}

func TestFilmsAreShown(t *testing.T) {
	d, _, at, sum := showing(t)
	for path, want := range map[string]struct{ kind, body string }{
		"/original":                            {"application/octet-stream", "the film's bytes"},
		"/thumbnail?at_ms=1500&width=320":      {"image/jpeg", string(sum[:4]) + " 1.5s 320"},
		"/waveform":                            {"application/octet-stream", string(sum[:4]) + " wave"},
		"/frames":                              {"application/octet-stream", string(sum[:4]) + " frames"},
		"/copy":                                {"video/mp4", string(sum[:4]) + " copy"},
		"/clip?from_ms=1000&to_ms=2500":        {"video/mp4", string(sum[:4]) + " 1s to 2.5s"},
		"/clip?from_ms=0&to_ms=600000":         {"video/mp4", string(sum[:4]) + " 0s to 10m0s"},
		"/thumbnail?at_ms=0&width=16":          {"image/jpeg", string(sum[:4]) + " 0s 16"},
		"/thumbnail?at_ms=86400000&width=1920": {"image/jpeg", string(sum[:4]) + " 24h0m0s 1920"},
	} {
		a := d.ask("GET", at+path, nil)
		if a.status != http.StatusOK || a.body != want.body || a.header.Get("Content-Type") != want.kind || a.header.Get("ETag") == "" {
			t.Errorf("%s: %d %q %v", path, a.status, a.body, a.header)
		}
		part := d.ask("GET", at+path, nil, "Range", "bytes=2-3")
		if part.status != http.StatusPartialContent || part.body != want.body[2:4] {
			t.Errorf("%s, a part: %d %q", path, part.status, part.body)
		}
		if same := d.ask("GET", at+path, nil, "If-None-Match", a.header.Get("ETag")); same.status != http.StatusNotModified {
			t.Errorf("%s, again: %d", path, same.status)
		}
	}
}

func TestWhatIsNeverShown(t *testing.T) {
	d, s, at, _ := showing(t)
	for _, path := range []string{
		"/thumbnail", "/thumbnail?at_ms=0", "/thumbnail?at_ms=0&width=15", "/thumbnail?at_ms=0&width=1921", "/thumbnail?at_ms=-1&width=320",
		"/thumbnail?at_ms=9999999999999999&width=320", "/thumbnail?at_ms=1e3&width=320", "/clip", "/clip?from_ms=0", "/clip?from_ms=5&to_ms=5",
		"/clip?from_ms=5&to_ms=4", "/clip?from_ms=0&to_ms=600001", "/clip?from_ms=-1&to_ms=4", "/clip?from_ms=0&to_ms=9223372036854775807",
	} {
		if a := d.ask("GET", at+path, nil); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	for _, c := range []struct {
		err    error
		status int
	}{
		{shown.ErrBusy, 503}, {shown.ErrAbsent, 404}, {&shown.Unreadable{Reason: "not_media"}, 422}, {blob.ErrMissing, 404},
		{syscall.ENOSPC, 507}, {errors.New("the native process ended"), 500},
	} {
		s.err = fmt.Errorf("making: %w", c.err)
		a := d.ask("GET", at+"/copy", nil)
		if a.status != c.status || !strings.HasPrefix(a.body, `{"error":`) || (a.header.Get("Retry-After") != "") != (c.status == 503) {
			t.Errorf("%v: %d %s", c.err, a.status, a.body)
		}
	}
	if a := d.ask("GET", "/api/recordings/nobody/copy", nil); a.status != http.StatusNotFound {
		t.Errorf("no recording: %d", a.status)
	}
}

// TestWhatGrowsIsGivenAsItComes: each part before the next is there; and what breaks
// off is not taken for whole.
func TestWhatGrowsIsGivenAsItComes(t *testing.T) {
	d, s, at, _ := showing(t)
	for _, broken := range []error{nil, errors.New("it broke off")} {
		s.grows, s.broken = make(chan string), broken
		r, err := http.NewRequest(http.MethodGet, d.url+at+"/copy", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Range", "bytes=0-")
		go func() { s.grows <- "begun" }()
		a, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if a.StatusCode != http.StatusOK || a.ContentLength != -1 || a.Header.Get("Accept-Ranges") != "none" {
			t.Errorf("%d %v", a.StatusCode, a.Header)
		}
		got := make([]byte, 5)
		for _, want := range []string{"begun", "ended"} {
			if want == "ended" {
				s.grows <- want
			}
			if _, err := io.ReadFull(a.Body, got); err != nil || string(got) != want {
				t.Errorf("%q, %v", got, err)
			}
		}
		close(s.grows)
		if _, err := io.ReadAll(a.Body); (err == nil) != (broken == nil) {
			t.Errorf("%v ends with %v", broken, err)
		}
		a.Body.Close()
	}
}

func TestDeletingForgetsWhatWasShown(t *testing.T) {
	d, s, at, sum := showing(t)
	if a := d.ask("DELETE", at, nil); a.status != http.StatusNoContent || len(s.forgot) != 1 || s.forgot[0] != sum {
		t.Errorf("%d %s, forgot %v", a.status, a.body, s.forgot)
	}
	if a := d.ask("DELETE", at, nil); a.status != http.StatusNotFound {
		t.Errorf("again: %d", a.status)
	}
}

func TestWithoutAStageNothingIsShown(t *testing.T) {
	d := open(t)
	x := d.film("film.mp4", "a film")
	if a := d.ask("GET", "/api/recordings/"+x.ID+"/copy", nil); a.status != http.StatusNotFound {
		t.Errorf("a copy: %d", a.status)
	}
	if a := d.ask("GET", "/api/recordings/"+x.ID+"/original", nil); a.body != "a film" {
		t.Errorf("the original: %d %s", a.status, a.body)
	}
	var told struct{ Playable *bool }
	if a := d.ask("GET", "/api/recordings/"+x.ID, nil); json.Unmarshal([]byte(a.body), &told) != nil || told.Playable != nil {
		t.Errorf("of a film that nobody has looked at: %s", a.body)
	}
}

func TestTheCopyIsTold(t *testing.T) {
	d, s, at, _ := showing(t)
	l := d.listen("/api/events", "")
	l.next()
	for _, c := range []struct {
		copied shown.Copied
		status int
	}{{shown.CopyNone, 404}, {shown.CopyMaking, 409}, {shown.CopyWhole, 200}} {
		if c.copied != shown.CopyNone {
			s.become(c.copied)
		}
		if x, _ := l.of("recording"); x.Copy != string(c.copied) {
			t.Errorf("told %+v, not %s", x, c.copied)
		}
		if a := d.ask("GET", at+"/copy?whole", nil); a.status != c.status {
			t.Errorf("%s: %d %s", c.copied, a.status, a.body)
		}
	}
	if a := d.ask("GET", at+"/copy?whole", nil, "Range", "bytes=1-2"); a.status != 206 {
		t.Errorf("a part: %d", a.status)
	}
	s.grows = make(chan string)
	if a := d.ask("GET", at+"/copy?whole", nil); a.status != 409 { // it gave way since it was looked for
		t.Errorf("what grows again: %d", a.status)
	}
}
