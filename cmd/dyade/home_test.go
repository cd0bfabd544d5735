package main

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"dyade/internal/testenv"
	"dyade/internal/testenv/browser"
)

// TestFilmsAreDroppedAndProposed: from letting go of a film over the home page to
// what is proposed of it, in its review.
func TestFilmsAreDroppedAndProposed(t *testing.T) {
	film := filepath.Join(testenv.Sample(t, 1), "sample.mp4")
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	v := s.visitor(s.url, "fr")
	v.do("sees where to drop films", chromedp.WaitVisible(".drop.large"))
	browser.Picture(t, v.ctx, "home-empty")
	v.drops(".drop", film)
	v.do("may start the review", chromedp.WaitVisible(".visit a.to-review"))
	v.sees("the film", `document.querySelector(".film[data-recording] .name")?.textContent === "sample.mp4"`)
	v.sees("its moments", `/\d+ moments? proposés?/.test(document.querySelector(".film.done .what")?.textContent)`)
	browser.Picture(t, v.ctx, "home-done")
	v.do("starts the review", chromedp.Click(".visit a.to-review"))
	v.sees("that it is the visit's", `location.pathname === "/visits/`+s.visits()[0]+`"`)
	v.sees("proposals", `document.querySelector("main.review .list li")`)
	if tells[bool](v, `document.activeElement === document.getElementById("content")`) != true {
		t.Error("who reads by keys does not start at the page's content")
	}
}

// TestFilmsJoinAVisit: a film that came by itself is put to the visit of another, and
// one is dropped to a visit.
func TestFilmsJoinAVisit(t *testing.T) {
	dir := t.TempDir()
	film := cutFilm(t, dir)
	s := startServe(t, filepath.Join(t.TempDir(), "data"), "--workers", "0")
	s.send("first.mp4", film)
	s.send("second.mp4", filepath.Join(testenv.Sample(t, 1), "sample.mp4"))
	v := s.visitor(s.url, "en")
	v.sees("both visits", `document.querySelectorAll(".visit").length === 2`)
	v.do("moves the latest film", chromedp.Click(`.visit .acts button[title="Change session"]`), chromedp.WaitVisible("dialog[open] .option"), chromedp.Click("dialog[open] .option"))
	v.sees("them together", `document.querySelectorAll(".visit").length === 1 && document.querySelectorAll(".visit .film").length === 2`)
	third := remade(t, dir, film)
	v.drops(".visit", third)
	v.sees("the third", `document.querySelectorAll(".visit").length === 1 && document.querySelectorAll(".visit .film[data-recording]").length === 3`)
	if ids := s.visits(); len(ids) != 3 || ids[0] != ids[1] || ids[1] != ids[2] {
		t.Errorf("they are of visits %v", ids)
	}
	v.do("deletes it", chromedp.Click(`.film:last-child button[title="Delete"]`), chromedp.WaitVisible("dialog[open]"))
	browser.Picture(t, v.ctx, "home-delete")
	v.do("means it", chromedp.Click("dialog[open] .danger"))
	v.sees("it gone", `document.querySelectorAll(".visit .film").length === 2`)
}

// TestAnUploadGoesOn: where the network fails by itself; where the page was loaded
// anew, once the film is chosen again. What had come does not come twice.
func TestAnUploadGoesOn(t *testing.T) {
	film := filepath.Join(testenv.Sample(t, 1), "sample.mp4")
	const some = 40 << 20 // more than two of the pieces in which it comes, less than all
	s := startServe(t, filepath.Join(t.TempDir(), "data"), "--workers", "0")
	w, address := lay(t, s.url, some)
	v := s.visitor(address, "en")
	v.drops(".drop", film)
	v.sees("some of it sent", `document.querySelector(".sent.sending progress")?.value > 0.3`)
	browser.Picture(t, v.ctx, "home-sending")
	w.cut(true)
	v.sees("that the network is gone", `document.querySelector(".sent.lost [role=alert]")`)
	browser.Picture(t, v.ctx, "home-lost")
	w.cut(false)
	w.pass(1 << 20)
	v.sees("it go on", `document.querySelector(".sent.sending")`)

	v.meansIt()
	v.do("leaves", chromedp.Navigate("about:blank"))
	w.pass(math.MaxInt32)
	v.open("/")
	v.do("chooses the film again", chromedp.WaitVisible(".sent.cut"), chromedp.SetUploadFiles(".sent.cut .chooser", []string{film}))
	v.sees("it arrive", `document.querySelector(".film[data-recording]")`)
	begun := tells[[]string](v, `performance.getEntriesByType("resource").map((r) => new URL(r.name).pathname).filter((p) => p === "/api/uploads/")`)
	if len(begun) > 0 {
		t.Error("the upload was begun anew")
	}
	if name := s.recordings()[0].Name; name != "sample.mp4" {
		t.Errorf("%q arrived", name)
	}
}

