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
	same := make([]float64, len(list)) // largest overlap of each of the rest with one before it
	kinds := map[annotate.MomentKind]int{}
	for len(rest) > 0 {
		best, value := 0, -1e9
		for i, m := range rest {
			v := (1-w.Confidence)*m.Score + w.Confidence*m.Confidence - 0.2*m.Unknown - w.SameKind*float64(kinds[m.Kind])
			if v -= w.SameTime * same[i]; v > value {
				best, value = i, v
			}
		}
		next := rest[best]
		kinds[next.Kind]++
		out = append(out, next)
		rest, same = slices.Delete(rest, best, best+1), slices.Delete(same, best, best+1)
		for i, m := range rest {
			same[i] = max(same[i], overlap(m, next))
		}
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
