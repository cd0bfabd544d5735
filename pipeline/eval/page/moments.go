package page

import (
	"fmt"

	"dyade/pipeline/eval/plot"
	"dyade/pipeline/eval/report"
	"dyade/pipeline/eval/tally"
)

// moments shows how good proposals are and whether their confidence is true.
func (w *writer) moments(r *report.Report) {
	w.line("## Moments\n")
	var list []tally.Measure
	for _, m := range r.Totals {
		if m.Name == "moments" {
			list = append(list, m)
		}
	}
	w.measures(list)
	if len(r.Curves) > 0 {
		w.chart("precision-recall", precisionRecall(r.Curves))
	}
	if len(r.Reliability) > 0 {
		w.chart("reliability", reliability(r.Reliability))
	}
}

func precisionRecall(list []report.Curve) plot.Chart {
	c := plot.Chart{
		Title: "Precision and recall by kind of moment", Says: "as less sure proposals are taken as well, from left to right.",
		X: plot.Shares("recall"), Y: plot.Shares("precision"),
	}
	for _, curve := range list {
		s := plot.Series{Name: curve.Kind, Line: true}
		for _, p := range curve.Points {
			s.Points = append(s.Points, plot.Point{X: p.Recall, Y: p.Precision})
		}
		last := curve.Points[len(curve.Points)-1]
		c.Says += fmt.Sprintf(" %s ends at recall %.2f, precision %.2f.", curve.Kind, last.Recall, last.Precision)
		c.Series = append(c.Series, s)
	}
	return c
}

func reliability(list []tally.Bin) plot.Chart {
	c := plot.Chart{
		Title: "Reliability of confidence", Says: "of proposals so sure, the share that is right.",
		X: plot.Shares("confidence"), Y: plot.Shares("share that is right"),
	}
	s := plot.Series{Name: "ten bins", Line: true}
	for _, b := range list {
		if b.N == 0 {
			continue
		}
		s.Points = append(s.Points, plot.Point{X: b.Confidence, Y: b.Right, Text: fmt.Sprint(b.N)})
		c.Says += fmt.Sprintf(" At %.2f, %.2f of %g.", b.Confidence, b.Right, b.N)
	}
	c.Series = []plot.Series{{Guide: true, Points: []plot.Point{{}, {X: 1, Y: 1}}}, s}
	return c
}
