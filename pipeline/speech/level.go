package speech

import (
	"math"
	"slices"
)

const (
	levelLen   = Rate / 10
	levelFloor = -100 // dBFS
)

// blockLevels are the levels of a block's tenths of a second, in dBFS.
func blockLevels(pcm []float32) []float32 {
	levels := make([]float32, 0, len(pcm)/levelLen+1)
	for len(pcm) > 0 {
		part := pcm[:min(levelLen, len(pcm))]
		pcm = pcm[len(part):]
		var sum float64
		for _, v := range part {
			sum += float64(v) * float64(v)
		}
		levels = append(levels, float32(decibel(sum/float64(len(part)))))
	}
	return levels
}

// decibel of a mean square, not below the floor.
func decibel(power float64) float64 {
	return math.Max(levelFloor, 10*math.Log10(power+1e-12))
}

// quantile q of values, which it leaves as they are; the floor if there are none.
func quantile(values []float32, q float64) float64 {
	if len(values) == 0 {
		return levelFloor
	}
	sorted := slices.Sorted(slices.Values(values))
	return float64(sorted[int(q*float64(len(sorted)-1))])
}
