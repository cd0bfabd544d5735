package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dyade/internal/testenv"
	"dyade/internal/testenv/browser"
)

// facts of a review, by entity and field.
type facts map[string]map[string]any

// ticks of the sample's pictures: 30 a second.
const (
	tickBase = 15360
	picture  = 512
)

func instant(s float64) map[string]any {
	return map[string]any{"ticks": int64(s * tickBase), "base": map[string]any{"num": 1, "den": tickBase}}
}

// cutOf is a segment.
func cutOf(recording string, from, to float64, order string, more map[string]any) map[string]any {
	f := map[string]any{"recording": recording, "start": instant(from), "end": instant(to), "kind": "turn_taking", "order": order}
	maps.Copy(f, more)
	return f
}

// decide writes facts into a visit's review.
func (s *served) decide(visit string, f facts) {
	s.t.Helper()
	var changes []map[string]any
	for entity, fields := range f {
		for field, to := range fields {
			changes = append(changes, map[string]any{"entity": entity, "field": field, "from": nil, "to": to})
		}
	}
	doc, err := json.Marshal(map[string]any{"id": "00000000-0000-4000-8000-000000000001", "by": "test", "kind": "do", "changes": changes})
	if err != nil {
		s.t.Fatal(err)
	}
	if status, answer := s.ask(http.MethodPost, "/api/visits/"+visit+"/edits", bytes.NewReader(doc)); status != http.StatusOK {
		s.t.Fatalf("%d %s", status, answer)
	}
}

// order of a visit's reel, by the last letter of each part's name.
func (s *served) order(visit string) (names string) {
	s.t.Helper()
	var plan struct{ Parts []struct{ ID string } }
	if status, doc := s.ask(http.MethodGet, "/api/visits/"+visit+"/reel/plan?lang=en", nil); status != http.StatusOK || json.Unmarshal(doc, &plan) != nil {
		s.t.Fatalf("%d %s", status, doc)
	}
	for _, p := range plan.Parts {
		names += p.ID[len(p.ID)-1:]
	}
	return names
}

func named(kind string, letter rune) string {
	return fmt.Sprintf("%s/00000000-0000-4000-8000-00000000000%c", kind, letter)
}

// reviewed is a visit with a film that browsers play and one that they do not, and a
// reel of them: a segment, a card, a segment of the other film, one with all there is.
func reviewed(t *testing.T, s *served) (visit string) {
	t.Helper()
	plays, hevc := s.send("plays.mp4", filepath.Join(testenv.Sample(t, 1), "sample.mp4")), s.send("hevc.mp4", hevcFilm(t, 6))
	visit = s.visits()[1]
	if status, doc := s.ask(http.MethodPut, "/api/recordings/"+hevc+"/visit", strings.NewReader(fmt.Sprintf(`{"visit": %q}`, visit))); status != http.StatusNoContent {
		t.Fatalf("%d %s", status, doc)
	}
	s.until("both films to be known", long, func() bool {
		_, doc := s.ask(http.MethodGet, "/api/visits/"+visit, nil)
		return strings.Count(string(doc), `"playable"`) == 2
	})
	s.decide(visit, facts{
		named("segment", 'a'): cutOf(plays, 10, 11.5, "b", map[string]any{"question": "Qu’est-ce qu’il vous dit, ici ?", "caption": true, "seen": "Il tend le bloc.", "objective": "sensitivity", "tag:blocs": true}),
		named("card", 'b'):    {"text": "Vous jouez ensemble", "seconds": 1, "order": "d"},
		named("segment", 'c'): cutOf(hevc, 1, 2.5, "f", nil),
		named("segment", 'd'): cutOf(plays, 40, 41.5, "h", map[string]any{
			"slow": map[string]any{"start": instant(40.5), "end": instant(41), "rate": 0.5}, "freeze": map[string]any{"at": instant(41), "seconds": 0.5}, "question": "Que fait votre main ?",
		}),
	})
	return visit
}

