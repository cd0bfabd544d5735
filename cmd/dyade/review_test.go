package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dyade/annotate/review"
)

// hall is a data folder whose server is killed and started again while people are at
// its door.
type hall struct {
	t    *testing.T
	data string

	mu     sync.Mutex
	served *served // nil: it is being started
	again  chan struct{}
	kills  int
}

// at waits for the server, and gives it.
func (h *hall) at() *served {
	for {
		h.mu.Lock()
		s, again := h.served, h.again
		h.mu.Unlock()
		if s != nil {
			return s
		}
		<-again
	}
}

// open starts the server.
func (h *hall) open() {
	s := startServe(h.t, h.data, "--workers", "0")
	h.mu.Lock()
	defer h.mu.Unlock()
	h.served = s
	close(h.again)
}

// kill kills the server as it is, and starts it again.
func (h *hall) kill() {
	h.mu.Lock()
	s := h.served
	h.served, h.again = nil, make(chan struct{})
	h.kills++
	h.mu.Unlock()
	if err := s.cmd.Process.Kill(); err != nil {
		h.t.Error(err)
	}
	_ = s.cmd.Wait()
	s.until("all to end with it", long, func() bool { return len(s.alive()) == 0 })
	h.open()
}

// post sends a document until it is answered, whatever becomes of the server.
func (h *hall) post(path string, doc []byte, into any) int {
	for {
		s := h.at()
		status, body, err := s.try("POST", path, doc)
		if err == nil {
			if err := json.Unmarshal(body, into); err != nil {
				h.t.Errorf("%s: %d %s", path, status, body)
			}
			return status
		}
		h.await(s)
	}
}

// await waits until a server that does not answer is another, or for a moment.
func (h *hall) await(s *served) {
	select {
	case <-time.After(10 * time.Millisecond):
	case <-h.gone(s):
	}
}

func (h *hall) gone(s *served) <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.served == s {
		return nil
	}
	return h.again
}

// try is ask of a server that may be killed.
func (s *served) try(method, path string, doc []byte) (int, []byte, error) {
	token, err := os.ReadFile(filepath.Join(s.data, "token"))
	if err != nil {
		return 0, nil, err
	}
	r, err := http.NewRequest(method, s.url+path, bytes.NewReader(doc))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer a.Body.Close()
	body, err := io.ReadAll(a.Body)
	return a.StatusCode, body, err
}

// told is a review as a page has it.
type told struct {
	Place int64
	Facts review.Facts
	Undo  int
	Redo  int
}

func (h *hall) review(visit, by string) (r told) {
	for {
		s := h.at()
		status, body, err := s.try("GET", "/api/visits/"+visit+"/review?by="+by, nil)
		if err == nil {
			if err := json.Unmarshal(body, &r); err != nil || status != http.StatusOK {
				h.t.Errorf("the review: %d %s", status, body)
			}
			return r
		}
		h.await(s)
	}
}

// person edits a review at random, with a memory of what was answered.
type person struct {
	*hall
	visit, film, by string
	random          *rand.Rand
	page            told // what the page shows: it may be behind
	things          []string
	answered        map[int64][]review.Change
	refused         int
}

// answer is what comes of an edit.
type answer struct {
	Place   int64
	Changes []review.Change
	Undo    int
	Redo    int
}

func (p *person) uuid() string { return uuid(p.random) }

func uuid(random *rand.Rand) string {
	a, b := random.Uint64(), random.Uint64()
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&0xffffffffffff)
}

// act does one thing.
func (p *person) act() {
	e := review.Edit{ID: p.uuid(), By: p.by, Kind: review.Do}
	switch n := p.random.IntN(10); {
	case n == 0:
		p.page = p.review(p.visit, p.by) // a reload
		return
	case n <= 2:
		e.Kind = review.Undo
	case n == 3:
		e.Kind = review.Redo
	default:
		e.Changes, e.Force = p.changes(), p.random.IntN(4) == 0
	}
	p.send(e)
}

// send sends an edit until it is answered.
func (p *person) send(e review.Edit) bool {
	doc, err := json.Marshal(e)
	if err != nil {
		p.t.Error(err)
	}
	var a answer
	switch status := p.post("/api/visits/"+p.visit+"/edits", doc, &a); status {
	case http.StatusOK:
		p.answered[a.Place] = a.Changes
		for _, c := range a.Changes { // as a page does
			fold(p.page.Facts, c)
		}
		return true
	case http.StatusConflict, http.StatusBadRequest:
		p.refused++
		p.page = p.review(p.visit, p.by)
	default:
		p.t.Errorf("an edit is answered %d", status)
	}
	return false
}

