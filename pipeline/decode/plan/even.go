package plan

import "math"

// Even wants the pictures that a player shows at every instant k/perSecond of
// media time, k = 0, 1, 2…, within the film: at each the last whose time is not
// after it, each once. Nothing is wanted at a rate that is not above zero, or
// endless.
//
// A picture is shown until the next one's time, so it is wanted where an instant
// lies between the two.
func Even(ix *Index, perSecond float64) []Chunk {
	all, gops := ix.candidates()
	if len(all) == 0 || !(perSecond > 0) {
		return nil
	}
	var chosen []candidate
	for i, c := range all {
		until := ix.End
		if i+1 < len(all) {
			until = all[i+1].pts
		}
		if ix.instantsBefore(until, perSecond) > ix.instantsBefore(c.pts, perSecond) {
			chosen = append(chosen, c)
		}
	}
	return ix.group(ix.runs(chosen, gops))
}

// instantsBefore counts the k for which k/perSecond comes before the time pts.
// An instant that comes within a millionth of its step is not before it: both
// are often fractions that floating point only comes near to.
func (ix *Index) instantsBefore(pts int64, perSecond float64) float64 {
	steps := float64(pts-ix.Origin) * float64(ix.Base.Num) / float64(ix.Base.Den) * perSecond
	return math.Max(0, math.Ceil(steps-1e-6))
}

// These wants the pictures for which want holds, of those that can be had.
func These(ix *Index, want func(packet int) bool) []Chunk {
	all, gops := ix.candidates()
	var chosen []candidate
	for _, c := range all {
		if want(c.packet) {
			chosen = append(chosen, c)
		}
	}
	return ix.group(ix.runs(chosen, gops))
}
