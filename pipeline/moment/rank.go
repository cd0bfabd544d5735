package moment

import (
	"cmp"
	"slices"

	"dyade/annotate"
)

// ranked orders moments best first, keeping kinds and times varied: each next
// one is the best of the rest once what it repeats is taken off (maximal
// marginal relevance, Carbonell & Goldstein 1998).
func ranked(list []annotate.Moment, rules Rules) []annotate.Moment {
	w := rules.Ranking
	slices.SortStableFunc(list, func(a, b annotate.Moment) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Kind, b.Kind))
	})
	rest := slices.Clone(list)
	out := make([]annotate.Moment, 0, len(list))
	kinds := map[annotate.MomentKind]int{}
	for len(rest) > 0 {
		best, value := 0, -1e9
		for i, m := range rest {
			v := (1-w.Confidence)*m.Score + w.Confidence*m.Confidence - 0.2*m.Unknown - w.SameKind*float64(kinds[m.Kind])
			same := 0.0
			for _, o := range out {
				same = max(same, overlap(m, o))
			}
			if v -= w.SameTime * same; v > value {
				best, value = i, v
			}
		}
		kinds[rest[best].Kind]++
		out = append(out, rest[best])
		rest = slices.Delete(rest, best, best+1)
	}
	return out
}

// overlap is the share of the shorter of two moments that both cover.
func overlap(a, b annotate.Moment) float64 {
	both := min(a.EndS, b.EndS) - max(a.StartS, b.StartS)
	shorter := min(a.EndS-a.StartS, b.EndS-b.StartS)
	if both <= 0 || shorter <= 0 {
		return 0
	}
	return both / shorter
}