// hevcFilm is one that browsers do not play.
func hevcFilm(t *testing.T, seconds int) string {
	t.Helper()
	film := filepath.Join(t.TempDir(), "hevc.mp4")
	args := fmt.Sprintf("-v error -nostdin -y -f lavfi -i testsrc2=s=640x360:r=30:d=%d -f lavfi -i sine=d=%d", seconds, seconds) + " -c:v libx265 -preset ultrafast -x265-params keyint=60:log-level=none -tag:v hvc1 -c:a aac"
	if out, err := exec.Command(testenv.Program(t, "ffmpeg"), append(strings.Fields(args), film)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return film
}

// watching keeps what films play: where each begins, and each picture that is seen.
const watching = `(() => {
	window.played = [];
	const play = HTMLMediaElement.prototype.play, watched = new WeakSet();
	HTMLMediaElement.prototype.play = function () {
		const v = this, log = (what, at) => played.push({what, at, src: new URL(v.currentSrc).pathname + new URL(v.currentSrc).search});
		log("begins", v.currentTime);
		if (!watched.has(v)) {
			watched.add(v);
			const see = (_, f) => { if (v.classList.contains("front") && !v.paused) log("seen", f.mediaTime); v.requestVideoFrameCallback(see); };
			v.requestVideoFrameCallback(see);
		}
		return play.call(this);
	};
})()`

type playedAt struct {
	What, Src string
	At        float64
}

// TestTheParentSeesTheReel straight from the films: each part in order, from its first
// picture to its last and no other, and soon after the key.
func TestTheParentSeesTheReel(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	visit := reviewed(t, s)
	v := s.visitor(s.url, "fr")
	v.open("/visits/" + visit)
	v.sees("the reel", `[...document.querySelectorAll(".reel .part img")].length === 3 && [...document.querySelectorAll(".reel .part img")].every((i) => i.naturalWidth > 0)`)
	v.do("asks for the parent's screen", chromedp.Evaluate[chromedp.Void](watching), chromedp.KeyEvent("p"), chromedp.WaitVisible(".parent-screen"))
	v.sees("its end", `document.querySelector(".show-control.main")?.textContent.includes("Recommencer")`)
	browser.Picture(t, v.ctx, "parent-end")

	marks := tells[[]struct {
		Name, Entity string
		At           float64
	}](v, `performance.getEntriesByType("mark").filter((m) => m.name.startsWith("dyade:")).map((m) => ({name: m.name, entity: m.detail ?? "", at: m.startTime}))`)
	var order string
	for _, m := range marks[1:] {
		order += m.Entity[len(m.Entity)-1:]
		t.Logf("%s is on the screen %.0f ms after the key", m.Entity, m.At-marks[0].At)
	}
	if marks[0].Name != "dyade:asked" || order != "abcd" {
		t.Errorf("it shows %v", marks)
	}
	seen := map[string][2]float64{"a": {10, 11.5}, "c": {1, 2.5}, "d": {40, 41.5}}
	checkPlayed(t, tells[[]playedAt](v, "played"), seen)

	v.do("leaves", chromedp.KeyEvent(kb.Escape), chromedp.WaitVisible("main.review"))
}

// checkPlayed sees to it that what was played is of the segments alone.
func checkPlayed(t *testing.T, log []playedAt, segments map[string][2]float64) {
	t.Helper()
	first := map[string]float64{}
	pictures := map[string]int{}
	for _, p := range log {
		at, of := p.At, ""
		if strings.Contains(p.Src, "/clip") {
			var from int
			if _, err := fmt.Sscanf(p.Src[strings.Index(p.Src, "from_ms="):], "from_ms=%d", &from); err != nil {
				t.Fatal(err)
			}
			at += float64(from) / 1000
		}
		for name, span := range segments {
			if at > span[0]-1e-3 && at < span[1]-1e-3 {
				of = name
			}
		}
		switch {
		case of == "":
			t.Errorf("%s shows %.3f s, which is of no segment", p.Src, at)
		case p.What == "seen":
			pictures[of]++
		case first[of] == 0:
			first[of] = at
		}
	}
	for name, span := range segments {
		if d := first[name] - span[0]; d < -1e-3 || d >= 1./30 {
			t.Errorf("%s begins at %.3f s", name, first[name])
		}
		if pictures[name] == 0 {
			t.Errorf("nothing was seen of %s", name)
		}
	}
}

// TestTheParentsScreenAnswersKeys and taps.
func TestTheParentsScreenAnswersKeys(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	visit := reviewed(t, s)
	v := s.visitor(s.url, "en")
	v.open("/visits/" + visit)
	v.do("asks for the parent's screen", chromedp.WaitVisible(".reel .part"), chromedp.KeyEvent("p"), chromedp.WaitVisible(".parent-screen"))
	main := func(word string) string {
		return fmt.Sprintf(`document.querySelector(".show-control.main span:nth-of-type(2)").textContent === %q`, word)
	}
	at := func(n int) string {
		return fmt.Sprintf(`document.querySelectorAll(".show-dots i").length === 4 && [...document.querySelectorAll(".show-dots b")].filter((b) => b.style.width === "100%%").length === %d`, n)
	}
	v.sees("it play", main("Pause"))
	v.do("pauses", chromedp.KeyEvent(" "))
	v.sees("it rest", main("Play")+` && [...document.querySelectorAll(".parent-screen video")].every((x) => x.paused)`)
	browser.Picture(t, v.ctx, "parent-paused")
	v.do("goes to the card", chromedp.KeyEvent(kb.ArrowRight))
	v.sees("the card", `document.querySelector(".title-card")?.textContent === "Vous jouez ensemble"`)
	v.do("goes on", chromedp.KeyEvent(kb.PageDown), chromedp.KeyEvent(" "))
	v.sees("the third", at(2))
	v.do("goes on, and slowly", chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowDown))
	v.sees("it be slow", `document.querySelector(".show-control[aria-pressed=true]") && document.querySelector("video.front")?.playbackRate === 0.5`)
	v.do("goes back by a tap", chromedp.Click(".show-control:first-child"))
	v.sees("the third again", at(2))
	v.do("asks for what stops after each", chromedp.Click(".rests .button"))
	v.sees("it stop", main("Next"))
	v.sees("nothing else", "document.fullscreenElement")
	v.do("gives the screen back", chromedp.KeyEvent("f"))
	v.sees("it in a window", "!document.fullscreenElement")
	v.do("takes it again", chromedp.KeyEvent("f"))
	v.sees("nothing else", "document.fullscreenElement && document.querySelector('.parent-screen')")
	v.do("leaves", chromedp.Click(".corner .button:last-child"), chromedp.WaitVisible("main.review"))
}

