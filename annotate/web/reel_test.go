package web_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/review"
	"dyade/annotate/web"
)

// reels says how far it is told to be, and renders nothing.
type reels struct {
	mu       sync.Mutex
	done, of float64
	begun    bool
	changed  chan struct{}
	forgot   []blob.Sum
	clip     error // what clips end with
	after    int   // how many
	endless  func(ctx context.Context, take func(ctx context.Context, part int, film io.Reader) error) error
}

func (s *reels) At(string) (done, of float64, left time.Duration, begun bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.done > 0 {
		left = time.Minute
	}
	return s.done, s.of, left, s.begun
}

func (s *reels) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

func (s *reels) set(done, of float64, begun bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done, s.of, s.begun = done, of, begun
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *reels) Clips(ctx context.Context, plan annotate.Reel, take func(ctx context.Context, part int, film io.Reader) error) error {
	if s.endless != nil {
		return s.endless(ctx, take)
	}
	if s.clip != nil && s.after == 0 {
		return s.clip
	}
	for i, p := range plan.Parts {
		if p.Cut == nil {
			continue
		}
		if err := take(ctx, i, strings.NewReader("film of "+p.ID+strings.Repeat(".", 10_000))); err != nil {
			return err
		}
	}
	return s.clip
}

func (s *reels) Forget(_ context.Context, film blob.Sum) error {
	s.forgot = append(s.forgot, film)
	return nil
}

// cutting opens a door where reels are rendered, at a visit with a film of which a
// segment is kept.
func cutting(t *testing.T) (s *reels, one editor, segment string) {
	s = &reels{changed: make(chan struct{})}
	d := open(t, func(o *web.Options) { o.Reels = s })
	x := d.film("a.mp4", "a film")
	one = editor{d, x.Visit, "one"}
	segment, made := newSegment(x.ID, 1, 5)
	one.do(200, made...)
	return s, one, segment
}

// reel is what is told.
func (e editor) reel(status int, method, body string) (x web.Reel) {
	e.t.Helper()
	a := e.ask(method, "/api/visits/"+e.visit+"/reel", strings.NewReader(body))
	if a.status != status {
		e.t.Fatalf("%s: %d %s", method, a.status, a.body)
	}
	_ = json.Unmarshal([]byte(a.body), &x)
	return x
}

// rendered puts what a rendering would give in its place, and gives its plan.
func (e editor) rendered(content string) (plan annotate.Reel) { return e.renderedBut(content, "[]") }

// renderedBut is rendered, where some pictures could not be decoded.
func (e editor) renderedBut(content, lost string) (plan annotate.Reel) {
	e.t.Helper()
	ctx := context.Background()
	o, err := e.store.NextReel(ctx)
	if err != nil || o == nil {
		e.t.Fatal(o, err)
	}
	var sums [2]blob.Sum
	for i, c := range []string{content, `{"of":"` + content + `","lost":` + lost + `}`} {
		if sums[i], _, err = e.media.Put(ctx, strings.NewReader(c)); err != nil {
			e.t.Fatal(err)
		}
	}
	if kept, _, err := e.store.ReelRendered(ctx, o.Job, sums[0], sums[1]); !kept || err != nil {
		e.t.Fatal(kept, err)
	}
	if err := json.Unmarshal(o.Plan, &plan); err != nil {
		e.t.Fatal(err)
	}
	return plan
}

func TestAReelIsRendered(t *testing.T) {
	s, one, segment := cutting(t)
	if x := one.reel(200, "GET", ""); x != (web.Reel{State: "none"}) {
		t.Errorf("before: %+v", x)
	}
	at := "/api/visits/" + one.visit + "/reel"
	for _, file := range []string{"/film", "/provenance"} {
		if a := one.ask("GET", at+file, nil); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", file, a.status)
		}
	}
	if x := one.reel(202, "POST", `{"lang":"fr"}`); x.State != "waiting" {
		t.Errorf("asked: %+v", x)
	}
	s.set(30, 90, true)
	if x := one.reel(200, "GET", ""); x.State != "rendering" || x.Done != 30 || x.Of != 90 || *x.SecondsLeft != 60 || x.Film {
		t.Errorf("under way: %+v", x)
	}
	if plan := one.rendered("a reel"); plan.Lang != "fr" || len(plan.Parts) != 1 || plan.Parts[0].ID != strings.TrimPrefix(segment, "segment/") {
		t.Errorf("rendered: %+v", plan)
	}
	if x := one.reel(200, "GET", ""); x != (web.Reel{State: "done", Film: true, Current: true}) {
		t.Errorf("at the end: %+v", x)
	}
	if a := one.ask("GET", at+"/film", nil, "Range", "bytes=2-5"); a.status != 206 || a.body != "reel" || a.header.Get("Content-Type") != "video/mp4" {
		t.Errorf("the film: %d %s %v", a.status, a.body, a.header)
	}
	if a := one.ask("GET", at+"/provenance", nil); a.body != `{"of":"a reel","lost":[]}` {
		t.Errorf("where it comes from: %d %s", a.status, a.body)
	}
	if x := one.reel(202, "POST", `{"lang":"fr"}`); x.State != "done" {
		t.Errorf("asked again: %+v", x)
	}
	one.do(200, review.Change{Entity: "reel/main", Field: "title", To: value("Ensemble")})
	if x := one.reel(200, "GET", ""); x.State != "done" || x.Current {
		t.Errorf("after an edit: %+v", x)
	}
	one.turn(200, review.Undo, false)
	if x := one.reel(200, "GET", ""); !x.Current {
		t.Errorf("undone: %+v", x)
	}
	if x := one.reel(202, "POST", `{"lang":"en"}`); x.State != "rendering" || !x.Film || !x.Current {
		t.Errorf("asked in English: %+v", x)
	}
	one.reel(204, "DELETE", "")
	if x := one.reel(200, "GET", ""); x.State != "done" {
		t.Errorf("cancelled: %+v", x)
	}
	one.reel(202, "POST", `{"lang":"en"}`)
	one.renderedBut("another reel", "[{}, {}]")
	if x := one.reel(200, "GET", ""); x.State != "done" || !x.Current || !strings.HasPrefix(x.Message, "2 images du film sont illisibles") {
		t.Errorf("in English: %+v", x)
	}
}

