package main

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dyade/annotate/web/client"
)

// condition is what a page is measured in, and what it may take then.
type condition struct {
	name          string
	source        string // what the frames come from
	median, worst float64
}

// A film is seen while its review copy is made, and with it.
var (
	without = condition{name: "before the copy is there", source: "original", median: 100, worst: 350}
	with    = condition{name: "with the copy", source: "copy", median: 40, worst: 100}
)

const (
	mostInteractive = 1500 // ms
	mostDropped     = 5    // percent of the frames that were to change something
	mostFrame       = 17.5 // ms: 60 a second
)

// watch notes when the page can be used: the moments are listed, the frame on the screen
// is known, and frames can be named.
const watch = `(() => {
	const look = () => {
		if (document.querySelectorAll(".moment").length > 0 && document.querySelector(".screen[aria-busy=false]") && document.querySelector(".lanes canvas") && document.querySelector(".transport .pair:last-of-type button:enabled"))
			window.usable = performance.now();
		else requestAnimationFrame(look);
	};
	requestAnimationFrame(look);
})()`

// keysToFrames notes how long after a key another picture is on the screen.
const keysToFrames = `(() => {
	window.took = [];
	let pressed = null;
	document.addEventListener("keydown", (e) => pressed = e, true);
	for (const video of document.querySelectorAll(".screen video")) {
		const look = (now) => {
			if (pressed && video.classList.contains("front")) {
				took.push({ ms: now - pressed.timeStamp, key: (pressed.shiftKey ? "Shift " : "") + pressed.key, at: video.currentTime });
				pressed = null;
			}
			video.requestVideoFrameCallback(look);
		};
		video.requestVideoFrameCallback(look);
	}
})()`

// step is what a key brought.
type step struct {
	MS  float64 `json:"ms"`
	Key string  `json:"key"`
	At  float64 `json:"at"` // of the film, in seconds
}

// visit opens the page and works with it.
func visit(ctx context.Context, server *client.Client, r *recording, c condition) ([]figure, error) {
	ctx, stop := context.WithTimeout(ctx, 5*patience)
	defer stop()
	ctx, end := chromedp.NewExecAllocator(ctx, chromedp.Headless, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.DisableGPU, chromedp.WindowSize(1440, 1000), chromedp.Flag("disable-dev-shm-usage", true))
	defer end()
	ctx, leave := chromedp.NewContext(ctx)
	defer leave()
	err := chromedp.Do(ctx, chromedp.Navigate(server.URL+"/enter?token="+url.QueryEscape(server.Token)), chromedp.WaitVisible(".home"))
	if err != nil {
		return nil, err
	}
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch}); err != nil {
		return nil, err
	}
	usable, err := opens(ctx, server.URL+"/visits/"+r.visit)
	if err != nil {
		return nil, fmt.Errorf("open the page: %w", err)
	}
	took, err := steps(ctx, c.source)
	if err != nil {
		return nil, fmt.Errorf("step: %w", err)
	}
	d, scrolled, err := scrolls(ctx)
	if err != nil {
		return nil, fmt.Errorf("scroll: %w", err)
	}
	return []figure{
		{c.name + ": until it can be used, median", quantile(usable, 0.5), mostInteractive, "ms"},
		{c.name + ": key to the next frame, median", quantile(took, 0.5), c.median, "ms"},
		{c.name + ": key to the next frame, worst", quantile(took, 1), c.worst, "ms"},
		{c.name + ": frames dropped while scrolling", 100 * float64(d.dropped) / float64(max(1, d.dropped+d.presented)), mostDropped, "%"},
		{c.name + ": time for a frame while scrolling", scrolled.Seconds() * 1000 / float64(max(1, d.presented)), mostFrame, "ms"},
	}, nil
}

// opens it some times.
func opens(ctx context.Context, at string) (usable []float64, err error) {
	for range 5 {
		if err := chromedp.Do(ctx, chromedp.Navigate(at), chromedp.Poll[chromedp.Void]("window.usable > 0", chromedp.WithPollingTimeout(patience))); err != nil {
			return nil, err
		}
		ms, err := chromedp.Run(ctx, chromedp.Evaluate[float64]("usable"))
		if err != nil {
			return nil, err
		}
		usable = append(usable, ms)
	}
	return usable, nil
}

// steps goes by frames, forth and back, and from place to place.
func steps(ctx context.Context, source string) (ms []float64, err error) {
	there := chromedp.Poll[chromedp.Void](fmt.Sprintf(`!!document.querySelector(".screen[aria-busy=false][data-source=%s]")`, source), chromedp.WithPollingTimeout(patience))
	if err := chromedp.Do(ctx, there, chromedp.Evaluate[chromedp.Void](keysToFrames)); err != nil {
		return nil, err
	}
	for _, x := range []struct {
		key   string
		times int
		held  chromedp.KeyOption
	}{
		{kb.ArrowRight, 60, chromedp.KeyModifiers()},
		{kb.ArrowLeft, 60, chromedp.KeyModifiers()},
		{kb.ArrowRight, 20, chromedp.KeyModifiers(chromedp.ModifierShift)},
		{kb.ArrowLeft, 20, chromedp.KeyModifiers(chromedp.ModifierShift)},
	} {
		for range x.times {
			if err := chromedp.Do(ctx, chromedp.KeyEvent(x.key, x.held), there); err != nil {
				return nil, err
			}
		}
	}
	took, err := chromedp.Run(ctx, chromedp.Evaluate[[]step]("took"))
	slices.SortFunc(took, func(a, b step) int { return cmp.Compare(b.MS, a.MS) })
	for i, s := range took {
		if ms = append(ms, s.MS); i < 5 {
			fmt.Fprintf(os.Stderr, "slow: %s took %.0f ms, to %.3f s\n", s.Key, s.MS, s.At)
		}
	}
	return ms, err
}

// scrolls zooms in on the lanes, and scrolls them for some seconds, there and back.
func scrolls(ctx context.Context) (d drawn, took time.Duration, err error) {
	middle, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](`(() => { const r = document.querySelector(".lanes .touch").getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`))
	if err != nil {
		return d, 0, err
	}
	if err := chromedp.Do(ctx, chromedp.KeyEvent("..."), chromedp.Poll[chromedp.Void](`!document.querySelector(".zoom .bar").hidden`)); err != nil {
		return d, 0, err
	}
	d, err = traced(ctx, func() error {
		begun := time.Now()
		for _, by := range []float64{-4000, 4000} {
			scroll := input.SynthesizeScrollGestureParams{X: middle[0], Y: middle[1], XDistance: by, Speed: 1500, GestureSourceType: input.GestureSourceTypeMouse}
			if _, err := chromedp.Call(ctx, input.SynthesizeScrollGesture, scroll); err != nil {
				return err
			}
		}
		took = time.Since(begun)
		return nil
	})
	return d, took, err
}
