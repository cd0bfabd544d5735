package tally_test

import (
	"math"
	"reflect"
	"testing"

	"dyade/pipeline/eval/tally"
)

// of makes a tally of rows, each a block of its own.
func of(s tally.Statistic, rows ...[]float64) tally.Tally {
	t := tally.Tally{Name: "x", Stat: s}
	for i, v := range rows {
		t.Add(i, v...)
	}
	return t
}

func TestStatistics(t *testing.T) {
	// Two raters of 50 units say both yes 20 times, both no 15 times, and differ 5
	// and 10 times: they agree in 0.7, chance would give 0.5, which leaves kappa 0.4.
	raters := [][]float64{{1, 1, 20}, {1, 0, 5}, {0, 1, 10}, {0, 0, 15}}
	// Two proposals at 0.95, one of them right, and two at 0.15, none right.
	sure := [][]float64{{0.95, 1}, {0.95, 0}, {0.15, 0}, {0.15, 0}}
	for _, c := range []struct {
		name string
		stat tally.Statistic
		rows [][]float64
		want float64
	}{
		{"share", tally.Share, [][]float64{{1, 2}, {2, 2}}, 0.75},
		{"events in ten minutes", tally.Per(10), [][]float64{{1, 2}, {0, 3}}, 2},
		{"sum", tally.Sum, [][]float64{{1}, {2}}, 3},
		{"median of three", tally.Quantile(0.5), [][]float64{{9}, {1}, {4}}, 4},
		{"median of four, the upper", tally.Quantile(0.5), [][]float64{{9}, {1}, {4}, {3}}, 4},
		{"95th percentile of twenty", tally.Quantile(0.95), upTo(20), 20},
		{"95th percentile of hundred", tally.Quantile(0.95), upTo(100), 96},
		{"agreement", tally.Agreement, raters, 0.7},
		{"kappa", tally.Kappa, raters, 0.4},
		{"Brier", tally.Brier, [][]float64{{0.9, 1}, {0.6, 0}}, 0.185},
		{"ECE by widths", tally.ECE(tally.Widths), sure, 0.3},               // (2×0.45 + 2×0.15) / 4
		{"ECE by masses", tally.ECE(tally.Masses), sure, 0.325},             // each in its own bin
		{"ECE at the end", tally.ECE(tally.Widths), [][]float64{{1, 1}}, 0}, // 1 is in the last bin
	} {
		if f, ok := of(c.stat, c.rows...).Figure(); !ok || math.Abs(f.Value-c.want) > 1e-9 {
			t.Errorf("%s: %+v, %v; want %g", c.name, f, ok, c.want)
		}
	}
}

func upTo(n int) (rows [][]float64) {
	for i := range n {
		rows = append(rows, []float64{float64(i + 1)})
	}
	return rows
}

func TestWhatSaysNothingIsNoFigure(t *testing.T) {
	for name, x := range map[string]tally.Tally{
		"share of none": of(tally.Share, []float64{0, 0}), "median of none": of(tally.Quantile(0.5)), "sum of none": of(tally.Sum),
		"raters who always say yes": of(tally.Kappa, []float64{1, 1, 9}), "Brier of none": of(tally.Brier), "ECE of none": of(tally.ECE(tally.Masses)),
	} {
		if f, ok := x.Figure(); ok {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestMeasure(t *testing.T) {
	x := tally.Tally{Name: "m", Unit: "u"}
	x.Count(0, tally.Counts{Truth: 3, Found: 4, Hits: 3, Labelled: 5, Unknown: 1})
	x.Count(0, tally.Counts{Truth: 1, Labelled: 1})
	x.Count(1, tally.Counts{Found: 1, Labelled: 4, Unknown: 1})
	if len(x.Rows) != 2 {
		t.Fatalf("%d rows, want one for each block", len(x.Rows))
	}
	m := x.Measure()
	if m.Truth != 4 || m.Found != 5 || m.Hits != 3 || m.Precision != 0.6 || m.Recall != 0.75 || m.F1 != 0.6667 || m.Labelled != 10 || m.Unknown != 0.2 {
		t.Errorf("%+v", m)
	}
	none := tally.Tally{}.Measure()
	if none.Precision != 1 || none.Recall != 1 || none.Intervals.F1 != nil {
		t.Errorf("of nothing: %+v", none)
	}
}

// Of fewer than five recordings blocks are drawn, of more the recordings.
func TestIntervals(t *testing.T) {
	coins := func(recordings, each int, right func(recording, k int) bool) tally.Tally {
		var lists [][]tally.Tally
		for r := range recordings {
			one := tally.Tally{Name: "x", Stat: tally.Share}
			for k := range each {
				v := 0.0
				if right(r, k) {
					v = 1
				}
				one.Add(k, v, 1)
			}
			lists = append(lists, []tally.Tally{one})
		}
		return tally.Merge(lists...)[0]
	}
	even := func(_, k int) bool { return k%2 == 0 }
	for _, c := range []struct {
		name             string
		x                tally.Tally
		by               tally.By
		n                int
		lowFrom, lowTo   float64
		highFrom, highTo float64
	}{
		// 100 independent coins: 0.5 ± 1.96 × 0.05.
		{"100 blocks", coins(1, 100, even), tally.Blocks, 100, 0.38, 0.42, 0.58, 0.62},
		{"four recordings", coins(4, 25, even), tally.Blocks, 100, 0.38, 0.46, 0.56, 0.64},
		{"recordings that are all alike", coins(6, 10, even), tally.Recordings, 6, 0.5, 0.5, 0.5, 0.5},
		// 10 recordings, right throughout or wrong throughout: as ten coins.
		{"recordings that differ", coins(10, 10, func(r, _ int) bool { return r%2 == 0 }), tally.Recordings, 10, 0.1, 0.2, 0.8, 0.9},
		{"all right", coins(1, 30, func(int, int) bool { return true }), tally.Blocks, 30, 1, 1, 1, 1},
	} {
		f, _ := c.x.Figure()
		i := f.Interval
		if i == nil || i.By != c.by || i.N != c.n || i.Low < c.lowFrom || i.Low > c.lowTo || i.High < c.highFrom || i.High > c.highTo {
			t.Errorf("%s: %+v", c.name, i)
		}
		if again, _ := c.x.Figure(); !reflect.DeepEqual(f, again) {
			t.Errorf("%s: %+v the second time", c.name, again)
		}
	}
	if f, _ := coins(1, 1, even).Figure(); f.Interval != nil {
		t.Errorf("of one: %+v", f.Interval)
	}
}

func TestMergeMakesEachRecordingAGroup(t *testing.T) {
	two := tally.Tally{Name: "x", Rows: []tally.Row{{Block: 1}, {Block: 2}}}
	merged := tally.Merge([]tally.Tally{two, {Name: "y", Of: "a"}}, []tally.Tally{two, {Name: "y", Of: "b"}})
	var groups []int
	for _, r := range merged[0].Rows {
		groups = append(groups, r.Group)
	}
	if !reflect.DeepEqual(groups, []int{0, 0, 1, 1}) || len(merged) != 3 || merged[2].Of != "b" {
		t.Errorf("groups %v of %+v", groups, merged)
	}
}

func TestBins(t *testing.T) {
	bins := of(tally.Brier, []float64{0.95, 1}, []float64{0.97, 0}, []float64{0.1, 0}).Bins()
	if len(bins) != 10 || bins[9].N != 2 || math.Abs(bins[9].Confidence-0.96) > 1e-9 || bins[9].Right != 0.5 || bins[1].N != 1 || bins[0].N != 0 {
		t.Errorf("%+v", bins)
	}
}
