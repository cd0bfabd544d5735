package main

import (
	"fmt"
	"path/filepath"
	"testing"

	"dyade/internal/testenv/browser"
)

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
		{"report", "/visits/" + visit + "/report", `[...document.querySelectorAll(".report img")].length === 3 && [...document.querySelectorAll(".report img")].every((i) => i.complete)`},
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
