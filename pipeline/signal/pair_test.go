package signal_test

import (
	"math"
	"testing"

	"dyade/internal/scene"
	"dyade/pipeline/signal"
	"dyade/pipeline/vision/track"
)

// held builds the signals of two people who stay as they are, and gives the values in
// the middle.
func held(t *testing.T, parent, child scene.Key) func(name string) float64 {
	t.Helper()
	s := scene.Scene{Seconds: 6, Rate: 4, Actors: []scene.Actor{{Look: 0, Keys: []scene.Key{parent}}, {Look: 1, Keys: []scene.Key{child}}}}
	sightings := s.Sightings()
	table := signal.Build(signal.Input{Recording: s.Recording(), Sightings: sightings, People: track.People(sightings)})
	return func(name string) float64 {
		v, known := table.Get(name).At(30)
		if !known {
			t.Fatalf("%s is unknown", name)
		}
		return v
	}
}

func TestTurnedIsMeasuredInTheRoom(t *testing.T) {
	for name, c := range map[string]struct {
		parent, child                 scene.Key
		parentTurned, childTurned     float64
		leastDistance, mostDistance   float64
		parentAngle, childAngle, give float64
	}{
		"side by side, turned": {
			scene.Key{X: 600, Y: 500, W: 160, Yaw: 45}, scene.Key{X: 1200, Y: 500, W: 125, Yaw: -45}, 1, 1, 4.1, 4.3, 45, 45, 1,
		},
		"side by side, to the camera": {
			scene.Key{X: 600, Y: 500, W: 160}, scene.Key{X: 1200, Y: 500, W: 125}, 0, 0, 4.1, 4.3, 90, 90, 1,
		},
		"the child on the lap, the parent looks down at it": {
			scene.Key{X: 800, Y: 300, W: 160, Pitch: -35}, scene.Key{X: 810, Y: 600, W: 125, Pitch: 30}, 1, 1, 2, 2.2, 55, 60, 3,
		},
		"a face in the background is far, and turned to the picture's side is not to it": {
			scene.Key{X: 600, Y: 500, W: 200, Yaw: 30}, scene.Key{X: 1000, Y: 500, W: 60, Yaw: -10}, 0, 1, 7, 15, 118, 18, 15,
		},
		"a face behind, looked at over the shoulder": {
			scene.Key{X: 600, Y: 500, W: 200, Yaw: 88}, scene.Key{X: 1000, Y: 500, W: 75}, 1, 1, 5, 5.3, 59, 35, 4,
		},
		"an infant in profile looks down at a tray": {
			scene.Key{X: 600, Y: 500, W: 160, Yaw: 60}, scene.Key{X: 1200, Y: 500, W: 125, Yaw: -60, Pitch: -45}, 1, 0, 4.1, 4.3, 30, 52, 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			value := held(t, c.parent, c.child)
			if p, k := value("parent_turned"), value("child_turned"); p != c.parentTurned || k != c.childTurned {
				t.Errorf("turned %g and %g, want %g and %g", p, k, c.parentTurned, c.childTurned)
			}
			if d := value("distance"); d < c.leastDistance || d > c.mostDistance {
				t.Errorf("distance %g, want %g to %g", d, c.leastDistance, c.mostDistance)
			}
			if p, k := value("parent_angle"), value("child_angle"); math.Abs(p-c.parentAngle) > c.give || math.Abs(k-c.childAngle) > c.give {
				t.Errorf("angles %g and %g, want %g and %g", p, k, c.parentAngle, c.childAngle)
			}
		})
	}
}

func TestContactIsOfFacesOrBodies(t *testing.T) {
	parent := scene.Key{X: 800, Y: 400, W: 160}
	for name, c := range map[string]struct {
		child scene.Key
		want  float64
	}{
		"cheek to cheek":           {scene.Key{X: 960, Y: 420, W: 120}, 1},
		"shoulder to shoulder":     {scene.Key{X: 1050, Y: 480, W: 120}, 1},
		"in the lap":               {scene.Key{X: 820, Y: 660, W: 120}, 1},
		"an arm's length away":     {scene.Key{X: 1200, Y: 480, W: 120}, 0},
		"behind, beside the face":  {scene.Key{X: 1010, Y: 400, W: 60}, 0},
		"at the feet":              {scene.Key{X: 820, Y: 900, W: 120}, 0},
		"before the camera, below": {scene.Key{X: 1100, Y: 760, W: 500}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := held(t, parent, c.child)("contact"); got != c.want {
				t.Errorf("contact is %g, want %g", got, c.want)
			}
		})
	}
}

// A head that may as well be turned as not is unknown, unless it was turned before; one
// that is uncertain and far from the limit is not.
func TestTooUncertainToSayIsUnknown(t *testing.T) {
	key := func(at, yaw, off float64) scene.Key {
		return scene.Key{At: at, X: 600, Y: 500, W: 160, Yaw: yaw, YawError: off}
	}
	child := []scene.Key{{X: 1200, Y: 500, W: 125, Yaw: -45}}
	for name, c := range map[string]struct {
		parent []scene.Key
		want   float64 // at 5 s; NaN: unknown
	}{
		"it may be either":                   {[]scene.Key{key(0, 27, 10)}, math.NaN()},
		"as near to the limit, but certain":  {[]scene.Key{key(0, 27, 3)}, 1},
		"it may be either from the far side": {[]scene.Key{key(0, 20, 10)}, math.NaN()},
		"uncertain, and turned for sure":     {[]scene.Key{key(0, 60, 10)}, 1},
		"uncertain, and turned away":         {[]scene.Key{key(0, -30, 10)}, 0},
		"it was turned before":               {[]scene.Key{key(0, 60, 4), key(2, 60, 4), key(2.5, 20, 10), key(6, 20, 10)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := scene.Scene{Seconds: 6, Rate: 4, Actors: []scene.Actor{{Look: 0, Keys: c.parent}, {Look: 1, Keys: child}}}
			sightings := s.Sightings()
			table := signal.Build(signal.Input{Recording: s.Recording(), Sightings: sightings, People: track.People(sightings)})
			v, known := table.Get("parent_turned").At(50)
			if known == math.IsNaN(c.want) || known && v != c.want {
				t.Errorf("turned is %g, known %v; want %g", v, known, c.want)
			}
			if off, _ := table.Get("parent_yaw_error").At(50); off != c.parent[len(c.parent)-1].YawError {
				t.Errorf("the error told is %g", off)
			}
			if _, known := table.Get("facing").At(50); known == math.IsNaN(c.want) {
				t.Errorf("facing is known: %v", known)
			}
		})
	}
}

// A picture seen in a mirror has the same meaning.
func TestMirroredMeansTheSame(t *testing.T) {
	parent, child := scene.Key{X: 500, Y: 400, W: 170, Yaw: 28, Pitch: -12}, scene.Key{X: 1300, Y: 620, W: 90, Yaw: -70, Pitch: 9}
	mirror := func(k scene.Key) scene.Key { k.X, k.Yaw = scene.Width-k.X, -k.Yaw; return k }
	as, mirrored := held(t, parent, child), held(t, mirror(parent), mirror(child))
	for _, name := range []string{"parent_turned", "child_turned", "parent_angle", "child_angle", "distance"} {
		if a, b := as(name), mirrored(name); math.Abs(a-b) > 1e-9 {
			t.Errorf("%s: %g, and %g in the mirror", name, a, b)
		}
	}
}
