package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"text/tabwriter"

	"dyade/annotate"
	"dyade/annotate/report"
	"dyade/internal/i18n"
	"dyade/pipeline"
	"dyade/pipeline/cache"
	"dyade/pipeline/decode/plan"
)

// analyzing is what an analysis was asked to do.
type analyzing struct {
	out, lang                               *string
	asJSON, stream, noCache, quiet, explain *bool
	workers                                 *int
}

func analyze(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("analyze")
	a := analyzing{
		out: f.String("out", "", ""), lang: f.String("lang", "", ""), asJSON: f.Bool("json", false, ""),
		stream: f.Bool("stream", false, ""), noCache: f.Bool("no-cache", false, ""), quiet: f.Bool("quiet", false, ""),
		explain: f.Bool("explain-plan", false, ""), workers: f.Int("workers", runtime.GOMAXPROCS(0), ""),
	}
	if err := t.parse(f, args, 1); err != nil {
		return err
	}
	if err := t.speak(*a.lang); err != nil {
		return err
	}
	if *a.stream && *a.asJSON {
		return wrongUse{i18n.T(t.lang, "cli_stream_or_json") + "\n" + i18n.T(t.lang, "cli_help_analyze")}
	}
	opt := pipeline.Options{Workers: *a.workers}
	if !*a.noCache {
		opt.Cache = openCache()
		defer func() { _ = opt.Cache.Close() }() // what could not be kept is found again
	}
	devices := opt.Cache.Shelf("hardware")
	defer devices.Close()
	hardware, err := openHardware(t, devices)
	if err != nil {
		return err
	}
	defer hardware.Close()
	opt.Hardware = hardware
	return a.run(ctx, t, f.Arg(0), opt)
}

func (a analyzing) run(ctx context.Context, t *terminal, path string, opt pipeline.Options) error {
	progress := newProgress(t, *a.quiet)
	opt.Progress = progress.tell
	var told error
	if *a.stream {
		opt.Ranked = func(r annotate.Ranking) {
			progress.end()
			told = errors.Join(told, json.NewEncoder(t.out).Encode(r))
		}
	}
	r, err := pipeline.Analyze(ctx, path, opt)
	if err != nil {
		progress.end()
		return err
	}
	defer r.Close()
	dir := *a.out
	if dir == "" && !*a.asJSON {
		dir = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) + ".dyade"
	}
	if dir != "" {
		err = r.Write(ctx, dir, t.lang, opt)
	}
	progress.end()
	if err := errors.Join(err, told); err != nil {
		return err
	}
	if *a.explain {
		explainPlan(t, r)
	}
	switch {
	case *a.asJSON:
		doc, err := r.Document()
		if err != nil {
			return err
		}
		_, err = t.out.Write(doc)
		return err
	case *a.quiet || *a.stream:
		return nil
	}
	return t.table(&r.Analysis, filepath.Join(dir, pipeline.ReportFile))
}

// openCache opens the cache where results are kept; nil where there can be none,
// on a disk that is full or read-only, say: the analysis does without.
func openCache() *cache.Cache {
	dir, err := cache.Dir()
	if err != nil {
		return nil
	}
	c, err := cache.Open(dir, cache.DefaultLimit)
	if err != nil {
		return nil
	}
	return c
}

// table shows the moments, best first, what limits them, and where the report is.
func (t *terminal) table(a *annotate.Analysis, page string) error {
	if none := report.Nothing(t.lang, a); none != nil {
		fmt.Fprintln(t.out, none.Title)
		for _, reason := range none.Because {
			fmt.Fprintf(t.out, "  - %s\n", reason)
		}
		fmt.Fprintf(t.out, "%s\n\n", none.Next)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	if len(a.Moments) > 0 {
		var head []string
		for _, column := range []string{"rank", "time", "kind", "score", "unknown", "why"} {
			head = append(head, i18n.T(t.lang, "cli_column_"+column))
		}
		fmt.Fprintln(w, strings.Join(head, "\t"))
	}
	for i, m := range a.Moments {
		fmt.Fprintf(w, "%d\t%s – %s\t%s\t%s\t%s\t%s\n", i+1, i18n.Clock(m.StartS), i18n.Clock(m.EndS),
			report.KindName(t.lang, m.Kind), i18n.Percent(t.lang, m.Score), i18n.Percent(t.lang, m.Unknown), report.Why(t.lang, m))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, s := range report.Counsel(t.lang, a) {
		fmt.Fprintln(t.out, "!", s.Text)
	}
	full, err := filepath.Abs(page)
	if err != nil {
		full = page
	}
	_, err = fmt.Fprintln(t.out, i18n.T(t.lang, "cli_report_at", full))
	return err
}

// explainPlan says what was decoded, against all there is.
func explainPlan(t *terminal, r *pipeline.Result) {
	ix := r.Source.Index()
	if ix == nil {
		return
	}
	c := plan.CostOf(ix, r.Plan)
	t.say("cli_plan", c.Wanted, c.Frames, c.OfFrames, float64(c.Bytes)/1e6, float64(c.OfBytes)/1e6, c.LargestGap)
}