// TestAnUploadIsTriedAgain where its card was pulled out: it goes on where it was, and one
// that is cancelled leaves nothing.
func TestAnUploadIsTriedAgain(t *testing.T) {
	dir := t.TempDir()
	card, film := filepath.Join(dir, "pulled"), filepath.Join(dir, "film.mp4")
	if msg, err := exec.Command("cp", filepath.Join(testenv.Sample(t, 1), "sample.mp4"), film).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	s := startServe(t, filepath.Join(t.TempDir(), "data"), "--workers", "0")
	w, address := lay(t, s.url, 40<<20)
	v := s.visitor(address, "en")
	pull := func(from, to string, cut bool) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
		w.cut(cut)
	}
	v.drops(".drop", film)
	for _, again := range []func(){
		func() { v.do("tries again", chromedp.Click(".sent.failed .acts .button")) },
		func() { v.drops(".drop", film) },
	} {
		v.sees("some of it sent", `document.querySelector(".sent.sending progress")?.value > 0.3`)
		pull(film, card, true)
		v.sees("that it cannot be read", `document.querySelector(".sent.failed [role=alert]")`)
		pull(card, film, false)
		w.pass(1 << 20)
		again()
		v.sees("it go on", `document.querySelector(".sent.sending") && document.querySelectorAll(".sent").length === 1`)
	}
	if begun := tells[int](v, `performance.getEntriesByType("resource").filter((r) => new URL(r.name).pathname === "/api/uploads/").length`); begun != 1 {
		t.Errorf("it was begun %d times", begun)
	}
	w.pass(1 << 20)
	v.do("cancels it", chromedp.Click(`.sent button[title="Cancel sending"]`))
	v.sees("nothing left", `document.querySelectorAll(".sent").length === 0 && !Object.keys(localStorage).some((k) => k.startsWith("tus::"))`)
}

// meansIt has who is asked whether they mean to leave say so.
func (v visitor) meansIt() {
	v.t.Helper()
	err := chromedp.Listen(v.ctx, func(e any) {
		if _, ok := e.(*page.EventJavascriptDialogOpening); ok {
			go func() {
				_, _ = chromedp.Call(v.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
			}()
		}
	})
	if err != nil {
		v.t.Fatal(err)
	}
}

// TestWhatIsNoFilmIsRefused with what to do.
func TestWhatIsNoFilmIsRefused(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"), "--workers", "0")
	v := s.visitor(s.url, "fr")
	v.drops(".drop", filepath.Join(testenv.Sample(t, 1), "sample.truth.json"))
	v.sees("why", `document.querySelector(".notice.bad")`)
	if said := tells[string](v, `document.querySelector(".notice.bad").textContent`); !strings.Contains(said, "sample.truth.json") || !strings.Contains(said, "pas un film") {
		t.Errorf("it says %q", said)
	}
	if all := s.recordings(); len(all) > 0 {
		t.Errorf("it took in %v", all)
	}
}

// remade is a film of another content than one has.
func remade(t *testing.T, dir, film string) string {
	t.Helper()
	other := filepath.Join(dir, "third.mp4")
	if msg, err := exec.Command("ffmpeg", "-v", "error", "-i", film, "-t", "3", "-c", "copy", other).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	return other
}
