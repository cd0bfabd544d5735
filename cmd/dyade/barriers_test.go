package main

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dyade/internal/testenv/browser"
)

// TestDialogsHaveNoBarriers: axe finds nothing in what opens above pages.
func TestDialogsHaveNoBarriers(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	visit := reviewed(t, s)
	v := s.visitor(s.url, "fr")
	dialogs := []struct{ name, path, opens string }{
		{"delete", "/", `.home .film .acts button[title="Supprimer"]`},
		{"move", "/", `.home .film .acts button[title="Changer de séance"]`},
		{"settings", "/visits/" + visit, `.reel > header button[title="Réglages"]`},
		{"share", "/visits/" + visit, `.reel > header button[title="Exporter"]`},
		{"card", "/visits/" + visit, ".reel .part.card .reel-face"},
		{"preview", "/visits/" + visit, ".reel > header .preview"},
		{"help", "/visits/" + visit, "#help"},
	}
	for _, dark := range []bool{false, true} {
		if err := browser.Show(v.ctx, browser.Laptop, dark); err != nil {
			t.Fatal(err)
		}
		for _, d := range dialogs {
			v.open(d.path)
			v.do("opens "+d.name, chromedp.Click(d.opens), chromedp.WaitVisible("dialog[open]"))
			name := fmt.Sprintf("dialog-%s-dark-%v", d.name, dark)
			browser.Picture(t, v.ctx, name)
			for _, b := range browser.Barriers(t, v.ctx) {
				t.Errorf("%s: %s", name, b)
			}
			v.do("closes it", chromedp.KeyEvent(kb.Escape))
			v.sees("it gone", `!document.querySelector("dialog[open]")`)
		}
	}
}

// TestPagesHaveNoBarriers: axe finds nothing in any page, in either language, light or
// dark, on any screen; pictures of all are kept.
func TestPagesHaveNoBarriers(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	visit := reviewed(t, s)
	s.until("the analyses to end", long, func() bool { return s.recording(s.first(visit)).State == "done" })
	pages := []struct{ name, path, there string }{
		{"home", "/", `document.querySelectorAll(".home .film").length === 2`},
		{"review", "/visits/" + visit, `document.querySelector("main.review .list li") && document.querySelectorAll(".reel .part").length === 4`},
		{"parent", "/visits/" + visit + "/parent", `document.querySelector(".parent-screen .show-stage .said")`},
		{"report", "/visits/" + visit + "/report", `[...document.querySelectorAll(".report img")].length === 3 && [...document.querySelectorAll(".report img")].every((i) => i.naturalWidth > 0)`},
	}
	screens := []struct {
		lang string
		browser.Screen
		dark bool
	}{
		{"fr", browser.Laptop, false}, {"en", browser.Laptop, true}, {"en", browser.Tablet, false}, {"fr", browser.Tablet, true}, {"fr", browser.Phone, false}, {"en", browser.Phone, true},
	}
	v := s.visitor(s.url, "fr")
	for _, c := range screens {
		if err := browser.Show(v.ctx, c.Screen, c.dark); err != nil {
			t.Fatal(err)
		}
		for _, p := range pages {
			name := fmt.Sprintf("%s-%s-%s", p.name, c.Name, c.lang)
			if c.dark {
				name += "-dark"
			}
			v.open(p.path + "?lang=" + c.lang)
			v.sees(p.name, p.there)
			v.sees("its pictures", `[...document.images].filter((i) => i.getBoundingClientRect().top < innerHeight).every((i) => i.naturalWidth > 0)`)
			browser.Picture(t, v.ctx, name)
			for _, b := range browser.Barriers(t, v.ctx) {
				t.Errorf("%s: %s", name, b)
			}
			if wide := tells[int](v, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
				t.Errorf("%s: it is %d pixels wider than the screen", name, wide)
			}
		}
	}
}
