package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"dyade/internal/testenv"
)

// Strict has the test fail for each error that pages of the tab throw, or write to
// their console.
func Strict(t *testing.T, ctx context.Context) {
	t.Helper()
	var mu sync.Mutex
	var wrong []string
	err := chromedp.Listen(ctx, func(e any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := e.(type) {
		case *runtime.EventExceptionThrown:
			wrong = append(wrong, exception(e.ExceptionDetails))
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
				wrong = append(wrong, fmt.Sprint(said(e.Args)))
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for _, w := range wrong {
			t.Errorf("the page's console says: %s", w)
		}
	})
}

func exception(d *runtime.ExceptionDetails) string {
	if d.Exception != nil && d.Exception.Description != "" {
		return d.Exception.Description
	}
	return d.Text
}

func said(args []*runtime.RemoteObject) (list []string) {
	for _, a := range args {
		list = append(list, strings.Trim(string(a.Value), `"`)+a.Description)
	}
	return list
}

// Screen is how a person sees a page.
type Screen struct {
	Name          string
	Width, Height int64
	Touch         bool
}

// Screens that pages are made for.
var (
	Laptop = Screen{"laptop", 1440, 900, false}
	Tablet = Screen{"tablet", 1024, 768, true}
	Phone  = Screen{"phone", 390, 844, true}
)

// Show has the tab be a screen, light or dark.
func Show(ctx context.Context, s Screen, dark bool) error {
	var how []chromedp.EmulateViewportOption
	if s.Touch {
		how = append(how, chromedp.EmulateTouch)
	}
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(s.Width, s.Height, how...)); err != nil {
		return err
	}
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	return err
}

// Picture writes what the tab shows to build/screenshots, as an artefact.
func Picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	shot(t, ctx, name+".png", chromedp.CaptureScreenshot())
}

// Page writes the whole page that the tab is at to build/screenshots, small enough for
// documents, at a name with folders.
func Page(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	shot(t, ctx, name+".jpg", chromedp.FullScreenshot(80))
}

func shot(t *testing.T, ctx context.Context, name string, take chromedp.Action[[]byte]) {
	t.Helper()
	root, err := testenv.Root()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, "build", "screenshots", name)
	doc, err := chromedp.Run(ctx, take)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, doc, 0o644)
	}
	if err != nil {
		t.Errorf("a picture of %s: %v", name, err)
	}
}

// Barrier is what keeps people from using a page.
type Barrier struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		Target  []any  `json:"target"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

func (b Barrier) String() string {
	at := make([]string, len(b.Nodes))
	for i, n := range b.Nodes {
		at[i] = fmt.Sprint(n.Target, " ", n.Summary)
	}
	slices.Sort(at)
	return fmt.Sprintf("%s (%s): %s", b.ID, b.Help, strings.Join(slices.Compact(at), "; "))
}

// Barriers are those that axe finds in what the tab shows, by WCAG 2.2 A and AA.
func Barriers(t *testing.T, ctx context.Context) (all []Barrier) {
	t.Helper()
	root, err := testenv.Root()
	if err != nil {
		t.Fatal(err)
	}
	axe, err := os.ReadFile(filepath.Join(root, "annotate", "web", "ui", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatalf("no axe: %v (make page installs it)", err)
	}
	const run = `axe.run(document, {runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}, resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations))`
	err = chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](string(axe)))
	var doc string
	if err == nil {
		doc, err = chromedp.Run(ctx, chromedp.Evaluate[string](run, chromedp.EvalAwaitPromise))
	}
	if err == nil {
		err = json.Unmarshal([]byte(doc), &all)
	}
	if err != nil {
		t.Fatalf("ask axe: %v", err)
	}
	return all
}
