// Package eval compares what dyade finds with what labels say.
package eval

import (
	"math"
	"slices"

	"dyade/annotate"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/signal"
)

// Measure is how one signal or kind agrees with its labels.
type Measure struct {
	Name      string  `json:"name"`
	Unit      string  `json:"unit"` // what is counted: 10 ms, 100 ms, changes, moments, frames, pictures
	Truth     int     `json:"truth"`
	Found     int     `json:"found"`
	Hits      int     `json:"hits"`
	Precision float64 `json:"precision"` // 1 where nothing was found
	Recall    float64 `json:"recall"`    // 1 where there was nothing to find
	F1        float64 `json:"f1"`
	// Labelled is how many units the labels speak of; Unknown the share of them
	// for which dyade says that it does not know: they are not counted above.
	Labelled int     `json:"labelled"`
	Unknown  float64 `json:"unknown"`
}

func measure(name, unit string, truth, found, hits int) Measure {
	m := Measure{Name: name, Unit: unit, Truth: truth, Found: found, Hits: hits, Labelled: truth, Precision: 1, Recall: 1}
	if found > 0 {
		m.Precision = float64(hits) / float64(found)
	}
	if truth > 0 {
		m.Recall = float64(hits) / float64(truth)
	}
	if m.Precision+m.Recall > 0 {
		m.F1 = 2 * m.Precision * m.Recall / (m.Precision + m.Recall)
	}
	for _, v := range []*float64{&m.Precision, &m.Recall, &m.F1} {
		*v = math.Round(*v*1e4) / 1e4
	}
	return m
}

// Figure is a single number about a recording.
type Figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// Speech compares detected speech with the labelled, every 10 ms.
func Speech(truth []label.Speech, found []annotate.Utterance, duration float64) Measure {
	n := int(duration * 100)
	a, b := make([]bool, n), make([]bool, n)
	for _, s := range truth {
		fill(a, s.StartS, s.EndS)
	}
	for _, u := range found {
		fill(b, u.Start.Seconds(), u.End.Seconds())
	}
	var inTruth, inFound, both int
	for i := range a {
		inTruth += one(a[i])
		inFound += one(b[i])
		both += one(a[i] && b[i])
	}
	return measure("speech", "10 ms", inTruth, inFound, both)
}

