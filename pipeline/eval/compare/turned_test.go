package compare_test

import (
	"testing"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/pipeline/eval/compare"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/tally"
	"dyade/pipeline/signal"
)

// grid is a table of so many steps of 0.1 s in which nothing is known.
func grid(steps int) *signal.Table {
	return signal.Build(signal.Input{Recording: annotate.Recording{Duration: timecode.Instant{Ticks: int64(steps), Base: timecode.Grid}}})
}

// write sets a column: a digit for each step, ? where it is unknown.
func write(t *signal.Table, column, values string) {
	s := t.Get(column)
	for i, v := range values {
		s.Unset(i)
		if v != '?' {
			s.Set(i, float64(v-'0'))
		}
	}
}

func of(t *testing.T, list []tally.Tally, name, part string) tally.Tally {
	t.Helper()
	for _, x := range list {
		if x.Name == name && x.Of == part {
			return x
		}
	}
	t.Fatalf("no %s of %q", name, part)
	return tally.Tally{}
}

func counted(t *testing.T, x tally.Tally, truth, found, hits, labelled int, unknown float64) {
	t.Helper()
	m := x.Measure()
	if m.Truth != truth || m.Found != found || m.Hits != hits || m.Labelled != labelled || m.Unknown != unknown {
		t.Errorf("%s: %+v; want true %d, found %d, hits %d of %d, unknown %g", x.Name, m, truth, found, hits, labelled, unknown)
	}
}

// Six units of half a second: mutual thrice (the third for 0.3 s of it), none
// twice, unknown.
func TestFacingByHalfSeconds(t *testing.T) {
	g := grid(30)
	write(g, "facing", "11111"+"00111"+"11000"+"0?0?1"+"???10"+"11111")
	truth := []label.State{{StartS: 0, EndS: 1.3, Label: "mutual"}, {StartS: 1.3, EndS: 2.5, Label: "none"}, {StartS: 2.5, EndS: 3, Label: "unknown"}}
	list, cases := compare.Facing(truth, g)
	// The third is found wanting, the fifth is unknown, the sixth left out.
	counted(t, of(t, list, "facing_half", ""), 3, 2, 2, 5, 0.2)
	is(t, list, "facing_agreement", "", 0.75)
	// Both yes 2, both no 1, one missed: 0.75 agree, chance 3/4 × 2/4 + 1/4 × 2/4 = 0.5.
	is(t, list, "facing_kappa", "", 0.5)
	if len(cases) != 1 || cases[0].AtS != 1 {
		t.Errorf("cases %+v", cases)
	}
}

func TestCloseness(t *testing.T) {
	g := grid(20)
	write(g, "distance", "22222"+"33333"+"22222"+"?????")
	truth := []label.State{{StartS: 0, EndS: 0.5, Label: "touch"}, {StartS: 0.5, EndS: 1.5, Label: "close"}, {StartS: 1.5, EndS: 2, Label: "apart"}}
	list := compare.Closeness(truth, g)
	counted(t, of(t, list, "close_half", ""), 3, 2, 2, 4, 0.25)
	is(t, list, "close_agreement", "", 0.6667)
}

func TestMasked(t *testing.T) {
	g := grid(10)
	write(g, "parent_yaw", "5?????????")
	write(g, "facing", "1?????????")
	found := []annotate.Moment{
		{Kind: annotate.TurnTaking, Evidence: []annotate.Evidence{{Cue: "turns"}}},
		{Kind: annotate.BidResponse, Evidence: []annotate.Evidence{{Cue: "bid_voice"}, {Cue: "response_turn"}}},
	}
	list, cases := compare.Masked(nil, g, found)
	is(t, list, "masked_unknown", "", 0.96) // 48 of 5 columns × 10 steps
	is(t, list, "masked_proposed", "", 1)
	if len(cases) != 1 {
		t.Errorf("cases %+v", cases)
	}
	list, _ = compare.Masked([]label.State{{StartS: 0, EndS: 0.5, Label: "none"}}, g, nil)
	is(t, list, "masked_unknown", "", 0.92) // 23 of 5 × 5
	is(t, list, "masked_proposed", "", 0)
}

func TestResponseLatency(t *testing.T) {
	truth := []label.Speech{{StartS: 1, EndS: 2, Speaker: "a"}, {StartS: 2.5, EndS: 4, Speaker: "b"}, {StartS: 5, EndS: 6, Speaker: "a"}, {StartS: 9, EndS: 9.5, Speaker: "b"}}
	found := []annotate.Utterance{said(1, 2.2, 1), said(2.6, 3.9, 2), said(5, 6, 1), said(7, 9.5, 2)}
	list, _ := compare.Changes(truth, found)
	counted(t, list[0], 3, 3, 2, 3, 0)
	// 0.5 s is heard as 0.4 s, 1 s as 1.1 s; the third change is two seconds off.
	is(t, list, "latency_error_median", "", 100)
}

func TestRatersOfSpeech(t *testing.T) {
	list := compare.Speech([]label.Speech{{StartS: 0, EndS: 5, Speaker: "a"}}, []annotate.Utterance{said(1, 6, 1)}, 10)
	is(t, list, "speech_agreement", "", 0.8)
	is(t, list, "speech_kappa", "", 0.6) // chance 0.5
}
