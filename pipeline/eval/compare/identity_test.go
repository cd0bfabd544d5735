package compare_test

import (
	"testing"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/pipeline/eval/compare"
	"dyade/pipeline/eval/label"
)

// places of faces, 100 pixels wide.
var places = map[annotate.Role]annotate.Box{
	annotate.Parent: {X: 100, Y: 100, W: 100, H: 130}, annotate.Child: {X: 600, Y: 100, W: 22, H: 30}, annotate.Picture: {X: 900, Y: 100, W: 50, H: 60},
}

// play is a film of one picture a second: who is visible (P, C, and K on a picture
// on the wall), and what each of the tracks 1 to 4 holds (- for nobody).
func play(visible []string, tracks []string) ([]label.Person, []annotate.Sighting, []annotate.Person) {
	by := map[byte]annotate.Role{'P': annotate.Parent, 'C': annotate.Child, 'K': annotate.Picture}
	var truth []label.Person
	var sightings []annotate.Sighting
	for at, who := range visible {
		s := annotate.Sighting{At: timecode.At(float64(at), timecode.Millisecond)}
		for i := range who {
			role := by[who[i]]
			truth = append(truth, label.Person{TimeS: float64(at), Role: role, Box: places[role], Visible: true})
		}
		sightings = append(sightings, s)
	}
	var people []annotate.Person
	for n, held := range tracks {
		p := annotate.Person{ID: string(rune('1' + n)), Role: annotate.Other, Seen: map[int]annotate.Face{}}
		for at := range held {
			if role, ok := by[held[at]]; ok {
				f := annotate.Face{Box: places[role]}
				p.Seen[at] = f
				sightings[at].Faces = append(sightings[at].Faces, f)
			}
		}
		people = append(people, p)
	}
	return truth, sightings, people
}

func repeat(s string, n int) (list []string) {
	for range n {
		list = append(list, s)
	}
	return list
}

func TestIdentities(t *testing.T) {
	gone := append(append(repeat("PC", 4), repeat("C", 4)...), repeat("PC", 4)...)
	for _, c := range []struct {
		name                    string
		visible, tracks         []string
		changes, swaps, reentry float64
	}{
		{"as they are", repeat("PC", 6), []string{"PPPPPP", "CCCCCC"}, 0, 0, -1},
		{"exchanged", repeat("PC", 6), []string{"PPPCCC", "CCCPPP"}, 2, 2, -1},
		{"a new name while in sight", repeat("P", 6), []string{"PPP---", "---PPP"}, 1, 1, -1},
		{"back with the same name", gone, []string{"PPPP----PPPP", "CCCCCCCCCCCC"}, 0, 0, 1},
		{"back with a new name", gone, []string{"PPPP--------", "CCCCCCCCCCCC", "--------PPPP"}, 1, 0, 0},
		{"back with another's name", gone, []string{"PPPP--------", "CCCCCCCCPPPP", "--------CCCC"}, 2, 2, 0},
		{"back, and not followed", gone, []string{"PPPP--------", "CCCCCCCCCCCC"}, 0, 0, 0},
		{"back under two names, mostly the same", gone, []string{"PPPP-----PPP", "CCCCCCCCCCCC", "--------P---"}, 2, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			truth, sightings, people := play(c.visible, c.tracks)
			list, _ := compare.People(truth, sightings, people, float64(len(c.visible)))
			is(t, list, "identity_changes", "", c.changes)
			is(t, list, "identity_swaps", "", c.swaps*600/float64(len(c.visible)))
			if c.reentry >= 0 {
				is(t, list, "reentry", "", c.reentry)
			} else if _, ok := of(t, list, "reentry", "").Figure(); ok {
				t.Error("a return of nobody")
			}
		})
	}
}

func TestFacesByWidthAndFacesOfNobody(t *testing.T) {
	truth, sightings, people := play(repeat("PC", 4), []string{"PPPP", "C---"})
	sightings[2].Faces = append(sightings[2].Faces, annotate.Face{Box: annotate.Box{X: 300, Y: 500, W: 40, H: 40}})
	list, cases := compare.People(truth, sightings, people, 4)
	is(t, list, "faces_recall", "", 0.625)
	is(t, list, "faces_recall", "width 48+", 1)
	is(t, list, "faces_recall", "width 20-24", 0.25)
	is(t, list, "faces_false", "", 125) // one in four pictures
	if len(cases) != 3 || cases[0].Kind != "missed" {
		t.Errorf("cases %+v", cases)
	}
}

// A face on the wall that is followed for half of the time as somebody.
func TestPicturesTakenForSomebody(t *testing.T) {
	truth, sightings, people := play(repeat("PK", 4), []string{"PPPP", "--KK", "KK--"})
	people[2].Role = annotate.RoleUnknown
	list, cases := compare.People(truth, sightings, people, 4)
	is(t, list, "picture_taken", "", 0.5)
	is(t, list, "faces_recall", "", 1)
	is(t, list, "faces_false", "", 0)
	is(t, list, "identity_changes", "", 0)
	if len(cases) != 2 || cases[0].Kind != "picture" {
		t.Errorf("cases %+v", cases)
	}
}

func TestAnEmptyRoom(t *testing.T) {
	_, sightings, people := play(repeat("", 4), []string{"--P-"})
	list, _ := compare.People(nil, sightings, people, 4)
	is(t, list, "faces_false", "", 125) // one in four pictures
	if f, ok := of(t, list, "identity_swaps", "").Figure(); ok {
		t.Errorf("%+v, though nobody is there", f)
	}
}
