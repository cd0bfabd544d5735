package moment_test

import (
	"slices"
	"testing"

	"dyade/annotate"
	"dyade/internal/scene"
)

// Rules of what is said, and of who answers.
func TestRulesOfExchanges(t *testing.T) {
	long := pair([]scene.Key{parent(0, 0)}, []scene.Key{child(0, 0)}, 90)
	long.Noise = 10 // nobody alive keeps still so long
	for name, c := range map[string]ruled{
		"voices alternate": {
			pair([]scene.Key{parent(0, 0)}, []scene.Key{child(0, 0)}, 30),
			[]annotate.Utterance{say(5, 6, 1), say(6.4, 7.5, 2), say(8, 9, 1), say(9.1, 12, 2)},
			[]want{{annotate.TurnTaking, 5, 12}},
		},
		"long turns, too few to be shown in parts": {
			long,
			[]annotate.Utterance{say(0, 18, 1), say(18.5, 36, 2), say(36.5, 54, 1), say(54.5, 70, 2)},
			[]want{{annotate.TurnTaking, 0, 70}},
		},
		"a long exchange is shown in parts": {
			long,
			[]annotate.Utterance{say(0, 12, 1), say(12.2, 24, 2), say(27, 36, 1), say(37.5, 48, 2), say(48.2, 60, 1), say(60.2, 72, 2)},
			[]want{{annotate.TurnTaking, 37.5, 72}, {annotate.TurnTaking, 0, 36}},
		},
		"one voice goes on": {
			pair([]scene.Key{parent(0, 0)}, []scene.Key{child(0, 0)}, 30),
			[]annotate.Utterance{say(5, 6, 1), say(6.4, 7.5, 1), say(8, 9, 1), say(10, 11, 1)}, nil,
		},
		"voices alternate, but one is alone in the picture": {
			scene.Scene{Seconds: 30, Rate: 4, Noise: 3, Actors: []scene.Actor{{Look: 0, Keys: []scene.Key{parent(0, 0)}}}},
			[]annotate.Utterance{say(5, 6, 1), say(6.4, 7.5, 2), say(8, 9, 1), say(9.1, 12, 2)}, nil,
		},
		"a word while the other goes on takes no turn": {
			pair([]scene.Key{parent(0, 0)}, []scene.Key{child(0, 0)}, 30),
			[]annotate.Utterance{say(2, 8, 1), say(4, 4.5, 2), say(8.5, 12, 1), say(10, 10.5, 2), say(12.5, 14, 1)}, nil,
		},
		"words do not break what they are said in": {
			pair([]scene.Key{parent(0, 0)}, []scene.Key{child(0, 0)}, 30),
			[]annotate.Utterance{say(2, 9, 1), say(3, 3.4, 2), say(9.5, 11, 2), say(11.5, 13, 1)}, []want{{annotate.TurnTaking, 2, 13}},
		},
		"a television behind takes no turn": {
			pair([]scene.Key{parent(0, 0)}, []scene.Key{child(0, 0)}, 30),
			[]annotate.Utterance{say(2, 4, 1), behind(4, 8), say(8, 9, 1), behind(9, 14)}, nil,
		},
		"answers that come too late are no turns": {
			pair([]scene.Key{parent(0, 0)}, []scene.Key{child(0, 0)}, 30),
			[]annotate.Utterance{say(2, 3, 1), say(8.5, 9, 2), say(15, 16, 1)}, nil,
		},
		"nobody's voice is known": {
			pair([]scene.Key{parent(0, 0)}, []scene.Key{child(0, 0)}, 30),
			[]annotate.Utterance{say(5, 6, 0), say(6.4, 7.5, 0), say(8, 9, 0)}, nil,
		},
		"a word, and the child turns": {
			pair([]scene.Key{parent(0, 0)},
				[]scene.Key{child(0, 10), child(9.2, 10), child(9.6, -45), child(14, -45), child(14.4, 10)}, 20),
			[]annotate.Utterance{say(8.2, 9, 1)},
			[]want{{annotate.BidResponse, 8.2, 10.4}},
		},
		"who answers by turning makes no bid by it": {
			pair([]scene.Key{parent(0, 0), parent(10.3, 0), parent(10.6, 45), parent(14, 45)},
				[]scene.Key{child(0, 0), child(11.4, 0), child(11.7, -45), child(14, -45)}, 20),
			[]annotate.Utterance{say(9.97, 11, 1)},
			[]want{{annotate.BidResponse, 9.97, 11.5}, {annotate.FaceToFace, 11.6, 20}},
		},
		"a word, and nobody turns": {
			pair([]scene.Key{parent(0, 0)}, []scene.Key{child(0, 10)}, 20), []annotate.Utterance{say(8.2, 9, 1)}, nil,
		},
		"the child turns without a bid": {
			pair([]scene.Key{parent(0, 0)}, []scene.Key{child(0, 10), child(9.2, 10), child(9.6, -45)}, 20), nil, nil,
		},
		"one turns, then the other": {
			pair([]scene.Key{parent(0, 0), parent(6, 0), parent(6.4, 45)},
				[]scene.Key{child(0, 0), child(7.2, 0), child(7.6, -45), child(8.6, -45), child(9, 0)}, 20), nil,
			[]want{{annotate.BidResponse, 6.2, 8.4}},
		},
	} {
		t.Run(name, c.check)
	}
}

// Beside a television, who takes a turn is less sure, the more it talks; and it is said.
func TestATelevisionMakesAnExchangeLessSure(t *testing.T) {
	s := pair([]scene.Key{parent(0, 0)}, []scene.Key{child(0, 0)}, 30)
	turns := []annotate.Utterance{say(5, 6, 1), say(7, 8, 2), say(9, 10, 1), say(11, 12, 2)}
	last := 2.0
	for _, until := range []float64{0, 8, 30} {
		spoken := turns
		if until > 0 {
			spoken = append(slices.Clone(turns), behind(0, until))
			slices.SortStableFunc(spoken, func(a, b annotate.Utterance) int { return a.Start.Compare(b.Start) })
		}
		got := play(s, spoken)
		if len(got) != 1 {
			t.Fatalf("until %g s: %s", until, list(got))
		}
		told := slices.ContainsFunc(got[0].Evidence, func(e annotate.Evidence) bool { return e.Cue == "background_voice" })
		if got[0].Confidence > last-0.1 || told != (until > 0) {
			t.Errorf("until %g s: confidence %g, before %g; %+v", until, got[0].Confidence, last, got[0].Evidence)
		}
		last = got[0].Confidence
	}
}
