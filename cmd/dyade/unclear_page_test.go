package main

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"dyade/internal/testenv"
	"dyade/internal/testenv/browser"
)

// TestWhereNothingIsClearOneMarksOneself: of a film in which nobody can be seen or heard
// the page says why nothing is proposed and what to film otherwise, in the reader's
// language, and a segment of one's own is made as ever.
func TestWhereNothingIsClearOneMarksOneself(t *testing.T) {
	film := filepath.Join(t.TempDir(), "wall.mp4")
	made := exec.Command("ffmpeg", "-v", "error", "-ss", "24", "-t", "6", "-i", filepath.Join(testenv.Sample(t, 1), "sample.mp4"),
		"-vf", "crop=64:36:0:0,scale=640:360,eq=brightness=-0.6:contrast=0.6", "-af", "volume=-90dB", "-preset", "ultrafast", film)
	if msg, err := made.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	id := s.submit(film)
	s.until("the film to be analysed", long, func() bool { return s.recording(id).State == "done" })
	v := s.visitor(s.url, "fr")
	v.open("/visits/" + s.visitOf(id))
	v.sees("why", `["sombre", "aucun visage", "son est très faible"].every((w) => document.querySelector(".unclear ul")?.textContent.includes(w))`)
	v.sees("what to do first", `document.querySelector(".limits summary").textContent.includes("Allumez une lampe")`)
	v.sees("the rest folded", `!document.querySelector(".limits").open && document.querySelectorAll(".limits li").length === 2`)
	browser.Picture(t, v.ctx, "unclear")
	v.barriers()
	v.presses("s")
	v.sees("a segment", `document.querySelector(".moment.kept.now .editor")`)
	v.saves()
	v.do("reads English", chromedp.Click(".top button[lang]"))
	v.sees("the same", `document.querySelector(".unclear ul").textContent.includes("too dark")`)
}