func fold(f review.Facts, c review.Change) {
	if f[c.Entity] == nil {
		f[c.Entity] = map[string]review.Value{}
	}
	f[c.Entity][c.Field] = c.To
	if c.To == "" {
		delete(f[c.Entity], c.Field)
	}
	if len(f[c.Entity]) == 0 {
		delete(f, c.Entity)
	}
}

// changes makes a segment, moves, words or removes one.
func (p *person) changes() (list []review.Change) {
	name := p.things[p.random.IntN(len(p.things))]
	there := p.page.Facts[name]
	change := func(field, to string) {
		var v review.Value
		if to != "" {
			_ = v.UnmarshalJSON([]byte(to))
		}
		list = append(list, review.Change{Entity: name, Field: field, From: there[field], To: v})
	}
	at := func(n int) string { return fmt.Sprintf(`{"ticks":%d,"base":{"num":1,"den":1000}}`, n) }
	switch n := p.random.IntN(6); {
	case len(there) == 0:
		change("recording", fmt.Sprintf("%q", p.film))
		change("start", at(p.random.IntN(5000)))
		change("end", at(5000+p.random.IntN(5000)))
	case n == 0:
		for field := range there {
			change(field, "")
		}
	case n <= 2:
		change("start", at(p.random.IntN(5000)))
	default:
		change([]string{"seen", "question"}[n%2], fmt.Sprintf(`"%s %d"`, p.by, p.random.IntN(1000)))
		change("tag:rire", []string{"", "true"}[p.random.IntN(2)])
	}
	return list
}

// TestNoAnsweredEditIsLost: three people make a thousand edits at random of the same
// things while the server is killed again and again. What was answered is in the
// journal as it was answered, once; who listens misses none; and taking all back ends
// where all began.
func TestNoAnsweredEditIsLost(t *testing.T) {
	const edits, killEvery = 1000, 80
	h := &hall{t: t, data: filepath.Join(t.TempDir(), "data"), again: make(chan struct{})}
	h.open()
	film := h.at().submit(cutFilm(t, t.TempDir()))
	var x struct{ Visit string }
	if _, doc := h.at().ask("GET", "/api/recordings/"+film, nil); json.Unmarshal(doc, &x) != nil {
		t.Fatalf("%s", doc)
	}
	heard := h.listen(x.Visit)
	var people []*person
	things := []string{}
	for n := range uint64(3) {
		p := &person{hall: h, visit: x.Visit, film: film, by: fmt.Sprint("person-", n), random: rand.New(rand.NewPCG(n, 7)), answered: map[int64][]review.Change{}}
		p.page.Facts = review.Facts{}
		things = append(things, "segment/"+p.uuid())
		people = append(people, p)
	}
	acts := make(chan int)
	var all sync.WaitGroup
	for _, p := range people {
		p.things = things
		all.Go(func() {
			for range acts {
				p.act()
			}
		})
	}
	for n := range edits {
		acts <- n
		if n%killEvery == killEvery/2 { // those that are under way are cut off
			h.kill()
		}
	}
	close(acts)
	all.Wait()

	end := h.review(x.Visit, "")
	journal := heard.until(end.Place)
	facts := review.Facts{}
	for place := int64(1); place <= end.Place; place++ {
		for _, c := range journal[place] {
			fold(facts, c)
		}
	}
	if !reflect.DeepEqual(facts, end.Facts) {
		t.Errorf("the journal comes to %v, and there is %v", facts, end.Facts)
	}
	answered, refused := 0, 0
	for _, p := range people {
		answered, refused = answered+len(p.answered), refused+p.refused
		for place, changes := range p.answered {
			if !reflect.DeepEqual(journal[place], changes) {
				t.Errorf("edit %d was answered as %v, and is %v", place, changes, journal[place])
			}
		}
	}
	if int64(answered) != end.Place {
		t.Errorf("%d edits were answered, and %d done", answered, end.Place)
	}
	t.Logf("%d edits done, %d refused, %d kills, facts %d", answered, refused, h.kills, end.Facts.Count())
	takeAllBack(t, h, people)
}

