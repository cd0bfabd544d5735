package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dyade/annotate"
	"dyade/internal/testenv"
	"dyade/internal/testenv/browser"
)

// practitioner is a visitor whose actions are counted.
type practitioner struct {
	visitor
	acts int
}

// act is one key or one press.
func (p *practitioner) act(what string, step chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	p.acts++
	p.do(what, step)
}

func button(word string) string {
	return fmt.Sprintf(`[...document.querySelectorAll("button")].find((b) => !b.disabled && b.textContent.includes(%q))`, word)
}

func (p *practitioner) press(word string) {
	p.t.Helper()
	p.sees(word, button(word))
	p.act("press "+word, chromedp.Evaluate[chromedp.Void](button(word)+".click()"))
}

// words that the path goes by.
var pathWords = map[string]struct{ make, ready, seen, question string }{
	"fr": {"Créer le film", "Regarder", "Elle tend le bloc ; vous l’attendez.", "Qu’est-ce qu’elle vous dit, ici ?"},
	"en": {"Create the film", "Watch", "She holds out the block; you wait for her.", "What does she tell you here?"},
}

// TestThePractitionersPath goes from a film that is dropped to a reel of three moments on
// the parent's screen and in a file, with a reload and a server that is killed on the way.
// It says how many actions and seconds that takes, and takes the pictures of the guide.
func TestThePractitionersPath(t *testing.T) {
	for lang, word := range pathWords {
		t.Run(lang, func(t *testing.T) {
			s := startServe(t, filepath.Join(t.TempDir(), "data"))
			p := &practitioner{visitor: s.visitor(s.url, lang)}
			begun := time.Now()
			p.drops(".drop", filepath.Join(testenv.Sample(t, 1), "sample.mp4"))
			p.acts++
			p.sees("the film come", `document.querySelector(".visit .film img")?.complete`)
			browser.Page(t, p.ctx, "guide/"+lang+"/home")
			p.act("starts the review", chromedp.Click(".visit a.to-review"))
			visit := s.visits()[0]
			p.sees("what is proposed of the whole film", `document.querySelectorAll("main.review .list li img").length > 8 && !document.querySelector(".top progress")`)
			for n := range 3 {
				if n > 0 {
					p.act("goes to the next", chromedp.KeyEvent(kb.ArrowDown))
				}
				p.act("keeps it", chromedp.KeyEvent("a"))
				p.sees("it kept", fmt.Sprintf(`document.querySelectorAll(".reel .part img").length === %d`, n+1))
			}
			p.act("writes", chromedp.KeyEvent("n"))
			p.sees("where to", `document.activeElement?.matches("textarea")`)
			p.do("what was seen", chromedp.Evaluate[chromedp.Void](`document.activeElement.select()`), chromedp.KeyEvent(word.seen+kb.Tab+word.question+kb.Tab))
			p.acts += 2
			p.sees("that it is saved", `Object.keys(localStorage).every((k) => !k.startsWith("dyade.pending."))`)
			browser.Page(t, p.ctx, "guide/"+lang+"/review")

			s = p.goesOn(s, visit)
			p.press(word.make)
			p.sees("the film made", button(word.ready))
			t.Logf("%s: %d actions, %.1f s to a reel of three moments", lang, p.acts, time.Since(begun).Seconds())
			checkReel(t, s, visit)
			p.do("sees the reel", chromedp.ScrollIntoView(".reel"))
			browser.Page(t, p.ctx, "guide/"+lang+"/reel")
			p.act("asks for the parent's screen", chromedp.KeyEvent("p"))
			p.sees("the film play", `[...document.querySelectorAll(".parent-screen video")].some((v) => !v.paused && v.currentTime > 0)`)
			browser.Page(t, p.ctx, "guide/"+lang+"/parent")
			p.open("/visits/" + visit + "/report")
			p.sees("the report", `document.querySelectorAll("main img").length >= 3 && [...document.querySelectorAll("main img")].every((i) => i.complete)`)
			browser.Page(t, p.ctx, "guide/"+lang+"/report")
		})
	}
}

// goesOn kills the server and starts it again, then loads the page anew: all is there.
func (p *practitioner) goesOn(s *served, visit string) *served {
	p.t.Helper()
	at := strings.TrimPrefix(s.url, "http://")
	if err := s.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	_ = s.cmd.Wait() // it says that it was killed
	s.until("workers and redis to end with it", long, func() bool { return len(s.alive()) == 0 })
	s = startServe(p.t, s.data, "--listen", at)
	p.open("/visits/" + visit)
	p.sees("all that was kept", `document.querySelectorAll(".reel .part img").length === 3`)
	return s
}

// checkReel holds the film to what the review says.
func checkReel(t *testing.T, s *served, visit string) {
	t.Helper()
	status, film := s.ask(http.MethodGet, "/api/visits/"+visit+"/reel/film", nil)
	path := filepath.Join(t.TempDir(), "reel.mp4")
	if err := os.WriteFile(path, film, 0o600); err != nil || status != http.StatusOK {
		t.Fatalf("%d, %v", status, err)
	}
	probe := exec.Command(testenv.Program(t, "ffprobe"), "-v", "error", "-count_frames", "-show_entries", "stream=codec_name,nb_read_frames", "-of", "csv=p=0", path)
	out, err := probe.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var want int
	for _, p := range s.plan(visit) {
		want += int(p.Cut.End.Ticks-p.Cut.Start.Ticks) / picture
	}
	if !strings.Contains(string(out), fmt.Sprintf("h264,%d\n", want)) || !strings.Contains(string(out), "aac,") {
		t.Errorf("it is to have %d pictures and sound:\n%s", want, out)
	}
}

// plan is the reel of a visit's review.
func (s *served) plan(visit string) []annotate.Part {
	s.t.Helper()
	var reel annotate.Reel
	if status, doc := s.ask(http.MethodGet, "/api/visits/"+visit+"/reel/plan?lang=en", nil); status != http.StatusOK || json.Unmarshal(doc, &reel) != nil {
		s.t.Fatalf("%d %s", status, doc)
	}
	return reel.Parts
}
