package signal_test

import (
	"testing"

	"dyade/internal/scene"
	"dyade/pipeline/signal"
	"dyade/pipeline/vision/track"
)

// A child sits close to a parent; from 10 to 20 s both heads are as given.
func headsFor(parent, child scene.Key) *signal.Table {
	keys := func(k, then scene.Key) []scene.Key {
		at := func(k scene.Key, at float64) scene.Key { k.At = at; return k }
		then.X, then.Y, then.W = k.X, k.Y+then.Y, k.W
		return []scene.Key{k, at(k, 9.8), at(then, 10.2), at(then, 19.8), at(k, 20.2)}
	}
	s := scene.Scene{Seconds: 40, Rate: 4, Actors: []scene.Actor{
		{Look: 0, Keys: keys(scene.Key{X: 800, Y: 400, W: 160}, parent)},
		{Look: 1, Keys: keys(scene.Key{X: 1080, Y: 500, W: 115}, child)},
	}}
	sightings := s.Sightings()
	return signal.Build(signal.Input{Recording: s.Recording(), Sightings: sightings, People: track.People(sightings)})
}

func TestBothAreBent(t *testing.T) {
	// Of a tilt of 20° the landmarks tell 5°; the head sinks by a sixth of its width.
	over := func(yaw float64) scene.Key { return scene.Key{Yaw: yaw, Pitch: -5, Y: 24} }
	for name, c := range map[string]struct {
		parent, child scene.Key
		bent          bool
	}{
		"both, seen only in part": {over(15), over(-15), true},
		"both, seen in full":      {scene.Key{Yaw: 15, Pitch: -20}, scene.Key{Yaw: -15, Pitch: -20}, true},
		"only one":                {over(15), scene.Key{Yaw: -15}, false},
		"one looks at the other":  {over(15), scene.Key{Yaw: -50, Pitch: -5}, false},
		"the camera is moved":     {scene.Key{Yaw: 15, Pitch: -3.5, Y: 24}, scene.Key{Yaw: -15, Pitch: -3.5, Y: 24}, false},
		"one sits down":           {over(15), scene.Key{Yaw: -15, Y: 300}, false},
		"one looks up, and sinks": {over(15), scene.Key{Yaw: -15, Pitch: 12, Y: 24}, false},
	} {
		t.Run(name, func(t *testing.T) {
			table := headsFor(c.parent, c.child)
			if d, known := table.Get("bent_apart").At(150); known != c.bent || known && d > 1 {
				t.Errorf("bent over things %g apart (known: %v), want %v", d, known, c.bent)
			}
			if _, known := table.Get("bent_apart").At(300); known {
				t.Error("bent while upright")
			}
		})
	}
}
