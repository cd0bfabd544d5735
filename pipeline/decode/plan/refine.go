package plan

import (
	"cmp"
	"slices"

	"dyade/annotate/timecode"
)

// Spread wants one key in every gap seconds of media time, the first there is,
// but none where one is had already. Halving the gap from pass to pass comes ever
// nearer to all keys, each decoded once.
func Spread(ix *Index, gap float64, had map[int]bool) []Chunk {
	length := max(1, ix.ticks(gap))
	filled := map[int64]bool{}
	var keys []Run
	for _, r := range ix.keyRuns() {
		if had[r.From] {
			filled[ix.stretchOf(r.From, length)] = true
		}
		keys = append(keys, r)
	}
	var runs []Run
	for _, r := range keys {
		if n := ix.stretchOf(r.From, length); !filled[n] {
			filled[n] = true
			runs = append(runs, r)
		}
	}
	return ix.group(runs)
}

func (ix *Index) stretchOf(packet int, length int64) int64 {
	return (ix.Packets[packet].PTS - ix.Origin) / length
}

// keyRuns are runs of one key each, of all keys that are shown.
func (ix *Index) keyRuns() []Run {
	var runs []Run
	for i, p := range ix.Packets {
		if p.Key && !p.Hidden {
			runs = append(runs, Run{From: i, To: i + 1, Wanted: []int{i}})
		}
	}
	return runs
}

// Stretch is a piece of film that asks to be looked at more closely.
type Stretch struct {
	timecode.Span         // media time
	Worth         float64 // which goes first where not all can be had
}

// Refine wants, within each stretch, pictures that together with those had
// already leave no gap longer than maxGap seconds, at the least bytes. It takes
// stretches by falling worth, leaving out those that would pass the budget, in
// bytes decoded (0: no limit).
func Refine(ix *Index, stretches []Stretch, maxGap float64, had map[int]bool, budget int64) []Chunk {
	all, gops := ix.candidates()
	for i := range all {
		all[i].had = had[all[i].packet]
	}
	byWorth := slices.Clone(stretches)
	slices.SortStableFunc(byWorth, func(a, b Stretch) int { return cmp.Compare(b.Worth, a.Worth) })
	var chosen []candidate
	spent := int64(0)
	for _, s := range byWorth {
		more := ix.within(all, s.Span, ix.gapTicks(maxGap))
		cost := int64(0)
		for _, r := range ix.runs(more, gops) {
			bytes, _ := r.cost(ix)
			cost += bytes
		}
		if budget > 0 && spent+cost > budget {
			continue
		}
		spent += cost
		chosen = append(chosen, more...)
	}
	return ix.group(ix.runs(distinct(chosen), gops))
}

// within is what to want of a span.
func (ix *Index) within(all []candidate, s timecode.Span, gap int64) (chosen []candidate) {
	start, end := s.Start.In(ix.Base).Ticks+ix.Origin, s.End.In(ix.Base).Ticks+ix.Origin
	from, _ := slices.BinarySearchFunc(all, start, func(c candidate, t int64) int { return cmp.Compare(c.pts, t) })
	to, _ := slices.BinarySearchFunc(all, end+1, func(c candidate, t int64) int { return cmp.Compare(c.pts, t) })
	for _, c := range cheapest(all[from:to], gap, start, end) {
		if !c.had {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// distinct sorts by time and drops what is there twice.
func distinct(chosen []candidate) []candidate {
	sortCandidates(chosen)
	return slices.CompactFunc(chosen, func(a, b candidate) bool { return a.packet == b.packet })
}

// LongGroups are the stretches between keys that lie more than gap seconds
// apart, those that touch joined: there, keys alone tell little.
func LongGroups(ix *Index, gap float64) []Stretch {
	limit := ix.ticks(gap)
	var list []Stretch
	add := func(from, to int64) {
		if to-from <= limit {
			return
		}
		span := timecode.Span{
			Start: timecode.Instant{Ticks: from - ix.Origin, Base: ix.Base},
			End:   timecode.Instant{Ticks: to - ix.Origin, Base: ix.Base},
		}
		if n := len(list); n > 0 && list[n-1].End == span.Start {
			list[n-1].End = span.End
			return
		}
		list = append(list, Stretch{Span: span, Worth: 1})
	}
	shown := ix.Shown()
	if len(shown) == 0 {
		return nil
	}
	last := ix.Packets[shown[0]].PTS
	for _, r := range ix.keyRuns() {
		add(last, ix.Packets[r.From].PTS)
		last = ix.Packets[r.From].PTS
	}
	add(last, ix.End)
	return list
}
