package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"text/tabwriter"

	"dyade/internal/i18n"
	"dyade/pipeline/eval"
	"dyade/pipeline/eval/report"
)

// evaluate is `dyade eval`.
func evaluate(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("eval")
	labels := f.StringArray("labels", nil, "")
	media := f.String("media", "", "")
	page := f.String("report", "", "")
	shortcuts := f.StringArray("shortcuts", nil, "")
	asShipped := f.Bool("as-shipped", false, "")
	asJSON := f.Bool("json", false, "")
	quiet := f.Bool("quiet", false, "")
	lang := f.String("lang", "", "")
	workers := f.Int("workers", runtime.GOMAXPROCS(0), "")
	if err := t.parse(f, args, 0); err != nil {
		return err
	}
	if err := t.speak(*lang); err != nil {
		return err
	}
	if len(*labels) == 0 {
		return wrongUse{i18n.T(t.lang, "cli_help_eval")}
	}
	opt := eval.Options{Media: *media, AsShipped: *asShipped, Shortcuts: *shortcuts, Workers: *workers}
	if !*quiet {
		opt.Progress = func(done, of int, name string) { t.say("eval_progress", done, of, name) }
	}
	all, err := eval.Run(ctx, *labels, opt)
	if errors.Is(err, eval.ErrNoMedia) {
		return errors.New(i18n.T(t.lang, "eval_none", strings.Join(*labels, ", ")))
	}
	if err != nil {
		return err
	}
	if len(all.Unmatched) > 0 {
		t.say("eval_unmatched", strings.Join(all.Unmatched, ", "))
	}
	if *page != "" {
		err = eval.WritePage(ctx, *page, all)
	}
	switch {
	case *asJSON:
		e := json.NewEncoder(t.out)
		e.SetIndent("", "  ")
		return errors.Join(err, e.Encode(all))
	case *page == "" || err != nil: // hours of work are not to be lost with the page
		return errors.Join(err, t.measures(all))
	}
	t.say("eval_page", reached(all), len(all.Asked), *page)
	return nil
}

// reached counts what is asked and reached.
func reached(all *report.Report) (n int) {
	for _, a := range all.Asked {
		if a.Reached {
			n++
		}
	}
	return n
}

// measures shows a table for each recording.
func (t *terminal) measures(all *report.Report) error {
	var head []string
	for _, column := range []string{"name", "truth", "found", "precision", "recall", "f1", "unknown", "unit"} {
		head = append(head, i18n.T(t.lang, "eval_column_"+column))
	}
	for _, r := range all.Recordings {
		fmt.Fprintln(t.out, i18n.T(t.lang, "eval_recording", r.Name, r.Frames))
		w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "  "+strings.Join(head, "\t"))
		for _, m := range r.Measures {
			fmt.Fprintf(w, "  %s\t%d\t%d\t%.3f\t%.3f\t%.3f\t%.3f\t%s\n", part(m.Name, m.Of), m.Truth, m.Found, m.Precision, m.Recall, m.F1, m.Unknown, m.Unit)
		}
		if err := w.Flush(); err != nil {
			return err
		}
		for _, x := range r.Figures {
			fmt.Fprintf(t.out, "  %s: %g %s\n", part(x.Name, x.Of), x.Value, x.Unit)
		}
	}
	return nil
}

// part names a figure, and what part of it.
func part(name, of string) string {
	if of == "" {
		return name
	}
	return name + ", " + of
}
