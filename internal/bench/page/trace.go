package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
)

// drawn counts what came of a page's frames that were to change something.
type drawn struct{ presented, dropped int }

// traced counts the frames that are drawn while something is done, by Chromium's own
// trace: its compositor reports what came of each (PipelineReporter of the category cc).
func traced(ctx context.Context, do func() error) (drawn, error) {
	var mu sync.Mutex
	var seen []json.RawMessage
	over := make(chan struct{})
	err := chromedp.ListenBrowser(ctx, func(e any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := e.(type) {
		case *tracing.EventDataCollected:
			for _, v := range e.Value {
				seen = append(seen, json.RawMessage(v))
			}
		case *tracing.EventTracingComplete:
			close(over)
		}
	})
	if err != nil {
		return drawn{}, err
	}
	config := &tracing.TraceConfig{IncludedCategories: []string{"cc", "benchmark"}}
	if _, err := chromedp.CallBrowser(ctx, tracing.Start, tracing.StartParams{TraceConfig: config}); err != nil {
		return drawn{}, err
	}
	err = do()
	_, ended := chromedp.CallBrowser(ctx, tracing.End, cdp.Empty{})
	if err := errors.Join(err, ended); err != nil {
		return drawn{}, err
	}
	select {
	case <-over:
	case <-ctx.Done():
		return drawn{}, ctx.Err()
	}
	mu.Lock()
	defer mu.Unlock()
	return frames(seen)
}

// frames counts them for the process that has most: the page's, not the browser's own.
func frames(seen []json.RawMessage) (drawn, error) {
	each := map[int]drawn{}
	most := drawn{}
	for _, e := range seen {
		var report struct {
			Name string `json:"name"`
			Is   string `json:"ph"`
			PID  int    `json:"pid"`
			Args struct {
				Frame struct {
					State  string `json:"state"`
					Smooth bool   `json:"affects_smoothness"`
					Type   string `json:"frame_type"`
				} `json:"frame_reporter"`
			} `json:"args"`
		}
		if err := json.Unmarshal(e, &report); err != nil {
			return drawn{}, fmt.Errorf("read Chromium's trace: %w", err)
		}
		if report.Name != "PipelineReporter" || report.Is != "b" {
			continue
		}
		d, f := each[report.PID], report.Args.Frame
		switch {
		case f.State == "STATE_DROPPED" && f.Smooth:
			d.dropped++
		case strings.HasPrefix(f.State, "STATE_PRESENTED") && f.Type != "FORKED": // a forked report is of a frame that has one already
			d.presented++
		}
		each[report.PID] = d
		if d.presented+d.dropped > most.presented+most.dropped {
			most = d
		}
	}
	return most, nil
}
