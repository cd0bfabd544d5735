package report

import (
	"cmp"
	"slices"

	"dyade/pipeline/eval/compare"
)

// mostWorst is how many of the worst cases are shown.
const mostWorst = 10

// Worst is a place where what was found is most wrong: what was true there, and
// what was found.
type Worst struct {
	Recording string  `json:"recording"`
	AtS       float64 `json:"at_s"`
	Kind      string  `json:"kind"`
	True      string  `json:"true"`
	Found     string  `json:"found"`

	Media string `json:"-"` // path of the film
}

// gravest are the kinds of cases, those first that a user would mind most.
var gravest = []string{"nothing", "masked", "wrong", "lost", "swap", "picture", "missed", "facing", "yaw", "latency"}

// worst takes in turn the worst case of each kind that is left, one of a kind from
// one recording, so that ten of them show all that goes wrong.
func worst(list []Recording) []Worst {
	byKind := map[string][]Worst{}
	for _, kind := range gravest {
		byKind[kind] = worstOf(list, kind)
	}
	out := []Worst{}
	for rank := 0; ; rank++ {
		before := len(out)
		for _, kind := range gravest {
			if cases := byKind[kind]; rank < len(cases) && len(out) < mostWorst {
				out = append(out, cases[rank])
			}
		}
		if len(out) == before {
			return out
		}
	}
}

// worstOf lists the worst case of a kind in each made recording, the worst first.
func worstOf(list []Recording, kind string) []Worst {
	var bad []float64
	var order []int
	var all []Worst
	for _, r := range list {
		if c, ok := worstIn(r.cases, kind); ok && r.Made {
			order = append(order, len(all))
			bad = append(bad, c.Bad)
			all = append(all, Worst{r.Name, c.AtS, kind, c.True, c.Found, r.Media})
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(bad[b], bad[a]) })
	out := make([]Worst, len(all))
	for i, k := range order {
		out[i] = all[k]
	}
	return out
}

func worstIn(cases []compare.Case, kind string) (worst compare.Case, ok bool) {
	for _, c := range cases {
		if c.Kind == kind && (!ok || c.Bad > worst.Bad) {
			worst, ok = c, true
		}
	}
	return worst, ok
}
