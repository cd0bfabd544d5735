package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"dyade/annotate/report"
	"dyade/internal/i18n"
	testbrowser "dyade/internal/testenv/browser"
)

// browser is a Chromium, and what it asked for and had to complain about.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	requests []string // addresses asked for, pictures inside the page left out
	faults   []string // what the console would show as wrong
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	ctx := testbrowser.New(t)
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *browser) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "data:") {
			b.requests = append(b.requests, e.Request.URL)
		}
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.faults = append(b.faults, "console."+string(e.Type))
	case *log.EventEntryAdded:
		b.faults = append(b.faults, e.Entry.Text)
	}
}

// open shows a report and gives its address.
func (b *browser) open(in report.Input) string {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), "report.html")
	var page bytes.Buffer
	if err := report.Write(&page, in); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, page.Bytes(), 0o644); err != nil {
		b.t.Fatal(err)
	}
	address := (&url.URL{Scheme: "file", Path: path}).String()
	if err := chromedp.Do(b.ctx, chromedp.Navigate(address)); err != nil {
		b.t.Fatal(err)
	}
	return address
}

func eval[T any](b *browser, js string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return v
}

// media makes the browser prefer a colour scheme, and print where asked.
func (b *browser) media(scheme, medium string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) width(pixels int64) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(pixels, 900)); err != nil {
		b.t.Fatal(err)
	}
}

// check reports what the page asked for or complained about since the last check.
func (b *browser) check(address string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.requests {
		if r != address && !strings.HasPrefix(r, address+"#") {
			b.t.Errorf("the page asks for %s", r)
		}
	}
	if !slices.Contains(b.requests, address) {
		b.t.Error("requests are not seen")
	}
	for _, f := range b.faults {
		b.t.Errorf("console: %s", f)
	}
	b.requests, b.faults = nil, nil
}

func TestPageInChromium(t *testing.T) {
	b := newBrowser(t)
	sound, none, many := usual(), usual(), usual()
	sound.picture = false
	none.moments = 0
	many.moments, many.seconds, many.name = 60, 5400, strings.Repeat("très_long_", 25)+".mp4"
	tests := []struct {
		name            string
		lang            i18n.Lang
		visit           visit
		moments, lanes  int
		pictures, links int
	}{
		{"French", i18n.French, usual(), 8, 10, 31, 8},
		{"English", i18n.English, usual(), 8, 10, 31, 8},
		{"sound only", i18n.French, sound, 8, 10, 0, 8},
		{"no moment", i18n.English, none, 0, 10, 0, 0},
		{"sixty moments", i18n.French, many, 60, 10, 240, 60},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b.t = t
			b.width(1200)
			b.media("light", "")
			address := b.open(tt.visit.input(t, tt.lang))
			for js, want := range map[string]int{
				`document.querySelectorAll("article.moment").length`:                                                                                  tt.moments,
				`document.querySelectorAll(".lane").length`:                                                                                           tt.lanes,
				`document.querySelectorAll(".lane.moments a").length`:                                                                                 tt.links,
				`document.images.length`:                                                                                                              tt.pictures,
				`[...document.images].filter(i => !i.naturalWidth).length`:                                                                            0,
				`[...document.images].filter(i => !i.alt).length`:                                                                                     0,
				`document.querySelectorAll("h1").length`:                                                                                              1,
				`document.querySelectorAll("[style],[onclick]").length`:                                                                               0,
				`Number(document.documentElement.lang !== "` + tt.lang.String() + `")`:                                                                0,
				`Number(document.getElementById("print").hidden)`:                                                                                     0, // the script runs
				`[...document.querySelectorAll("[id]")].length - new Set([...document.querySelectorAll("[id]")].map(e => e.id)).size`:                 0,
				`[...document.querySelectorAll("a[href^='#']")].filter(a => !document.querySelector(a.getAttribute("href"))).length`:                  0,
				`[...document.querySelectorAll("[aria-labelledby]")].filter(e => !document.getElementById(e.getAttribute("aria-labelledby"))).length`: 0,
				`[...document.querySelectorAll("svg[role]")].filter(e => !e.getAttribute("aria-label")).length`:                                       0,
			} {
				if got := eval[int](b, js); got != want {
					t.Errorf("%s: %d, want %d", js, got, want)
				}
			}
			b.check(address)
		})
	}
}

