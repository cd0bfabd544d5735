package main

import (
	"bufio"
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dyade/internal/testenv/browser"
)

// labelled is a `dyade label` at work.
type labelled struct {
	t       *testing.T
	cmd     *exec.Cmd
	address string // that lets a browser in
}

func startLabel(t *testing.T, args ...string) *labelled {
	t.Helper()
	cmd := exec.Command("dyade", append([]string{"label", "--print", "--lang", "en"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	l := &labelled{t: t, cmd: cmd}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("no address came: %v", err)
	}
	l.address = strings.TrimSpace(line)
	return l
}

func (l *labelled) end(signal os.Signal) {
	l.t.Helper()
	if err := l.cmd.Process.Signal(signal); err != nil {
		l.t.Fatal(err)
	}
	err := l.cmd.Wait()
	if signal == syscall.SIGTERM && err != nil {
		l.t.Errorf("it ended with %v", err)
	}
}

// labeller is a person at its page.
func (l *labelled) labeller(lang string) visitor {
	l.t.Helper()
	at, err := url.Parse(l.address)
	if err != nil {
		l.t.Fatal(err)
	}
	v := visitor{l.t, browser.New(l.t), "http://" + at.Host}
	if err := browser.Show(v.ctx, browser.Laptop, false); err != nil {
		l.t.Fatal(err)
	}
	v.do("comes in", chromedp.Navigate(l.address), chromedp.WaitVisible(".labelling"))
	v.open("/label?lang=" + lang)
	v.sees("a picture", still)
	return v
}

const heldNow = `document.querySelector(".state").textContent`

// TestAFilmIsLabelledByKeys: stretches on each track, through a reload and a server that
// is killed, and the files are right.
func TestAFilmIsLabelledByKeys(t *testing.T) {
	data, out := t.TempDir(), filepath.Join(t.TempDir(), "labels")
	film := barcoded.Film(t, "p.mp4")
	args := []string{film, "--out", out, "--data", data, "--by", "Anna"}
	l := startLabel(t, args...)
	v := l.labeller("fr")
	browser.Strict(t, v.ctx)
	right := func(n int) chromedp.Action[chromedp.Void] { return chromedp.KeyEvent(strings.Repeat(kb.ArrowRight, n)) }
	step := func(keys string) {
		t.Helper()
		for _, k := range keys {
			v.do("presses "+string(k), chromedp.KeyEvent(string(k)))
			v.sees("a picture", still)
		}
	}
	steps := func(n int) {
		t.Helper()
		for range n {
			v.do("steps", right(1))
			v.sees("a picture", still)
		}
	}
	saved := func() { t.Helper(); v.sees("that it is kept", heldNow+` === "Enregistré"`) }

	steps(3)
	step("1") // mutual from 0.3
	steps(5)
	step("5") // none from 0.8
	steps(4)
	step("0") // nothing from 1.2
	step("g") // that edge at 1.1
	saved()
	holdsFile(t, filepath.Join(out, "p.facing.csv"), "start_s,end_s,label,note,by\n0.3,0.8,mutual,,Anna\n0.8,1.1,none,,Anna\n")
	step("z")
	saved()
	holdsFile(t, filepath.Join(out, "p.facing.csv"), "start_s,end_s,label,note,by\n0.3,0.8,mutual,,Anna\n0.8,1.2,none,,Anna\n")
	v.do("does it again", chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierShift)))
	saved()

	// Killed: what is done meanwhile waits in the page, and is kept once it is back.
	l.end(syscall.SIGKILL)
	v.do("goes to the turns", chromedp.KeyEvent(kb.ArrowDown+kb.ArrowDown))
	step("1")
	steps(1)
	v.sees("that it is not kept yet", `document.querySelector(".notices .warn") && `+heldNow+` !== "Enregistré"`)
	l = startLabel(t, args...)
	steps(1)
	step("2")
	steps(3)
	step("1")
	step("0")
	saved()

	// Reloaded, at the same place and track.
	v.open("/label")
	v.sees("the track again", `document.querySelector(".tracks [aria-pressed=true]").textContent === "Parole"`)
	v.sees("a picture", still)
	v.do("goes to the moments", chromedp.KeyEvent(kb.ArrowDown))
	step("7")
	steps(10)
	v.presses("n")
	v.do("writes", chromedp.WaitVisible(".note-of input:focus"), chromedp.KeyEvent("il revient, \"enfin\""), chromedp.KeyEvent(kb.Enter))
	saved()
	v.barriers()
	browser.Picture(t, v.ctx, "label-light")
	for _, s := range []browser.Screen{browser.Laptop, browser.Tablet, browser.Phone} {
		if err := browser.Show(v.ctx, s, true); err != nil {
			t.Fatal(err)
		}
		v.sees("it drawn", `document.querySelector(".block")`)
		v.barriers()
		browser.Picture(t, v.ctx, "label-dark-"+s.Name)
	}
	l.end(syscall.SIGTERM)

	holdsFile(t, filepath.Join(out, "p.rttm"), "SPEAKER p 1 1.1 0.5 <NA> <NA> parent <NA> <NA>\n;; by Anna\nSPEAKER p 1 1.3 0.3 <NA> <NA> child <NA> <NA>\n;; by Anna\n")
	holdsFile(t, filepath.Join(out, "p.moments.csv"), "start_s,end_s,kind,note,by\n1.6,2.6,reunion,\"il revient, \"\"enfin\"\"\",Anna\n")
	holdsFile(t, filepath.Join(out, "p.facing.csv"), "start_s,end_s,label,note,by\n0.3,0.8,mutual,,Anna\n0.8,1.1,none,,Anna\n")
	if _, err := os.Stat(filepath.Join(out, "p.closeness.csv")); err == nil {
		t.Error("a track on which nothing is labelled has a file")
	}
	eaf, err := os.ReadFile(filepath.Join(out, "p.eaf"))
	if err != nil || !strings.Contains(string(eaf), `<TIER TIER_ID="facing" ANNOTATOR="Anna"`) || !strings.Contains(string(eaf), "<ANNOTATION_VALUE>reunion</ANNOTATION_VALUE>") {
		t.Errorf("%v: %s", err, eaf)
	}
	if rooms, err := filepath.Glob(filepath.Join(data, "label", "*", "*")); err != nil || len(rooms) > 0 {
		t.Errorf("it leaves %q, %v", rooms, err)
	}
}