// takeAllBack undoes all, each as far as others allow.
func takeAllBack(t *testing.T, h *hall, people []*person) {
	t.Helper()
	for some := true; some; {
		some = false
		for _, p := range people {
			for p.send(review.Edit{ID: p.uuid(), By: p.by, Kind: review.Undo}) {
				some = true
			}
		}
	}
	for _, p := range people {
		if r := h.review(p.visit, p.by); r.Undo != 0 || len(r.Facts) != 0 {
			t.Errorf("%s has %d left to undo, of %v", p.by, r.Undo, r.Facts)
		}
	}
	h.kill()
	if r := h.review(people[0].visit, ""); len(r.Facts) != 0 {
		t.Errorf("after another kill there is %v", r.Facts)
	}
}

// ear hears the edits of a visit, and asks on where it was cut off.
type ear struct {
	*hall
	mu      sync.Mutex
	journal map[int64][]review.Change
	last    int64
	news    chan struct{}
}

func (h *hall) listen(visit string) *ear {
	e := &ear{hall: h, journal: map[int64][]review.Change{}, news: make(chan struct{}, 1)}
	ctx, stop := context.WithCancel(context.Background())
	var listening sync.WaitGroup
	listening.Go(func() {
		for ctx.Err() == nil {
			s := h.at()
			e.hear(ctx, s, visit)
			h.await(s)
		}
	})
	h.t.Cleanup(func() { stop(); listening.Wait() })
	return e
}

