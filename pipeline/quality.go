package pipeline

import (
	"math"

	"dyade/annotate"
	"dyade/pipeline/coach"
	"dyade/pipeline/signal"
)

// judge tells what limits what could be seen and heard, and what to film
// otherwise.
func judge(t *signal.Table, a *annotate.Analysis, cut bool) {
	in := coach.Input{Recording: a.Recording, Table: t, InputWidth: a.Sampling.InputWidth}
	a.Coach, a.Quality = coach.Advise(in), []annotate.Warning{}
	if cut {
		a.Quality = append(a.Quality, annotate.Warning{Code: "cut"})
	}
	a.Quality = append(a.Quality, coach.Limits(in)...)
	if len(a.Sampling.Damaged) > 0 {
		lost := 0.0
		for _, d := range a.Sampling.Damaged {
			lost += d.EndS - d.StartS
		}
		share := min(1, lost/max(0.1, a.Recording.DurationS))
		a.Quality = append(a.Quality, annotate.Warning{Code: "damaged", Share: math.Round(share*100) / 100})
	}
}

func round3(v float64) float64 { return math.Round(v*1000) / 1000 }
