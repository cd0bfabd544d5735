package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dyade/internal/testenv"
	"dyade/internal/testenv/browser"
)

// watchEdits notes, in what the browser keeps, each edit that the page sends and what
// it is answered.
const watchEdits = `(() => {
	const ask = window.fetch;
	const note = (id, status) => {
		const all = JSON.parse(localStorage.getItem("monkey") ?? "{}");
		if (all[id] === undefined || status > 0) all[id] = status;
		localStorage.setItem("monkey", JSON.stringify(all));
	};
	window.fetch = async (path, init) => {
		if (!String(path).endsWith("/edits")) return ask(path, init);
		const { id } = JSON.parse(init.body);
		note(id, 0);
		const answer = await ask(path, init);
		note(id, answer.status);
		return answer;
	};
	window.confirm = () => false;
})()`

// places are what a monkey may press: where the middle of each control is, of those that
// neither leave the visit nor delete its films.
const places = `(() => {
	const list = [];
	for (const e of document.querySelectorAll("main button, main [role=slider], main input, main textarea, main summary, dialog button, dialog input, main canvas, main li")) {
		if (e.disabled || e.closest("[data-monkey=no]")) continue;
		const r = e.getBoundingClientRect();
		const x = r.x + r.width / 2, y = r.y + r.height / 2;
		if (r.width > 0 && x > 0 && y > 0 && x < innerWidth && y < innerHeight) list.push([x, y, r.width, r.height]);
	}
	return list;
})()`

// monkey presses keys and buttons of a visit's page, one seed the same.
type monkey struct {
	s      *served
	ctx    context.Context
	random *rand.Rand
	visit  string
	mu     sync.Mutex
	wrong  []string // what the page's console said
}

// TestAMonkeyLosesNothing: whatever is pressed, in whatever order, with reloads and a
// server that is killed, no edit is lost, the console says nothing, and undoing all of it
// leads back to the start. DYADE_MONKEY says for how long (2m), SEED which one.
func TestAMonkeyLosesNothing(t *testing.T) {
	most := setting(t, "DYADE_MONKEY", 2*time.Minute, time.ParseDuration)
	seed := setting(t, "SEED", 1, func(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) })
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	id := s.submit(filepath.Join(testenv.Sample(t, 1), "sample.mp4"))
	s.until("the film to be analysed", long, func() bool { return s.recording(id).State == "done" })
	m := &monkey{s: s, ctx: browser.For(t, most+5*time.Minute), random: rand.New(rand.NewPCG(seed, 0)), visit: s.visitOf(id)}
	m.listen()
	m.enter()
	acts := 0
	for end := time.Now().Add(most); time.Now().Before(end); acts++ {
		m.act()
	}
	m.settle()
	edits := m.nothingIsLost()
	m.undoAll()
	if len(m.wrong) > 0 {
		t.Errorf("the console says:\n%s", strings.Join(m.wrong, "\n"))
	}
	t.Logf("seed %d: %d acts, %d edits", seed, acts, edits)
	if edits == 0 {
		t.Error("it did nothing")
	}
}

func setting[T any](t *testing.T, name string, usual T, parse func(string) (T, error)) T {
	t.Helper()
	said := os.Getenv(name)
	if said == "" {
		return usual
	}
	v, err := parse(said)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

// visitOf is the visit of a recording.
func (s *served) visitOf(id string) string {
	s.t.Helper()
	var x struct{ Visit string }
	if status, doc := s.ask("GET", "/api/recordings/"+id, nil); status != http.StatusOK || json.Unmarshal(doc, &x) != nil || x.Visit == "" {
		s.t.Fatalf("%d %s", status, doc)
	}
	return x.Visit
}

// listen gathers what the console says, and answers what the page asks.
func (m *monkey) listen() {
	err := chromedp.Listen(m.ctx, func(event any) {
		m.mu.Lock()
		defer m.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			m.wrong = append(m.wrong, thrown(e.ExceptionDetails))
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError {
				m.wrong = append(m.wrong, fmt.Sprintf("console.error %+v", *e.Args[0]))
			}
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError && !m.excused(e.Entry) {
				m.wrong = append(m.wrong, fmt.Sprintf("%s %s", e.Entry.Text, e.Entry.URL))
			}
		}
	})
	if err != nil {
		m.s.t.Fatal(err)
	}
}

func thrown(e *runtime.ExceptionDetails) string {
	if e.Exception != nil {
		return e.Text + " " + e.Exception.Description
	}
	return e.Text
}

// excused are what a browser itself says where a server is away, or refuses what two
// could not both do.
func (m *monkey) excused(e *log.Entry) bool {
	for _, part := range []string{"net::ERR_", "409", "503"} {
		if strings.Contains(e.Text, part) {
			return e.Source == log.EntrySourceNetwork
		}
	}
	return false
}

func (m *monkey) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	m.s.t.Helper()
	if err := chromedp.Do(m.ctx, steps...); err != nil {
		m.s.t.Fatalf("%s: %v", what, err)
	}
}

// ask evaluates a script of the page's.
func ask[T any](m *monkey, script string) T {
	m.s.t.Helper()
	v, err := chromedp.Run(m.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		m.s.t.Fatalf("%s: %v", script, err)
	}
	return v
}

// enter opens the visit as who has the key.
func (m *monkey) enter() {
	m.s.t.Helper()
	token, err := os.ReadFile(filepath.Join(m.s.data, "token"))
	if err == nil {
		_, err = chromedp.Call(m.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watchEdits})
	}
	if err == nil {
		_, err = chromedp.Call(m.ctx, log.Enable, cdp.Empty{})
	}
	if err != nil {
		m.s.t.Fatal(err)
	}
	m.do("enter", chromedp.Navigate(m.s.url+"/enter?token="+url.QueryEscape(strings.TrimSpace(string(token)))), chromedp.WaitReady("#app main"))
	m.open()
}

