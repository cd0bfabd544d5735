package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// event is one that was told.
type event struct{ id, name, data string }

// listener hears events until its test ends.
type listener struct {
	t     *testing.T
	end   context.CancelFunc
	lines *bufio.Scanner
	code  int
}

func (d *door) listen(path, last string) *listener {
	d.t.Helper()
	ctx, end := context.WithCancel(d.t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url+path, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { end(); a.Body.Close() })
	return &listener{d.t, end, bufio.NewScanner(a.Body), a.StatusCode}
}

// next is the next event; without a name where there is no more.
func (l *listener) next() (e event) {
	l.t.Helper()
	for l.lines.Scan() {
		name, value, _ := strings.Cut(l.lines.Text(), ": ")
		switch name {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			e.data = value
		case "":
			if e.name != "" {
				return e
			}
			e = event{}
		}
	}
	return event{}
}

// of is what the next event tells of a recording.
func (l *listener) of(name string) (x told, id string) {
	l.t.Helper()
	e := l.next()
	if err := json.Unmarshal([]byte(e.data), &x); err != nil || e.name != name {
		l.t.Fatalf("told %+v, not %s: %v", e, name, err)
	}
	return x, e.id
}

func TestEventsFollowTheWork(t *testing.T) {
	d := open(t)
	x := d.film("a.mp4", "a film")
	l := d.listen("/api/recordings/"+x.ID+"/events", "")
	if got, _ := l.of("recording"); got.State != "working" {
		t.Errorf("told %+v", got)
	}
	d.film("b.mp4", "another film") // of which it is not told
	if a := d.ask("POST", "/api/recordings/"+x.ID+"/cancel", nil); a.status != 204 {
		t.Fatal(a)
	}
	got, last := l.of("recording")
	if got.State != "cancelled" {
		t.Errorf("told %+v", got)
	}
	if e := l.next(); e.name != "" {
		t.Errorf("told %+v after its end", e)
	}
	if l := d.listen("/api/recordings/"+x.ID+"/events", last); l.code != http.StatusNoContent {
		t.Errorf("who knows the end is answered %d", l.code)
	}
	if got, _ := d.listen("/api/recordings/"+x.ID+"/events", "another era-5").of("recording"); got.State != "cancelled" {
		t.Errorf("who knows nothing is told %+v", got)
	}
}

// TestWhoWasAwayIsToldWhatItMissed, and nothing twice.
func TestWhoWasAwayIsToldWhatItMissed(t *testing.T) {
	d := open(t)
	a, b := d.film("a.mp4", "a film"), d.film("b.mp4", "another film")
	l := d.listen("/api/events", "")
	if e := l.next(); e.name != "reset" {
		t.Fatalf("told %+v", e)
	}
	one, _ := l.of("recording")
	two, last := l.of("recording")
	if one.ID != a.ID || two.ID != b.ID {
		t.Errorf("told of %s and %s", one.ID, two.ID)
	}
	l.end()
	c := d.film("c.mp4", "a third film")
	d.ask("DELETE", "/api/recordings/"+a.ID, nil)
	d.ask("POST", "/api/recordings/"+b.ID+"/cancel", nil)

	l = d.listen("/api/events", last)
	missed := map[string]string{}
	for range 3 {
		e := l.next()
		var x told
		if err := json.Unmarshal([]byte(e.data), &x); err != nil {
			t.Fatal(err)
		}
		missed[x.ID], last = e.name+" "+x.State, e.id
	}
	if want := map[string]string{a.ID: "deleted ", b.ID: "recording cancelled", c.ID: "recording working"}; fmt.Sprint(missed) != fmt.Sprint(want) {
		t.Errorf("told %v, not %v", missed, want)
	}
	l.end()
	l = d.listen("/api/events", last)
	d.ask("POST", "/api/recordings/"+c.ID+"/cancel", nil)
	if got, _ := l.of("recording"); got.ID != c.ID || got.State != "cancelled" {
		t.Errorf("told %+v", got)
	}
	for _, strange := range []string{"x", "x-1", "-1", strings.Split(last, "-")[0] + "-999", strings.Split(last, "-")[0] + "--4"} {
		if e := d.listen("/api/events", strange).next(); e.name != "reset" {
			t.Errorf("after %q: %+v", strange, e)
		}
	}
}

// TestManyMayListen: each is told of the end, however it came about.
func TestManyMayListen(t *testing.T) {
	d := open(t)
	x := d.film("a.mp4", "a film")
	var all []*listener
	for range 50 {
		all = append(all, d.listen("/api/recordings/"+x.ID+"/events", ""))
	}
	d.ask("POST", "/api/recordings/"+x.ID+"/cancel", nil)
	d.ask("POST", "/api/recordings/"+x.ID+"/retry", nil)
	d.ask("DELETE", "/api/recordings/"+x.ID, nil)
	for _, l := range all {
		last := event{}
		for e := l.next(); e.name != ""; e = l.next() {
			last = e
		}
		if last.name != "deleted" && !strings.Contains(last.data, "cancelled") {
			t.Fatalf("told last: %+v", last)
		}
	}
}
