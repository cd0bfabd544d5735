package speech

import (
	"math"
	"slices"
)

// Talk that never pauses is not a family's alone: people who talk are silent for
// a third of the time and more, also while they talk fast. Where there is speech
// nearly all the time, a television, a radio or another room talks on behind them,
// and the louder part is who is near.
const (
	talkLen    = 60   // s, of a stretch that is judged
	talkHop    = 10   // s, from one stretch to the next
	neverPause = 0.88 // share of it that is speech
	smoothHalf = 10   // spectra on each side of one whose level it is: 0.2 s together
	leastNear  = 25   // spectra: what is louder for less is no turn,
	leastFar   = 30   // and what is fainter for less no pause
)

// behind divides speech into that of who is near and that which goes on behind it.
// Where people pause all of it is near.
func (f *frames) behind(spans []span) (near, far []span) {
	said := make([]bool, f.count)
	for _, s := range spans {
		for i := int(s.from / frameHop); i < min(int(s.to/frameHop), f.count); i++ {
			said[i] = true
		}
	}
	faint := f.faint(said)
	if !slices.Contains(faint, true) {
		return spans, nil
	}
	for _, s := range spans {
		from, to := int(s.from/frameHop), min(int(s.to/frameHop), f.count)
		for a := from; a < to; {
			b := a + 1
			for b < to && faint[b] == faint[a] {
				b++
			}
			part := span{int64(a) * frameHop, int64(b) * frameHop}
			if a == from {
				part.from = s.from
			}
			if b == to {
				part.to = s.to
			}
			if faint[a] {
				far = append(far, part)
			} else {
				near = append(near, part)
			}
			a = b
		}
	}
	return near, far
}

// faint tells which speech lies behind, of the stretches in which it never pauses.
func (f *frames) faint(said []bool) []bool {
	faint := make([]bool, len(said))
	last := len(said) - talkLen*100
	for from := 0; from <= last; from = next(from, last) {
		stretch := said[from : from+talkLen*100]
		n := 0
		for _, s := range stretch {
			if s {
				n++
			}
		}
		if float64(n) < neverPause*float64(len(stretch)) {
			continue
		}
		for i, s := range stretch {
			faint[from+i] = faint[from+i] || s
		}
	}
	if !slices.Contains(faint, true) {
		return faint
	}
	levels := f.levels()
	var heard []float64
	for i, in := range faint {
		if in {
			heard = append(heard, levels[i])
		}
	}
	limit := between(heard)
	for i := range faint {
		faint[i] = faint[i] && levels[i] < limit
	}
	turnShort(faint, true, leastFar)
	turnShort(faint, false, leastNear)
	return faint
}

// next is where the stretch after one begins; the last one ends with the sound.
func next(from, last int) int {
	if from < last {
		return min(from+talkHop*100, last)
	}
	return last + 1
}

// levels are those of the sound each 10 ms, over a fifth of a second, in dBFS.
func (f *frames) levels() []float64 {
	table := powers(1)
	sum := make([]float64, f.count+1)
	for i := range f.count {
		sum[i+1] = sum[i] + f.mel.meanSquare(f.spectrum(i), &table)
	}
	out := make([]float64, f.count)
	for i := range out {
		from, to := max(0, i-smoothHalf), min(f.count, i+smoothHalf+1)
		out[i] = decibel((sum[to] - sum[from]) / float64(to-from))
	}
	return out
}

// between is the value that divides others into the two groups whose means lie
// furthest apart for their size (Otsu 1979); it puts them in order.
func between(values []float64) float64 {
	slices.Sort(values)
	var sum, low float64
	for _, v := range values {
		sum += v
	}
	n, most, limit := float64(len(values)), math.Inf(-1), math.Inf(-1)
	for i, v := range values[:max(0, len(values)-1)] {
		low += v
		a := float64(i + 1)
		apart := low/a - (sum-low)/(n-a)
		if worth := a * (n - a) * apart * apart; worth > most {
			most, limit = worth, (v+values[i+1])/2
		}
	}
	return limit
}

// turnShort makes runs of is that are shorter than least what is around them.
func turnShort(list []bool, is bool, least int) {
	for a := 0; a < len(list); {
		b := a + 1
		for b < len(list) && list[b] == list[a] {
			b++
		}
		if list[a] == is && b-a < least {
			for i := a; i < b; i++ {
				list[i] = !is
			}
		}
		a = b
	}
}
