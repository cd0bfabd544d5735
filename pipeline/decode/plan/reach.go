package plan

import "slices"

// candidate is a picture that a plan may want, with what reaching it costs.
type candidate struct {
	packet int
	pts    int64
	home   int   // the group whose run reaches it
	cost   int64 // bytes decoded from the start of the home run, itself included
	reach  int64 // the largest cost among the candidates of its home up to it in time
	over   int64 // leading pictures: bytes of the next group already decoded with it
	had    bool  // seen in an earlier pass: it costs nothing, and nothing is decoded for it
}

// bytes is what c costs where nothing of its home has been decoded yet.
func (c candidate) bytes() int64 {
	if c.had {
		return 0
	}
	return c.reach
}

// candidates lists the pictures that can be had, in the order in which they are
// shown: not the hidden ones, nor those before the first key, nor the leading
// ones of the first key.
func (ix *Index) candidates() ([]candidate, []gop) {
	gops := ix.gops()
	first := slices.IndexFunc(gops, func(g gop) bool { return ix.Packets[g.from].Key })
	if first < 0 {
		first = 0
	}
	all := make([]candidate, 0, len(ix.Packets))
	before := int64(0) // bytes of the whole group before
	for n, g := range gops {
		sum := int64(0)
		for i := g.from; i < g.to; i++ {
			p := ix.Packets[i]
			cost := sum + int64(p.Size)
			if !p.Droppable {
				sum = cost
			}
			switch leads := g.leading(ix, i); {
			case p.Hidden || n < first || leads && n == first:
			case leads:
				all = append(all, candidate{packet: i, pts: p.PTS, home: n - 1, cost: before + cost, over: cost})
			default:
				all = append(all, candidate{packet: i, pts: p.PTS, home: n, cost: cost})
			}
		}
		before = sum
	}
	sortCandidates(all)
	for i := range all {
		all[i].reach = all[i].cost
		if i > 0 && all[i-1].home == all[i].home {
			all[i].reach = max(all[i].cost, all[i-1].reach)
		}
	}
	return all, gops
}

func sortCandidates(all []candidate) {
	slices.SortFunc(all, func(a, b candidate) int {
		switch {
		case a.pts < b.pts:
			return -1
		case a.pts > b.pts:
			return 1
		}
		return a.packet - b.packet
	})
}

// step is what b costs in bytes when a has been had just before it.
func step(a, b candidate) int64 {
	switch {
	case b.had:
		return 0
	case a.had:
		return b.reach
	case a.home == b.home:
		return b.reach - a.reach
	case a.over > 0 && a.home+1 == b.home:
		return max(0, b.reach-a.over)
	}
	return b.reach
}

// runs turns chosen candidates, by ascending time, to runs: one a group, joined
// where a leading picture makes one group's run reach into the next.
func (ix *Index) runs(chosen []candidate, gops []gop) []Run {
	var runs []Run
	home := -1
	for _, c := range chosen {
		n := len(runs)
		from := gops[c.home].from
		switch {
		case n > 0 && (c.home == home || from < runs[n-1].To):
			runs[n-1].To = max(runs[n-1].To, c.packet+1)
			runs[n-1].Wanted = append(runs[n-1].Wanted, c.packet)
		default:
			runs = append(runs, Run{From: from, To: c.packet + 1, Wanted: []int{c.packet}})
		}
		home = c.home
	}
	return runs
}
