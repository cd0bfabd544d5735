package vision

import (
	"image"

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
