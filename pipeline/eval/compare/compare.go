// Package compare compares what dyade finds with what labels say: each function
// takes both and gives tallies, of which figures are made. It is pure Go.
package compare

import (
	"maps"
	"slices"

	"dyade/pipeline/eval/tally"
)

// blockS is how long, in seconds, what is counted together for intervals lasts.
const blockS = 10

func block(seconds float64) int { return int(max(0, seconds) / blockS) }

func counts(name, unit string) tally.Tally { return tally.Tally{Name: name, Unit: unit} }

func figure(name, of, unit string, s tally.Statistic) tally.Tally {
	return tally.Tally{Name: name, Of: of, Unit: unit, Stat: s}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func number(b bool) float64 { return float64(one(b)) }

// Case is a place where what is found is wrong.
type Case struct {
	Kind  string  // what is wrong with it
	AtS   float64 // seconds of media time
	Bad   float64 // how wrong, among those of its kind
	True  string  // what was true, and what was found: in words for developers
	Found string
}

// raters are two who said something of the same units: how many of them, by
// block and by what each said.
type raters map[[3]int]int

func (r raters) say(block int, first, second bool) { r[[3]int{block, one(first), one(second)}]++ }

// tallies of how they agree: NAME_agreement and NAME_kappa.
func (r raters) tallies(name string) []tally.Tally {
	agreement := figure(name+"_agreement", "", "share", tally.Agreement)
	for _, k := range inOrder(r) {
		agreement.Add(k[0], float64(k[1]), float64(k[2]), float64(r[k]))
		agreement.Rows[len(agreement.Rows)-1].N = r[k]
	}
	kappa := agreement
	kappa.Name, kappa.Unit, kappa.Stat = name+"_kappa", "kappa", tally.Kappa
	return []tally.Tally{agreement, kappa}
}

// inOrder gives the keys of m in ascending order.
func inOrder[V any](m map[[3]int]V) [][3]int {
	keys := slices.Collect(maps.Keys(m))
	slices.SortFunc(keys, func(a, b [3]int) int { return slices.Compare(a[:], b[:]) })
	return keys
}
