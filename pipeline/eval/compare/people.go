package compare

import (
	"fmt"
	"math"

	"dyade/annotate"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/tally"
)

// there is how much a face found must overlap the true one to be it, intersection
// over union: boxes of heads differ by who draws them.
const there = 0.25

// lookWithin is how near a picture looked at must be to a label's time, in seconds.
const lookWithin = 0.08

// placed is a label with the picture in which it can be compared; -1: none was
// looked at then.
type placed struct {
	label.Person
	sighting int
}

// place finds the picture of each label.
func place(truth []label.Person, sightings []annotate.Sighting) (list []placed) {
	k := 0
	off := func(k int, p label.Person) float64 { return math.Abs(sightings[k].At.Seconds() - p.TimeS) }
	for _, p := range truth {
		for k+1 < len(sightings) && off(k+1, p) <= off(k, p) {
			k++
		}
		at := -1
		if k < len(sightings) && off(k, p) <= lookWithin {
			at = k
		}
		list = append(list, placed{p, at})
	}
	return list
}

// looked are the labels that have a picture.
func looked(list []placed) (out []placed) {
	for _, p := range list {
		if p.sighting >= 0 {
			out = append(out, p)
		}
	}
	return out
}

// People compares with where people truly are: which faces were seen, who they were
// taken for, and where their heads are turned. The labels are in order of time.
func People(truth []label.Person, sightings []annotate.Sighting, people []annotate.Person, duration float64) ([]tally.Tally, []Case) {
	all := place(truth, sightings)
	list := looked(all)
	seen, missed := faces(list, sightings, len(truth) == 0)
	followed, turned, crooked := follow(all, people)
	names, swapped := identities(all, people, duration)
	pictures, taken := pictureFaces(list, people)
	out := append([]tally.Tally{followed}, names...)
	out = append(append(append(out, turned...), seen...), pictures)
	return out, append(append(append(missed, crooked...), swapped...), taken...)
}

// faces compares what the detector found: recall by width, and finds where nobody
// is: of all pictures where the labels are of an empty room.
func faces(list []placed, sightings []annotate.Sighting, empty bool) ([]tally.Tally, []Case) {
	recall := inBands("faces_recall", "share", tally.Share, widths)
	wrong := figure("faces_false", "", "per 500 pictures", tally.Per(500))
	var cases []Case
	for from := 0; from < len(list); {
		k := list[from].sighting
		to := from
		for to < len(list) && list[to].sighting == k {
			to++
		}
		for _, p := range list[from:to] {
			if !p.Visible || p.Role == annotate.Picture {
				continue
			}
			hit := overlaps(sightings[k].Faces, p.Box) >= 0
			recall.each(p.Box.W, func(t *tally.Tally) { t.Trial(block(p.TimeS), number(hit), 1) })
			if !hit {
				cases = append(cases, Case{"missed", p.TimeS, p.Box.W,
					fmt.Sprintf("the %s is visible, %.0f pixels wide, turned by %.0f°", p.Role, p.Box.W, p.Yaw), "no face there"})
			}
		}
		wrong.Trial(block(list[from].TimeS), float64(strangers(sightings[k].Faces, list[from:to])), 1)
		from = to
	}
	for _, s := range sightings {
		if empty {
			wrong.Trial(block(s.At.Seconds()), float64(len(s.Faces)), 1)
		}
	}
	return append(recall.tallies(), wrong), cases
}

// overlaps is the face that is where the box is, or -1.
func overlaps(list []annotate.Face, box annotate.Box) int {
	index, best := -1, there
	for i, f := range list {
		if v := f.Box.IoU(box); v > best {
			index, best = i, v
		}
	}
	return index
}

// strangers counts faces that are nobody's, visible or hidden.
func strangers(found []annotate.Face, truth []placed) (n int) {
	for _, f := range found {
		known := false
		for _, p := range truth {
			known = known || f.Box.IoU(p.Box) > there
		}
		n += one(!known)
	}
	return n
}

// follow compares the tracks: of the visible, how many were followed there, and how
// far off the heads' turns are. Where no picture was looked at both are unknown.
func follow(list []placed, people []annotate.Person) (followed tally.Tally, turns []tally.Tally, cases []Case) {
	followed = counts("people", "sightings")
	yaw, pitch := newYawErrors("yaw"), newAngleErrors("pitch")
	for _, p := range list {
		if !p.Visible || p.Role == annotate.Picture {
			continue
		}
		if p.sighting < 0 {
			followed.Count(block(p.TimeS), tally.Counts{Labelled: 1, Unknown: 1})
			continue
		}
		_, face, ok := holder(people, p.sighting, p.Box)
		followed.Count(block(p.TimeS), tally.Counts{Truth: 1, Found: 1, Hits: one(ok), Labelled: 1})
		if !ok || !face.PoseKnown {
			continue
		}
		yaw.add(block(p.TimeS), p.Yaw, face)
		pitch.add(block(p.TimeS), p.Pitch, face.Pose.Pitch, face.PoseError.Pitch)
		if math.Abs(p.Yaw) <= mostYaw {
			cases = append(cases, Case{"yaw", p.TimeS, math.Abs(face.Pose.Yaw - p.Yaw),
				fmt.Sprintf("the %s's head is turned by %.0f°", p.Role, p.Yaw), fmt.Sprintf("%.0f°", face.Pose.Yaw)})
		}
	}
	return followed, append(yaw.tallies(), pitch.tallies()...), cases
}

// holder is the person whose face in sighting k is where the box is.
func holder(people []annotate.Person, k int, box annotate.Box) (who annotate.Person, face annotate.Face, ok bool) {
	best := there
	for _, p := range people {
		if f, there := p.Seen[k]; there && p.Role != annotate.Picture {
			if v := f.Box.IoU(box); v > best {
				who, face, ok, best = p, f, true, v
			}
		}
	}
	return who, face, ok
}

// pictureFaces tells how often a face on a photo or a screen is taken for someone.
func pictureFaces(list []placed, people []annotate.Person) (tally.Tally, []Case) {
	t := figure("picture_taken", "", "share", tally.Share)
	var cases []Case
	for _, p := range list {
		if p.Role != annotate.Picture || !p.Visible {
			continue
		}
		who, _, ok := holder(people, p.sighting, p.Box)
		taken := ok && who.Role != annotate.RoleUnknown
		t.Trial(block(p.TimeS), number(taken), 1)
		if taken {
			cases = append(cases, Case{"picture", p.TimeS, p.Box.W, "the face is on a picture or a screen", "it is taken for the " + string(who.Role)})
		}
	}
	return t, cases
}
