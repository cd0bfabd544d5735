package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/annotate/web"
)

// away is an engine without a queue.
type away struct{ engine }

func (away) Crew(context.Context) (all, busy int, err error) { return 0, 0, errors.New("no redis") }

func TestHealthIsToldToAnybody(t *testing.T) {
	d := open(t)
	a := d.ask("GET", web.HealthPath, nil, "Authorization", "")
	if a.status != 200 || a.body != `{"ok":true,"failing":[]}`+"\n" {
		t.Errorf("%d %s", a.status, a.body)
	}
	d = open(t, func(o *web.Options) { o.Engine = away{o.Engine.(engine)} })
	a = d.ask("GET", web.HealthPath, nil, "Authorization", "")
	if a.status != 503 || a.body != `{"ok":false,"failing":["queue"]}`+"\n" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := d.ask("GET", web.HealthPath, nil, "Host", "evil.example"); a.status != 421 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestStatusIsInNumbers(t *testing.T) {
	d := open(t)
	d.film("a.mp4", "a film")
	x := d.film("b.mp4", "another")
	d.ask("POST", "/api/recordings/"+x.ID+"/cancel", nil)
	var s web.Status
	a := d.ask("GET", "/api/status", nil)
	if err := json.Unmarshal([]byte(a.body), &s); err != nil {
		t.Fatal(err)
	}
	if s.Recordings[store.Working] != 1 || s.Recordings[store.Cancelled] != 1 || s.Queues[0].Ready != 1 || s.Workers != 2 || s.Busy != 1 || s.Disk.FreeBytes <= 0 || !s.OK {
		t.Errorf("%s", a.body)
	}
}

// TestMetricsNameNobody: they are read by whoever watches over machines.
func TestMetricsNameNobody(t *testing.T) {
	d := open(t)
	x := d.film("Emma et Papa.mp4", "a film")
	d.ask("GET", "/api/recordings/"+x.ID, nil)
	d.ask("GET", "/api/recordings/Emma", nil)
	d.ask("GET", "/Emma.php", nil)
	a := d.ask("GET", web.MetricsPath, nil)
	for _, want := range []string{
		`dyade_recordings{state="working"} 1`, `dyade_queue_steps{queue="interactive",state="ready"} 1`, "dyade_workers 2", "dyade_disk_free_bytes ",
		`dyade_http_answer_seconds_count{route="GET /api/recordings/{id}",status="200"} 2`, `route="/",status="404"} 1`,
	} {
		if !strings.Contains(a.body, want) {
			t.Errorf("no %q in\n%s", want, a.body)
		}
	}
	for _, secret := range []string{"Emma", x.ID, "mp4", token, d.aside} {
		if strings.Contains(a.body, secret) {
			t.Errorf("%q is in\n%s", secret, a.body)
		}
	}
}

// analysed makes a recording one whose analysis gave files.
func (d *door) analysed(files map[string][]byte) told {
	d.t.Helper()
	ctx := context.Background()
	x := d.film("a.mp4", "a film")
	list, err := d.store.Claim(ctx, 1)
	if err != nil {
		d.t.Fatal(err)
	}
	sums := map[string]blob.Sum{}
	for name, content := range files {
		if sums[name], _, err = d.media.Put(ctx, bytes.NewReader(content)); err != nil {
			d.t.Fatal(err)
		}
	}
	if ok, _, err := d.store.Accept(ctx, list[0].ID, store.Outcome{Files: sums}); !ok || err != nil {
		d.t.Fatal(ok, err)
	}
	return x
}

// TestWhoTakesNoSignalsKeepsNobodyWaiting: others are told to come again, and then are
// given theirs.
func TestWhoTakesNoSignalsKeepsNobodyWaiting(t *testing.T) {
	type row struct {
		Speech float64 `parquet:"speech"`
		TimeS  float64 `parquet:"time_s"`
	}
	rows := make([]row, 1_000_000)
	for i := range rows {
		rows[i] = row{math.Sqrt(float64(i)), float64(i) / 10}
	}
	var doc bytes.Buffer
	if err := parquet.Write(&doc, rows); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		taking, turn time.Duration
		status       int
	}{{time.Hour, 10 * time.Millisecond, 503}, {100 * time.Millisecond, time.Hour, 200}} {
		d := open(t)
		d.server.HastenTurns(c.taking, c.turn)
		path := "/api/recordings/" + d.analysed(map[string][]byte{"signals.parquet": doc.Bytes()}).ID + "/signals"
		for range 2 {
			d.stall(path)
		}
		if a := d.ask("GET", path+"?to_s=1", nil); a.status != c.status || a.status == 503 && a.header.Get("Retry-After") == "" {
			t.Errorf("where they may take %v: %d %s", c.taking, a.status, a.body)
		}
	}
}

// stall asks for something and takes only the beginning of it.
func (d *door) stall(path string) {
	d.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = c.Close() })
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n", path, token)
	begin := make([]byte, len("HTTP/1.1 200"))
	if _, err := io.ReadFull(c, begin); err != nil || string(begin) != "HTTP/1.1 200" {
		d.t.Fatalf("it is answered %s, %v", begin, err)
	}
}

