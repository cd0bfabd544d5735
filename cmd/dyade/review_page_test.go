package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dyade/annotate/store"
	"dyade/internal/testenv"
	"dyade/internal/testenv/browser"
)

// Each picture of these films carries its number in stripes, black or white from the
// left for the bits from the least on.
const (
	stripes    = `geq=lum='if(eq(mod(floor(N/pow(2,floor(X/32))),2),1),235,16)':cb=128:cr=128`
	numbered   = "-f lavfi -i color=gray:s=384x216:r=30:d=9,format=yuv420p," + stripes + " -f lavfi -i sine=d=9 -c:a aac "
	lying      = "-f lavfi -i color=gray:s=216x384:r=30:d=9,format=yuv420p,geq=lum='if(eq(mod(floor(N/pow(2,floor(Y/32))),2),1),235,16)':cb=128:cr=128 "
	irregular  = "-f lavfi -i color=gray:s=384x216:r=30:d=9,format=yuv420p,select='mod(n,3)*mod(n+2,7)'," + stripes + " -vsync vfr "
	x264       = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -x264-params keyint=30:min-keyint=30:scenecut=0"
	readNumber = `(() => {
		const v = document.querySelector(".screen video.front"), c = new OffscreenCanvas(v.videoWidth, v.videoHeight), g = c.getContext("2d");
		g.drawImage(v, 0, 0, c.width, c.height);
		let n = 0;
		for (let b = 0; b < 12; b++) if (g.getImageData((b + 0.5) / 12 * c.width, c.height / 2, 1, 1).data[0] > 128) n |= 1 << b;
		return n;
	})()`
)

var barcoded = testenv.Films{Recipes: map[string]string{
	"p.mp4":      numbered + x264 + ":bframes=0",
	"b.mp4":      numbered + x264 + ":bframes=3",
	"open.mp4":   numbered + x264 + ":bframes=3:open-gop=1",
	"vfr.mp4":    irregular + x264 + ":bframes=3",
	"lying.mp4":  lying + x264 + ":bframes=3",
	"turned.mp4": "-i @lying.mp4 -c copy -metadata:s:v rotate=90",
	"hevc.mp4":   numbered + "-c:v libx265 -preset ultrafast -x265-params keyint=30:log-level=none -tag:v hvc1",
	"camera.ts":  numbered + x264 + ":bframes=3 -f mpegts",
}}

// TestTheFrameOnTheScreenIsTheSegments: wherever it was gone to, the picture on the screen
// when I is pressed is the segment's first, and its last when O is; of whatever the
// browser is given of the film.
func TestTheFrameOnTheScreenIsTheSegments(t *testing.T) {
	all := startServe(t, filepath.Join(t.TempDir(), "data"))
	for name, source := range map[string]string{
		"p.mp4": "original", "b.mp4": "original", "open.mp4": "original", "vfr.mp4": "original", "turned.mp4": "clip", "hevc.mp4": "clip", "camera.ts": "clip",
	} {
		t.Run(name, func(t *testing.T) {
			s := &served{t: t, data: all.data, url: all.url, client: all.client}
			id := s.queue(store.Batch, name, barcoded.Film(t, name)) // of which no copy is made before it is asked for
			s.until("the film to be analysed", long, func() bool { return s.recording(id).State == "done" })
			m := marker{s.visitor(s.url, "fr"), s, id, s.times(id), rand.New(rand.NewPCG(1, 2))}
			m.marks(source)
			if status, _ := s.ask(http.MethodGet, "/api/recordings/"+id+"/copy", nil); status != http.StatusOK { // until all of it is there
				t.Fatalf("a copy: %d", status)
			}
			m.marks("copy")
		})
	}
}

// marker marks segments of a film and looks at what comes of it.
type marker struct {
	visitor
	s      *served
	film   string
	times  []int64 // of the pictures, in ticks, and when the last ends
	random *rand.Rand
}

const still = `document.querySelector(".screen[aria-busy=false]")`

func (m marker) marks(source string) {
	m.t.Helper()
	m.open("/visits/" + m.s.visitOf(m.film))
	m.sees("the "+source, `document.querySelector(".screen[data-source=`+source+`]")`)
	m.do("makes a segment", chromedp.KeyEvent("s"))
	for range 5 {
		m.goes()
		n := tells[int](m.visitor, readNumber)
		m.do("marks the start", chromedp.KeyEvent("i"))
		m.has("start", n, m.times[n])
		m.do("goes on", chromedp.KeyEvent(strings.Repeat(kb.ArrowRight, 1+m.random.IntN(5))))
		m.sees("a picture", still)
		n = tells[int](m.visitor, readNumber)
		m.do("marks the end", chromedp.KeyEvent("o"))
		m.has("end", n, m.times[n+1])
	}
	m.do("removes it", chromedp.KeyEvent("x"))
	m.sees("no segment", `!document.querySelector(".moment.now")`)
}

