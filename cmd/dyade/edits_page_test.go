package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dyade/annotate/review"
	"dyade/annotate/store"
	"dyade/internal/testenv/browser"
)

// TestWhatIsWrittenIsNeverLost: whatever another does meanwhile, and whatever becomes of
// the network and of what the browser keeps.
func TestWhatIsWrittenIsNeverLost(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	id := s.queue(store.Batch, "p.mp4", barcoded.Film(t, "p.mp4"))
	s.until("the film to be analysed", long, func() bool { return s.recording(id).State == "done" })
	w, address := lay(t, s.url, math.MaxInt64)
	v := s.visitor(address, "fr")
	at := "/visits/" + s.visitOf(id)
	toReview := fmt.Sprintf(`document.querySelector('.visit a[href=%q]').click()`, at)

	v.sees("the visit", strings.TrimSuffix(toReview, ".click()"))
	w.cut(true)
	tells[any](v, toReview)
	v.sees("that the server is away", `document.querySelector("main[aria-busy]") && document.querySelector(".notice.warn")`)
	w.cut(false)
	v.sees("the review", `document.querySelector("main.review")`)
	v.sees("a picture", still)
	v.sees("no more", `!document.querySelector(".notice")`)

	v.do("makes a segment", chromedp.WaitEnabled(`[aria-keyshortcuts="s"]`), chromedp.KeyEvent("s"), chromedp.WaitVisible(".moment.now .editor"))
	v.writes("mine")
	v.saves()
	segment := s.one(id, "segment/")
	v.writes(", and")
	s.another(at, segment, map[string]string{"seen": `"theirs"`})
	v.do("goes on", chromedp.KeyEvent(" more"), chromedp.KeyEvent(kb.Escape))
	both := `["mine, and more", "theirs"].every((text) => document.querySelector(".notice.warn")?.textContent.includes(text))`
	v.sees("both versions", both)
	v.open(at)
	v.sees("both versions again", both)
	browser.Picture(t, v.ctx, "review-clash")
	v.do("chooses", chromedp.Click(`.notice.warn button:not(.primary)`))
	v.saves()
	if seen := s.only(id, "segment/")["seen"]; seen != `"mine, and more"` {
		t.Errorf("the note is %s", seen)
	}

	v.chooses()
	v.writes("!")
	gone := map[string]string{}
	for field := range s.facts(id)[segment] {
		gone[field] = ""
	}
	s.another(at, segment, gone)
	v.sees("the text of what was deleted", `document.querySelector(".notice textarea[readonly]")?.value === "mine, and more!" && document.querySelectorAll(".notice button").length === 1`)
	v.barriers()
	v.do("lets go of it", chromedp.Click(`.notice button`))

	w.cut(true)
	v.do("makes another", chromedp.KeyEvent("s"))
	v.sees("that the server is away", `document.querySelector(".notice.warn")`)
	v.do("leaves", chromedp.Click("a.brand"))
	w.cut(false)
	s.until("it to arrive", patience, func() bool { return len(s.facts(id)) == 1 })

	if _, err := chromedp.Call(v.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: blocked}); err != nil {
		t.Fatal(err)
	}
	v.open(at + "?lang=fr")
	v.chooses()
	v.writes("kept nowhere")
	v.do("stops", chromedp.KeyEvent(kb.Escape))
	v.saves()
	if seen := s.only(id, "segment/")["seen"]; seen != `"kept nowhere"` {
		t.Errorf("the note is %s", seen)
	}
	if status, doc := s.ask(http.MethodDelete, "/api/recordings/"+id, nil); status >= 300 {
		t.Fatalf("%d %s", status, doc)
	}
	v.sees("that nothing is there", `document.querySelectorAll(".moment, .part:not(.add)").length === 0`)
}

// blocked has a browser keep nothing of a site.
const blocked = `for (const name of ["localStorage", "sessionStorage"])
	Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } })`

// chooses the segment that there is.
func (v visitor) chooses() {
	v.t.Helper()
	v.sees("a picture", still)
	v.do("chooses", chromedp.WaitVisible(".moment"), chromedp.KeyEvent(kb.ArrowDown), chromedp.WaitVisible(".moment.now .editor"))
}

// writes more in the note of the segment that is chosen, and stays in it.
func (v visitor) writes(text string) {
	v.t.Helper()
	if !tells[bool](v, `document.activeElement.matches("textarea")`) {
		v.presses("n")
	}
	v.do("writes", chromedp.WaitVisible("textarea:focus"), chromedp.KeyEvent(kb.End), chromedp.KeyEvent(text))
}

// one is the name of the only entity of a kind.
func (s *served) one(id, kind string) (entity string) {
	s.t.Helper()
	s.only(id, kind)
	for name := range s.facts(id) {
		if strings.HasPrefix(name, kind) {
			entity = name
		}
	}
	return entity
}

// another person changes fields of a thing, whatever is there.
func (s *served) another(at, entity string, fields map[string]string) {
	s.t.Helper()
	var changes []review.Change
	for field, value := range fields {
		changes = append(changes, review.Change{Entity: entity, Field: field, To: review.Value(value)})
	}
	p := person{random: rand.New(rand.NewPCG(uint64(len(fields)), 0))}
	doc, err := json.Marshal(review.Edit{ID: p.uuid(), By: "another", Kind: review.Do, Changes: changes, Force: true})
	if err != nil {
		s.t.Fatal(err)
	}
	s.do(http.StatusOK, http.MethodPost, "/api"+at+"/edits", string(doc), nil)
}