func TestSignalsAreGivenAsADocument(t *testing.T) {
	type row struct {
		Facing *float32 `parquet:"facing,optional"`
		Speech *float32 `parquet:"speech,optional"`
		TimeS  float64  `parquet:"time_s"`
	}
	var rows []row
	for i := range 10 {
		v := float32(i) / 5
		r := row{TimeS: float64(i) / 10, Speech: &v}
		if i%2 == 0 {
			r.Facing = &v
		}
		rows = append(rows, r)
	}
	var doc bytes.Buffer
	if err := parquet.Write(&doc, rows); err != nil {
		t.Fatal(err)
	}
	d := open(t)
	x := d.analysed(map[string][]byte{"signals.parquet": doc.Bytes()})
	path := "/api/recordings/" + x.ID + "/signals"
	for query, want := range map[string]string{
		"?names=facing&from_s=0.2&to_s=0.5": `{"time_s":[0.2,0.3,0.4],"series":{"facing":[0.4,null,0.8]}}`,
		"?names=speech,facing&from_s=0.8":   `{"time_s":[0.8,0.9],"series":{"facing":[1.6,null],"speech":[1.6,1.8]}}`,
		"?from_s=0.9":                       `{"time_s":[0.9],"series":{"facing":[null],"speech":[1.8]}}`,
		"?from_s=7&to_s=9":                  `{"time_s":[],"series":{"facing":[],"speech":[]}}`,
	} {
		if a := d.ask("GET", path+query, nil); a.status != 200 || a.body != want+"\n" {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
	for _, query := range []string{"?from_s=x", "?from_s=-1", "?from_s=NaN", "?to_s=Inf", "?from_s=2&to_s=1", "?to_s=0", "?names=mood", "?names=", "?names=facing,"} {
		if a := d.ask("GET", path+query, nil); a.status != 400 {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
	if a := d.ask("GET", "/api/recordings/"+d.film("b.mp4", "b").ID+"/signals", nil); a.status != 404 {
		t.Errorf("of one that is not analysed: %d %s", a.status, a.body)
	}
}

func TestTheReportIsShownAndTheRestIsGiven(t *testing.T) {
	d := open(t)
	x := d.analysed(map[string][]byte{"report.html": []byte("<p>moments</p>"), "moments.json": []byte(`{"schema":"x","moments":[]}`), "a.html": []byte("<p>")})
	for name, want := range map[string]string{"report.html": "inline", "moments.json": "attachment", "a.html": "attachment"} {
		a := d.ask("GET", "/api/recordings/"+x.ID+"/files/"+name, nil)
		if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Disposition"), want) || strings.Contains(a.header.Get("Content-Security-Policy"), "allow-same-origin") ||
			!strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: %d %v", name, a.status, a.header)
		}
		if again := d.ask("GET", "/api/recordings/"+x.ID+"/files/"+name, nil, "If-None-Match", a.header.Get("ETag")); again.status != 304 {
			t.Errorf("%s again: %d", name, again.status)
		}
	}
	a := d.ask("GET", "/api/recordings/"+x.ID+"/moments", nil)
	if a.status != 200 || fmt.Sprint(a.body) != `{"schema":"x","moments":[]}` {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestProposalsAreInWords(t *testing.T) {
	d := open(t)
	doc := `{"schema":"dyade.moments/1","quality":[{"code":"too_dark","share":0.5}],"people":[{"id":"p1","role":"parent","role_confidence":0.9}],"speech":[],
		"moments":[{"id":"m1","kind":"approach","start_s":1,"end_s":4,"unknown":0.25,"confidence":0.2,"evidence":[]}]}`
	x := d.analysed(map[string][]byte{"moments.json": []byte(doc)})
	for lang, want := range map[string][]string{"fr": {"allumez", "un quart"}, "en": {"switch on", "a quarter"}} {
		a := d.ask("GET", "/api/recordings/"+x.ID+"/proposals?lang="+lang, nil)
		var p web.Proposals
		if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.status != 200 || !p.Final || len(p.Moments) != 1 || len(p.People) != 1 || len(p.Quality) != 1 {
			t.Fatalf("%d %s: %v", a.status, a.body, err)
		}
		m, q := p.Moments[0], p.Quality[0]
		if m.ID != "m1" || m.Why == "" || !strings.Contains(strings.ToLower(m.Blind), want[1]) || !strings.Contains(strings.ToLower(q.Text), want[0]) || p.Unclear == nil || p.Unclear.Next == "" {
			t.Errorf("%s: %+v, %+v", lang, m, q)
		}
	}
	if a := d.ask("GET", "/api/recordings/"+d.film("b.mp4", "b").ID+"/proposals", nil); a.status != 404 {
		t.Errorf("of one that is not analysed: %d %s", a.status, a.body)
	}
}
