package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"text/tabwriter"

	"dyade/annotate"
	"dyade/annotate/report"
	"dyade/internal/i18n"
	"dyade/pipeline"
	"dyade/pipeline/decode/plan"
)

func analyze(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("analyze")
	out := f.String("out", "", "")
	lang := f.String("lang", "", "")
	asJSON := f.Bool("json", false, "")
	quiet := f.Bool("quiet", false, "")
	explain := f.Bool("explain-plan", false, "")
	workers := f.Int("workers", runtime.GOMAXPROCS(0), "")
	if err := t.parse(f, args, 1); err != nil {
		return err
	}
	if err := t.speak(*lang); err != nil {
		return err
	}
	path := f.Arg(0)
	progress := newProgress(t, *quiet)
	opt := pipeline.Options{Workers: *workers, Progress: progress.tell}
	r, err := pipeline.Analyze(ctx, path, opt)
	if err != nil {
		progress.end()
		return err
	}
	defer r.Close()
	dir := *out
	if dir == "" && !*asJSON {
		dir = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)) + ".dyade"
	}
	if dir != "" {
		err = r.Write(ctx, dir, t.lang, opt)
	}
	progress.end()
	if err != nil {
		return err
	}
	if *explain {
		explainPlan(t, r)
	}
	if *asJSON {
		doc, err := r.Document()
		if err != nil {
			return err
		}
		_, err = t.out.Write(doc)
		return err
	}
	if !*quiet {
		return t.table(&r.Analysis, filepath.Join(dir, pipeline.ReportFile))
	}
	return nil
}

// table shows the moments, best first, what limits them, and where the report is.
func (t *terminal) table(a *annotate.Analysis, page string) error {
	if len(a.Moments) == 0 {
		fmt.Fprintln(t.out, i18n.T(t.lang, "cli_moments_none"))
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
	for _, q := range a.Quality {
		key := "quality_" + q.Code
		fmt.Fprintf(t.out, "! %s %s %s\n", i18n.T(t.lang, key), i18n.T(t.lang, "quality_next_time"), i18n.T(t.lang, key+"_advice"))
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