// goes somewhere by keys, some of them many times in a row.
func (m marker) goes() {
	m.t.Helper()
	for range 1 + m.random.IntN(3) {
		keys := strings.Repeat([]string{kb.ArrowLeft, kb.ArrowRight}[m.random.IntN(2)], 1+m.random.IntN(12))
		if m.random.IntN(3) > 0 {
			m.do("steps", chromedp.KeyEvent(keys))
			continue
		}
		m.do("jumps", chromedp.KeyEvent(keys, chromedp.KeyModifiers(chromedp.ModifierShift)))
	}
	m.sees("a picture", still)
}

// has waits until the film's only segment starts or ends at a time.
func (m marker) has(field string, n int, ticks int64) {
	m.t.Helper()
	var last any
	is := func() bool {
		for entity, values := range m.s.facts(m.film) {
			if !strings.HasPrefix(entity, "segment/") {
				continue
			}
			var at struct{ Ticks int64 }
			if json.Unmarshal(values[field], &at) == nil && at.Ticks == ticks {
				return true
			}
			last = string(values[field])
		}
		return false
	}
	for over := time.After(patience); !is(); {
		select {
		case <-over:
			m.t.Fatalf("picture %d is on the screen, at %d; the segment's %s is %v", n, ticks, field, last)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// facts of the review of a recording's visit.
func (s *served) facts(id string) map[string]map[string]json.RawMessage {
	s.t.Helper()
	var doc struct {
		Facts map[string]map[string]json.RawMessage
	}
	if status, body := s.ask(http.MethodGet, "/api/visits/"+s.visitOf(id)+"/review?by=test", nil); status != http.StatusOK || json.Unmarshal(body, &doc) != nil {
		s.t.Fatalf("%d %s", status, body)
	}
	return doc.Facts
}

// times of a recording's pictures in ticks, and when the last one's showing ends.
func (s *served) times(id string) (all []int64) {
	s.t.Helper()
	status, doc := s.ask(http.MethodGet, "/api/recordings/"+id+"/frames", nil)
	if status != http.StatusOK || len(doc) < 32 {
		s.t.Fatalf("the times of its pictures: %d %s", status, doc)
	}
	all = append(all, int64(binary.LittleEndian.Uint64(doc[16:])))
	for rest := doc[32:]; len(rest) > 0; {
		n, size := binary.Uvarint(rest)
		all = append(all, all[len(all)-1]+int64(n))
		rest = rest[size:]
	}
	if n := binary.LittleEndian.Uint32(doc[12:]); int(n) != len(all) {
		s.t.Fatalf("%d pictures of %d", len(all), n)
	}
	return append(all, int64(binary.LittleEndian.Uint64(doc[24:])))
}

// TestAReviewByKeysAlone: from the proposals to a noted, tagged, trimmed segment, undone
// and redone after a reload, without a mouse.
func TestAReviewByKeysAlone(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	id := s.submit(lively(t))
	s.until("the film to be analysed", long, func() bool { return s.recording(id).State == "done" })
	v := s.visitor(s.url, "fr")
	at := "/visits/" + s.visitOf(id)
	v.open(at)
	v.sees("proposals", `document.querySelectorAll(".moment").length > 0`)
	v.do("keeps the first", chromedp.WaitVisible(".moment.now .acts"), chromedp.KeyEvent("a"), chromedp.WaitVisible(".moment.now .editor"))
	v.sees("its first frame", still)
	v.do("trims it", chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent("i"))
	v.presses("n")
	v.do("writes", chromedp.WaitVisible("textarea:focus"), chromedp.KeyEvent("Ils se regardent"), chromedp.KeyEvent(kb.Escape),
		chromedp.Evaluate[chromedp.Void](`document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "é", code: "Digit2", bubbles: true, cancelable: true}))`)) // as a French keyboard has it
	v.saves()
	made := s.only(id, "segment/")
	if made["seen"] != `"Ils se regardent"` || made["objective"] != `"reciprocity"` {
		t.Errorf("it is %v", made)
	}
	v.barriers()
	v.do("asks for the keys", chromedp.KeyEvent("?"), chromedp.WaitVisible("dialog[open]"))
	v.sees("those of the parent's screen", `[...document.querySelectorAll(".keys.fixed li")].some((l) => l.textContent === "QuitterÉchap")`)
	v.open(at)
	v.sees("it kept", `document.querySelector(".moment.kept")`)
	v.do("undoes", chromedp.KeyEvent("zz"))
	v.saves()
	if now := s.only(id, "segment/"); now["seen"] != "" || now["objective"] != "" || now["start"] != made["start"] {
		t.Errorf("undone it is %v", now)
	}
	v.do("undoes the rest", chromedp.KeyEvent("zz"))
	v.sees("nothing kept", `!document.querySelector(".moment.kept") && !document.querySelector(".part:not(.add)")`)
	v.saves()
	if left := s.facts(id); len(left) > 0 {
		t.Errorf("there is left %v", left)
	}
	v.open(at)
	v.do("redoes", chromedp.WaitEnabled(`[aria-keyshortcuts="Shift+z"]`), chromedp.KeyEvent("ZZZZ"))
	v.sees("it kept again", `document.querySelector(".moment.kept")`)
	v.saves()
	if again := s.only(id, "segment/"); fmt.Sprint(again) != fmt.Sprint(made) {
		t.Errorf("redone it is %v, was %v", again, made)
	}
	v.do("drops it", chromedp.KeyEvent(kb.ArrowDown), chromedp.WaitVisible(".moment.now"), chromedp.KeyEvent("x"))
	v.sees("it gone", `document.querySelector(".dropped") && !document.querySelector(".part:not(.add)")`)
}

// TestTheFocusStaysInTheList: what was decided by a button that is gone then leaves the
// focus where it was decided.
func TestTheFocusStaysInTheList(t *testing.T) {
	_, _, v := analysed(t)
	v.do("keeps the best", chromedp.WaitVisible(".moment.now .acts"), chromedp.Focus(`.moment.now .acts [aria-keyshortcuts=a]`), chromedp.KeyEvent(kb.Enter))
	v.sees("it kept", `document.activeElement.matches(".moment.kept.now .pick")`)
	if title := tells[string](v, "document.title"); !strings.Contains(title, "clip.mp4 · dyade") {
		t.Errorf("the page is called %q", title)
	}
	for range tells[int](v, `document.querySelectorAll(".moment").length`) {
		v.sees("a card", `document.querySelector(".moment.now") && document.activeElement.matches(".moment.now .pick")`)
		v.do("drops it", chromedp.Focus(`.moment.now .acts [aria-keyshortcuts=x]`), chromedp.KeyEvent(kb.Enter))
	}
	v.sees("all dropped", `document.activeElement.matches(".dropped > .button")`)
}

// analysed is a server that has analysed a film, with a visitor at its review.
func analysed(t *testing.T) (s *served, id string, v visitor) {
	t.Helper()
	s = startServe(t, filepath.Join(t.TempDir(), "data"))
	id = s.submit(lively(t))
	s.until("the film to be analysed", long, func() bool { return s.recording(id).State == "done" })
	v = s.visitor(s.url, "fr")
	v.open("/visits/" + s.visitOf(id))
	return s, id, v
}

// TestATagsWordIsChanged by keys alone, and the focus stays with it.
func TestATagsWordIsChanged(t *testing.T) {
	_, _, v := analysed(t)
	v.do("keeps the best", chromedp.WaitVisible(".moment.now .acts"), chromedp.KeyEvent("a"), chromedp.WaitVisible(".moment.now .editor"))
	v.presses("4")
	v.do("names a tag", chromedp.WaitVisible(".naming:focus"), chromedp.KeyEvent("bloc"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(".tag.rename"))
	v.sees("it on", `document.querySelector("[data-n='4'][aria-pressed=true]")`)
	v.do("asks for another word", chromedp.Focus(".tag.rename"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(".naming:focus"), chromedp.KeyEvent("cubes"), chromedp.KeyEvent(kb.Enter))
	v.sees("it", `document.activeElement.matches("[data-n='4']") && document.activeElement.textContent.includes("cubes")`)
	browser.Picture(t, v.ctx, "tags")
	v.barriers()
}

// TestANewPassLeavesWhoWritesAlone: moments that are known better, and no longer the best
// first, take no letter of a note that is being written.
func TestANewPassLeavesWhoWritesAlone(t *testing.T) {
	s, id, v := analysed(t)
	v.do("keeps the best", chromedp.WaitVisible(".moment.now .acts"), chromedp.KeyEvent("a"), chromedp.WaitVisible(".moment.now .editor"))
	v.presses("n")
	v.do("writes", chromedp.WaitVisible("textarea:focus"), chromedp.KeyEvent("Il te"))
	passes := []struct{ moments, there string }{
		{"[{...moments[0], id: 'new', start_s: 0, end_s: 1}, ...moments.reverse().map((m) => ({...m, id: m.id + 'b', start_s: m.start_s + 0.1}))]", `document.querySelector(".moment:not(.now)") === document.querySelector(".moment")`},
		{"[]", `document.querySelectorAll(".moment").length === 1`},
	}
	for _, p := range passes {
		v.do("hears of a new pass", chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => {
			const ask = window.asked ??= window.fetch;
			window.fetch = async (...of) => {
				const answer = await ask(...of);
				if (!String(of[0].url ?? of[0]).includes("/proposals")) return answer;
				const {moments, ...rest} = await answer.json();
				return Response.json({...rest, moments: %s});
			};
			document.querySelector(".top button[lang]").click(); // has it be asked for anew
		})()`, p.moments)))
		v.sees("it", p.there)
		v.do("writes on", chromedp.KeyEvent("x"))
	}
	v.sees("the note", `document.querySelector("textarea:focus")?.value === "Il texx"`)
	v.do("rests", chromedp.KeyEvent(kb.Escape))
	v.sees("it saved", `document.querySelector(".state").textContent === "Enregistré"`)
	if made := s.only(id, "segment/"); made["seen"] != `"Il texx"` {
		t.Errorf("it is %v", made)
	}
}

// TestALongMomentIsLoopedToItsEnd, also where the browser has it in several clips.
func TestALongMomentIsLoopedToItsEnd(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	id := s.send("long.mp4", hevcFilm(t, 20))
	s.until("the film to be analysed", long, func() bool { return s.recording(id).State == "done" })
	s.decide(s.visitOf(id), facts{named("segment", 'a'): cutOf(id, 1, 18, "b", nil)})
	v := s.visitor(s.url, "fr")
	v.open("/visits/" + s.visitOf(id))
	v.do("chooses it", chromedp.WaitVisible(".reel .part"), chromedp.Click(".reel .part .reel-face"))
	v.sees("a clip of it", `document.querySelector(".screen[aria-busy=false][data-source=clip]")`)
	v.do("loops it, fast", chromedp.KeyEvent("++++++b"))
	at := `Number(document.querySelector(".reach [role=slider]").getAttribute("aria-valuenow"))`
	v.sees("its end", at+" >= 17")
	v.sees("its start", at+" <= 4")
}

// TestAPinchEndsADrag: where a second finger comes, the picture that was gone to comes too,
// also of a film that is shown by clips.
func TestAPinchEndsADrag(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	id := s.send("long.mp4", hevcFilm(t, 20))
	s.until("the film to be analysed", long, func() bool { return s.recording(id).State == "done" })
	v := s.visitor(s.url, "fr")
	v.open("/visits/" + s.visitOf(id))
	v.sees("a clip of it", `document.querySelector(".screen[aria-busy=false][data-source=clip]") && document.querySelector(".lanes canvas")`)
	at := tells[[]float64](v, `(() => { const b = document.querySelector(".lanes .touch").getBoundingClientRect(); return [b.x, b.y + 30, b.width]; })()`)
	finger := func(n, share float64) *input.TouchPoint {
		return &input.TouchPoint{X: at[0] + share*at[2], Y: at[1], ID: &n}
	}
	v.touch(input.DispatchTouchEventTypeTouchStart, finger(1, 0.1))
	for _, share := range []float64{0.2, 0.5, 0.8} {
		v.touch(input.DispatchTouchEventTypeTouchMove, finger(1, share))
	}
	v.sees("another picture on its way", `document.querySelector(".screen[aria-busy=true]")`)
	v.touch(input.DispatchTouchEventTypeTouchStart, finger(1, 0.8), finger(2, 0.6))
	v.touch(input.DispatchTouchEventTypeTouchMove, finger(1, 0.9), finger(2, 0.5))
	v.touch(input.DispatchTouchEventTypeTouchEnd, finger(1, 0.9))
	v.touch(input.DispatchTouchEventTypeTouchMove, finger(1, 0.4))
	v.touch(input.DispatchTouchEventTypeTouchEnd)
	v.sees("the picture", `document.querySelector(".screen[aria-busy=false]") && !document.querySelector(".zoom .bar").hidden`)
}

// TestANameOnThePictureIsTheOnesWhoIsSeen: after two people were said to be swapped, a name
// that is corrected is that of who is seen there.
func TestANameOnThePictureIsTheOnesWhoIsSeen(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	id := s.submit(lively(t))
	s.until("the film to be analysed", long, func() bool { return s.recording(id).State == "done" })
	var found struct{ People []struct{ ID, Role string } }
	s.do(http.StatusOK, http.MethodGet, "/api/recordings/"+id+"/proposals", "", &found)
	if len(found.People) != 2 {
		t.Fatalf("there are %v", found.People)
	}
	a, b := found.People[0], found.People[1]
	s.decide(s.visitOf(id), facts{"swap/00000000-0000-4000-8000-00000000000a": {"recording": id, "at": map[string]any{"ticks": 0, "base": map[string]any{"num": 1, "den": 1}}, "a": a.ID, "b": b.ID}})
	v := s.visitor(s.url, "fr")
	v.open("/visits/" + s.visitOf(id))
	v.do("sees who is there", chromedp.WaitVisible(".moment.now"), chromedp.WaitVisible(".named .who"))
	for _, screen := range []browser.Screen{{Name: "upright", Width: 1024, Height: 1366}, browser.Phone, browser.Laptop} {
		if err := browser.Show(v.ctx, screen, false); err != nil {
			t.Fatal(err)
		}
		v.sees("names on "+screen.Name, `document.querySelector(".named .who")`)
		browser.Picture(t, v.ctx, "names-"+screen.Name)
		if off := tells[float64](v, `(() => { const b = document.querySelector(".frame").getBoundingClientRect(), s = document.querySelector(".screen").getBoundingClientRect(), v = document.querySelector("video.front"); return Math.max(Math.abs(b.width / b.height - v.videoWidth / v.videoHeight), b.width - s.width - 1, b.height - s.height - 1); })()`); off > 0.01 {
			t.Errorf("on %s, names are not where the picture is: %v", screen.Name, off)
		}
	}
	was := tells[string](v, `document.querySelector(".who").className.replace("who role-", "")`)
	v.do("corrects a name", chromedp.Click(".named .who"), chromedp.Click(".who-is .button:nth-of-type(3)"))
	v.sees("it corrected", `document.querySelector(".who").className === "who role-other"`)
	v.saves()
	seen := map[string]string{a.Role: a.ID, b.Role: b.ID}[was]
	if said := s.facts(id)["person/"+id+"."+seen]; string(said["role"]) != `"other"` {
		t.Errorf("the one who was %s is %v", was, s.facts(id))
	}
}

// presses a key as a keyboard does: what it would write is not written where the page
// has taken it for something else.
func (v visitor) presses(key string) {
	v.t.Helper()
	for _, p := range []input.DispatchKeyEventParams{{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Text: key}, {Type: input.DispatchKeyEventTypeKeyUp, Key: key}} {
		if _, err := chromedp.Call(v.ctx, input.DispatchKeyEvent, p); err != nil {
			v.t.Fatal(err)
		}
	}
}

// lively is half a minute of the sample in which there are moments.
func lively(t *testing.T) string {
	t.Helper()
	film := filepath.Join(t.TempDir(), "lively.mp4")
	cut := exec.Command("ffmpeg", "-v", "error", "-ss", "24", "-t", "30", "-i", filepath.Join(testenv.Sample(t, 1), "sample.mp4"), "-c", "copy", film)
	if msg, err := cut.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	return film
}

// saves waits until the server has all.
func (v visitor) saves() {
	v.t.Helper()
	v.sees("it saved", `document.querySelector(".state").textContent === "Enregistré"`)
}

// barriers has the test fail for each that the page has.
func (v visitor) barriers() {
	v.t.Helper()
	for _, b := range browser.Barriers(v.t, v.ctx) {
		v.t.Errorf("%v", b)
	}
}

// only is the one entity of a kind, its values as JSON.
func (s *served) only(id, kind string) map[string]string {
	s.t.Helper()
	var found []map[string]string
	for entity, values := range s.facts(id) {
		if strings.HasPrefix(entity, kind) {
			one := map[string]string{}
			for field, v := range values {
				one[field] = string(v)
			}
			found = append(found, one)
		}
	}
	if len(found) != 1 {
		s.t.Fatalf("there are %d of %s", len(found), kind)
	}
	return found[0]
}
