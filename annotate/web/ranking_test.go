package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"dyade/annotate/store"
)

func TestMomentsSoFar(t *testing.T) {
	d := open(t)
	ctx := context.Background()
	x := d.film("a.mp4", "a film")
	at := "/api/recordings/" + x.ID
	if a := d.ask("GET", at+"/ranking", nil); a.status != http.StatusNotFound {
		t.Errorf("before there is one: %d", a.status)
	}
	l := d.listen(at+"/events", "")
	l.of("recording")
	next := "a"
	for pass, doc := range []string{1: `{"schema":"dyade.ranking/1","pass":1,"moments":[]}`, 2: `{"schema":"dyade.ranking/1","pass":2,"moments":[]}`} {
		if doc == "" {
			continue
		}
		sum, _, err := d.media.Put(ctx, strings.NewReader(doc))
		if err != nil {
			t.Fatal(err)
		}
		list, err := d.store.Claim(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		next += "a"
		o := store.Outcome{Result: sum, Best: &store.Ranking{Pass: pass, Sum: sum}, Then: &store.NewStep{Key: next, Name: "assemble"}}
		if ok, _, err := d.store.Accept(ctx, list[0].ID, o); !ok || err != nil {
			t.Fatal(ok, err)
		}
		if got, _ := l.of("recording"); got.Ranking != pass {
			t.Errorf("told %+v", got)
		}
		if a := d.ask("GET", at+"/ranking", nil); a.body != doc || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%d %s", a.status, a.body)
		}
		if a := d.ask("GET", at+"/proposals", nil); a.body != `{"final":false,"moments":[],"people":[],"speech":[],"quality":[]}`+"\n" {
			t.Errorf("in words: %d %s", a.status, a.body)
		}
	}
	d.ask("POST", at+"/cancel", nil)
	if got := d.one(200, "GET", at, ""); got.Ranking != 0 {
		t.Errorf("told %+v", got)
	}
	if a := d.ask("GET", at+"/ranking", nil); a.status != http.StatusNotFound {
		t.Errorf("after its end: %d", a.status)
	}
}
