package sample

import (
	"math"
	"reflect"
	"sync"
	"testing"

	"dyade/annotate"
)

// seeds is how many films the properties are checked on.
const seeds = 16

type filmed struct {
	script *Script
	truth  Truth
}

var films = sync.OnceValue(func() []filmed {
	out := make([]filmed, seeds)
	for i := range out {
		s := NewScript(uint64(i))
		out[i] = filmed{s, s.Truth()}
	}
	return out
})

// eachSeed runs a check over many scripts and their truths.
func eachSeed(t *testing.T, check func(t *testing.T, s *Script, tr Truth)) {
	t.Helper()
	for seed, f := range films() {
		check(t, f.script, f.truth)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestEveryFilmHasWhatWasPromised(t *testing.T) {
	eachSeed(t, func(t *testing.T, s *Script, tr Truth) {
		if s.Duration < 125 || s.Duration > 190 {
			t.Errorf("the film lasts %.1f s", s.Duration)
		}
		kinds := map[annotate.MomentKind]int{}
		for _, m := range tr.Moments {
			kinds[m.Kind]++
		}
		for kind, least := range map[annotate.MomentKind]int{annotate.FaceToFace: 3, annotate.Approach: 2,
			annotate.TurnTaking: 2, annotate.BidResponse: 3, annotate.SharedEngagement: 2} {
			if kinds[kind] < least {
				t.Errorf("%d of %s, want at least %d", kinds[kind], kind, least)
			}
		}
		names := map[string]int{}
		for _, e := range s.Episodes {
			names[e.Name]++
		}
		for _, name := range []string{"bid_response, turned", "bid_response, spoken", "crossing", "exit and return",
			"hand before the face", "moving apart", "monologue, both looking at the camera",
			"turned to the other, who looks away", "hands moving far apart"} {
			if names[name] == 0 {
				t.Errorf("no %q", name)
			}
		}
	})
}

func TestPlantedEpisodesAreInTheTruth(t *testing.T) {
	kinds := map[string][]annotate.MomentKind{
		"face to face":                      {annotate.FaceToFace},
		"face to face and turn-taking":      {annotate.FaceToFace, annotate.TurnTaking},
		"bid_response, turned":              {annotate.BidResponse, annotate.FaceToFace},
		"bid_response, spoken":              {annotate.BidResponse},
		"approach":                          {annotate.Approach},
		"crossing":                          {annotate.Approach}, // they do come close
		"shared engagement":                 {annotate.SharedEngagement},
		"shared engagement and turn-taking": {annotate.SharedEngagement, annotate.TurnTaking},
	}
	eachSeed(t, func(t *testing.T, s *Script, tr Truth) {
		used := make([]bool, len(tr.Moments))
		for _, e := range s.Episodes {
			for _, kind := range kinds[e.Name] {
				found := false
				for i, m := range tr.Moments {
					if m.Kind == kind && m.StartS > e.StartS-0.5 && m.EndS < e.EndS+1.5 {
						found, used[i] = true, true
					}
				}
				if !found {
					t.Errorf("%s at %.2f to %.2f gives no %s", e.Name, e.StartS, e.EndS, kind)
				}
			}
		}
		for i, m := range tr.Moments {
			if !used[i] {
				t.Errorf("%s at %.2f to %.2f was not planted", m.Kind, m.StartS, m.EndS)
			}
		}
	})
}

func TestNothingIsNearAThreshold(t *testing.T) {
	eachSeed(t, func(t *testing.T, s *Script, tr Truth) {
		for f := range int(s.Duration * 20) {
			n := s.look(float64(f) / 20)
			for i := range s.actors {
				if y := n.yaw[i]; y > 12 && y < 35 && !s.actors[i].yaw.moving(n.t, 0.1) {
					t.Errorf("%.2f s: %s is turned by %.1f°", n.t, s.actors[i].role, y)
				}
			}
			moving := s.actors[0].x.moving(n.t, 0.1) || s.actors[1].x.moving(n.t, 0.1)
			if n.dist > 2.35 && n.dist < 3.5 && !moving {
				t.Errorf("%.2f s: they are %.2f face widths apart", n.t, n.dist)
			}
		}
		for _, m := range tr.Moments {
			before, after := s.look(m.StartS).dist, s.look(m.EndS).dist
			if m.Kind == annotate.Approach && after > 0.55*before {
				t.Errorf("the approach at %.2f shrinks the distance from %.2f to %.2f only", m.StartS, before, after)
			}
			if least := map[annotate.MomentKind]float64{annotate.FaceToFace: 2.6, annotate.SharedEngagement: 9}[m.Kind]; m.EndS-m.StartS < least {
				t.Errorf("%s at %.2f lasts %.2f s", m.Kind, m.StartS, m.EndS-m.StartS)
			}
		}
	})
}

// Responses come well inside the time allowed for them, or not at all.
func TestAnswersAreNotInDoubt(t *testing.T) {
	eachSeed(t, func(t *testing.T, s *Script, tr Truth) {
		for _, m := range tr.Moments {
			if m.Kind != annotate.BidResponse {
				continue
			}
			onset, answer := m.StartS, m.EndS-1
			end := onset
			for _, u := range s.spoken() {
				if u.StartS == onset {
					end = u.EndS
				}
			}
			if answer < onset+0.7 || answer > max(onset+1.7, end+1.7) || (end == onset && answer > onset+1.7) {
				t.Errorf("bid at %.2f, said until %.2f, answered at %.2f", onset, end, answer)
			}
		}
	})
}

func TestSpeechStandsApart(t *testing.T) {
	eachSeed(t, func(t *testing.T, s *Script, tr Truth) {
		speech := s.spoken()
		for _, m := range tr.Moments {
			if m.Kind != annotate.BidResponse {
				continue
			}
			for _, u := range speech {
				if u.StartS != m.StartS && u.EndS > m.StartS-3.5 && u.StartS < m.EndS+2 {
					t.Errorf("speech at %.2f is too near to the bid at %.2f", u.StartS, m.StartS)
				}
			}
		}
		for i := 1; i < len(speech); i++ {
			if gap := speech[i].StartS - speech[i-1].EndS; gap > 2 && gap < 6 {
				t.Errorf("a pause of %.2f s before %.2f may or may not end a conversation", gap, speech[i].StartS)
			}
		}
	})
}

func TestTimesLieInTheFilm(t *testing.T) {
	eachSeed(t, func(t *testing.T, s *Script, tr Truth) {
		in := func(what string, r Range) {
			if r.StartS < 0 || r.EndS <= r.StartS || r.EndS > s.Duration {
				t.Errorf("%s: %.3f to %.3f of %.3f", what, r.StartS, r.EndS, s.Duration)
			}
		}
		for _, m := range tr.Moments {
			in(string(m.Kind), m.Range)
		}
		for _, u := range s.spoken() {
			in("speech", u.Range)
		}
		at := 0.0
		for _, f := range tr.Facing {
			in("facing", f.Range)
			if math.Abs(f.StartS-at) > 1e-9 {
				t.Errorf("facing leaves a hole at %.3f", at)
			}
			at = f.EndS
		}
		if len(tr.Faces) != s.Frames() {
			t.Errorf("%d face counts for %d frames", len(tr.Faces), s.Frames())
		}
	})
}

func TestFacesGoOutOfSightAsPlanned(t *testing.T) {
	eachSeed(t, func(t *testing.T, s *Script, tr Truth) {
		long := map[string]float64{}
		for _, h := range tr.Hidden {
			long[h.Why] += h.EndS - h.StartS
		}
		if out := long["out"]; out < 3 || out > 6 {
			t.Errorf("out of the picture for %.2f s", out)
		}
		if c := long["covered"]; c < 2 || c > 3.6 {
			t.Errorf("covered for %.2f s", c)
		}
		for i := range s.actors {
			if x := s.actors[i].x.last(); x < 350 || x > Width-350 {
				t.Errorf("%s ends at %.0f", s.actors[i].role, x)
			}
		}
	})
}

func TestMovesDoNotOverlap(t *testing.T) {
	eachSeed(t, func(t *testing.T, s *Script, _ Truth) {
		for i := range s.actors {
			a := &s.actors[i]
			for name, k := range map[string]*track{"yaw": &a.yaw, "x": &a.x} {
				for j := 1; j < len(k.moves); j++ {
					if p := k.moves[j-1]; k.moves[j].start < p.start+p.dur {
						t.Errorf("%s of %s: a move at %.2f begins before the one before is over", name, a.role, k.moves[j].start)
					}
				}
			}
			for _, m := range a.yaw.moves {
				if m.dur < 0.3 || m.dur > 0.6 {
					t.Errorf("%s turns within %.2f s", a.role, m.dur)
				}
			}
		}
	})
}

func TestASeedGivesOneFilm(t *testing.T) {
	a, b := NewScript(5), NewScript(5)
	if !reflect.DeepEqual(a.Truth(), b.Truth()) || !reflect.DeepEqual(a.Episodes, b.Episodes) {
		t.Error("two scripts of one seed differ")
	}
	if reflect.DeepEqual(a.Episodes, NewScript(6).Episodes) {
		t.Error("scripts of two seeds are equal")
	}
}

func TestTurnTaking(t *testing.T) {
	say := func(who int, start, end float64) utterance {
		return utterance{Range{StartS: start, EndS: end}, who}
	}
	for _, c := range []struct {
		name   string
		speech []utterance
		want   []Range
	}{
		{"three turns", []utterance{say(0, 1, 2), say(1, 3, 4), say(0, 8, 9)}, []Range{{StartS: 1, EndS: 9}}},
		{"two turns", []utterance{say(0, 1, 2), say(1, 3, 4)}, nil},
		{"one voice", []utterance{say(0, 1, 2), say(0, 3, 4), say(0, 5, 6)}, nil},
		{"a long pause", []utterance{say(0, 1, 2), say(1, 3, 4), say(0, 9.5, 10)}, nil},
		{"talk inside a turn", []utterance{say(0, 1, 9), say(1, 2, 3), say(0, 10, 11)}, []Range{{StartS: 1, EndS: 11}}},
	} {
		var got []Range
		for _, m := range turnTaking(c.speech) {
			got = append(got, m.Range)
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// acted makes instants at which each is turned to the other in the stretches
// given.
func acted(until float64, turns [2][]Range) []instant {
	var out []instant
	for i := 0; float64(i)*step <= until; i++ {
		n := instant{t: float64(i) * step, visible: [2]bool{true, true}, dist: 5}
		for k := range 2 {
			if turnedAt(turns[k], n.t) {
				n.yaw[k] = 45
			}
		}
		out = append(out, n)
	}
	return out
}

func TestBids(t *testing.T) {
	for _, c := range []struct {
		name   string
		turns  [2][]Range
		speech []utterance
		want   int
	}{
		{"answered turn", [2][]Range{{{StartS: 5, EndS: 9}}, {{StartS: 6, EndS: 9}}}, nil, 1},
		{"both at once", [2][]Range{{{StartS: 5, EndS: 9}}, {{StartS: 5.1, EndS: 9}}}, nil, 0},
		{"too late", [2][]Range{{{StartS: 5, EndS: 9}}, {{StartS: 7.5, EndS: 9}}}, nil, 0},
		{"not fresh", [2][]Range{{{StartS: 1, EndS: 3}, {StartS: 5, EndS: 9}}, {{StartS: 6, EndS: 9}}}, nil, 0},
		{"already turned", [2][]Range{{{StartS: 5, EndS: 9}}, {{StartS: 1, EndS: 9}}}, nil, 0},
		{"spoken", [2][]Range{nil, {{StartS: 8, EndS: 9}}}, []utterance{{Range{StartS: 5, EndS: 7}, 0}}, 1},
		{"spoken to oneself", [2][]Range{{{StartS: 8, EndS: 9}}, nil}, []utterance{{Range{StartS: 5, EndS: 7}, 0}}, 0},
		{"spoken and turned, one answer", [2][]Range{{{StartS: 5.2, EndS: 9}}, {{StartS: 6, EndS: 9}}},
			[]utterance{{Range{StartS: 5, EndS: 5.5}, 0}}, 1},
	} {
		if got := bids(acted(12, c.turns), c.speech); len(got) != c.want {
			t.Errorf("%s: %d moments, want %d", c.name, len(got), c.want)
		}
	}
}

func TestFaceToFace(t *testing.T) {
	both := [2][]Range{{{StartS: 1, EndS: 9}}, {{StartS: 2, EndS: 5}, {StartS: 6, EndS: 7}}}
	got := faceToFace(acted(10, both))
	if len(got) != 1 || got[0].Range != (Range{StartS: 2, EndS: 5}) {
		t.Errorf("got %v, want one from 2 to 5", got)
	}
}
