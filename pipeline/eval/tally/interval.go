package tally

import (
	"math/rand/v2"
	"slices"
)

// How intervals are drawn: by the percentile bootstrap (Efron 1979), the same
// each time. Rows of one recording are alike, so whole ones are drawn; fewer than
// several of them would show next to nothing of how they differ, and their blocks
// are drawn instead.
const (
	draws   = 1000
	seed    = 20
	level   = 0.95
	several = 5
)

// By says what was drawn: recordings, or blocks of them.
type By string

// What intervals are drawn by.
const (
	Recordings By = "recordings"
	Blocks     By = "blocks"
)

// Interval holds a figure's value in 95 of 100 draws.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	By   By      `json:"by"`
	N    int     `json:"n"` // how many there were to draw from
}

// interval draws as many recordings, or blocks, as there are, a thousand times. nil
// where there is but one, or where most draws say nothing.
func interval(rows []Row, stat Statistic) *Interval {
	of, n, by := units(rows)
	if n < 2 {
		return nil
	}
	random := rand.New(rand.NewPCG(seed, uint64(n)))
	drawn, times := make([]int, n), make([]int, len(rows))
	var values []float64
	for range draws {
		clear(drawn)
		for range n {
			drawn[random.IntN(n)]++
		}
		for i := range rows {
			times[i] = drawn[of[i]]
		}
		if v, ok := stat(rows, times); ok {
			values = append(values, v)
		}
	}
	if len(values) <= draws/2 {
		return nil
	}
	slices.Sort(values)
	tail := (1 - level) / 2
	low, high := int(tail*float64(len(values))), int((1-tail)*float64(len(values)))
	return &Interval{Low: round(values[low]), High: round(values[min(high, len(values)-1)]), By: by, N: n}
}

// units numbers what is drawn: of says for each row to which of n it belongs.
func units(rows []Row) (of []int, n int, by By) {
	of, n = numbered(rows, func(r Row) [2]int { return [2]int{r.Group} })
	if n >= several {
		return of, n, Recordings
	}
	of, n = numbered(rows, func(r Row) [2]int { return [2]int{r.Group, r.Block} })
	return of, n, Blocks
}

// numbered gives each row the number of its key, of n in the keys' order.
func numbered(rows []Row, keyOf func(Row) [2]int) (of []int, n int) {
	var keys [][2]int
	for _, r := range rows {
		keys = append(keys, keyOf(r))
	}
	slices.SortFunc(keys, func(a, b [2]int) int { return slices.Compare(a[:], b[:]) })
	keys = slices.Compact(keys)
	numbers := map[[2]int]int{}
	for i, k := range keys {
		numbers[k] = i
	}
	of = make([]int, len(rows))
	for i, r := range rows {
		of[i] = numbers[keyOf(r)]
	}
	return of, len(keys)
}
