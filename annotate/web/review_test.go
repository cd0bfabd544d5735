package web_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dyade/annotate"
	"dyade/annotate/review"
	"dyade/annotate/store"
	"dyade/annotate/web"
)

func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// editor edits a visit's review at the door, as a browser does.
type editor struct {
	*door
	visit, by string
}

// edited is what is answered.
type edited struct {
	Error     string
	Conflicts []review.Conflict
	Place     int64
	Changes   []review.Change
	Undo      int
	Redo      int
}

func (e editor) send(status int, edit review.Edit) (x edited) {
	e.t.Helper()
	doc, err := json.Marshal(edit)
	if err != nil {
		e.t.Fatal(err)
	}
	a := e.ask("POST", "/api/visits/"+e.visit+"/edits", strings.NewReader(string(doc)))
	if err := json.Unmarshal([]byte(a.body), &x); err != nil || a.status != status {
		e.t.Fatalf("%s: %d %s", doc, a.status, a.body)
	}
	return x
}

func (e editor) do(status int, changes ...review.Change) edited {
	e.t.Helper()
	return e.send(status, review.Edit{ID: uuid(), By: e.by, Kind: review.Do, Changes: changes})
}

func (e editor) turn(status int, kind review.Kind, force bool) edited {
	e.t.Helper()
	return e.send(status, review.Edit{ID: uuid(), By: e.by, Kind: kind, Force: force})
}

func (e editor) review() (r struct {
	Place      int64
	Mark       string
	Facts      review.Facts
	Undo, Redo int
}) {
	e.t.Helper()
	a := e.ask("GET", "/api/visits/"+e.visit+"/review?by="+e.by, nil)
	if err := json.Unmarshal([]byte(a.body), &r); err != nil || a.status != http.StatusOK {
		e.t.Fatalf("%d %s", a.status, a.body)
	}
	return r
}

func value(v any) (out review.Value) {
	doc, _ := json.Marshal(v)
	_ = out.UnmarshalJSON(doc)
	return out
}

func at(s float64) review.Value {
	return value(map[string]any{"ticks": math.Round(s * 1000), "base": map[string]int{"num": 1, "den": 1000}})
}

// newSegment is what makes one, and its name.
func newSegment(recording string, from, to float64) (string, []review.Change) {
	name := "segment/" + uuid()
	return name, []review.Change{
		{Entity: name, Field: "recording", To: value(recording)}, {Entity: name, Field: "start", To: at(from)}, {Entity: name, Field: "end", To: at(to)},
	}
}

// editors are two people at one visit of one film.
func editors(t *testing.T) (d *door, film string, one, two editor) {
	d = open(t)
	x := d.film("a.mp4", "a film")
	return d, x.ID, editor{d, x.Visit, "one"}, editor{d, x.Visit, "two"}
}

