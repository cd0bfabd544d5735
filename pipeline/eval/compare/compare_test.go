package compare_test

import (
	"math"
	"slices"
	"testing"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/internal/scene"
	"dyade/pipeline/eval/compare"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/tally"
	"dyade/pipeline/signal"
	"dyade/pipeline/vision/track"
)

func said(from, to float64, speaker int) annotate.Utterance {
	return annotate.Utterance{
		Span:    timecode.Span{Start: timecode.At(from, timecode.Voice), End: timecode.At(to, timecode.Voice)},
		Speaker: speaker,
	}
}

func wants(t *testing.T, got tally.Tally, precision, recall, unknown float64) {
	t.Helper()
	m := got.Measure()
	if m.Precision != precision || m.Recall != recall || m.Unknown != unknown {
		t.Errorf("%+v, want precision %g, recall %g, unknown %g", m, precision, recall, unknown)
	}
}

func speech(truth []label.Speech, found []annotate.Utterance, duration float64) tally.Tally {
	return compare.Speech(truth, found, duration)[0]
}

func changes(truth []label.Speech, found []annotate.Utterance) tally.Tally {
	list, _ := compare.Changes(truth, found)
	return list[0]
}

func momentsOf(truth []label.Moment, found []annotate.Moment, kinds []annotate.MomentKind) tally.Tally {
	list, _ := compare.Moments(truth, found, kinds)
	return list[0]
}

// is checks a figure.
func is(t *testing.T, list []tally.Tally, name, of string, want float64) {
	t.Helper()
	for _, x := range list {
		if x.Name == name && x.Of == of {
			if f, ok := x.Figure(); !ok || math.Abs(f.Value-want) > 1e-4 {
				t.Errorf("%s of %q is %+v, %v; want %g", name, of, f, ok, want)
			}
			return
		}
	}
	t.Errorf("no figure %s of %q", name, of)
}

func TestSpeech(t *testing.T) {
	truth := []label.Speech{{StartS: 1, EndS: 3, Speaker: "a"}, {StartS: 2, EndS: 5, Speaker: "b"}}
	wants(t, speech(truth, []annotate.Utterance{said(1, 5, 1)}, 10), 1, 1, 0)
	wants(t, speech(truth, []annotate.Utterance{said(3, 7, 1)}, 10), 0.5, 0.5, 0)
	wants(t, speech(truth, nil, 10), 1, 0, 0)
	wants(t, speech(nil, nil, 10), 1, 1, 0)
	// What lies beyond the recording's end does not count.
	wants(t, speech(truth, []annotate.Utterance{said(1, 3, 1), said(9, 20, 1)}, 3), 1, 1, 0)
}

func TestChanges(t *testing.T) {
	truth := []label.Speech{{StartS: 1, EndS: 2, Speaker: "a"}, {StartS: 2.5, EndS: 4, Speaker: "b"}, {StartS: 5, EndS: 6, Speaker: "a"}}
	wants(t, changes(truth, []annotate.Utterance{said(1, 2, 1), said(2.9, 4, 2), said(5, 6, 1)}), 1, 1, 0)
	wants(t, changes(truth, []annotate.Utterance{said(1, 2, 1), said(3.1, 4, 2), said(5, 6, 1)}), 0.5, 0.5, 0)
	wants(t, changes(truth, []annotate.Utterance{said(1, 6, 1)}), 1, 0, 0)
	// One found change answers one labelled change only.
	near := []label.Speech{{StartS: 1, EndS: 2, Speaker: "a"}, {StartS: 2, EndS: 2.2, Speaker: "b"}, {StartS: 2.2, EndS: 3, Speaker: "a"}}
	wants(t, changes(near, []annotate.Utterance{said(1, 2, 1), said(2.1, 3, 2)}), 1, 0.5, 0)
}

// In a film without sound nobody is known to be silent.
func TestUnheardIsUnknown(t *testing.T) {
	truth := []label.Speech{{StartS: 1, EndS: 2, Speaker: "a"}, {StartS: 2.5, EndS: 4, Speaker: "b"}}
	for i, labelled := range []int{250, 1} {
		m := compare.Unheard(truth, 10)[i].Measure()
		if m.Truth != 0 || m.Found != 0 || m.Labelled != labelled || m.Unknown != 1 {
			t.Errorf("%s: %+v", m.Name, m)
		}
	}
}

