package plan

import (
	"math"

	"dyade/annotate/timecode"
)

// Sample wants as few pictures, as cheap to reach, as leave no gap longer than
// maxGap seconds: between two of them, before the first or after the last. Where
// the film itself has a longer gap, its two sides are wanted.
//
// It is the shortest path through the pictures in the order in which they are
// shown: a step to a picture costs the bytes that must be decoded on top of
// those decoded for the step before, plus one mean picture for what is done with
// each wanted one, plus a little for uneven steps.
func Sample(ix *Index, maxGap float64) []Chunk {
	all, gops := ix.candidates()
	if len(all) == 0 {
		return nil
	}
	return ix.group(ix.runs(cheapest(all, ix.gapTicks(maxGap), all[0].pts, ix.End), gops))
}

// gapTicks is the longest whole number of ticks within so many seconds.
func (ix *Index) gapTicks(seconds float64) int64 {
	return int64(math.Floor(seconds*float64(ix.Base.Den)/float64(ix.Base.Num) + 1e-6))
}

// mostSteps is how many pictures back a step may begin: more than there are in a
// gap of any film, so that one with a time for every tick is planned in time too.
const mostSteps = 1024

// cheapest is the shortest path through all from start to end, both times.
func cheapest(all []candidate, gap, start, end int64) []candidate {
	if len(all) == 0 {
		return nil
	}
	mean := meanSize(all)
	best := make([]float64, len(all)) // cost of the cheapest path that ends here
	prev := make([]int, len(all))
	low := 0 // the first picture within gap before i
	for i, c := range all {
		best[i], prev[i] = math.Inf(1), -1
		price := mean
		if c.had {
			price = 0
		}
		if i == 0 || c.pts-start <= gap {
			best[i] = float64(c.bytes()) + price
		}
		for low < i && c.pts-all[low].pts > gap {
			low++
		}
		low = max(low, i-mostSteps)
		for j := min(low, max(i-1, 0)); j < i; j++ {
			uneven := float64(c.pts-all[j].pts) / math.Max(float64(gap), 1)
			cost := best[j] + float64(step(all[j], c)) + price + mean*math.Min(uneven*uneven, 1)/8
			if cost < best[i] {
				best[i], prev[i] = cost, j
			}
		}
	}
	last := len(all) - 1
	for i := last; i >= 0 && end-all[i].pts <= gap; i-- {
		if best[i] < best[last] {
			last = i
		}
	}
	return path(all, prev, last)
}

func path(all []candidate, prev []int, last int) []candidate {
	n := 0
	for i := last; i >= 0; i = prev[i] {
		n++
	}
	chosen := make([]candidate, n)
	for i := last; i >= 0; i = prev[i] {
		n--
		chosen[n] = all[i]
	}
	return chosen
}

// meanSize is the mean cost of one more picture.
func meanSize(all []candidate) float64 {
	sum := 0.0
	for i, c := range all {
		if i == 0 || all[i-1].home != c.home {
			sum += float64(c.reach)
		} else {
			sum += float64(c.reach - all[i-1].reach)
		}
	}
	return sum / float64(len(all))
}

// Keys wants every key and the pictures that can be had at the least cost after
// it, as many as following where its group has them.
func Keys(ix *Index, following int) []Chunk {
	gops := ix.gops()
	var runs []Run
	for n, g := range gops {
		if n == 0 && len(gops) > 1 && !ix.Packets[g.from].Key {
			continue // what comes before the first key
		}
		r := Run{From: g.from}
		for i := g.from; i < g.to && len(r.Wanted) <= following; i++ {
			p := ix.Packets[i]
			if p.Hidden || p.Droppable && i > g.from || g.leading(ix, i) {
				continue
			}
			r.Wanted, r.To = append(r.Wanted, i), i+1
		}
		if len(r.Wanted) > 0 {
			ix.byTime(r.Wanted)
			runs = append(runs, r)
		}
	}
	return ix.group(runs)
}

// Near wants one picture for each span: the cheapest to reach within it, or the
// nearest to its middle where no picture falls within. It also returns, span by
// span, the time of the picture chosen (several spans may share one). A film
// without a decodable picture gives neither.
func Near(ix *Index, spans []timecode.Span) ([]Chunk, []timecode.Instant) {
	all, gops := ix.candidates()
	if len(all) == 0 {
		return nil, nil
	}
	times := make([]timecode.Instant, len(spans))
	chosen := make([]candidate, 0, len(spans))
	for n, s := range spans {
		c := nearest(all, s.Start.In(ix.Base).Ticks+ix.Origin, s.End.In(ix.Base).Ticks+ix.Origin)
		times[n] = ix.Time(c.packet)
		chosen = append(chosen, c)
	}
	sortCandidates(chosen)
	once := chosen[:0]
	for i, c := range chosen {
		if i == 0 || c.packet != chosen[i-1].packet {
			once = append(once, c)
		}
	}
	return ix.group(ix.runs(once, gops)), times
}

// nearest is the cheapest candidate from start to end (excluded).
func nearest(all []candidate, start, end int64) candidate {
	middle := start + (end-start)/2
	var cheap, near candidate
	found := false
	for i, c := range all {
		if i == 0 || abs(c.pts-middle) < abs(near.pts-middle) {
			near = c
		}
		if c.pts >= start && c.pts < end && (!found || c.cost < cheap.cost) {
			cheap, found = c, true
		}
	}
	if !found {
		return near
	}
	return cheap
}

func abs(n int64) int64 { return max(n, -n) }