// holdsFile waits for a file to hold what it should: the page may say that all is kept a
// moment before it has drawn that something new is not.
func holdsFile(t *testing.T, path, want string) {
	t.Helper()
	over := time.After(patience)
	for {
		got, err := os.ReadFile(path)
		if err == nil && string(got) == want {
			return
		}
		select {
		case <-over:
			t.Fatalf("%s holds\n%s%v; want\n%s", filepath.Base(path), got, err, want)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// TestEdgesAreDragged, of labels that another program wrote: those are kept aside.
func TestEdgesAreDragged(t *testing.T) {
	out := t.TempDir()
	const before = "start_s,end_s,label,note\n1,3.000,mutual,seen\n3,5,none,\n"
	path := filepath.Join(out, "p.facing.csv")
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	l := startLabel(t, barcoded.Film(t, "p.mp4"), "--out", out, "--data", t.TempDir(), "--by", "Bo")
	v := l.labeller("en")
	browser.Strict(t, v.ctx)
	v.sees("what was labelled", `document.querySelectorAll(".block").length === 2`)
	at := func(s float64) (x, y float64) {
		t.Helper()
		r := tells[[]float64](v, `(() => { const b = document.querySelector(".strip.chosen").getBoundingClientRect(); return [b.x, b.width, b.y + b.height / 2]; })()`)
		return r[0] + s/9*r[1], r[2]
	}
	drag := func(from, to float64) {
		t.Helper()
		x, y := at(from)
		until, _ := at(to)
		v.do("drags", chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x, y, chromedp.ButtonLeft), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, (x+until)/2, y, chromedp.ButtonLeft),
			chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, until, y, chromedp.ButtonLeft), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, until, y, chromedp.ButtonLeft))
		v.sees("a picture", still)
	}
	drag(3, 4.04)
	v.sees("the edge where it was let go", `document.querySelector("[aria-current] .numbers").textContent.includes("00:04.0")`)
	drag(5, 8.96)
	v.sees("that it is kept", heldNow+` === "Saved"`)
	holdsFile(t, path, "start_s,end_s,label,note,by\n1.0,4.0,mutual,seen,\n4.0,9.0,none,,\n")
	holdsFile(t, path+".before", before)
	v.do("labels the rest anew", chromedp.KeyEvent("e"), chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent("6"))
	v.sees("that it is kept", heldNow+` === "Saved"`)
	holdsFile(t, path, "start_s,end_s,label,note,by\n1.0,4.0,mutual,seen,\n4.0,4.1,none,,\n4.1,9.0,unknown,,Bo\n")
	l.end(syscall.SIGTERM)
}

// TestNobodyElseReadsAFilmThatIsLabelled without the key.
func TestNobodyElseReadsAFilmThatIsLabelled(t *testing.T) {
	l := startLabel(t, barcoded.Film(t, "p.mp4"), "--out", t.TempDir(), "--data", t.TempDir())
	at, err := url.Parse(l.address)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	for _, path := range []string{"/api/label", "/api/recordings/film/original", "/label", "/api/recordings", "/healthz"} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at.Host+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s answers %s", path, answer.Status)
		}
	}
}