func (m *monkey) open() {
	m.s.t.Helper()
	m.do("open the visit", chromedp.Navigate(m.s.url+"/visits/"+m.visit), chromedp.WaitVisible("main li"))
}

// keys that mean something to the page, and some that do not.
var keys = append(strings.Split(" jklaxisonbzZ123456789+-.,?qp", ""), kb.ArrowLeft, kb.ArrowRight, kb.ArrowUp, kb.ArrowDown, kb.Escape, kb.Tab, kb.Enter)

// act does one thing.
func (m *monkey) act() {
	m.s.t.Helper()
	switch n := m.random.IntN(1000); {
	case n < 4:
		m.restart()
	case n < 20:
		m.do("reload", chromedp.Reload(), chromedp.WaitReady("#app main"))
	case n < 40:
		m.do("type", chromedp.KeyEvent([]string{"Que fait-il ?", "é\"<b>", "…"}[m.random.IntN(3)]))
	case n < 450:
		m.press()
	default:
		m.do("press a key", chromedp.KeyEvent(keys[m.random.IntN(len(keys))]))
	}
	if m.random.IntN(10) == 0 && !strings.HasSuffix(ask[string](m, "location.pathname"), "/visits/"+m.visit) {
		m.open()
	}
}

// press presses, or drags, one of the controls that are seen.
func (m *monkey) press() {
	m.s.t.Helper()
	list := ask[[][4]float64](m, places)
	if len(list) == 0 {
		return
	}
	p := list[m.random.IntN(len(list))]
	x, y := p[0]+(m.random.Float64()-0.5)*p[2]*0.8, p[1]+(m.random.Float64()-0.5)*p[3]*0.8
	if m.random.IntN(8) > 0 {
		m.do("click", chromedp.MouseClickXY(x, y))
		return
	}
	m.do("drag", chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x, y, chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x+10+50*m.random.Float64(), y, chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, x+40*m.random.Float64(), y, chromedp.ButtonLeft))
}

// restart kills the server, and starts it again at the same address.
func (m *monkey) restart() {
	m.s.t.Helper()
	at := strings.TrimPrefix(m.s.url, "http://")
	if err := m.s.cmd.Process.Kill(); err != nil {
		m.s.t.Fatal(err)
	}
	_ = m.s.cmd.Wait() // it says that it was killed
	m.s = startServe(m.s.t, m.s.data, "--listen", at)
}

// settle waits until the page has nothing left to save.
func (m *monkey) settle() {
	m.s.t.Helper()
	m.open()
	m.s.until("all to be saved", time.Minute, func() bool {
		return ask[bool](m, `Object.keys(localStorage).every(k => !k.startsWith("dyade.pending."))`)
	})
}

// nothingIsLost compares what the page sent with the journal.
func (m *monkey) nothingIsLost() (edits int) {
	m.s.t.Helper()
	var sent map[string]int
	if err := json.Unmarshal([]byte(ask[string](m, `localStorage.getItem("monkey") ?? "{}"`)), &sent); err != nil {
		m.s.t.Fatal(err)
	}
	done := m.journal()
	for id, status := range sent {
		if status >= 400 && status < 500 {
			continue
		}
		if !done[id] {
			m.s.t.Errorf("edit %s, answered %d, is not in the journal", id, status)
		}
	}
	return len(done)
}

// journal gives the ids of all edits of the visit, as its events tell them.
func (m *monkey) journal() map[string]bool {
	m.s.t.Helper()
	_, doc := m.s.ask("GET", "/api/visits/"+m.visit+"/review?by=monkey", nil)
	var now struct{ Place int }
	if err := json.Unmarshal(doc, &now); err != nil {
		m.s.t.Fatalf("%s: %v", doc, err)
	}
	list := ask[[]string](m, fmt.Sprintf(`new Promise(done => {
		const list = [];
		if (%[2]d === 0) return done(list);
		const stream = new EventSource("/api/visits/%[1]s/events");
		stream.addEventListener("edit", e => {
			const { id, place } = JSON.parse(e.data);
			list.push(id);
			if (place >= %[2]d) { stream.close(); done(list); }
		});
	})`, m.visit, now.Place))
	all := map[string]bool{}
	for _, id := range list {
		all[id] = true
	}
	return all
}

// undoAll undoes all that the browser did, by the door, and expects the start.
func (m *monkey) undoAll() {
	m.s.t.Helper()
	by := ask[string](m, `localStorage.getItem("dyade.by")`)
	if err := chromedp.Do(m.ctx, chromedp.Navigate("about:blank")); err != nil { // thousands are undone: nobody needs to see each
		m.s.t.Fatal(err)
	}
	for left := 1; left > 0; {
		edit := fmt.Sprintf(`{"id":%q,"by":%q,"kind":"undo"}`, uuid(m.random), by)
		status, doc := m.s.ask("POST", "/api/visits/"+m.visit+"/edits", strings.NewReader(edit))
		var done struct{ Undo int }
		if status == http.StatusConflict && strings.Contains(string(doc), `"conflicts":[]`) {
			break // there is nothing to undo
		}
		if status != http.StatusOK || json.Unmarshal(doc, &done) != nil {
			m.s.t.Fatalf("undo: %d %s", status, doc)
		}
		left = done.Undo
	}
	_, doc := m.s.ask("GET", "/api/visits/"+m.visit+"/review?by="+by, nil)
	var now struct{ Facts map[string]any }
	if err := json.Unmarshal(doc, &now); err != nil || len(now.Facts) > 0 {
		m.s.t.Errorf("after all is undone there is %s, %v", doc, err)
	}
}
