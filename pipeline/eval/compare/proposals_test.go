package compare_test

import (
	"testing"

	"dyade/annotate"
	"dyade/pipeline/eval/compare"
	"dyade/pipeline/eval/label"
)

func proposed(kind annotate.MomentKind, from, to, sure float64) annotate.Moment {
	return annotate.Moment{Kind: kind, StartS: from, EndS: to, Confidence: sure}
}

func TestProposalsFitByEndsOrOverlap(t *testing.T) {
	a, b := annotate.Approach, annotate.TurnTaking
	for _, c := range []struct {
		name     string
		from, to float64 // proposed, of 10 to 20 s
		fits     bool
	}{
		{"the same", 10, 20, true},
		{"half of what both cover", 10, 15, true},
		{"less than half", 10, 14.9, false},
		{"twice as long", 5, 25, true},
		{"beside it", 21, 25, false},
	} {
		list, _ := compare.Moments([]label.Moment{{StartS: 10, EndS: 20, Kind: a}}, []annotate.Moment{proposed(a, c.from, c.to, 1)}, []annotate.MomentKind{a, b})
		if m := of(t, list, "moments", "approach").Measure(); (m.Hits == 1) != c.fits {
			t.Errorf("%s: %+v", c.name, m)
		}
	}
	// A short one's ends may be a second off, whatever that leaves of overlap.
	list, cases := compare.Moments([]label.Moment{{StartS: 10, EndS: 11, Kind: a}}, []annotate.Moment{proposed(a, 10.9, 12, 1), proposed(a, 10, 11.5, 1), proposed(b, 10, 11, 1)}, []annotate.MomentKind{a, b})
	counted(t, of(t, list, "moments", "approach"), 1, 2, 1, 1, 0) // each is found once, by what fits best
	counted(t, of(t, list, "moments", "turn_taking"), 0, 1, 0, 0, 0)
	counted(t, of(t, list, "moments", ""), 1, 3, 1, 1, 0)
	if len(cases) != 2 || cases[0].Kind != "wrong" || cases[0].AtS != 11.45 {
		t.Errorf("cases %+v", cases)
	}
	// What is of another kind is another moment, wherever it ends.
	list, _ = compare.Moments([]label.Moment{{StartS: 10, EndS: 20, Kind: a}}, []annotate.Moment{proposed(b, 10, 20, 1), proposed(a, 10.8, 20.8, 1)}, []annotate.MomentKind{a, b})
	counted(t, of(t, list, "approach", ""), 1, 1, 1, 1, 0)
	counted(t, of(t, list, "turn_taking", ""), 0, 1, 0, 0, 0)
}

func TestTheBestEightAndTheirConfidence(t *testing.T) {
	var truth []label.Moment
	var found []annotate.Moment
	for i := range 10 {
		at := 10 * float64(i)
		found = append(found, proposed(annotate.Approach, at, at+5, 0.9))
		if i%2 == 0 {
			truth = append(truth, label.Moment{StartS: at, EndS: at + 5, Kind: annotate.Approach})
		}
	}
	truth = append(truth, label.Moment{StartS: 200, EndS: 205, Kind: annotate.Approach})
	list, cases := compare.Moments(truth, found, []annotate.MomentKind{annotate.Approach})
	is(t, list, "top8_precision", "", 0.5)
	is(t, list, "ece", "", 0.4)
	is(t, list, "ece_equal_mass", "", 0.5) // ten bins of one: five off by 0.1, five by 0.9
	is(t, list, "brier", "", 0.41)         // (5 × 0.01 + 5 × 0.81) / 10
	is(t, list, "brier", "approach", 0.41)
	counted(t, of(t, list, "moments", ""), 6, 10, 5, 6, 0)
	if len(cases) != 6 || cases[5].Kind != "lost" {
		t.Errorf("cases %+v", cases)
	}
	// No interval holds more than all: both of a pair are drawn together.
	if p := of(t, list, "moments", "").Measure().Intervals.Precision; p == nil || p.High > 1 {
		t.Errorf("interval %+v", p)
	}
}

func TestNothing(t *testing.T) {
	none, cases := compare.Nothing(nil)
	if f, ok := none.Figure(); !ok || f.Value != 0 || len(cases) != 0 {
		t.Errorf("%+v, %v, %v", f, ok, cases)
	}
	two, cases := compare.Nothing([]annotate.Moment{proposed(annotate.Approach, 1, 2, 0.5), proposed(annotate.Approach, 50, 60, 0.7)})
	if f, ok := two.Figure(); !ok || f.Value != 2 || len(cases) != 2 {
		t.Errorf("%+v, %v, %v", f, ok, cases)
	}
}
