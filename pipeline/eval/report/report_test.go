package report_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"dyade/annotate"
	"dyade/internal/schema"
	"dyade/pipeline/eval/compare"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/report"
	"dyade/pipeline/moment"
)

// recording holds proposals of 5 s, ten seconds apart, and which of them are right.
func recording(name string, made bool, tags []string, right ...bool) report.Recording {
	var truth []label.Moment
	var found []annotate.Moment
	for i, ok := range right {
		at := 10 * float64(i)
		found = append(found, annotate.Moment{Kind: annotate.Approach, StartS: at, EndS: at + 5, Confidence: 1 - 0.1*float64(i)})
		if ok {
			truth = append(truth, label.Moment{StartS: at, EndS: at + 5, Kind: annotate.Approach})
		}
	}
	r := report.Recording{Name: name, Made: made, Tags: tags, Labels: []string{}}
	r.Note(compare.Moments(truth, found, moment.Kinds))
	r.Finish()
	return r
}

func sum(t *testing.T, list ...report.Recording) *report.Report {
	t.Helper()
	r := &report.Report{Schema: report.Schema, Dyade: "0.1.0", Recordings: list, Unmatched: []string{}}
	r.Sum()
	doc, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate("eval", bytes.NewReader(doc)); err != nil {
		t.Error(err)
	}
	return r
}

func precision(t *testing.T, r *report.Report) float64 {
	t.Helper()
	for _, m := range r.Totals {
		if m.Name == "moments" && m.Of == "" {
			return m.Precision
		}
	}
	t.Fatal("no moments")
	return 0
}

func TestRecordingsThatWereMadeCountByThemselves(t *testing.T) {
	found := recording("real", false, []string{}, false, false)
	if p := precision(t, sum(t, found, recording("a", true, []string{}, true, true))); p != 1 {
		t.Errorf("precision %g over made recordings, want 1", p)
	}
	if p := precision(t, sum(t, found, recording("b", false, []string{}, true, true))); p != 0.5 {
		t.Errorf("precision %g over all, want 0.5", p)
	}
}

func TestTagsAndCurves(t *testing.T) {
	r := sum(t, recording("a", true, []string{"dark", "masked"}, true, false), recording("b", true, []string{"dark"}, true, true))
	if len(r.Tags) != 2 || r.Tags[0].Tag != "dark" || r.Tags[0].Recordings != 2 || r.Tags[1].Recordings != 1 {
		t.Fatalf("tags %+v", r.Tags)
	}
	if f := r.Tags[1].Figures; f[0].Name != "top8_precision" || f[0].Value != 0.5 {
		t.Errorf("masked: %+v", f)
	}
	// Two right at 1, then one right and one wrong at 0.9.
	want := []report.Point{{Confidence: 1, Precision: 1, Recall: 2.0 / 3}, {Confidence: 0.9, Precision: 0.75, Recall: 1}}
	if len(r.Curves) != 1 || r.Curves[0].Kind != "approach" || len(r.Curves[0].Points) != 2 || r.Curves[0].Points[0] != want[0] || r.Curves[0].Points[1] != want[1] {
		t.Errorf("curves %+v", r.Curves)
	}
}

func TestWhatIsAskedIsReachedOrNot(t *testing.T) {
	r := sum(t, recording("a", true, []string{}, true, true, true, false))
	want := map[string]bool{"top8_precision": false, "ece": false, "moments": true} // 3 of 4; confidences 1, 0.9, 0.8, 0.7; recall
	seen := 0
	for _, a := range r.Asked {
		reached, ok := want[a.Name]
		if !ok || a.Name == "moments" && a.Of != "approach" {
			if a.Value != nil && a.Of == "" {
				t.Errorf("%+v, though nothing was there to measure it on", a)
			}
			continue
		}
		seen++
		if a.Value == nil || a.Reached != reached {
			t.Errorf("%+v, want reached: %v", a, reached)
		}
	}
	if seen != len(want) {
		t.Errorf("%d of %d are asked", seen, len(want))
	}
}

func TestAllThatIsAskedHasOneLimit(t *testing.T) {
	list, err := report.AllAsked()
	if err != nil || len(list) < 20 {
		t.Fatalf("%d, %v", len(list), err)
	}
	for _, a := range list {
		if a.Says == "" || a.Name == "" || (a.Least == nil) == (a.Most == nil) {
			t.Errorf("%+v", a)
		}
	}
}

// The worst of each kind in turn, one from a recording, and none of real footage.
func TestTheWorst(t *testing.T) {
	bad := func(name string, made bool, kinds ...string) report.Recording {
		r := report.Recording{Name: name, Made: made, Tags: []string{}, Labels: []string{}}
		for i, k := range kinds {
			r.Note(nil, []compare.Case{{Kind: k, AtS: float64(i), Bad: float64(i)}})
		}
		r.Finish()
		return r
	}
	r := sum(t, bad("a", true, "missed", "missed", "wrong"), bad("b", true, "missed", "latency"), bad("real", false, "nothing"))
	var got []string
	for _, w := range r.Worst {
		got = append(got, w.Recording+" "+w.Kind)
	}
	want := []string{"a wrong", "a missed", "b latency", "b missed"}
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got, want)
		}
	}
	if r.Worst[1].AtS != 1 {
		t.Errorf("%+v is not the worst of a", r.Worst[1])
	}
}