func TestTwoPeopleEdit(t *testing.T) {
	_, film, one, two := editors(t)
	name, made := newSegment(film, 1, 5)
	if x := one.do(200, made...); x.Place != 1 || len(x.Changes) != 3 || x.Undo != 1 {
		t.Errorf("made: %+v", x)
	}
	one.do(200, review.Change{Entity: name, Field: "seen", To: value("Il rit.")})
	two.do(200, review.Change{Entity: name, Field: "question", To: value("Pourquoi ?")}) // another field
	x := two.do(409, review.Change{Entity: name, Field: "seen", To: value("Elle rit.")}, review.Change{Entity: name, Field: "tag:rire", To: "true"})
	if len(x.Conflicts) != 1 || x.Conflicts[0] != (review.Conflict{Entity: name, Field: "seen", Value: value("Il rit.")}) || x.Error == "" {
		t.Errorf("refused: %+v", x)
	}
	forced := review.Edit{ID: uuid(), By: "two", Kind: review.Do, Force: true, Changes: []review.Change{{Entity: name, Field: "seen", To: value("Elle rit.")}}}
	x = two.send(200, forced)
	if x.Changes[0].From != value("Il rit.") || x.Undo != 2 {
		t.Errorf("by force: %+v", x)
	}
	if again := two.send(200, forced); fmt.Sprint(again) != fmt.Sprint(x) {
		t.Errorf("sent again: %+v", again)
	}
	if x := one.turn(409, review.Undo, false); len(x.Conflicts) != 1 || x.Conflicts[0].Value != value("Elle rit.") {
		t.Errorf("undone over another's: %+v", x)
	}
	if r := one.review(); r.Place != 4 || r.Undo != 2 || r.Facts[name]["tag:rire"] != "" || r.Facts.Count() != 5 {
		t.Errorf("the review: %+v", r)
	}
	two.turn(200, review.Undo, false)
	two.turn(200, review.Undo, false)
	if x := two.turn(409, review.Undo, false); x.Error == "" || len(x.Conflicts) != 0 {
		t.Errorf("nothing to undo: %+v", x)
	}
	one.turn(200, review.Undo, false)
	one.turn(200, review.Undo, false)
	if r := one.review(); r.Facts.Count() != 0 || r.Undo != 0 || r.Redo != 2 {
		t.Errorf("undone: %+v", r)
	}
	one.turn(200, review.Redo, false)
	if r := one.review(); r.Facts.Count() != 3 || r.Undo != 1 || r.Redo != 1 {
		t.Errorf("redone: %+v", r)
	}
}