func TestWhyNoReelIsRendered(t *testing.T) {
	_, one, _ := cutting(t)
	ctx := context.Background()
	for _, c := range []struct {
		reason string
		part   int
		want   string
	}{
		{"full", 0, "The disk is full. Make room, then try again.\""},
		{"broken_header", 2, "One of the reel’s films cannot be read. See part 2 of the reel."},
		{"bad_time", 3, "times that cannot be: choose other ends for it, or another length. See part 3 of the reel."},
	} {
		one.reel(202, "POST", `{"lang":"fr"}`)
		o, err := one.store.NextReel(ctx)
		if err != nil || o == nil {
			t.Fatal(o, err)
		}
		if err := one.store.ReelFailed(ctx, o.Job, c.reason, c.part); err != nil {
			t.Fatal(err)
		}
		a := one.ask("GET", "/api/visits/"+one.visit+"/reel?lang=en", nil)
		if !strings.Contains(a.body, `"failed"`) || !strings.Contains(a.body, c.want) {
			t.Errorf("%s: %s", c.reason, a.body)
		}
	}
	for _, doc := range []string{"", "{}", `{"lang":"de"}`, `{"lang":"fr","more":1}`} {
		one.reel(400, "POST", doc)
	}
	one.turn(200, review.Undo, false)
	one.reel(409, "POST", `{"lang":"fr"}`)
	none := editor{one.door, "nowhere", "one"}
	none.reel(404, "POST", `{"lang":"fr"}`)
	none.reel(404, "GET", "")
	none.reel(404, "DELETE", "")
	_, _, bare, _ := editors(t)
	bare.reel(503, "POST", `{"lang":"fr"}`)
}

func TestTheReelIsTold(t *testing.T) {
	s, one, _ := cutting(t)
	l := one.listen("/api/visits/"+one.visit+"/events?after=1", "")
	told := func(want web.Reel) {
		t.Helper()
		e := l.next()
		var x web.Reel
		if err := json.Unmarshal([]byte(e.data), &x); err != nil || e.name != "reel" {
			t.Fatalf("told %+v, %v", e, err)
		}
		if x.SecondsLeft = nil; x != want {
			t.Errorf("told %+v, not %+v", x, want)
		}
	}
	one.reel(202, "POST", `{"lang":"fr"}`)
	told(web.Reel{State: "waiting"})
	s.set(1, 90, true)
	told(web.Reel{State: "rendering", Done: 1, Of: 90})
	s.set(45, 90, true)
	told(web.Reel{State: "rendering", Done: 45, Of: 90})
	one.rendered("a reel")
	told(web.Reel{State: "done", Film: true, Current: true})
	one.do(200, review.Change{Entity: "reel/main", Field: "faded", To: "true"})
	l.edits(1)
	told(web.Reel{State: "done", Film: true})
	if e := one.listen("/api/visits/"+one.visit+"/events?after=2", "").next(); e.name != "reel" || e.id != "" {
		t.Errorf("who comes later is told %+v", e)
	}
}

func TestAReelGoesWithItsFilm(t *testing.T) {
	s, one, _ := cutting(t)
	one.reel(202, "POST", `{"lang":"fr"}`)
	one.rendered("a reel")
	_, films, err := one.store.Visit(context.Background(), one.visit)
	if err != nil {
		t.Fatal(err)
	}
	one.ask("DELETE", "/api/recordings/"+films[0].ID, nil)
	if len(s.forgot) != 1 || s.forgot[0] != films[0].Sum {
		t.Errorf("forgot %v", s.forgot)
	}
	if needed, err := one.store.Needed(context.Background(), blob.Of([]byte("a reel"))); needed || err != nil {
		t.Errorf("the reel is needed: %v", err)
	}
}
