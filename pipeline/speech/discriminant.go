package speech

import "math"

// shrinkage mixes the scatter of the prints around their voices with an even
// one: there are few prints for 256 dimensions.
const shrinkage = 0.5

// scores says of each print how well each voice explains it: log likelihoods of
// Gaussian voices that share their scatter (Fisher's linear discriminant), in
// units of the lead that a print's own voice has over the next one on average.
func scores(prints []voiceprint, c clusters) [][]float64 {
	out := make([][]float64, len(prints))
	for i := range out {
		out[i] = make([]float64, c.count)
	}
	if c.count < 2 {
		return out
	}
	members := make([][]int, c.count)
	for i, v := range c.of {
		members[v] = append(members[v], i)
	}
	centers := make([][]float64, c.count)
	for v := range centers {
		centers[v] = center(prints, members[v])
	}
	factor, ok := scatter(prints, c, centers)
	if !ok {
		return out
	}
	weights := make([][]float64, c.count)
	for v := range weights {
		weights[v] = solve(factor, voiceSize, centers[v])
	}
	for i, p := range prints {
		for v := range c.count {
			out[i][v] = along(p.voice, nil, weights[v]) - dot(centers[v], weights[v])/2
		}
	}
	if lead := meanLead(out, c.of); lead > 0 {
		for _, row := range out {
			for v := range row {
				row[v] /= lead
			}
		}
	}
	return out
}

// meanLead is by how much the own voice's score exceeds the next one's.
func meanLead(rows [][]float64, own []int) (sum float64) {
	for i, row := range rows {
		next := math.Inf(-1)
		for v, x := range row {
			if v != own[i] {
				next = math.Max(next, x)
			}
		}
		sum += (row[own[i]] - next) / float64(len(rows))
	}
	return sum
}

// scatter is the factored covariance of prints around their voices' centres.
func scatter(prints []voiceprint, c clusters, centers [][]float64) (factor []float64, ok bool) {
	const n = voiceSize
	m := make([]float64, n*n)
	off := make([]float64, n)
	for i, p := range prints {
		for d, v := range p.voice {
			off[d] = float64(v) - centers[c.of[i]][d]
		}
		for a, x := range off {
			row := m[a*n : a*n+a+1]
			for b := range row {
				row[b] += x * off[b]
			}
		}
	}
	var trace float64
	for a := range n {
		trace += m[a*n+a]
	}
	share := (1 - shrinkage) / float64(len(prints))
	even := shrinkage * trace / float64(len(prints)) / n
	for a := range n {
		for b := range a + 1 {
			m[a*n+b] *= share
		}
		m[a*n+a] += even
	}
	return m, trace > 0 && cholesky(m, n)
}
