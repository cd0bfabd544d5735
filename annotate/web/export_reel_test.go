package web_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/review"
	"dyade/annotate/shown"
	"dyade/annotate/store"
	"dyade/annotate/web"
)

// timing is a stage that knows when pictures are shown: evenly.
type timing struct{ *stage }

func (s timing) Frames(context.Context, blob.Sum) (shown.Growing, error) {
	list := binary.LittleEndian.AppendUint32(nil, 1)
	for _, n := range []uint32{1, 25, 100} {
		list = binary.LittleEndian.AppendUint32(list, n)
	}
	list = binary.LittleEndian.AppendUint64(list, 0)
	list = binary.LittleEndian.AppendUint64(list, 100)
	list = append(list, bytes.Repeat([]byte{1}, 99)...)
	return thing{bytes.NewReader(list), s.stage}, nil
}

// exporting is a visit of two films, of the first of which a segment is kept.
func exporting(t *testing.T) (r *reels, one editor, films []string) {
	t.Helper()
	r = &reels{changed: make(chan struct{})}
	d := open(t, func(o *web.Options) { o.Reels, o.Shown = r, timing{&stage{}} })
	a, b := d.film("a.mp4", "a film"), d.film("b.mp4", "another film")
	one = editor{d, a.Visit, "one"}
	if x := d.ask("PUT", "/api/recordings/"+b.ID+"/visit", strings.NewReader(`{"visit":"`+a.Visit+`"}`)); x.status != 204 {
		t.Fatal(x)
	}
	return r, one, []string{a.ID, b.ID}
}

// probed says what the films are.
func (e editor) probed() {
	e.t.Helper()
	list, err := e.store.Claim(context.Background(), 9)
	if err != nil {
		e.t.Fatal(err)
	}
	for _, a := range list {
		ok, _, err := e.store.Accept(context.Background(), a.ID, store.Outcome{
			Result: a.Film, Probe: []byte(`{"duration_s":60,"duration":{"ticks":60,"base":{"num":1,"den":1}},"video":{},"audio":{}}`), Then: &store.NewStep{Key: "b", Name: "b"},
		})
		if !ok || err != nil {
			e.t.Fatal(ok, err)
		}
	}
}

func TestReelsForEditors(t *testing.T) {
	_, one, films := exporting(t)
	at := "/api/visits/" + one.visit + "/export/"
	for _, form := range []string{"otio", "clips"} {
		if a := one.ask("GET", at+form, nil); a.status != http.StatusConflict {
			t.Errorf("%s of nothing: %d %s", form, a.status, a.body)
		}
	}
	name, made := newSegment(films[0], 1, 5)
	one.do(200, append(made, review.Change{Entity: name, Field: "kind", To: value("approach")})...)
	if a := one.ask("GET", at+"otio", nil); a.status != http.StatusConflict {
		t.Errorf("before it is known what the film is: %d %s", a.status, a.body)
	}
	one.probed()
	for form, want := range map[string]string{"otio": "a.mp4", "edl": "00:00:01:00 00:00:05:00", "llc": "cutSegments"} {
		a := one.ask("GET", at+form+"?lang=en", nil)
		if a.status != http.StatusOK || !strings.Contains(a.body, want) || !strings.Contains(a.header.Get("Content-Disposition"), "."+form) {
			t.Errorf("%s: %d %s %v", form, a.status, a.body, a.header)
		}
	}
	_, made = newSegment(films[1], 1, 5)
	one.do(200, made...)
	if a := one.ask("GET", at+"llc?lang=en", nil); a.status != http.StatusConflict || !strings.Contains(a.body, "choose otio") {
		t.Errorf("of two films: %d %s", a.status, a.body)
	}
	_, made = newSegment(films[0], -1, 5)
	one.do(200, made...)
	if a := one.ask("GET", at+"otio?lang=en", nil); a.status != http.StatusConflict || !strings.Contains(a.body, "choose other ends") {
		t.Errorf("of a segment before its film: %d %s", a.status, a.body)
	}
	if a := one.ask("GET", at+"avi", nil); a.status != http.StatusNotFound {
		t.Errorf("another form: %d", a.status)
	}
	if a := one.ask("GET", "/api/visits/nowhere/export/otio", nil); a.status != http.StatusNotFound {
		t.Errorf("of no visit: %d", a.status)
	}
}

