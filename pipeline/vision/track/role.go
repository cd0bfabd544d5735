package track

import (
	"math"
	"slices"
)

// How much the sizes and heights of two faces, seen at the same time, tell of who is the
// parent: log odds by the log of the ratio of their widths, and by how much higher one is, in
// face widths. A young child's face is 0.8 as wide as a grown-up's (Farkas 1994), and beside
// them it is lower, whether both stand or sit; weights are set on made films. Beyond the
// limits it is not age that tells: one is nearer to the camera, or stands up.
const (
	oddsOfSize   = 5.5
	oddsOfHeight = 2.0
	mostSize     = 0.45 // |log| of the ratio of widths
	mostHeight   = 1.5  // face widths
	mostSure     = 0.97 // of a first guess
)

// older tells how sure it is that of two people the first is the parent, 0 to 1.
func older(a, b *person) float64 {
	size, height := compared(a, b)
	odds := oddsOfSize*max(-mostSize, min(mostSize, size)) + oddsOfHeight*max(-mostHeight, min(mostHeight, height))
	return max(1-mostSure, min(mostSure, 1/(1+math.Exp(-odds))))
}

// compared gives the log of the ratio of two people's widths of faces, and how much higher
// the first's is in their mean width, as medians over the sightings of both; of two who are
// never seen together, the sizes alone.
func compared(a, b *person) (size, height float64) {
	of, other := a.faces(), b.faces()
	var sizes, heights []float64
	for i, f := range of {
		if g, ok := other[i]; ok {
			sizes = append(sizes, math.Log(f.Box.W/g.Box.W))
			heights = append(heights, 2*(g.Box.Center().Y-f.Box.Center().Y)/(f.Box.W+g.Box.W))
		}
	}
	if len(sizes) == 0 {
		return math.Log(width(a.pieces...) / width(b.pieces...)), 0
	}
	return median(sizes), median(heights)
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
