package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dyade/annotate/web/client"
)

// What the page may take, in milliseconds.
const (
	mostInteractive = 1500
	mostMedian      = 40
	mostWorst       = 100
	mostLate        = 5 // percent of frames that are later than two at 60 a second
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
	let pressed = 0;
	document.addEventListener("keydown", (e) => pressed = e.timeStamp, true);
	const video = document.querySelector(".screen video.front");
	const look = (now) => {
		if (pressed > 0) took.push(now - pressed);
		pressed = 0;
		video.requestVideoFrameCallback(look);
	};
	video.requestVideoFrameCallback(look);
})()`

// frames notes the time between one frame of the page and the next.
const frames = `(() => {
	window.between = [];
	let last = 0;
	const look = (now) => {
		if (last > 0) between.push(now - last);
		last = now;
		requestAnimationFrame(look);
	};
	requestAnimationFrame(look);
})()`

// visit opens the page and works with it.
func visit(ctx context.Context, server *client.Client, r *recording) ([]figure, error) {
	ctx, stop := context.WithTimeout(ctx, 5*patience)
	defer stop()
	ctx, end := chromedp.NewExecAllocator(ctx, chromedp.Headless, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.DisableGPU, chromedp.Flag("disable-dev-shm-usage", true))
	defer end()
	ctx, leave := chromedp.NewContext(ctx)
	defer leave()
	err := chromedp.Do(ctx, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(server.URL+"/enter?token="+url.QueryEscape(server.Token)), chromedp.WaitVisible(".home"))
	if err != nil {
		return nil, err
	}
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch}); err != nil {
		return nil, err
	}
	at := server.URL + "/visits/" + r.visit
	var usable, longest, took, between []float64
	for range 5 {
		if err := chromedp.Do(ctx, chromedp.Navigate(at), chromedp.Poll[chromedp.Void]("window.usable > 0", chromedp.WithPollingTimeout(patience))); err != nil {
			return nil, fmt.Errorf("the page is not usable: %w", err)
		}
		ms, err := chromedp.Run(ctx, chromedp.Evaluate[float64]("usable"))
		if err != nil {
			return nil, err
		}
		usable = append(usable, ms)
	}
	if took, err = steps(ctx); err != nil {
		return nil, fmt.Errorf("step: %w", err)
	}
	if between, err = scrolls(ctx); err != nil {
		return nil, fmt.Errorf("scroll: %w", err)
	}
	late := 0.0
	for _, ms := range between {
		longest = append(longest, ms)
		if ms > 2*1000/60. {
			late++
		}
	}
	return []figure{
		{"until it can be used, median", quantile(usable, 0.5), mostInteractive, "ms"},
		{"key to the next frame, median", quantile(took, 0.5), mostMedian, "ms"},
		{"key to the next frame, worst", quantile(took, 1), mostWorst, "ms"},
		{"frames late while scrolling", 100 * late / float64(max(1, len(between))), mostLate, "%"},
		{"between two of them, median", quantile(longest, 0.5), 17.5, "ms"},
	}, nil
}

// steps goes by frames, back and forth and from place to place.
func steps(ctx context.Context) ([]float64, error) {
	const copied = `document.querySelector(".screen[aria-busy=false][data-source=copy]")`
	if err := chromedp.Do(ctx, chromedp.Poll[chromedp.Void]("!!"+copied), chromedp.Evaluate[chromedp.Void](keysToFrames)); err != nil {
		return nil, err
	}
	for _, key := range []string{kb.ArrowRight, kb.ArrowLeft} {
		for range 60 {
			if err := chromedp.Do(ctx, chromedp.KeyEvent(key), chromedp.Poll[chromedp.Void]("!!"+copied)); err != nil {
				return nil, err
			}
		}
	}
	for range 20 {
		if err := chromedp.Do(ctx, chromedp.KeyEvent(kb.ArrowRight, chromedp.KeyModifiers(chromedp.ModifierShift)), chromedp.Poll[chromedp.Void]("!!"+copied)); err != nil {
			return nil, err
		}
	}
	return chromedp.Run(ctx, chromedp.Evaluate[[]float64]("took"))
}

// scrolls zooms in on the lanes, and scrolls them for some seconds.
func scrolls(ctx context.Context) ([]float64, error) {
	middle, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](`(() => { const r = document.querySelector(".lanes .touch").getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`))
	if err != nil {
		return nil, err
	}
	if err := chromedp.Do(ctx, chromedp.KeyEvent("..."), chromedp.Poll[chromedp.Void](`!document.querySelector(".zoom .bar").hidden`), chromedp.Evaluate[chromedp.Void](frames)); err != nil {
		return nil, err
	}
	tick := time.NewTicker(16 * time.Millisecond)
	defer tick.Stop()
	for i := range 300 {
		by := 30.0
		if i/75%2 == 1 {
			by = -30
		}
		<-tick.C
		_, err := chromedp.Call(ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseWheel, X: middle[0], Y: middle[1], DeltaX: by, DeltaY: 0.1})
		if err != nil {
			return nil, err
		}
	}
	return chromedp.Run(ctx, chromedp.Evaluate[[]float64]("between"))
}