func TestWhatNoEditIs(t *testing.T) {
	d, film, one, _ := editors(t)
	_, made := newSegment("another", 1, 5)
	if x := one.do(400, made...); !strings.Contains(x.Error, "no recording") {
		t.Errorf("of another film: %+v", x)
	}
	_, made = newSegment(film, 5, 1)
	one.do(400, made...)
	for _, doc := range []string{"", "{}", "[]", "nonsense", `{"id":"1","by":"a","kind":"do","changes":[]}`, `{"id":"` + uuid() + `","by":"a","kind":"undo","more":1}`, `{}{}`} {
		if a := d.ask("POST", "/api/visits/"+one.visit+"/edits", strings.NewReader(doc)); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", doc, a.status, a.body)
		}
	}
	if a := d.ask("POST", "/api/visits/"+one.visit+"/edits", strings.NewReader(`{"by":"`+strings.Repeat("a", 9<<20)+`"}`)); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("much: %d %s", a.status, a.body)
	}
	for _, path := range []string{"", "/review", "/events", "/reel/plan"} {
		if a := d.ask("GET", "/api/visits/nowhere"+path, nil); a.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := d.ask("POST", "/api/visits/nowhere/edits", strings.NewReader(`{"id":"`+uuid()+`","by":"a","kind":"undo"}`)); a.status != http.StatusNotFound {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestFilmsOfAVisit(t *testing.T) {
	d := open(t)
	var v struct {
		ID, Day    string
		Recordings []told
	}
	get := func(status int, method, path, body string) {
		t.Helper()
		a := d.ask(method, path, strings.NewReader(body))
		if a.status != status {
			t.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
		}
		v.Recordings = nil
		_ = json.Unmarshal([]byte(a.body), &v)
	}
	get(201, "POST", "/api/visits", `{"day":"2026-11-22"}`)
	visit := v.ID
	said := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	a := d.film("a.mp4", "a film", "Upload-Metadata", "filename "+said("a.mp4")+",visit "+said(visit))
	b := d.film("b.mp4", "another film")
	if a.Visit != visit || b.Visit == "" || b.Visit == visit {
		t.Errorf("told %+v and %+v", a, b)
	}
	get(204, "PUT", "/api/recordings/"+b.ID+"/visit", `{"visit":"`+visit+`"}`)
	get(200, "GET", "/api/visits/"+visit, "")
	if v.Day != "2026-11-22" || len(v.Recordings) != 2 || v.Recordings[0].ID != a.ID || v.Recordings[1].Visit != visit {
		t.Errorf("told %+v", v)
	}
	get(404, "GET", "/api/visits/"+b.Visit, "") // it was left
	_, made := newSegment(b.ID, 1, 2)
	editor{d, visit, "one"}.do(200, made...)
	get(201, "POST", "/api/visits", `{"day":"2026-11-23"}`)
	get(409, "PUT", "/api/recordings/"+b.ID+"/visit", `{"visit":"`+v.ID+`"}`)
	get(404, "PUT", "/api/recordings/"+b.ID+"/visit", `{"visit":"nowhere"}`)
	get(404, "PUT", "/api/recordings/nobody/visit", `{"visit":"`+v.ID+`"}`)
	get(400, "PUT", "/api/recordings/"+b.ID+"/visit", `{}{}`)
	get(400, "POST", "/api/visits", `{"day":"tomorrow"}`)
	if a := d.send("c.mp4", "a third film", "Upload-Metadata", "filename "+said("c.mp4")+",visit "+said("../x")); a.status != http.StatusBadRequest {
		t.Errorf("a visit that is no id: %d %s", a.status, a.body)
	}
	lost := d.film("c.mp4", "a third film", "Upload-Metadata", "filename "+said("c.mp4")+",visit "+said("nowhere"))
	if lost.Visit == "" || lost.Visit == "nowhere" {
		t.Errorf("told %+v", lost)
	}
}

func TestThePlanIsToldInTheCallersLanguage(t *testing.T) {
	_, film, one, _ := editors(t)
	name, made := newSegment(film, 1, 5)
	own, more := newSegment(film, 6, 7)
	one.do(200, append(append(made, more...), review.Change{Entity: name, Field: "kind", To: value("approach")}, review.Change{Entity: own, Field: "order", To: value("b")})...)
	for lang, want := range map[string]string{"fr": "Rapprochement, Extrait choisi", "en": "Coming closer, Chosen excerpt"} {
		a := one.ask("GET", "/api/visits/"+one.visit+"/reel/plan?lang="+lang, nil)
		var plan annotate.Reel
		if err := json.Unmarshal([]byte(a.body), &plan); err != nil || len(plan.Parts) != 2 || plan.Parts[0].Cut.Title+", "+plan.Parts[1].Cut.Title != want || plan.Lang != lang {
			t.Errorf("%s: %s", lang, a.body)
		}
	}
}

// edits hears so many, and gives their places.
func (l *listener) edits(n int) (places []int64) {
	l.t.Helper()
	for range n {
		e := l.next()
		var x struct {
			Place   int64
			ID, By  string
			Changes []review.Change
		}
		if err := json.Unmarshal([]byte(e.data), &x); err != nil || e.name != "edit" || !strings.HasPrefix(e.id, fmt.Sprint(x.Place)+"-") || x.ID == "" || len(x.Changes) == 0 {
			l.t.Fatalf("told %+v: %v", e, err)
		}
		places = append(places, x.Place)
	}
	return places
}

func TestEditsAreToldToAll(t *testing.T) {
	d, film, one, two := editors(t)
	at := "/api/visits/" + one.visit + "/events"
	edit := func(e editor) { _, made := newSegment(film, 1, 2); e.do(200, made...) }
	early := d.listen(at, "")
	for range 120 {
		edit(one)
	}
	if got := early.edits(120); got[0] != 1 || got[119] != 120 {
		t.Errorf("told %v", got)
	}
	known := d.listen(at+"?after=120", "")
	resumed := d.listen(at+"?after=5", "118") // what it was told last goes before what it asked for
	edit(two)
	if got := known.edits(1); got[0] != 121 {
		t.Errorf("told %v", got)
	}
	if got := resumed.edits(3); got[0] != 119 || got[2] != 121 {
		t.Errorf("told %v", got)
	}
	for _, strange := range []string{"x", "999", "-1"} {
		if e := d.listen(at, strange).next(); e.name != "reset" || !strings.HasPrefix(e.id, "121-") {
			t.Errorf("after %q: %+v", strange, e)
		}
	}
	if a := d.ask("GET", at+"?after=x", nil); a.status != http.StatusBadRequest {
		t.Errorf("after nothing: %d", a.status)
	}
}

// TestOtherEditsAfterABackupWasRestored: who was told of the ones before is told so,
// also where there are more by now.
func TestOtherEditsAfterABackupWasRestored(t *testing.T) {
	d, _, one, _ := editors(t)
	at := "/api/visits/" + one.visit + "/events"
	title := func(e editor, from, to string) {
		e.do(200, review.Change{Entity: "reel/main", Field: "title", From: value(from), To: value(to)})
	}
	one.do(200, review.Change{Entity: "reel/main", Field: "title", To: value("a")})
	path := filepath.Join(t.TempDir(), "dyade.db")
	if err := d.store.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	l := d.listen(at, "")
	shared := l.next()
	title(one, "a", "lost")
	gone := l.next()
	if mark := one.review().Mark; mark != gone.id {
		t.Errorf("the review is after %q, and the last edit %q", mark, gone.id)
	}

	again, err := store.Open(t.Context(), path, func() time.Time { return time.Now().Add(time.Minute) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	d = open(t, func(o *web.Options) { o.Store, o.Engine = again, engine{again} })
	other := editor{d, one.visit, "one"}
	title(other, "a", "b")
	title(other, "b", "c")
	for _, l := range []*listener{d.listen(at, gone.id), d.listen(at+"?after="+gone.id, "")} {
		if e := l.next(); e.name != "reset" || !strings.HasPrefix(e.id, "3-") {
			t.Errorf("told %+v", e)
		}
	}
	if got := d.listen(at, shared.id).edits(2); got[0] != 2 { // all is as it was up to there
		t.Errorf("told %v", got)
	}
	if got := d.listen(at+"?after="+other.review().Mark, ""); got.code != 200 {
		t.Errorf("who knows all is answered %d", got.code)
	}
}

// TestWhoIsToldNothingGoesOn after what it knew when it began to listen.
func TestWhoIsToldNothingGoesOn(t *testing.T) {
	d, _, one, _ := editors(t)
	one.do(200, review.Change{Entity: "reel/main", Field: "title", To: value("a")})
	l := d.listen("/api/visits/"+one.visit+"/events?after=1", "")
	for l.lines.Scan() {
		if id, ok := strings.CutPrefix(l.lines.Text(), "id: "); ok {
			if mark := one.review().Mark; id != mark {
				t.Errorf("it goes on after %q, not %q", id, mark)
			}
			return
		}
	}
	t.Error("it is told no id")
}

func TestADeletedFilmLeavesTheReview(t *testing.T) {
	d, film, one, _ := editors(t)
	b := d.film("b.mp4", "another film")
	if a := d.ask("PUT", "/api/recordings/"+b.ID+"/visit", strings.NewReader(`{"visit":"`+one.visit+`"}`)); a.status != 204 {
		t.Fatal(a)
	}
	_, made := newSegment(b.ID, 1, 2)
	one.do(200, made...)
	_, made = newSegment(film, 1, 2)
	one.do(200, made...)
	l := d.listen("/api/visits/"+one.visit+"/events?after=2", "")
	d.ask("DELETE", "/api/recordings/"+b.ID, nil)
	if e := l.next(); e.name != "reset" || !strings.HasPrefix(e.id, "3-") || e.data != `{"place":3}` {
		t.Errorf("told %+v", e)
	}
	if r := one.review(); r.Place != 3 || r.Facts.Count() != 3 || r.Undo != 1 {
		t.Errorf("the review: %+v", r)
	}
	d.ask("DELETE", "/api/recordings/"+film, nil)
	if e := l.next(); e.name != "deleted" {
		t.Errorf("told %+v", e)
	}
	if e := l.next(); e.name != "" {
		t.Errorf("told %+v after the end", e)
	}
	if l := d.listen("/api/visits/"+one.visit+"/events", "3"); l.code != http.StatusNotFound {
		t.Errorf("who asks again: %d", l.code)
	}
}
