package tally

import "math"

// Statistic makes a figure of rows in the order of their first value, of which
// each is drawn so many times; ok is false where they say nothing.
type Statistic func(rows []Row, times []int) (v float64, ok bool)

// sum adds up a value over the draws.
func sum(rows []Row, times []int, value int) (total float64) {
	for i, r := range rows {
		total += float64(times[i]) * r.V[value]
	}
	return total
}

// Share is the first value's sum to the second's: hits of trials.
func Share(rows []Row, times []int) (float64, bool) {
	of := sum(rows, times, 1)
	return sum(rows, times, 0) / of, of > 0
}

// Per is Share for so much of the second value: events in ten minutes.
func Per(much float64) Statistic {
	return func(rows []Row, times []int) (float64, bool) {
		v, ok := Share(rows, times)
		return v * much, ok
	}
}

// Sum is that of the first value.
func Sum(rows []Row, times []int) (float64, bool) { return sum(rows, times, 0), len(rows) > 0 }

// Quantile is the least first value that a share q of the rows does not exceed:
// 0.5 is the median, the upper one of two.
func Quantile(q float64) Statistic {
	return func(rows []Row, times []int) (float64, bool) {
		n := 0
		for _, t := range times {
			n += t
		}
		left := min(n-1, int(q*float64(n)))
		for i, t := range times {
			if left -= t; left < 0 {
				return rows[i].V[0], true
			}
		}
		return 0, false
	}
}

// Rows of two raters hold what the first says, what the second says, and of how
// many units. What they say are small whole numbers.

// Agreement is the share of units of which two raters say the same.
func Agreement(rows []Row, times []int) (float64, bool) {
	same, all := 0.0, 0.0
	for i, r := range rows {
		n := float64(times[i]) * r.V[2]
		all += n
		if r.V[0] == r.V[1] {
			same += n
		}
	}
	return same / all, all > 0
}

// Kappa is Cohen's (1960): agreement beyond what chance would give, to what chance
// leaves. It says nothing where both say one and the same throughout.
func Kappa(rows []Row, times []int) (float64, bool) {
	first, second := map[float64]float64{}, map[float64]float64{}
	all := 0.0
	for i, r := range rows {
		n := float64(times[i]) * r.V[2]
		first[r.V[0]] += n
		second[r.V[1]] += n
		all += n
	}
	chance := 0.0
	for said := range 8 { // in order: sums of floats depend on it
		chance += first[float64(said)] / all * second[float64(said)] / all
	}
	same, ok := Agreement(rows, times)
	if !ok || chance >= 1 {
		return 0, false
	}
	return (same - chance) / (1 - chance), true
}

// Rows of proposals hold the confidence, and 1 where it was right, else 0.

// Brier is the mean square of confidence less outcome (Brier 1950).
func Brier(rows []Row, times []int) (float64, bool) {
	off, n := 0.0, 0.0
	for i, r := range rows {
		d := r.V[0] - r.V[1]
		off += float64(times[i]) * d * d
		n += float64(times[i])
	}
	return off / n, n > 0
}

// Bin is proposals of like confidence.
type Bin struct {
	N          float64 `json:"n"`
	Confidence float64 `json:"confidence"` // their mean
	Right      float64 `json:"right"`      // the share of them that is right
}

// bins is how many are made.
const bins = 10

// Widths puts proposals into ten bins of equal width, empty ones too.
func Widths(rows []Row, times []int) []Bin {
	list := make([]Bin, bins)
	for i, r := range rows {
		list[min(bins-1, max(0, int(r.V[0]*bins)))].add(r, float64(times[i]))
	}
	return means(list)
}

// Masses puts proposals into ten bins of as equal number as can be, the least
// sure first.
func Masses(rows []Row, times []int) []Bin {
	all := 0
	for _, t := range times {
		all += t
	}
	list := make([]Bin, bins)
	seen := 0
	for i, r := range rows {
		for range times[i] {
			list[seen*bins/all].add(r, 1)
			seen++
		}
	}
	return means(list)
}

func (b *Bin) add(r Row, times float64) {
	b.N += times
	b.Confidence += times * r.V[0]
	b.Right += times * r.V[1]
}

func means(list []Bin) []Bin {
	for i, b := range list {
		if b.N > 0 {
			list[i].Confidence, list[i].Right = b.Confidence/b.N, b.Right/b.N
		}
	}
	return list
}

// ECE is the expected calibration error over bins: the mean distance between
// confidence and the share that is right, weighted by how many (Naeini, Cooper
// and Hauskrecht 2015).
func ECE(into func(rows []Row, times []int) []Bin) Statistic {
	return func(rows []Row, times []int) (float64, bool) {
		off, n := 0.0, 0.0
		for _, b := range into(rows, times) {
			off += b.N * math.Abs(b.Confidence-b.Right)
			n += b.N
		}
		return off / n, n > 0
	}
}

// Rows of counts are as Counts says.

// precision is 1 where nothing was found.
func precision(rows []Row, times []int) (float64, bool) {
	return whole(sum(rows, times, 2), sum(rows, times, 1)), true
}

// recall is 1 where there was nothing to find.
func recall(rows []Row, times []int) (float64, bool) {
	return whole(sum(rows, times, 2), sum(rows, times, 0)), true
}

// f1 is the harmonic mean of the two.
func f1(rows []Row, times []int) (float64, bool) {
	p, _ := precision(rows, times)
	r, _ := recall(rows, times)
	if p+r == 0 {
		return 0, true
	}
	return 2 * p * r / (p + r), true
}

func whole(part, of float64) float64 {
	if of == 0 {
		return 1
	}
	return part / of
}
