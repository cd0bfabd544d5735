package speech

import (
	"math"
	"slices"
)

// clusters say which voice each print belongs to: 0 to count-1.
type clusters struct {
	of    []int
	count int
}

const (
	maxVoices   = 4
	minPrints   = 3   // a voice needs this many
	clusterRuns = 30  // rounds of k-means at most
	axisRuns    = 100 // rounds of power iteration

	// A group of prints is two voices if prints of one half are nearer to each
	// other than to the other half, by this much of the cosine. Most recordings
	// have two voices: the second needs less proof than the third. Any group
	// can be split to some contrast, the more so the fewer prints it has.
	secondVoice = 0.032
	nextVoice   = 0.12
	byChance    = 1.3 // over the number of prints
)

// cluster tells the voices of a recording apart: it splits the group that
// splits best, as long as one does.
func cluster(prints []voiceprint) clusters {
	all := make([]int, len(prints))
	for i := range all {
		all[i] = i
	}
	groups := [][]int{all}
	for len(groups) < maxVoices {
		need, chosen := secondVoice, -1
		if len(groups) > 1 {
			need = nextVoice
		}
		need += byChance / float64(len(prints))
		var halves [2][]int
		for g, group := range groups {
			h := split(prints, group)
			if proof := contrast(prints, h); proof >= need {
				need, chosen, halves = proof, g, h
			}
		}
		if chosen < 0 {
			break
		}
		groups[chosen] = halves[0]
		groups = append(groups, halves[1])
	}
	return regroup(prints, groups)
}

// split halves a group along the axis on which its prints differ most.
func split(prints []voiceprint, group []int) (halves [2][]int) {
	if len(group) < 2*minPrints {
		return halves
	}
	mean := center(prints, group)
	axis := mainAxis(prints, group, mean)
	for _, i := range group {
		side := 0
		if along(prints[i].voice, mean, axis) > 0 {
			side = 1
		}
		halves[side] = append(halves[side], i)
	}
	c := regroup(prints, halves[:])
	halves = [2][]int{}
	for n, i := range group {
		halves[c.of[n]] = append(halves[c.of[n]], i)
	}
	return halves
}

// regroup is k-means on the sphere, from the given groups on. Its clusters are
// of the groups' prints alone, in the order of time.
func regroup(prints []voiceprint, groups [][]int) clusters {
	list := slices.Sorted(slices.Values(slices.Concat(groups...)))
	centers := make([][]float64, len(groups))
	for g, group := range groups {
		centers[g] = direction(center(prints, group))
	}
	c := clusters{of: make([]int, len(list)), count: len(groups)}
	for range clusterRuns {
		moved := false
		parts := make([][]int, len(groups))
		for n, i := range list {
			best := nearest(prints[i].voice, centers)
			moved = moved || best != c.of[n]
			c.of[n] = best
			parts[best] = append(parts[best], i)
		}
		for g, part := range parts {
			if len(part) > 0 {
				centers[g] = direction(center(prints, part))
			}
		}
		if !moved {
			break
		}
	}
	return c
}

func nearest(voice []float32, centers [][]float64) int {
	best, most := 0, math.Inf(-1)
	for c, to := range centers {
		if d := along(voice, nil, to); d > most {
			best, most = c, d
		}
	}
	return best
}

// contrast is by how much the cosine between prints of the same half is above
// that between halves. Prints that share sound are left out: they are alike
// whoever speaks.
func contrast(prints []voiceprint, halves [2][]int) float64 {
	if len(halves[0]) < minPrints || len(halves[1]) < minPrints {
		return math.Inf(-1)
	}
	side := map[int]int{}
	var sums [2][]float64
	for h, half := range halves {
		sums[h] = center(prints, half)
		for d := range sums[h] {
			sums[h][d] *= float64(len(half))
		}
		for _, i := range half {
			side[i] = h
		}
	}
	var total, pairs [3]float64 // within 0, within 1, between
	for h, half := range halves {
		n := float64(len(half))
		total[h] = (dot(sums[h], sums[h]) - n) / 2 // prints have length 1
		pairs[h] = n * (n - 1) / 2
	}
	total[2] = dot(sums[0], sums[1])
	pairs[2] = float64(len(halves[0]) * len(halves[1]))
	for i := range prints {
		a, in := side[i]
		for j := i + 1; in && j < len(prints) && prints[j].from < prints[i].to; j++ {
			b, also := side[j]
			if !also {
				continue
			}
			kind := 2
			if a == b {
				kind = a
			}
			total[kind] -= cosine(prints[i].voice, prints[j].voice)
			pairs[kind]--
		}
	}
	if pairs[0] < 1 || pairs[1] < 1 || pairs[2] < 1 {
		return math.Inf(-1)
	}
	return (total[0]/pairs[0]+total[1]/pairs[1])/2 - total[2]/pairs[2]
}
