package plan

import (
	"maps"
	"math"
	"slices"
)

// Fill adds to the plan, in each second of media time that has fewer than
// perSecond wanted pictures, those that are decoded anyway on the way to them, as
// far from each other as can be. It adds nothing to decode, so that a second may
// stay short of pictures.
func Fill(ix *Index, chunks []Chunk, perSecond int) []Chunk {
	filled := make([]Chunk, len(chunks))
	for n, c := range chunks {
		for _, r := range c.Runs {
			r.Wanted = ix.fill(r, perSecond)
			filled[n].Runs = append(filled[n].Runs, r)
		}
	}
	return filled
}

// fill gives the run's pictures with those added. A second that two runs share is
// filled by both, as if it were each one's own.
func (ix *Index) fill(r Run, perSecond int) []int {
	wanted := slices.Clone(r.Wanted)
	spare := map[int64][]int{} // by second: decoded, but not wanted yet
	for n, fed := range r.Fed(ix) {
		i := r.From + n
		p := ix.Packets[i]
		leading := p.PTS < ix.Packets[r.From].PTS
		if fed && !p.Hidden && !leading && !slices.Contains(r.Wanted, i) {
			spare[ix.second(i)] = append(spare[ix.second(i)], i)
		}
	}
	for _, second := range slices.Sorted(maps.Keys(spare)) {
		left, has := spare[second], 0
		for _, i := range r.Wanted {
			if ix.second(i) == second {
				has++
			}
		}
		for ; has < perSecond && len(left) > 0; has++ {
			at := ix.loneliest(left, wanted)
			wanted = append(wanted, left[at])
			left = slices.Delete(left, at, at+1)
		}
	}
	ix.byTime(wanted)
	return wanted
}

// second is the whole second of media time in which packet i is shown.
func (ix *Index) second(i int) int64 { return int64(math.Floor(ix.Time(i).Seconds())) }

// loneliest is the place in some of the packet that is shown farthest from all of
// others.
func (ix *Index) loneliest(some, others []int) int {
	best, farthest := 0, int64(-1)
	for n, i := range some {
		nearest := int64(math.MaxInt64)
		for _, j := range others {
			d := ix.Packets[i].PTS - ix.Packets[j].PTS
			nearest = min(nearest, max(d, -d))
		}
		if nearest > farthest {
			best, farthest = n, nearest
		}
	}
	return best
}
