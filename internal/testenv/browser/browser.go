// Package browser starts a real browser for tests.
package browser

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// New is a tab of a Chromium with an empty profile, spoken to over a pipe: that
// itself needs no network, not even the loopback. Both end with the test, or after five
// minutes.
func New(t *testing.T) context.Context {
	t.Helper()
	return For(t, 5*time.Minute)
}

// For is such a tab that ends after a while of its own.
func For(t *testing.T, most time.Duration) context.Context {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("no Chromium: %v (make setup installs it)", err)
	}
	ctx, stop := context.WithTimeout(t.Context(), most)
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.UserDataDir(profile(t)), chromedp.Headless, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.DisableGPU,
	}
	for _, flag := range []string{"disable-background-networking", "disable-component-update", "disable-sync", "disable-extensions", "disable-dev-shm-usage"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	ctx, stopProgram := chromedp.NewExecAllocator(ctx, options...)
	ctx, stopTab := chromedp.NewContext(ctx)
	t.Cleanup(func() { stopTab(); stopProgram(); stop() })
	return ctx
}

// profile is an empty folder; a helper process of Chromium may still write in
// it when it is removed, which is no fault of the page.
func profile(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "dyade-chromium-") //nolint:usetesting // its removal may fail, for the reason above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Logf("leaving a browser profile: %v", err)
		}
	})
	return dir
}
