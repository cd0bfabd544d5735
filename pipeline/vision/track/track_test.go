package track_test

import (
	"math"
	"testing"

	"dyade/annotate"
	"dyade/internal/scene"
	"dyade/pipeline/vision/track"
)

// heldBy tells who holds each actor's face over the scene: for every sighting
// in which the actor is seen alone of their look, the id of the person there.
func heldBy(s scene.Scene, actor int) []string {
	sightings := s.Sightings()
	people := track.People(sightings)
	var ids []string
	for i, k := range sightings {
		for _, f := range k.Faces {
			if !same(f, s.Actors[actor]) {
				continue
			}
			for _, p := range people {
				if g, ok := p.Seen[i]; ok && g.Box == f.Box {
					ids = append(ids, p.ID)
				}
			}
		}
	}
	return ids
}

func same(f annotate.Face, a scene.Actor) bool { return f.Look[1+a.Look%3] > 0.5 }

func changes(ids []string) int {
	n := 0
	for i := 1; i < len(ids); i++ {
		if ids[i] != ids[i-1] {
			n++
		}
	}
	return n
}

var left = scene.Key{X: 600, Y: 400, W: 160}
var right = scene.Key{X: 1300, Y: 600, W: 110}

func at(k scene.Key, s float64) scene.Key { k.At = s; return k }

func TestNamesAreKept(t *testing.T) {
	hidden := at(left, 5)
	hidden.Hidden = true
	gone := at(right, 10)
	gone.X = 2200
	for name, c := range map[string]struct {
		a, b []scene.Key
	}{
		"both stay": {[]scene.Key{left}, []scene.Key{right}},
		"one is hidden for three seconds": {
			[]scene.Key{left, hidden, at(left, 8)}, []scene.Key{right}},
		"one leaves and comes back elsewhere": {
			[]scene.Key{left}, []scene.Key{right, at(right, 8), gone, at(gone, 15), at(scene.Key{X: 1000, Y: 500, W: 120}, 17)}},
		"they cross, one behind the other": {
			[]scene.Key{left, at(left, 6), at(scene.Key{X: 1300, Y: 420, W: 160}, 9)},
			[]scene.Key{right, at(right, 6), at(scene.Key{X: 960, Y: 450, W: 110, Hidden: true}, 7.4),
				at(scene.Key{X: 900, Y: 450, W: 110}, 7.7), at(scene.Key{X: 600, Y: 560, W: 110}, 9)}},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene.Scene{Seconds: 20, Rate: 4, Noise: 4, Actors: []scene.Actor{{Look: 0, Keys: c.a}, {Look: 1, Keys: c.b}}}
			people := track.People(s.Sightings())
			if len(people) != 2 {
				t.Fatalf("%d people, want 2", len(people))
			}
			for actor, role := range []annotate.Role{annotate.Parent, annotate.Child} {
				ids := heldBy(s, actor)
				if len(ids) < 30 || changes(ids) != 0 {
					t.Errorf("actor %d: seen %d times, name changed %d times: %v", actor, len(ids), changes(ids), ids)
				}
				if people[actor].Role != role || people[actor].ID != ids[0] {
					t.Errorf("actor %d is %s, %s", actor, people[actor].ID, people[actor].Role)
				}
			}
		})
	}
}

func TestOneAloneHasNoRole(t *testing.T) {
	s := scene.Scene{Seconds: 5, Rate: 4, Actors: []scene.Actor{{Keys: []scene.Key{left}}}}
	people := track.People(s.Sightings())
	if len(people) != 1 || people[0].Role != annotate.RoleUnknown || len(people[0].Seen) != 20 {
		t.Errorf("got %+v", people)
	}
}

func TestRolesAreGuessedFromSizeAndHeight(t *testing.T) {
	for name, c := range map[string]struct {
		a, b        scene.Key // a is to be the parent
		least, most float64
	}{
		"alike in both, unsure":                 {scene.Key{X: 500, Y: 420, W: 160}, scene.Key{X: 1300, Y: 424, W: 158}, 0.5, 0.6},
		"a smaller, lower face is a child's":    {scene.Key{X: 500, Y: 400, W: 160}, scene.Key{X: 1300, Y: 480, W: 115}, 0.93, 0.97},
		"a smaller face, as high, is less sure": {scene.Key{X: 500, Y: 420, W: 160}, scene.Key{X: 1300, Y: 420, W: 135}, 0.6, 0.8},
		"a lower face of the same size":         {scene.Key{X: 500, Y: 400, W: 160}, scene.Key{X: 1300, Y: 520, W: 160}, 0.75, 0.9},
		"the child is nearer to the camera":     {scene.Key{X: 500, Y: 300, W: 110}, scene.Key{X: 1300, Y: 700, W: 180}, 0.5, 0.7},
	} {
		t.Run(name, func(t *testing.T) {
			for _, order := range [][]scene.Key{{c.a, c.b}, {c.b, c.a}} {
				s := scene.Scene{Seconds: 5, Rate: 4, Actors: []scene.Actor{
					{Look: 0, Keys: order[:1]}, {Look: 1, Keys: order[1:]}}}
				people := track.People(s.Sightings())
				if len(people) != 2 || people[0].Role != annotate.Parent || people[1].Role != annotate.Child {
					t.Fatalf("got %+v", people)
				}
				p := people[0]
				if x := p.Seen[0].Box.Center().X; c.most > 0.6 && math.Abs(x-c.a.X) > 1 {
					t.Errorf("the parent is at %g", x)
				}
				if p.RoleConfidence < c.least || p.RoleConfidence > c.most {
					t.Errorf("confidence %.2f, want %.2f to %.2f", p.RoleConfidence, c.least, c.most)
				}
			}
		})
	}
}

func TestAFlickerIsNobody(t *testing.T) {
	s := scene.Scene{Seconds: 20, Rate: 4, Actors: []scene.Actor{
		{Look: 0, Keys: []scene.Key{left}}, {Look: 1, Keys: []scene.Key{right}},
	}}
	sightings := s.Sightings()
	ghost := annotate.Face{Box: annotate.Box{X: 1700, Y: 100, W: 60, H: 80}, Score: 0.42, Look: []float32{0, 0, 0, 1}}
	sightings[30].Faces = append(sightings[30].Faces, ghost)
	sightings[31].Faces = append(sightings[31].Faces, ghost)
	if people := track.People(sightings); len(people) != 2 {
		t.Errorf("%d people, want 2", len(people))
	}
}

func TestNothingSeenIsNobody(t *testing.T) {
	if people := track.People(nil); len(people) != 0 {
		t.Errorf("people in nothing: %v", people)
	}
	if people := track.People(make([]annotate.Sighting, 3)); len(people) != 0 {
		t.Errorf("people in an empty room: %v", people)
	}
}

// A face is followed from look to look as far apart as a film's keys are: faint ones, of
// a blurred child, count only where they stay.
func TestFaintFacesAreFollowedAcrossKeys(t *testing.T) {
	s := scene.Scene{Seconds: 40, Rate: 1 / track.MaxGap, Actors: []scene.Actor{{Look: 0, Keys: []scene.Key{left}}, {Look: 1, Keys: []scene.Key{right}}}}
	sightings := s.Sightings()
	for i := range sightings {
		for k := range sightings[i].Faces {
			sightings[i].Faces[k].Score = 0.5
		}
	}
	people := track.People(sightings)
	if len(people) != 2 || len(people[0].Seen) != len(sightings) || len(people[1].Seen) != len(sightings) {
		t.Errorf("people: %+v", people)
	}
}
