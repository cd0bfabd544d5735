package page

import (
	"fmt"
	"slices"
	"strings"

	"dyade/pipeline/eval/compare"
	"dyade/pipeline/eval/plot"
	"dyade/pipeline/eval/report"
	"dyade/pipeline/eval/tally"
)

// faces shows which faces are found and how well heads' turns are told.
func (w *writer) faces(r *report.Report) {
	recall := plot.Chart{Title: "Recall of faces by their width in pixels", Y: plot.Shares("recall")}
	recall = banded(recall, compare.WidthBands(), r.Figures, []part{{"in films, of the source", "faces_recall"}, {"on stills, as given", "stills_recall"}})
	yaw := plot.Chart{Title: "Error of heads' yaw by their true yaw in degrees", Y: plot.Even("median error, degrees", 40, 4, "%g")}
	yaw = banded(yaw, compare.YawBands(), r.Figures, []part{{"in films", "yaw_error_median"}, {"on stills", "stills_yaw_error_median"}})
	if len(recall.Series)+len(yaw.Series) == 0 {
		return
	}
	w.line("## Faces\n")
	w.chart("recall-by-width", recall)
	w.chart("yaw-error", yaw)
}

// part is one series of a chart: a figure by bands.
type part struct{ says, figure string }

// aside is how far the marks of one series stand beside those of the one before.
const aside = 0.1

// banded adds figures over their bands to a chart, with intervals.
func banded(c plot.Chart, bands []string, figures []tally.Figure, parts []part) plot.Chart {
	var names []string
	for _, b := range bands {
		_, short, _ := strings.Cut(b, " ")
		names = append(names, short)
	}
	c.X = plot.Named("", names)
	for _, p := range parts {
		s := plot.Series{Name: p.says, Line: true}
		for _, f := range figures {
			at := slices.Index(bands, f.Of)
			if f.Name != p.figure || at < 0 {
				continue
			}
			point := plot.Point{X: float64(at+1) + aside*float64(len(c.Series)), Y: f.Value}
			if f.Interval != nil {
				point.Low, point.High = f.Interval.Low, f.Interval.High
			}
			s.Points = append(s.Points, point)
			c.Says += fmt.Sprintf(" %s, %s: %s.", p.says, f.Of, number(f.Value))
		}
		if len(s.Points) > 0 {
			c.Series = append(c.Series, s)
		}
	}
	c.Says = strings.TrimSpace(c.Says)
	return c
}
