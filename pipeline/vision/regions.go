package vision

import (
	"image"
	"math"

	"dyade/annotate"
)

// Around a place, so much more is looked at, in widths and heights of it: the
// network wants to see a head whole, and heads move.
const (
	besideFace = 0.75
	aboveFace  = 0.6
)

// mostParts is the share of the picture above which looking at parts of it
// saves nothing over looking at all.
const mostParts = 0.7

// regions are the parts of p around the places, none overlapping another; all
// of p where parts would save nothing.
func regions(p Picture, places []annotate.Box) []image.Rectangle {
	whole := image.Rect(0, 0, p.Width, p.Height)
	var list []image.Rectangle
	for _, b := range places {
		r := around(b, p.Scale).Intersect(whole)
		if r.Empty() {
			continue
		}
		for i := 0; i < len(list); {
			if !list[i].Overlaps(r) {
				i++
				continue
			}
			r = r.Union(list[i])
			list = append(list[:i], list[i+1:]...)
			i = 0 // grown, it may meet those that it did not before
		}
		list = append(list, r)
	}
	area := 0
	for _, r := range list {
		area += alignUp(r.Dx()) * alignUp(r.Dy())
	}
	if float64(area) > mostParts*float64(alignUp(p.Width)*alignUp(p.Height)) {
		return []image.Rectangle{whole}
	}
	return list
}

// around is a place with its surroundings, in the small picture's pixels.
func around(b annotate.Box, scale float64) image.Rectangle {
	x, y := besideFace*b.W, aboveFace*b.H
	return image.Rect(int((b.X-x)/scale), int((b.Y-y)/scale), int((b.X+b.W+x)/scale)+1, int((b.Y+b.H+y)/scale)+1)
}

// Between lists where faces are to be expected in a picture between two others:
// nothing where they may be anywhere, because somebody came, went or moved by a
// face's width from the one to the other.
func Between(before, after []annotate.Face) []annotate.Box {
	if len(before) != len(after) {
		return nil
	}
	places := make([]annotate.Box, 0, len(before))
	taken := make([]bool, len(after))
	for _, f := range before {
		n := nearest(f, after, taken)
		if n < 0 {
			return nil
		}
		taken[n] = true
		places = append(places, hull(f.Box, after[n].Box))
	}
	return places
}

// nearest is the place in faces of the one nearest to f that is not taken and
// less than f's width away; -1 where there is none.
func nearest(f annotate.Face, faces []annotate.Face, taken []bool) int {
	best, least := -1, f.Box.W
	for i, g := range faces {
		a, b := f.Box.Center(), g.Box.Center()
		if d := math.Hypot(a.X-b.X, a.Y-b.Y); !taken[i] && d < least {
			best, least = i, d
		}
	}
	return best
}

func hull(a, b annotate.Box) annotate.Box {
	x, y := min(a.X, b.X), min(a.Y, b.Y)
	return annotate.Box{X: x, Y: y, W: max(a.X+a.W, b.X+b.W) - x, H: max(a.Y+a.H, b.Y+b.H) - y}
}
