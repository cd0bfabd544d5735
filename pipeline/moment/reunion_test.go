package moment_test

import (
	"slices"
	"testing"

	"dyade/annotate"
	"dyade/internal/scene"
)

func TestReunion(t *testing.T) {
	// The child goes out of the picture from 8 to 20 s, and comes back.
	away := func(parentX, out float64) scene.Scene {
		return pair([]scene.Key{stand(parent(0, 0), parentX)}, []scene.Key{
			stand(child(0, 0), 900), stand(child(8, 0), 900), stand(child(9.5, 0), out),
			stand(child(20, 0), out), stand(child(24, 0), 900), stand(child(29, 0), 900)}, 30)
	}
	for name, c := range map[string]ruled{
		"one comes back, and is close": {
			away(600, 2500), nil, []want{{annotate.Approach, 21.6, 24}, {annotate.Reunion, 21.6, 25.8}},
		},
		"one comes back, and stays away": {away(300, 2500), nil, nil},
		"both come back": {
			pair([]scene.Key{stand(parent(0, 0), 600), stand(parent(8, 0), 600), stand(parent(10, 0), -700),
				stand(parent(20, 0), -700), stand(parent(22, 0), 600)},
				[]scene.Key{stand(child(0, 0), 900), stand(child(8, 0), 900), stand(child(10, 0), 2500),
					stand(child(20, 0), 2500), stand(child(22, 0), 900)}, 30), nil,
			[]want{{annotate.Approach, 21.6, 22}, {annotate.Reunion, 21, 24}},
		},
		"one who sits beside the edge bends down for long": {
			pair([]scene.Key{stand(parent(0, 0), 1560)},
				[]scene.Key{stand(child(0, 0), 1850), hidden(stand(child(8, 0), 1850)), stand(child(20, 0), 1850)}, 30), nil, nil,
		},
		"a face that was hidden was not away": {
			pair([]scene.Key{stand(parent(0, 0), 800)},
				[]scene.Key{stand(child(0, 0), 1080), hidden(stand(child(8, 0), 1080)), stand(child(20, 0), 1080)}, 30), nil, nil,
		},
	} {
		t.Run(name, c.check)
	}
}

// Of two who were both away it is told for how long the one was who was longer, once.
func TestBothWereAway(t *testing.T) {
	for _, goes := range [][2]float64{{4, 8}, {8, 4}} {
		s := pair([]scene.Key{stand(parent(0, 0), 600), stand(parent(goes[0], 0), 600), stand(parent(goes[0]+2, 0), -700), stand(parent(20, 0), -700), stand(parent(22, 0), 600)},
			[]scene.Key{stand(child(0, 0), 900), stand(child(goes[1], 0), 900), stand(child(goes[1]+2, 0), 2500), stand(child(20, 0), 2500), stand(child(22, 0), 900)}, 30)
		var away []float64
		for _, m := range play(s, nil) {
			for _, e := range m.Evidence {
				if e.Cue == "absence" {
					away = append(away, e.Value)
				}
			}
		}
		if len(away) != 1 || away[0] < 14 || away[0] > 17 {
			t.Errorf("away for %v", away)
		}
	}
}

// Where no picture could be looked at, or the decoder made it up, nobody is known to be
// away.
func TestWhoCouldNotBeLookedForWasNotAway(t *testing.T) {
	at := func(s, x float64) scene.Key { return stand(child(s, 0), x) }
	s := pair([]scene.Key{{X: 600, Y: 400, W: 160}},
		[]scene.Key{at(0, 900), at(8, 900), at(9.5, 2500), at(20, 2500), at(24, 900)}, 30)
	lost := slices.DeleteFunc(s.Sightings(), func(k annotate.Sighting) bool { return k.At.Seconds() > 9 && k.At.Seconds() < 21 })
	guessed := s.Sightings()
	for i, k := range guessed {
		guessed[i].Guessed = k.At.Seconds() > 9 && k.At.Seconds() < 21
	}
	reunion := func(m annotate.Moment) bool { return m.Kind == annotate.Reunion }
	for name, sightings := range map[string][]annotate.Sighting{"lost": lost, "guessed": guessed} {
		if got := seen(s, sightings, nil); slices.ContainsFunc(got, reunion) || !slices.ContainsFunc(play(s, nil), reunion) {
			t.Errorf("%s: got %s", name, list(got))
		}
	}
}