// hear hears until it is cut off.
func (e *ear) hear(ctx context.Context, s *served, visit string) {
	token, err := os.ReadFile(filepath.Join(s.data, "token"))
	if err != nil {
		return
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/api/visits/"+visit+"/events", nil)
	if err != nil {
		return
	}
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	if e.last > 0 {
		r.Header.Set("Last-Event-ID", fmt.Sprint(e.last))
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return
	}
	defer a.Body.Close()
	for lines := bufio.NewScanner(a.Body); lines.Scan(); {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var x struct {
			Place   int64
			Changes []review.Change
		}
		if json.Unmarshal([]byte(data), &x) != nil {
			return // it was cut off in the middle
		}
		e.mu.Lock()
		if x.Place != e.last+1 {
			e.t.Errorf("told of edit %d after %d", x.Place, e.last)
		}
		e.last, e.journal[x.Place] = x.Place, x.Changes
		e.mu.Unlock()
		select {
		case e.news <- struct{}{}:
		default:
		}
	}
}

// until waits until an edit was told, and gives all.
func (e *ear) until(place int64) map[int64][]review.Change {
	e.t.Helper()
	over := time.After(long)
	for {
		e.mu.Lock()
		last, journal := e.last, maps.Clone(e.journal)
		e.mu.Unlock()
		if last >= place {
			return journal
		}
		select {
		case <-e.news:
		case <-over:
			e.t.Fatalf("told of %d edits of %d", last, place)
		}
	}
}

// TestAReelFromFilmsToTheEnd: two films of a visit, of which moments are kept while one
// is analysed, become a reel, though the server is killed over it; and nothing of the
// reel is left when a film in it is deleted.
func TestAReelFromFilmsToTheEnd(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	path := cutFilm(t, t.TempDir())
	var visit struct{ ID string }
	s.do(201, "POST", "/api/visits", `{"day":"2026-11-22"}`, &visit)
	films := []string{s.submit(path), s.send("two.mp4", another(t))}
	for _, id := range films {
		s.do(204, "PUT", "/api/recordings/"+id+"/visit", `{"visit":"`+visit.ID+`"}`, nil)
	}
	at := "/api/visits/" + visit.ID
	s.do(200, "POST", at+"/edits", reelOf(t, films), nil)
	s.do(202, "POST", at+"/reel", `{"lang":"fr"}`, nil)
	s.until("it to be rendered", long, func() bool { return s.reel(at).State == "rendering" })
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	s.until("all to end with it", long, func() bool { return len(s.alive()) == 0 })
	s = startServe(t, s.data)
	s.until("the reel to be there", long, func() bool {
		r := s.reel(at)
		if r.State == "failed" {
			t.Fatal(r.Message)
		}
		return r.State == "done"
	})
	if r := s.reel(at); !r.Film || !r.Current {
		t.Errorf("told %+v", r)
	}
	var origin struct {
		Film   struct{ SHA256 string }
		Ranges []struct {
			First int `json:"first_frame"`
			Last  int `json:"last_frame"`
			From  *struct{ Recording string }
		}
	}
	s.do(200, "GET", at+"/reel/provenance", "", &origin)
	_, film := s.ask("GET", at+"/reel/film", nil)
	if n := len(origin.Ranges); n < 3 || len(film) < 10_000 || !bytes.Contains(film[:64], []byte("ftyp")) {
		t.Errorf("a film of %d bytes, of %d ranges", len(film), n)
	}
	if list := s.kept(origin.Film.SHA256); len(list) != 1 {
		t.Errorf("it is kept as %v", list)
	}
	s.exports(at)
	s.remove(films[0])
	s.do(404, "GET", at+"/reel/film", "", nil)
	if list := s.kept(origin.Film.SHA256); len(list) != 0 {
		t.Errorf("it is still kept as %v", list)
	}
	if r := s.reel(at); r.State != "none" {
		t.Errorf("told %+v", r)
	}
	s.stop()
}

// kept lists the files of the media store that have a sum.
func (s *served) kept(sum string) (list []string) {
	s.t.Helper()
	err := filepath.WalkDir(filepath.Join(s.data, "media"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, sum[4:]) {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// exports asks for the reel as others go on with it.
func (s *served) exports(at string) {
	s.t.Helper()
	if status, doc := s.ask("GET", at+"/export/otio", nil); status != http.StatusOK || !bytes.Contains(doc, []byte("two.mp4")) {
		s.t.Errorf("for editors: %d %s", status, doc)
	}
	_, doc := s.ask("GET", at+"/export/clips", nil)
	z, err := zip.NewReader(bytes.NewReader(doc), int64(len(doc)))
	if err != nil || len(z.File) != 2 || z.File[0].UncompressedSize64 < 10_000 {
		s.t.Errorf("clips: %d bytes, %v", len(doc), err)
	}
}

// another is a film that another sum tells from the first.
func another(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "two.mp4")
	doc, err := os.ReadFile(cutFilm(t, t.TempDir()))
	if err == nil {
		err = os.WriteFile(path, append(doc, "\x00\x00\x00\x08free"...), 0o600) // the same, and another by its sum
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// reelOf is an edit that keeps a part of each film, behind a card.
func reelOf(t *testing.T, films []string) string {
	t.Helper()
	random := rand.New(rand.NewPCG(3, 3))
	p := &person{random: random}
	var list []review.Change
	add := func(name string, fields map[string]string) {
		for _, field := range slices.Sorted(maps.Keys(fields)) {
			c := review.Change{Entity: name, Field: field}
			if err := c.To.UnmarshalJSON([]byte(fields[field])); err != nil {
				t.Fatal(err)
			}
			list = append(list, c)
		}
	}
	add("card/"+p.uuid(), map[string]string{"text": `"Bonjour"`, "seconds": "2", "order": `"a"`})
	for i, film := range films {
		at := func(s float64) string { return fmt.Sprintf(`{"ticks":%d,"base":{"num":1,"den":1000}}`, int(s*1000)) }
		add("segment/"+p.uuid(), map[string]string{
			"recording": fmt.Sprintf("%q", film), "start": at(2.04), "end": at(7.5), "order": fmt.Sprintf(`"b%d"`, i), "question": `"Qu’avez-vous vu ?"`, "caption": "true",
		})
	}
	doc, err := json.Marshal(review.Edit{ID: p.uuid(), By: "one", Kind: review.Do, Changes: list})
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

// do asks for an answer of a status, and reads it.
func (s *served) do(status int, method, path, body string, into any) {
	s.t.Helper()
	got, doc := s.ask(method, path, strings.NewReader(body))
	var err error
	if into != nil {
		err = json.Unmarshal(doc, into)
	}
	if got != status || err != nil {
		s.t.Fatalf("%s %s: %d %s, %v", method, path, got, doc, err)
	}
}

// reelState is how a reel is.
type reelState struct {
	State, Message string
	Film, Current  bool
}

func (s *served) reel(at string) (r reelState) {
	s.t.Helper()
	s.do(200, "GET", at+"/reel", "", &r)
	return r
}
