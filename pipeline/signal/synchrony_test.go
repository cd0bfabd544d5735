package signal_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"dyade/annotate"
	"dyade/internal/scene"
	"dyade/pipeline/signal"
	"dyade/pipeline/vision/track"
)

// moving builds a scene of a minute and a half in which each one's body moves by a
// curve of its own; the picture's left half is the parent's.
func moving(parent, child func(at float64) float64) *signal.Table {
	s := scene.Scene{Seconds: 90, Rate: 10, Noise: 7, Actors: []scene.Actor{
		{Look: 0, Keys: []scene.Key{{X: 400, Y: 300, W: 160}}}, {Look: 1, Keys: []scene.Key{{X: 1500, Y: 400, W: 120}}},
	}}
	s.Motion = func(at float64, col, _ int) uint8 {
		if col < annotate.MotionCols/2 {
			return uint8(20 + 20*parent(at))
		}
		return uint8(20 + 20*child(at))
	}
	sightings := s.Sightings()
	return signal.Build(signal.Input{Recording: s.Recording(), Sightings: sightings, People: track.People(sightings)})
}

// restless is motion without a rhythm, between -1 and 1.
func restless(seed uint64) func(at float64) float64 {
	random := rand.New(rand.NewPCG(seed, 7))
	var knots [200]float64
	for i := range knots {
		knots[i] = random.Float64()*2 - 1
	}
	return func(at float64) float64 {
		x := max(0, at) / 0.7
		i := int(x)
		return knots[i] + (knots[i+1]-knots[i])*(x-float64(i))
	}
}

func leads(t *signal.Table) (known, mean float64) {
	s := t.Get("lead")
	for i := range t.Steps {
		if v, ok := s.At(i); ok {
			known, mean = known+1, mean+v
		}
	}
	return known / float64(t.Steps), mean / max(1, known)
}

func TestWhoLeads(t *testing.T) {
	one := restless(1)
	for name, c := range map[string]struct {
		parent, child func(at float64) float64
		lead          float64
	}{
		"the child follows":  {one, func(at float64) float64 { return one(at - 0.6) }, 0.6},
		"the parent follows": {func(at float64) float64 { return one(at - 0.6) }, one, -0.6},
	} {
		t.Run(name, func(t *testing.T) {
			known, lead := leads(moving(c.parent, c.child))
			if known < 0.8 || math.Abs(lead-c.lead) > 0.1 {
				t.Errorf("known for %.2f of the time, lead %.2f s, want %.2f", known, lead, c.lead)
			}
		})
	}
}

func TestTwoWhoMoveOnTheirOwnAreNotInStep(t *testing.T) {
	for seed := uint64(1); seed <= 5; seed++ {
		if known, _ := leads(moving(restless(seed), restless(seed+100))); known > 0.08 {
			t.Errorf("seed %d: in step for %.2f of the time", seed, known)
		}
	}
}
