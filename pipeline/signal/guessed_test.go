package signal_test

import (
	"testing"

	"dyade/internal/scene"
	"dyade/pipeline/signal"
	"dyade/pipeline/vision/track"
)

// A picture that the decoder made up tells of those whom it shows, and of nothing else:
// neither who is away, nor how a head was turned around it, nor of the light.
func TestAGuessedPictureTellsLittle(t *testing.T) {
	s := scene.Scene{Seconds: 12, Rate: 1, Noise: 1, Actors: []scene.Actor{
		{Look: 0, Keys: []scene.Key{{X: 600, Y: 400, W: 160}}},
		{Look: 1, Keys: []scene.Key{{X: 1100, Y: 500, W: 120}}},
	}}
	for _, guessed := range []bool{false, true} {
		sightings := s.Sightings()
		sightings[6].Guessed = guessed
		table := signal.Build(signal.Input{Recording: s.Recording(), Sightings: sightings, People: track.People(sightings), LookGap: 1.3})
		for column, at := range map[string]int{"luma": 60, "sharpness": 60, "parent_yaw": 55, "child_pitch": 65} {
			if known := table.Get(column).Known(at); known == guessed {
				t.Errorf("guessed %v: %s is known %v", guessed, column, known)
			}
		}
		if seen := table.Get("parent_seen"); !seen.Is(60) {
			t.Errorf("guessed %v: who is shown is not seen", guessed)
		}
	}
}