func fill(slots []bool, from, to float64) {
	for i := max(0, int(math.Round(from*100))); i < min(len(slots), int(math.Round(to*100))); i++ {
		slots[i] = true
	}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// changeWithin is how near a speaker change must be to the labelled one, in
// seconds.
const changeWithin = 0.5

// Changes compares the times at which another speaker takes over.
func Changes(truth []label.Speech, found []annotate.Utterance) Measure {
	var a, b []float64
	for i := 1; i < len(truth); i++ {
		if truth[i].Speaker != truth[i-1].Speaker {
			a = append(a, truth[i].StartS)
		}
	}
	last := 0
	for _, u := range found {
		if u.Speaker == 0 {
			continue // unknown is nobody else
		}
		if last != 0 && u.Speaker != last {
			b = append(b, u.Start.Seconds())
		}
		last = u.Speaker
	}
	hits := 0
	used := make([]bool, len(b))
	for _, at := range a {
		best, dist := -1, changeWithin+1e-9
		for k, other := range b {
			if d := math.Abs(other - at); !used[k] && d <= dist {
				best, dist = k, d
			}
		}
		if best >= 0 {
			used[best] = true
			hits++
		}
	}
	return measure("speaker_changes", "changes", len(a), len(b), hits)
}

// Facing compares, every 0.1 s, who is turned to whom with the labels: mutual
// turning, and each one's own. Stretches labelled unknown are left out.
func Facing(truth []label.Facing, t *signal.Table) []Measure {
	columns := []struct {
		name, column string
		labels       []string
	}{
		{"facing", "facing", []string{"mutual"}},
		{"child_turned", "child_turned", []string{"mutual", "child_faces_parent"}},
		{"parent_turned", "parent_turned", []string{"mutual", "parent_faces_child"}},
	}
	list := make([]Measure, 0, len(columns))
	for _, c := range columns {
		list = append(list, steps(c.name, t, c.column, func(v float64) bool { return v != 0 }, func(at float64) (bool, bool) {
			k := slices.IndexFunc(truth, func(f label.Facing) bool { return f.StartS <= at && at < f.EndS })
			if k < 0 || truth[k].Label == "unknown" {
				return false, false
			}
			return slices.Contains(c.labels, truth[k].Label), true
		}))
	}
	return list
}

// within is how many face widths apart two are at most who are close: what the rule of
// shared play takes for it.
const within = 2.8

// Close compares, every 0.1 s, whether the two are close or touch. Stretches labelled
// unknown are left out.
func Close(truth []label.Closeness, t *signal.Table) Measure {
	return steps("close", t, "distance", func(v float64) bool { return v <= within }, func(at float64) (bool, bool) {
		k := slices.IndexFunc(truth, func(c label.Closeness) bool { return c.StartS <= at && at < c.EndS })
		if k < 0 || truth[k].Label == "unknown" {
			return false, false
		}
		return truth[k].Label != "apart", true
	})
}

// steps compares a signal with labels every 0.1 s, where they speak of it.
func steps(name string, t *signal.Table, column string, is func(v float64) bool, label func(at float64) (should, labelled bool)) Measure {
	s := t.Get(column)
	var inTruth, inFound, both, labelled, unknown int
	for i := range t.Steps {
		should, ok := label(t.Seconds(i) + 0.05)
		if !ok {
			continue
		}
		labelled++
		v, known := s.At(i)
		if !known {
			unknown++
			continue
		}
		inTruth += one(should)
		inFound += one(is(v))
		both += one(should && is(v))
	}
	m := measure(name, "100 ms", inTruth, inFound, both)
	m.Labelled = labelled
	m.Unknown = math.Round(1e4*float64(unknown)/float64(max(1, labelled))) / 1e4
	return m
}

// boundary is how near both ends of a proposal must be to a labelled moment's,
// in seconds, for it to be found.
const boundary = 1.0

// Moments compares proposals with labelled moments, kind by kind. Each proposal
// finds one moment at most.
func Moments(truth []label.Moment, found []annotate.Moment, kinds []annotate.MomentKind) []Measure {
	list := make([]Measure, 0, len(kinds))
	for _, kind := range kinds {
		var a []label.Moment
		var b []annotate.Moment
		for _, m := range truth {
			if m.Kind == kind {
				a = append(a, m)
			}
		}
		for _, m := range found {
			if m.Kind == kind {
				b = append(b, m)
			}
		}
		list = append(list, measure(string(kind), "moments", len(a), len(b), matched(a, b)))
	}
	return list
}

func matched(truth []label.Moment, found []annotate.Moment) int {
	hits := 0
	used := make([]bool, len(found))
	for _, t := range truth {
		best, dist := -1, boundary+1e-9
		for k, f := range found {
			d := max(math.Abs(f.StartS-t.StartS), math.Abs(f.EndS-t.EndS))
			if !used[k] && d <= dist {
				best, dist = k, d
			}
		}
		if best >= 0 {
			used[best] = true
			hits++
		}
	}
	return hits
}

// FaceCounts compares the number of faces frame by frame: a hit is a frame with
// the right number. Frames of which the labels say nothing are left out; those
// not looked at are unknown. The sightings are by frame number.
func FaceCounts(truth []int, sightings map[int]annotate.Sighting) Measure {
	var frames, right int
	for i, want := range truth {
		if s, looked := sightings[i]; looked && want >= 0 {
			frames++
			right += one(len(s.Faces) == want)
		}
	}
	labelled := 0
	for _, n := range truth {
		labelled += one(n >= 0)
	}
	m := measure("face_count", "frames", frames, frames, right)
	m.Labelled = labelled
	m.Unknown = math.Round(1e4*float64(labelled-frames)/float64(max(1, labelled))) / 1e4
	return m
}

// People compares tracks with where people truly are: of the visible ones, how
// many were seen in the right place; how often a track passes from one person
// to another; and how far off the heads' turns are.
func People(truth []label.Person, sightings []annotate.Sighting, people []annotate.Person) (Measure, []Figure) {
	last := map[annotate.Role]string{}
	var visible, seen, swaps int
	var off []float64
	k := 0
	for _, p := range truth {
		for k+1 < len(sightings) && math.Abs(sightings[k+1].At.Seconds()-p.TimeS) <= math.Abs(sightings[k].At.Seconds()-p.TimeS) {
			k++
		}
		if !p.Visible || k >= len(sightings) || math.Abs(sightings[k].At.Seconds()-p.TimeS) > 0.08 {
			continue
		}
		visible++
		who, face, ok := holder(people, k, p.Box)
		if !ok {
			continue
		}
		seen++
		if face.PoseKnown {
			off = append(off, math.Abs(face.Pose.Yaw-p.Yaw))
		}
		if before, had := last[p.Role]; had && before != who {
			swaps++
		}
		last[p.Role] = who
	}
	figures := []Figure{{"identity_changes", float64(swaps), "count"}}
	if len(off) > 0 {
		figures = append(figures, Figure{"yaw_error_median", median(off), "degrees"})
	}
	return measure("people", "sightings", visible, visible, seen), figures
}

// holder is the person whose face in sighting k is where the box is.
func holder(people []annotate.Person, k int, box annotate.Box) (id string, face annotate.Face, ok bool) {
	best := 0.25
	for _, p := range people {
		if f, there := p.Seen[k]; there {
			if v := f.Box.IoU(box); v > best {
				id, face, ok, best = p.ID, f, true, v
			}
		}
	}
	return id, face, ok
}

func median(list []float64) float64 {
	slices.Sort(list)
	return math.Round(list[len(list)/2]*10) / 10
}

// machine compares with a labelling that another program made: no truth, so the
// figures stand under names of their own.
func (r *Recording) machine(truth []label.Speech, found []annotate.Utterance, duration float64) {
	voices := map[string]annotate.Voice{"FEM": annotate.AdultVoice, "MAL": annotate.AdultVoice, "KCHI": annotate.ChildVoice, "CHI": annotate.ChildVoice}
	var known, same int
	spoken := truth[:0:0]
	for _, s := range truth {
		voice, isVoice := voices[s.Speaker]
		if !isVoice {
			continue
		}
		spoken = append(spoken, s)
		for at := s.StartS; at < s.EndS; at += 0.1 {
			for _, u := range found {
				if u.Start.Seconds() <= at && at < u.End.Seconds() && u.Voice != annotate.UnknownVoice {
					known++
					same += one(u.Voice == voice)
				}
			}
		}
	}
	m := Speech(spoken, found, duration)
	m.Name = "speech_machine"
	r.add(m)
	if known > 0 {
		share := math.Round(1e4*float64(same)/float64(known)) / 1e4
		r.Figures = append(r.Figures, Figure{"voice_agreement_machine", share, "share"})
	}
}
