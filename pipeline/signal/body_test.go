package signal_test

import (
	"math"
	"testing"

	"dyade/internal/scene"
	"dyade/pipeline/signal"
	"dyade/pipeline/vision/track"
)

// A child plays with a parent and bends down from 5 to 20 s, so that its face is lost.
func bentDown(change func(hidden *scene.Key)) *signal.Table {
	child := func(at float64) scene.Key { return scene.Key{At: at, X: 1200, Y: 500, W: 120} }
	hidden := child(5)
	hidden.Hidden = true
	later := child(19.9)
	later.Hidden = true
	change(&later)
	s := scene.Scene{Seconds: 25, Rate: 3, Actors: []scene.Actor{
		{Look: 0, Keys: []scene.Key{{X: 700, Y: 400, W: 160}}},
		{Look: 1, Keys: []scene.Key{child(0), hidden, later, child(20)}},
	}}
	s.Actors[1].Keys[3].X = later.X
	sightings := s.Sightings()
	return signal.Build(signal.Input{Recording: s.Recording(), Sightings: sightings, People: track.People(sightings)})
}

func TestABodyIsFollowedWhereItsFaceIsLost(t *testing.T) {
	table := bentDown(func(*scene.Key) {})
	for i := 60; i < 190; i++ {
		if _, known := table.Get("child_x").At(i); known {
			t.Fatalf("at %g s the face has a place, which nobody saw", table.Seconds(i))
		}
		x, known := table.Get("child_body_x").At(i)
		if !known || math.Abs(x-1200.0/scene.Width) > 0.02 {
			t.Fatalf("at %g s the body is at %g (known: %v)", table.Seconds(i), x, known)
		}
		if d, known := table.Get("distance").At(i); !known || math.Abs(d-3.65) > 0.2 {
			t.Fatalf("at %g s the distance is %g (known: %v)", table.Seconds(i), d, known)
		}
	}
}

func TestABodyThatMovesIsFollowed(t *testing.T) {
	table := bentDown(func(k *scene.Key) { k.X = 1600 })
	if x, known := table.Get("child_body_x").At(125); !known || math.Abs(x-1400.0/scene.Width) > 0.04 {
		t.Errorf("in the middle of the way the body is at %g (known: %v)", x, known)
	}
}

func TestABodyThatLeftIsUnknown(t *testing.T) {
	table := bentDown(func(k *scene.Key) { k.X = 3000 })
	known := 0
	for i := 150; i < 190; i++ {
		if _, is := table.Get("child_body_x").At(i); is {
			known++
		}
	}
	if known > 0 {
		t.Errorf("known at %d steps after it left", known)
	}
}

// Whoever is last seen at the picture's edge may be gone, whatever the wall behind them looks
// like.
func TestABodyAtTheEdgeIsNotFollowed(t *testing.T) {
	s := scene.Scene{Seconds: 30, Rate: 3, Actors: []scene.Actor{
		{Look: 0, Keys: []scene.Key{{X: 700, Y: 400, W: 160}}},
		{Look: 1, Keys: []scene.Key{{X: 1400, Y: 500, W: 120}, {At: 8, X: 1400, Y: 500, W: 120}, {At: 9, X: 1850, Y: 500, W: 120},
			{At: 9.1, X: 1850, Y: 500, W: 120, Hidden: true}, {At: 22, X: 1850, Y: 500, W: 120}, {At: 23, X: 1400, Y: 500, W: 120}}},
	}}
	sightings := s.Sightings()
	table := signal.Build(signal.Input{Recording: s.Recording(), Sightings: sightings, People: track.People(sightings)})
	for i := 110; i < 200; i++ {
		if x, known := table.Get("child_body_x").At(i); known {
			t.Fatalf("at %g s the body is at %g, which nobody saw", table.Seconds(i), x)
		}
	}
}