// blind is a stage that cannot read a film.
type blind struct{ *stage }

func (blind) Frames(context.Context, blob.Sum) (shown.Growing, error) {
	return nil, &shown.Unreadable{Reason: "all_damaged"}
}

// TestWhichFilmIsNotReadForEditors is told by its name.
func TestWhichFilmIsNotReadForEditors(t *testing.T) {
	d := open(t, func(o *web.Options) { o.Shown = blind{&stage{}} })
	x := d.film("a.mp4", "a film")
	one := editor{d, x.Visit, "one"}
	one.probed()
	_, made := newSegment(x.ID, 1, 5)
	one.do(200, made...)
	if a := d.ask("GET", "/api/visits/"+x.Visit+"/export/edl?lang=en", nil); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "a.mp4") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestClipsOfAReel(t *testing.T) {
	r, one, films := exporting(t)
	at := "/api/visits/" + one.visit + "/export/clips"
	for _, film := range films {
		_, made := newSegment(film, 1, 5)
		one.do(200, append(made, review.Change{Entity: "card/" + uuid(), Field: "seconds", To: "3"})...)
	}
	a := one.ask("GET", at, nil)
	z, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
	if err != nil || len(z.File) != 2 || a.header.Get("Content-Type") != "application/zip" {
		t.Fatalf("%d %v, %v", a.status, a.header, err)
	}
	f, err := z.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if film, err := io.ReadAll(f); err != nil || !strings.HasPrefix(string(film), "film of ") || z.File[0].Name != "03.mp4" {
		t.Errorf("%s: %q, %v", z.File[0].Name, film, err)
	}
	for _, c := range []struct {
		status int
		err    error
		says   string
	}{
		{503, shown.ErrBusy, "ask again"},
		{500, errors.New("it failed"), "the log of the server"},
		{422, &shown.Uncut{Reason: "no_picture", Part: 2}, "has no picture: choose other ends for it. See part 2 of the reel."},
		{422, &shown.Uncut{Reason: "not_media", Part: 1}, "cannot be read"},
		{507, &shown.Uncut{Reason: shown.UncutFull}, "Make room"},
		{500, &shown.Uncut{Reason: shown.UncutCrash}, "may be damaged"},
	} {
		r.clip = c.err
		if a := one.ask("GET", at+"?lang=en", nil); a.status != c.status || !strings.Contains(a.body, c.says) {
			t.Errorf("%v: %d %s", c.err, a.status, a.body)
		}
	}
	r.after = 2
	if _, err := io.ReadAll(one.begins(at)); err == nil {
		t.Error("what broke off is whole")
	}
}

// begins asks for something, and gives what comes as it comes.
func (e editor) begins(path string) io.Reader {
	e.t.Helper()
	q, err := http.NewRequest(http.MethodGet, e.url+path, nil)
	if err != nil {
		e.t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+token)
	x, err := http.DefaultClient.Do(q)
	if err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() { x.Body.Close() })
	return x.Body
}

// zeros is a film that never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestWhoTakesClipsSlowlyIsLetGo once what they are of is deleted.
func TestWhoTakesClipsSlowlyIsLetGo(t *testing.T) {
	r, one, films := exporting(t)
	_, made := newSegment(films[0], 1, 5)
	one.do(200, made...)
	ctx, forget := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	r.endless = func(_ context.Context, take func(ctx context.Context, part int, film io.Reader) error) error {
		err := take(ctx, 0, zeros{})
		ended <- err
		return err
	}
	one.begins("/api/visits/" + one.visit + "/export/clips")
	forget()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("what never ends was taken")
		}
	case <-time.After(time.Minute):
		t.Fatal("it still waits for who takes nothing")
	}
}