// TestTheParentSeesNothingThatWasTakenOut meanwhile, by somebody else.
func TestTheParentSeesNothingThatWasTakenOut(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	visit := reviewed(t, s)
	v := s.visitor(s.url, "en")
	v.open("/visits/" + visit + "/parent")
	v.sees("the first segment", `document.querySelector(".said")?.textContent.includes("vous dit")`)
	s.takeOut(visit, named("segment", 'a'))
	v.sees("what follows", `document.querySelector(".title-card")?.textContent === "Vous jouez ensemble" && !document.querySelector(".said")`)
	for _, entity := range []string{named("card", 'b'), named("segment", 'c'), named("segment", 'd')} {
		s.takeOut(visit, entity)
	}
	v.do("sees that there is nothing", chromedp.WaitVisible(".parent-screen.nothing"))
}

// takeOut takes something out of a visit's review.
func (s *served) takeOut(visit, entity string) {
	s.t.Helper()
	var changes []map[string]any
	for field, is := range s.facts(s.first(visit))[entity] {
		changes = append(changes, map[string]any{"entity": entity, "field": field, "from": is, "to": nil})
	}
	doc, err := json.Marshal(map[string]any{"id": "00000000-0000-4000-8000-0000000000f" + entity[len(entity)-1:], "by": "test", "kind": "do", "changes": changes})
	if err != nil {
		s.t.Fatal(err)
	}
	if status, answer := s.ask(http.MethodPost, "/api/visits/"+visit+"/edits", bytes.NewReader(doc)); status != http.StatusOK {
		s.t.Fatalf("%d %s", status, answer)
	}
}

// TestThePreviewHasTheKeys: none of what is pressed above the review is for the review.
func TestThePreviewHasTheKeys(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	visit := reviewed(t, s)
	v := s.visitor(s.url, "en")
	v.open("/visits/" + visit)
	v.do("chooses a segment", chromedp.WaitVisible(".reel .part"), chromedp.Click(".reel .part .reel-face"), chromedp.WaitVisible(".moment.now .editor"))
	plays := func(is bool) string {
		return fmt.Sprintf(`document.querySelector("dialog .show-control.main [data-key]").previousSibling.textContent === %q`, map[bool]string{true: "Pause", false: "Play"}[is])
	}
	v.do("opens the preview", chromedp.Click(".reel .preview"), chromedp.WaitVisible("dialog[open]"))
	v.sees("it play", plays(true)+` && document.activeElement.matches(".show-control.main")`)
	v.do("pauses", chromedp.KeyEvent(" "))
	v.sees("it rest", plays(false))
	v.do("plays by the mouse", chromedp.Click("dialog .show-control.main"))
	v.sees("it play on", plays(true))
	v.do("asks for much", chromedp.KeyEvent("xia"), chromedp.KeyEvent(" "))
	v.sees("it rest", plays(false)+` && document.querySelector("dialog[open]")`)
	v.do("presses beside all", chromedp.Click("dialog .show-stage"), chromedp.KeyEvent(kb.ArrowRight))
	v.sees("the card", `document.querySelector(".title-card")`)
	v.do("closes it", chromedp.KeyEvent(kb.Escape))
	v.sees("the review", `!document.querySelector("dialog[open]") && [...document.querySelectorAll(".screen video")].every((x) => x.paused)`)
	if now := s.order(visit); now != "abcd" {
		t.Errorf("the reel is %s", now)
	}
	if of := s.facts(s.first(visit))[named("segment", 'a')]; !strings.Contains(string(of["start"]), `"ticks":153600`) {
		t.Errorf("it starts at %s", of["start"])
	}
}