func TestMoments(t *testing.T) {
	kinds := []annotate.MomentKind{annotate.Approach}
	truth := []label.Moment{{StartS: 2, EndS: 4, Kind: annotate.Approach}, {StartS: 8, EndS: 9, Kind: annotate.Approach}, {StartS: 2, EndS: 4, Kind: annotate.TurnTaking}}
	found := func(at ...float64) (list []annotate.Moment) {
		for i := 0; i < len(at); i += 2 {
			list = append(list, annotate.Moment{Kind: annotate.Approach, StartS: at[i], EndS: at[i+1]})
		}
		return list
	}
	wants(t, momentsOf(truth, found(2.9, 3.1, 8, 9), kinds), 1, 1, 0)
	wants(t, momentsOf(truth, found(2, 5.1, 8, 9), kinds), 0.5, 0.5, 0)
	wants(t, momentsOf(truth, found(2, 4, 2, 4), kinds), 0.5, 0.5, 0)
	wants(t, momentsOf(truth, nil, kinds), 1, 0, 0)
}

func TestFaceCounts(t *testing.T) {
	sightings := map[int]annotate.Sighting{0: {Faces: make([]annotate.Face, 1)}, 1: {}, 2: {Faces: make([]annotate.Face, 2)}}
	wants(t, compare.FaceCounts([]int{1, 1, -1}, sightings, 30), 0.5, 0.5, 0)
	wants(t, compare.FaceCounts([]int{1, 0, 2}, sightings, 30), 1, 1, 0)
	wants(t, compare.FaceCounts([]int{1, 0, 2, 1}, sightings, 30), 1, 1, 0.25)
}

// A mother turned to her child from 2 s to 6 s, her face hidden from 4 to 6.
func TestFacingLeavesUnknownOut(t *testing.T) {
	s := scene.Scene{Seconds: 8, Rate: 10, Actors: []scene.Actor{
		{Look: 0, Keys: []scene.Key{
			{X: 500, Y: 400, W: 160, Yaw: 0}, {At: 1.95, X: 500, Y: 400, W: 160, Yaw: 0}, {At: 2, X: 500, Y: 400, W: 160, Yaw: 50},
			{At: 4, X: 500, Y: 400, W: 160, Yaw: 50, Hidden: true}, {At: 6, X: 500, Y: 400, W: 160, Yaw: 0},
		}},
		{Look: 1, Keys: []scene.Key{{X: 1300, Y: 400, W: 110, Yaw: -50}}},
	}}
	sightings := s.Sightings()
	table := signal.Build(signal.Input{Recording: s.Recording(), Sightings: sightings, People: track.People(sightings)})
	truth := []label.State{{StartS: 0, EndS: 2, Label: "child_faces_parent"}, {StartS: 2, EndS: 6, Label: "mutual"}, {StartS: 6, EndS: 8, Label: "unknown"}}
	list, _ := compare.Facing(truth, table)
	m := list[0].Measure()
	if m.Precision < 0.95 || m.Recall < 0.95 || m.Unknown < 0.2 || m.Unknown > 0.36 {
		t.Errorf("%+v", m)
	}
}

func TestPeople(t *testing.T) {
	s := scene.Scene{Seconds: 10, Rate: 5, Actors: []scene.Actor{
		{Look: 0, Keys: []scene.Key{{X: 500, Y: 400, W: 160, Yaw: 30}}},
		{Look: 1, Keys: []scene.Key{{X: 1300, Y: 400, W: 110, Yaw: -30}}},
	}}
	sightings := s.Sightings()
	people := track.People(sightings)
	var truth []label.Person
	for k := range 50 {
		at := float64(k) / 5
		truth = append(truth,
			label.Person{TimeS: at, Role: annotate.Parent, Box: annotate.Box{X: 420, Y: 293, W: 160, H: 213}, Yaw: 35, Visible: true},
			label.Person{TimeS: at, Role: annotate.Child, Box: annotate.Box{X: 1245, Y: 327, W: 110, H: 147}, Yaw: -35, Visible: true})
	}
	list, _ := compare.People(truth, sightings, people, 10)
	wants(t, list[0], 1, 1, 0)
	is(t, list, "identity_changes", "", 0)
	is(t, list, "identity_swaps", "", 0)
	// Labels of two seconds that nobody looked at.
	unlooked, _ := compare.People(truth, slices.DeleteFunc(slices.Clone(sightings), func(k annotate.Sighting) bool {
		return k.At.Seconds() >= 8
	}), people, 10)
	counted(t, of(t, unlooked, "people", ""), 80, 80, 80, 100, 0.2)
	is(t, list, "yaw_error_median", "", 5)
	is(t, list, "yaw_error_median", "yaw to 60", 5)
	is(t, list, "yaw_error_median", "yaw 30-45", 5)
	is(t, list, "faces_recall", "width 48+", 1)
	is(t, list, "faces_false", "", 0)
	// The same film with the names exchanged half-way: two changes.
	for i := 25; i < 50; i++ {
		a, b := people[0].Seen[i], people[1].Seen[i]
		people[0].Seen[i], people[1].Seen[i] = b, a
	}
	list, _ = compare.People(truth, sightings, people, 10)
	is(t, list, "identity_changes", "", 2)
	is(t, list, "identity_swaps", "", 120) // two in ten seconds, for ten minutes

}
