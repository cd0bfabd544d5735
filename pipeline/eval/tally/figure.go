package tally

import "math"

// Measure is how what is found agrees with labels.
type Measure struct {
	Name      string  `json:"name"`
	Of        string  `json:"of,omitempty"` // what part of it
	Unit      string  `json:"unit"`         // what is counted
	Truth     int     `json:"truth"`
	Found     int     `json:"found"`
	Hits      int     `json:"hits"`
	Precision float64 `json:"precision"` // 1 where nothing was found
	Recall    float64 `json:"recall"`    // 1 where there was nothing to find
	F1        float64 `json:"f1"`
	// Labelled is how many units the labels speak of; Unknown the share of them
	// for which dyade says that it does not know: they are not counted above.
	Labelled  int       `json:"labelled"`
	Unknown   float64   `json:"unknown"`
	Intervals Intervals `json:"intervals"`
}

// Intervals of a measure; null where there is too little to draw from.
type Intervals struct {
	Precision *Interval `json:"precision"`
	Recall    *Interval `json:"recall"`
	F1        *Interval `json:"f1"`
}

// Figure is a single number.
type Figure struct {
	Name     string    `json:"name"`
	Of       string    `json:"of,omitempty"` // what part of it
	Value    float64   `json:"value"`
	Unit     string    `json:"unit"`
	N        int       `json:"n"`        // units that it is made of: errors, proposals, blocks of time
	Interval *Interval `json:"interval"` // null where there is too little to draw from
}

// Measures makes those of the tallies that hold counts.
func Measures(list []Tally) []Measure {
	out := []Measure{}
	for _, t := range list {
		if t.Stat == nil {
			out = append(out, t.Measure())
		}
	}
	return out
}

// Measure makes one of a tally of counts.
func (t Tally) Measure() Measure {
	rows, once := sorted(t.Rows), ones(len(t.Rows))
	total := func(v int) int { return int(sum(rows, once, v)) }
	value := func(s Statistic) float64 { v, _ := s(rows, once); return round(v) }
	m := Measure{
		Name: t.Name, Of: t.Of, Unit: t.Unit, Truth: total(0), Found: total(1), Hits: total(2), Labelled: total(3),
		Precision: value(precision), Recall: value(recall), F1: value(f1),
		Intervals: Intervals{interval(rows, precision), interval(rows, recall), interval(rows, f1)},
	}
	m.Unknown = round(float64(total(4)) / float64(max(1, m.Labelled)))
	return m
}

// Figures makes those of the other tallies that say something.
func Figures(list []Tally) []Figure {
	out := []Figure{}
	for _, t := range list {
		if f, ok := t.Figure(); ok {
			out = append(out, f)
		}
	}
	return out
}

// Figure makes one; ok is false where the tally holds counts, or says nothing.
func (t Tally) Figure() (f Figure, ok bool) {
	if t.Stat == nil {
		return f, false
	}
	rows := sorted(t.Rows)
	v, ok := t.Stat(rows, ones(len(rows)))
	if !ok {
		return f, false
	}
	f = Figure{Name: t.Name, Of: t.Of, Value: round(v), Unit: t.Unit, Interval: interval(rows, t.Stat)}
	for _, r := range rows {
		f.N += r.N
	}
	return f, true
}

// Bins puts the proposals of a tally into ten bins of equal width.
func (t Tally) Bins() []Bin {
	rows := sorted(t.Rows)
	return Widths(rows, ones(len(rows)))
}

func ones(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = 1
	}
	return list
}

// round keeps four places: more would be noise.
func round(v float64) float64 { return math.Round(v*1e4) / 1e4 }
