package page

import (
	"fmt"
	"slices"

	"dyade/pipeline/eval/report"
	"dyade/pipeline/eval/tally"
)

// all lists every figure over the recordings.
func (w *writer) all(r *report.Report) {
	w.line("## All figures\n")
	w.measures(r.Totals)
	var rows [][]string
	for _, f := range r.Figures {
		rows = append(rows, []string{name(f.Name, f.Of), number(f.Value) + " " + f.Unit, interval(f.Interval), fmt.Sprint(f.N)})
	}
	w.table([]string{"figure", "measured", "95 % interval", "n"}, rows)
}

func name(name, of string) string {
	if of == "" {
		return "`" + name + "`"
	}
	return "`" + name + "`, " + of
}

func (w *writer) measures(list []tally.Measure) {
	var rows [][]string
	for _, m := range list {
		i := m.Intervals
		rows = append(rows, []string{
			name(m.Name, m.Of), fmt.Sprint(m.Truth), fmt.Sprint(m.Found), with(m.Precision, i.Precision), with(m.Recall, i.Recall),
			with(m.F1, i.F1), number(m.Unknown), m.Unit,
		})
	}
	w.table([]string{"measure", "true", "found", "precision", "recall", "F1", "unknown", "unit"}, rows)
}

func with(v float64, i *tally.Interval) string {
	if i == nil {
		return number(v)
	}
	return fmt.Sprintf("%s (%s to %s)", number(v), number(i.Low), number(i.High))
}

// tags shows what is asked by tag: figures of recordings that share one, beside all.
func (w *writer) tags(r *report.Report) {
	if len(r.Tags) == 0 {
		return
	}
	w.line("## By tag\n")
	w.line("A recording may have several tags; `dyade eval --json` has every figure of each.\n")
	head := []string{"figure", "all"}
	count := []string{"recordings", fmt.Sprint(len(r.Counted()))}
	for _, t := range r.Tags {
		head = append(head, "`"+t.Tag+"`")
		count = append(count, fmt.Sprint(t.Recordings))
	}
	rows := [][]string{count}
	for _, a := range r.Asked {
		if a.Tag != "" {
			continue
		}
		row := []string{a.Says, valueOf(a.Asked, r.Totals, r.Figures)}
		for _, t := range r.Tags {
			row = append(row, valueOf(a.Asked, t.Measures, t.Figures))
		}
		rows = append(rows, row)
	}
	w.table(head, rows)
}

func valueOf(a report.Asked, measures []tally.Measure, figures []tally.Figure) string {
	if v, _, n := a.Among(measures, figures); v != nil {
		return fmt.Sprintf("%s (%d)", number(*v), n)
	}
	return ""
}

// others lists the recordings that have no take.json, where others have one: they
// stand for themselves.
func (w *writer) others(r *report.Report) {
	made := func(x report.Recording) bool { return x.Made }
	if !slices.ContainsFunc(r.Recordings, made) {
		return
	}
	first := true
	for _, x := range r.Recordings {
		if x.Made {
			continue
		}
		if first {
			w.line("## Other recordings\n")
			w.line("Not made for this, and not among the figures above.\n")
			first = false
		}
		w.linef("### %s\n", x.Name)
		w.measures(x.Measures)
	}
}

// limits says what so few cannot show.
func (w *writer) limits(r *report.Report) {
	w.line("## What these figures cannot show\n")
	persons := ""
	if r.AllMade() {
		persons = ": all of it was made from a few persons' faces and voices, so that draws of recordings are draws of the same few persons"
	}
	w.linef("An interval holds 95 of 100 of a thousand draws of recordings, with a fixed seed; where there are fewer than five, of their stretches of ten seconds or single pictures (blocks). It tells how much the figure hangs on what this set happens to hold, and no more%s. Whether dyade sees and hears others as well, of other ages and skins, in other homes, is outside every interval here. Stretches of one recording are more alike than recordings are: intervals by blocks are too narrow. Where all of n units are right, draws have no spread: 1 to 1 means no more than that at most about 3 ÷ n of them are wrong (Hanley and Lippman-Hand 1983).\n", persons)
}
