package moment_test

import (
	"math"
	"slices"
	"testing"

	"dyade/annotate"
	"dyade/internal/scene"
)

// The end of the film, and a hug in which no face is seen, are not seconds apart.
func TestComingCloseCountsWhatIsKnownAfterIt(t *testing.T) {
	near := func(at float64) scene.Key { k := parent(at, 0); k.X = 960; return k }
	walks := []scene.Key{parent(0, 0), parent(8, 0), near(11), near(20)}
	goes := []scene.Key{parent(0, 0), parent(8, 0), near(11), near(11.4), parent(13, 0)}
	score := func(s scene.Scene, sightings []annotate.Sighting) float64 {
		for _, m := range seen(s, sightings, nil) {
			if m.Kind == annotate.Approach {
				return m.Score
			}
		}
		t.Fatalf("no approach in %g s", s.Seconds)
		return 0
	}
	all := func(s scene.Scene) float64 { return score(s, s.Sightings()) }
	stays := all(pair(walks, []scene.Key{child(0, 0)}, 20))
	if ends := all(pair(walks, []scene.Key{child(0, 0)}, 12)); math.Abs(ends-stays) > 0.02 {
		t.Errorf("fit %.2f where the film ends, %.2f where it goes on", ends, stays)
	}
	embrace := pair(walks, []scene.Key{child(0, 0), hidden(child(11.6, 0))}, 20)
	sightings := embrace.Sightings()
	for i, k := range sightings {
		if k.At.Seconds() > 11.2 { // neither faces nor clothes are to be told apart
			sightings[i].Faces, sightings[i].Colours = nil, nil
		}
	}
	hug := score(embrace, sightings)
	if away := all(pair(goes, []scene.Key{child(0, 0)}, 20)); hug < away+0.1 {
		t.Errorf("fit %.2f where they hug, %.2f where one goes on", hug, away)
	}
}

// The child turns to the parent at 7 s, who comes from 8 to 11 s as close as given, and
// does as told from then on.
func TestComfort(t *testing.T) {
	stand := func(at, x float64) scene.Key { k := parent(at, 0); k.X = x; return k }
	asks := []scene.Key{child(0, 0), child(6.8, 0), child(7.2, -50), child(12, -50), child(12.4, 0)}
	quiet := []scene.Key{child(0, 0)}
	walks := func(at float64, col, _ int) uint8 {
		if at >= 8 && at < 11.5 && col >= 6 && col < 24 {
			return 20
		}
		return 1
	}
	plays := func(at float64, col, row int) uint8 {
		if at >= 11.5 && col >= 17 && col < 22 && row >= 11 && row < 14 {
			return 60
		}
		return walks(at, col, row)
	}
	fidgets := func(at float64, col, row int) uint8 {
		if at >= 11.5 && col >= 20 && col < 24 {
			return 30
		}
		return walks(at, col, row)
	}
	stays := []scene.Key{parent(0, 0), parent(8, 0), stand(11, 1080), stand(20, 1085)}
	for name, c := range map[string]struct {
		parent, child []scene.Key
		motion        func(float64, int, int) uint8
		spoken        []annotate.Utterance
		want          string // the cue of what was asked; empty: it is no comfort
	}{
		"the child turns to the parent, who comes and stays": {stays, asks, walks, nil, "bid_turn"},
		"one speaks up, the other comes and stays":           {stays, quiet, walks, []annotate.Utterance{say(6, 8.5, 0)}, "bid_voice"},
		"one cries, the other comes and stays":               {stays, quiet, walks, []annotate.Utterance{cry(6, 8.5)}, "bid_vocal"},
		"one cried long before":                              {stays, quiet, walks, []annotate.Utterance{cry(0.5, 2)}, ""},
		"nobody asked":                                       {stays, quiet, walks, nil, ""},
		"it was asked long before":                           {stays, quiet, walks, []annotate.Utterance{say(1, 2, 0)}, ""},
		"the parent comes, and goes on": {
			[]scene.Key{parent(0, 0), parent(8, 0), stand(11, 1080), stand(11.6, 1080), stand(13.5, 300)}, asks, walks, nil, "",
		},
		"the parent comes nearer, but not close":       {[]scene.Key{parent(0, 0), parent(8, 0), stand(11, 980), stand(20, 985)}, asks, walks, nil, ""},
		"the parent comes, and they play":              {stays, asks, plays, nil, ""},
		"the parent comes, and the child is no calmer": {stays, asks, fidgets, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := pair(c.parent, c.child, 20)
			s.Motion = c.motion
			got := play(s, c.spoken)
			i := slices.IndexFunc(got, func(m annotate.Moment) bool { return m.Kind == annotate.Approach })
			if i < 0 {
				t.Fatalf("no approach: %s", list(got))
			}
			cues := map[string]float64{}
			for _, e := range got[i].Evidence {
				cues[e.Cue] = e.Value
			}
			if c.want == "" {
				if _, touch := cues["likely_contact"]; touch || cues["calms"] > 0 {
					t.Errorf("taken for comfort: %+v", got[i].Evidence)
				}
				return
			}
			if cues[c.want] != 1 || cues["likely_contact"] < 3 || cues["calms"] < 0.6 {
				t.Errorf("not told: %+v", got[i].Evidence)
			}
		})
	}
}