// contrast lists texts whose colour stands out too little from what is behind
// them, by WCAG's formula: below 4.5, or 3 where they are large.
const contrast = `(() => {
  const rgb = c => c.match(/[\d.]+/g).map(Number);
  const light = c => { const [r, g, b] = rgb(c).slice(0, 3).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor, p = rgb(c); if (p.length < 4 || p[3] === 1) return c; } return "rgb(255,255,255)"; };
  const out = [];
  for (const e of document.querySelectorAll("body *:not(svg *):not(script):not(.skip)")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.offsetParent) continue;
    const s = getComputedStyle(e), a = light(s.color), b = light(behind(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05), size = parseFloat(s.fontSize);
    if (ratio < (size >= 24 || size >= 18.66 && s.fontWeight >= 700 ? 3 : 4.5)) out.push(e.className + " " + e.tagName + " " + ratio.toFixed(2));
  }
  return [...new Set(out)];
})()`

func TestPageLooksInChromium(t *testing.T) {
	b := newBrowser(t)
	v := usual()
	v.name = strings.Repeat("nom_sans_espace_", 12) + ".mp4"
	address := b.open(v.input(t, i18n.French))
	for _, scheme := range []string{"light", "dark"} {
		b.media(scheme, "")
		if low := eval[[]string](b, contrast); len(low) > 0 {
			t.Errorf("%s: too little contrast: %q", scheme, low)
		}
	}
	if light := eval[string](b, `getComputedStyle(document.body).backgroundColor`); light != "rgb(21, 25, 29)" {
		t.Errorf("the dark page is %s", light)
	}
	for _, pixels := range []int64{320, 390, 768, 1440} {
		b.width(pixels)
		if over := eval[int](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("at %d pixels the page is %d too wide", pixels, over)
		}
	}
	b.media("dark", "print")
	if paper := eval[string](b, `getComputedStyle(document.body).backgroundColor`); paper != "rgb(255, 255, 255)" {
		t.Errorf("printed on %s", paper)
	}
	b.check(address)
}

func TestPageKeysInChromium(t *testing.T) {
	b := newBrowser(t)
	address := b.open(usual().input(t, i18n.French))
	for _, step := range []struct{ key, at string }{{"j", "moment-1"}, {"j", "moment-2"}, {"k", "moment-1"}, {"k", "moment-1"}} {
		if err := chromedp.Do(b.ctx, chromedp.KeyEvent(step.key)); err != nil {
			t.Fatal(err)
		}
		if got := eval[string](b, `document.activeElement.id`); got != step.at {
			t.Errorf("after %s at %q, want %q", step.key, got, step.at)
		}
	}
	hover := `(() => {
	  const box = document.querySelector(".axis svg").getBoundingClientRect();
	  document.getElementById("lanes").dispatchEvent(new PointerEvent("pointermove", {clientX: box.left + box.width / 2, clientY: box.top}));
	  return document.querySelector(".cursor span").textContent;
	})()`
	if got := eval[string](b, hover); got != "6:17" {
		t.Errorf("half way of 754.2 s reads %q", got)
	}
	b.check(address)
}

// TestVTTInChromium gives moments.vtt to Chromium's own reader of text tracks.
func TestVTTInChromium(t *testing.T) {
	b := newBrowser(t)
	in := usual().input(t, i18n.French)
	in.Analysis.Moments[0].Evidence[0].Cue = "a --> b <i>&amp;</i>"
	var vtt bytes.Buffer
	if err := report.WriteVTT(&vtt, i18n.French, in.Analysis); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(vtt.String())
	if err != nil {
		t.Fatal(err)
	}
	type cue struct {
		Start, End float64
		Text       string
	}
	cues := eval[[]cue](b, fmt.Sprintf(`new Promise((done, fail) => {
	  const video = document.createElement("video"), track = document.createElement("track");
	  track.src = URL.createObjectURL(new Blob([%s], {type: "text/vtt"}));
	  track.default = true;
	  track.onerror = () => fail(new Error("the track does not load"));
	  track.onload = () => done([...track.track.cues].map(c => ({Start: c.startTime, End: c.endTime, Text: c.getCueAsHTML().textContent})));
	  video.append(track);
	  document.body.append(video);
	  track.track.mode = "hidden";
	})`, text))
	if len(cues) != len(in.Analysis.Moments) {
		t.Fatalf("%d cues for %d moments", len(cues), len(in.Analysis.Moments))
	}
	for _, m := range in.Analysis.Moments {
		want := report.KindName(i18n.French, m.Kind) + "\n" + strings.TrimSpace(report.Why(i18n.French, m)+" "+report.UnknownNote(i18n.French, m))
		if !slices.ContainsFunc(cues, func(c cue) bool {
			return c.Text == want && c.Start-m.StartS < 0.001 && m.StartS-c.Start < 0.001
		}) {
			t.Errorf("no cue at %.3f s with %q", m.StartS, want)
		}
	}
}
