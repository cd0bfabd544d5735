package page

import (
	"fmt"
	"strings"

	"dyade/pipeline/eval/plot"
	"dyade/pipeline/eval/report"
	"dyade/pipeline/eval/tally"
)

// faces shows which faces are found and how well heads' turns are told.
func (w *writer) faces(r *report.Report) {
	w.line("## Faces\n")
	recall := plot.Chart{Title: "Recall of faces by their width", Y: plot.Shares("recall")}
	w.banded("recall-by-width", recall, "pixels", "width ", r.Figures, []part{{"in films, of the source", "faces_recall"}, {"on stills, as given", "stills_recall"}})
	yaw := plot.Chart{Title: "Error of heads' yaw by their true yaw", Y: plot.Even("median error, degrees", 40, 4, "%g")}
	w.banded("yaw-error", yaw, "degrees to either side", "yaw ", r.Figures, []part{{"in films", "yaw_error_median"}, {"on stills", "stills_yaw_error_median"}})
}

// part is one series of a chart: a figure by bands.
type part struct{ says, figure string }

// banded draws figures over their bands, with intervals; bands that none has are
// left out.
func (w *writer) banded(name string, c plot.Chart, unit, band string, figures []tally.Figure, parts []part) {
	var bands []string
	at := map[string]float64{}
	for _, p := range parts {
		for _, f := range figures {
			of, ok := strings.CutPrefix(f.Of, band)
			if ok && f.Name == p.figure && at[of] == 0 && !strings.HasPrefix(of, "to ") {
				bands = append(bands, of)
				at[of] = float64(len(bands))
			}
		}
	}
	if len(bands) == 0 {
		return
	}
	c.X = plot.Named(unit, bands)
	for i, p := range parts {
		s := plot.Series{Name: p.says, Line: true}
		for _, f := range figures {
			of, ok := strings.CutPrefix(f.Of, band)
			if !ok || f.Name != p.figure || at[of] == 0 {
				continue
			}
			point := plot.Point{X: at[of] + 0.1*float64(i), Y: f.Value}
			if f.Interval != nil {
				point.Low, point.High = f.Interval.Low, f.Interval.High
			}
			s.Points = append(s.Points, point)
			c.Says += fmt.Sprintf(" %s %s: %s.", p.says, of, number(f.Value))
		}
		if len(s.Points) > 0 {
			c.Series = append(c.Series, s)
		}
	}
	c.Says = strings.TrimSpace(c.Says)
	w.chart(name, c)
}
