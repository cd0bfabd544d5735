package compare

import (
	"dyade/annotate"
	"dyade/pipeline/eval/tally"
)

// FaceCounts compares the number of faces frame by frame: a hit is a frame with
// the right number. Frames of which the labels say nothing are left out; those
// not looked at are unknown. The sightings are by frame number. framesPer is how
// many frames a second has.
func FaceCounts(truth []int, sightings map[int]annotate.Sighting, framesPer float64) tally.Tally {
	t := counts("face_count", "frames")
	for i, want := range truth {
		if want < 0 {
			continue
		}
		s, looked := sightings[i]
		c := tally.Counts{Labelled: 1, Unknown: one(!looked)}
		if looked {
			c.Truth, c.Found, c.Hits = 1, 1, one(len(s.Faces) == want)
		}
		t.Count(block(float64(i)/framesPer), c)
	}
	return t
}