// TestAReelIsReordered with a mouse, a finger and keys; what is done can be undone.
func TestAReelIsReordered(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	visit := reviewed(t, s)
	v := s.visitor(s.url, "fr")
	v.open("/visits/" + visit)
	v.do("sees the reel", chromedp.WaitVisible(".reel .part"), chromedp.ScrollIntoView(".reel .part"))
	is := func(what, want string) {
		t.Helper()
		s.until(what, long, func() bool { return s.order(visit) == want })
		v.sees(what, fmt.Sprintf(`[...document.querySelectorAll(".reel .part")].map((p) => p.dataset.entity.slice(-1)).join("") === %q`, want))
	}
	middle := func(n int, of string) (x, y float64) {
		at := tells[[]float64](v, fmt.Sprintf(`(() => { const b = document.querySelectorAll(".reel .part")[%d].querySelector(%q).getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()`, n, of))
		return at[0], at[1]
	}
	x, y := middle(0, ".shot")
	to, _ := middle(2, ".reel-face")
	v.do("drags the first behind the third", chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x, y, chromedp.ButtonLeft), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x+20, y, chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, to+10, y, chromedp.ButtonLeft))
	v.sees("it move", `document.querySelector(".reel .dragged")`)
	v.sees("others make room", `document.querySelectorAll(".reel .part")[1].style.transform`)
	browser.Picture(t, v.ctx, "reel-dragging")
	v.do("lets go", chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, to+10, y, chromedp.ButtonLeft))
	is("the first behind the third", "bcad")

	v.do("hears what the page leaves to the browser", chromedp.Evaluate[chromedp.Void](`window.left = []; addEventListener("keydown", (e) => e.key.startsWith("Arrow") && !e.defaultPrevented && left.push(e.key))`))
	alt := chromedp.KeyModifiers(chromedp.ModifierAlt)
	v.do("moves by keys", chromedp.Focus(`.reel .part:nth-of-type(3) .reel-face`), chromedp.KeyEvent(kb.ArrowLeft, alt))
	is("it before the other", "bacd")
	v.do("moves on by keys", chromedp.KeyEvent(kb.ArrowRight, alt), chromedp.KeyEvent("j", alt))
	is("it behind the other again", "bcad")
	v.do("and back", chromedp.KeyEvent(kb.ArrowLeft, alt))
	is("it before the other again", "bacd")
	if left := tells[string](v, "left.join()"); left != "" {
		t.Errorf("the browser goes elsewhere by %s", left)
	}

	x, y = middle(3, ".grip")
	to, _ = middle(0, ".reel-face")
	v.touch(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: x, Y: y})
	v.touch(input.DispatchTouchEventTypeTouchMove, &input.TouchPoint{X: x - 20, Y: y})
	v.touch(input.DispatchTouchEventTypeTouchMove, &input.TouchPoint{X: to - 140, Y: y})
	v.sees("it move by a finger", `document.querySelector(".reel .dragged")`)
	v.sees("the others make room", `document.querySelectorAll(".reel .part")[0].style.transform`)
	v.touch(input.DispatchTouchEventTypeTouchEnd)
	is("the last first", "dbac")

	v.do("adds a card", chromedp.Click(".reel .add button"), chromedp.WaitVisible("dialog[open] textarea"), chromedp.SendKeys("dialog[open] textarea", "Merci"), chromedp.Click("dialog[open] .primary"))
	s.until("five parts", long, func() bool { return len(s.order(visit)) == 5 })
	v.sees("it last", `document.querySelector(".reel .part:nth-of-type(5)").textContent.includes("Merci")`)
	v.do("takes the first out", chromedp.Click(`.reel .part:nth-of-type(1) button[title="Supprimer l’extrait"]`))
	s.until("four parts", long, func() bool { return len(s.order(visit)) == 4 })
	v.do("takes one out by keys", chromedp.Focus(`.reel .part:nth-of-type(2) [title^="Supprimer"]`), chromedp.KeyEvent(kb.Enter))
	v.sees("the next in its place", `document.activeElement === document.querySelector(".reel .part:nth-of-type(2) .reel-face")`)
	for range 8 {
		v.do("undoes", chromedp.KeyEvent("z"))
	}
	is("all as it was", "abcd")
}

