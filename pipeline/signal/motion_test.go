package signal_test

import (
	"math"
	"testing"

	"dyade/internal/scene"
	"dyade/pipeline/signal"
	"dyade/pipeline/vision/track"
)

// handsIn gives what moves between two whose hands change a room in good light by so much,
// in a room as light as given, all of which trembles by noise.
func handsIn(t *testing.T, change, luma float64, noise uint8) float64 {
	t.Helper()
	s := scene.Scene{Seconds: 6, Rate: 4, Actors: []scene.Actor{
		{Look: 0, Keys: []scene.Key{{X: 800, Y: 400, W: 160}}}, {Look: 1, Keys: []scene.Key{{X: 1080, Y: 500, W: 115}}},
	}}
	s.Motion = func(_ float64, col, row int) uint8 {
		if col >= 12 && col < 18 && row >= 10 && row < 14 {
			return noise + uint8(math.Round(change*luma/120))
		}
		return noise
	}
	sightings := s.Sightings()
	for i := range sightings {
		sightings[i].Luma = luma
	}
	table := signal.Build(signal.Input{Recording: s.Recording(), Sightings: sightings, People: track.People(sightings)})
	v, known := table.Get("shared_motion").At(30)
	if !known {
		t.Fatal("what moves between them is unknown")
	}
	return v
}

func TestTheSameMovementIsToldInTheDark(t *testing.T) {
	light, dark := handsIn(t, 24, 120, 0), handsIn(t, 24, 35, 0)
	if dark < 0.5*light || dark > 1.5*light {
		t.Errorf("hands move by %g in good light, by %g in little", light, dark)
	}
	if still := handsIn(t, 0, 35, 0); still != 0 {
		t.Errorf("in the dark nothing moves by %g", still)
	}
}

func TestNoiseIsNoMovement(t *testing.T) {
	if got := handsIn(t, 0, 120, 9); got != 0 {
		t.Errorf("the sensor's noise moves by %g", got)
	}
	if got := handsIn(t, 0, 25, 3); got != 0 {
		t.Errorf("the sensor's noise moves by %g in the dark", got)
	}
	if calm, noisy := handsIn(t, 24, 120, 0), handsIn(t, 24, 120, 9); math.Abs(calm-noisy) > 1 {
		t.Errorf("hands move by %g without noise, by %g with it", calm, noisy)
	}
}

func TestTheSameMovementIsToldFarAway(t *testing.T) {
	hands := func(faces float64, change uint8) float64 {
		s := scene.Scene{Seconds: 6, Rate: 4, Actors: []scene.Actor{
			{Look: 0, Keys: []scene.Key{{X: 900, Y: 400, W: faces}}}, {Look: 1, Keys: []scene.Key{{X: 900 + 2*faces, Y: 400 + faces, W: 0.7 * faces}}},
		}}
		s.Motion = func(_ float64, col, row int) uint8 {
			if col >= 14 && col < 18 && row >= 7 && row < 16 {
				return change
			}
			return 0
		}
		sightings := s.Sightings()
		table := signal.Build(signal.Input{Recording: s.Recording(), Sightings: sightings, People: track.People(sightings)})
		v, _ := table.Get("shared_motion").At(30)
		return v
	}
	if far := hands(50, 4); far < 10 {
		t.Errorf("small hands that fill a sixth of a cell move by %g", far)
	}
	if near := hands(160, 4); near != 4 {
		t.Errorf("large hands move by %g", near)
	}
}
