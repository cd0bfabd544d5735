// Package tally holds what was counted or measured, unit by unit, and makes
// figures of it, each with the interval in which it may as well lie. It is pure
// Go.
package tally

import (
	"cmp"
	"slices"
)

// Row is what one unit, or one block of units, adds to a figure. Group and Block
// tell which rows are drawn together for an interval: a group is a recording, a
// block is ten seconds of it, or one unit.
type Row struct {
	Group, Block int
	N            int        // how many units it stands for, in figures
	V            [5]float64 // as the tally's statistic reads them
}

// Tally is all that one figure is made of.
type Tally struct {
	Name string // of the figure, as in the JSON
	Of   string // what part of it: a kind of moment, a band; empty: all
	Unit string
	Stat Statistic // nil: counts, of which a Measure is made
	Rows []Row
}

// Count adds to a tally of counts, in a block of its last row's or a new one.
func (t *Tally) Count(block int, c Counts) {
	if n := len(t.Rows); n > 0 && t.Rows[n-1].Block == block {
		for i, v := range c.row() {
			t.Rows[n-1].V[i] += v
		}
		return
	}
	t.Rows = append(t.Rows, Row{Block: block, V: c.row()})
}

// Add adds a row that stands for one unit.
func (t *Tally) Add(block int, v ...float64) {
	r := Row{Block: block, N: 1}
	copy(r.V[:], v)
	t.Rows = append(t.Rows, r)
}

// Trial adds one unit to a tally of shares, in its last row where that is of the
// same block: hits, and of how many.
func (t *Tally) Trial(block int, hits, of float64) {
	if n := len(t.Rows); n > 0 && t.Rows[n-1].Block == block {
		r := &t.Rows[n-1]
		r.V[0], r.V[1], r.N = r.V[0]+hits, r.V[1]+of, r.N+1
		return
	}
	t.Add(block, hits, of)
}

// Counts are units: those of the truth, those found, those that are both, those
// the labels speak of, and those of them that are unknown to dyade, which the
// first three leave out.
type Counts struct{ Truth, Found, Hits, Labelled, Unknown int }

func (c Counts) row() [5]float64 {
	return [5]float64{float64(c.Truth), float64(c.Found), float64(c.Hits), float64(c.Labelled), float64(c.Unknown)}
}

// key tells tallies apart.
type key struct{ name, of string }

// Merge puts the tallies of several recordings together, each recording a group
// of its own: one tally of a name and a part, in the order in which they come.
func Merge(lists ...[]Tally) []Tally {
	var order []key
	merged := map[key]*Tally{}
	for group, list := range lists {
		for _, t := range list {
			k := key{t.Name, t.Of}
			m := merged[k]
			if m == nil {
				m = &Tally{Name: t.Name, Of: t.Of, Unit: t.Unit, Stat: t.Stat}
				merged[k] = m
				order = append(order, k)
			}
			for _, r := range t.Rows {
				r.Group = group
				m.Rows = append(m.Rows, r)
			}
		}
	}
	out := make([]Tally, len(order))
	for i, k := range order {
		out[i] = *merged[k]
	}
	return out
}

// sorted gives the rows by their first value, as statistics read them.
func sorted(rows []Row) []Row {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(a.V[0], b.V[0]) })
	return rows
}