// first recording of a visit.
func (s *served) first(visit string) string {
	s.t.Helper()
	var v struct{ Recordings []struct{ ID string } }
	if status, doc := s.ask(http.MethodGet, "/api/visits/"+visit, nil); status != http.StatusOK || json.Unmarshal(doc, &v) != nil || len(v.Recordings) == 0 {
		s.t.Fatalf("%d %s", status, doc)
	}
	return v.Recordings[0].ID
}

// saved keeps, in savedAs, the name under which a page has something saved.
func (v visitor) saved() {
	v.t.Helper()
	v.do("watches what is saved", chromedp.Evaluate[chromedp.Void](`(() => {
		window.savedAs = "";
		const click = HTMLAnchorElement.prototype.click;
		HTMLAnchorElement.prototype.click = function () { savedAs = this.download; return click.call(this); };
	})()`))
}

// TestAFilmIsMadeOfAReel in the page: it is told how far it is, shown, and said to be old
// once the reel has changed.
func TestAFilmIsMadeOfAReel(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	visit := reviewed(t, s)
	v := s.visitor(s.url, "fr")
	v.open("/visits/" + visit)
	button := func(word string) string {
		return fmt.Sprintf(`[...document.querySelectorAll(".reel button")].find((b) => b.textContent.trim() === %q && !b.disabled)`, word)
	}
	v.sees("what makes it", button("Créer le film"))
	v.do("has it made", chromedp.Click(".reel > header .primary"))
	v.sees("that it is made", `document.querySelector(".reel .made progress")`)
	browser.Picture(t, v.ctx, "reel-rendering")
	v.sees("it ready", `document.querySelector(".reel .made.done")?.textContent.includes("Le film est prêt")`)
	if tells[bool](v, "!!"+button("Créer le film")) {
		t.Error("it may be made again, though nothing has changed")
	}
	browser.Picture(t, v.ctx, "reel-ready")
	v.do("looks at it", chromedp.Click(".reel .made button"), chromedp.WaitVisible("dialog[open] video"))
	v.sees("it play", `document.querySelector("dialog[open] video").currentTime > 0.5`)
	// 1.5 s, a card of 1 s, 1.5 s, and 1.5 s of which half is slow, with a freeze of half a second.
	if long := tells[float64](v, `document.querySelector("dialog[open] video").duration`); long < 6.3 || long > 6.7 {
		t.Errorf("it lasts %.2f s", long)
	}
	v.do("closes it", chromedp.KeyEvent(kb.Escape))
	v.do("looks at what other programs are given", chromedp.Click(`.reel > header button[title="Exporter"]`), chromedp.WaitVisible("dialog[open] .option"))
	v.saved()
	v.do("takes one", chromedp.Click("dialog[open] li:nth-child(1) a.option"))
	v.sees("it saved", `savedAs === "dyade-" + new Date().toLocaleDateString("sv") + ".otio"`)
	v.do("wants one that is of one film", chromedp.Click("dialog[open] li:nth-child(3) a.option"))
	v.sees("why not", `document.querySelector("dialog[open] [role=alert]")?.textContent.includes("un seul film")`)
	v.do("closes that", chromedp.KeyEvent(kb.Escape))
	v.do("changes the order", chromedp.Click(`.reel .part:first-of-type button[title="Plus tard"]`))
	v.sees("that it is old", `document.querySelector(".reel .made.done")?.textContent.includes("a changé")`)
	v.sees("what makes it anew", button("Refaire le film"))
	v.do("has it made again, and gives up", chromedp.Click(".reel > header .primary"), chromedp.WaitVisible(".reel .made progress"), chromedp.Click(".reel .made button"))
	v.sees("the old one still there", `document.querySelector(".reel .made.done")?.textContent.includes("a changé")`)
}
