// Package moment proposes moments worth showing: each kind is a small named
// rule over the signals. It is pure Go; its limits and weights are in
// rules.json.
package moment

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/pipeline/signal"
)

// Input is what the rules read.
type Input struct {
	SHA256     string  // of the recording: part of each moment's id
	DurationS  float64 // of the recording, seconds
	Width      int     // of its picture, pixels; 0: it has none
	Table      *signal.Table
	Utterances []annotate.Utterance // in order of start
	People     []annotate.Person
}

// Find proposes moments, best first.
func Find(in Input, rules Rules) []annotate.Moment {
	f := finder{Input: in, rules: rules}
	f.Utterances = annotate.Spoken(in.Utterances)
	for _, u := range in.Utterances {
		if u.Voice == annotate.VocalVoice {
			f.vocals = append(f.vocals, u)
		}
	}
	var found []annotate.Moment
	for _, rule := range []func() []annotate.Moment{
		f.faceToFace, f.jointAttention, f.turnTaking, f.bidResponse, f.approach, f.sharedEngagement, f.reunion,
	} {
		found = append(found, rule()...)
	}
	for i := range found {
		f.finish(&found[i])
	}
	return ranked(found, rules)
}

type finder struct {
	Input
	rules  Rules
	vocals []annotate.Utterance // which Utterances lacks
}

// finish snaps a moment to speech, and gives it its ticks, rounded figures, id
// and people.
func (f *finder) finish(m *annotate.Moment) {
	if m.Kind != annotate.TurnTaking {
		m.StartS, m.EndS = f.snap(m.StartS, m.EndS)
	}
	end := min(f.DurationS, f.Table.Seconds(f.Table.Steps))
	m.Start = timecode.At(max(0, m.StartS), timecode.Millisecond)
	m.End = timecode.At(min(end, m.EndS), timecode.Millisecond)
	m.StartS, m.EndS = m.Start.Seconds(), m.End.Seconds()
	m.Score, m.Confidence, m.Unknown = share(m.Score), share(m.Confidence), share(m.Unknown)
	m.Evidence = append(m.Evidence, f.witness(*m)...)
	for i, e := range m.Evidence {
		m.Evidence[i].StartS, m.Evidence[i].EndS, m.Evidence[i].Value = round(e.StartS, 1000), round(e.EndS, 1000), round(e.Value, 100)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", f.SHA256, m.Kind, m.Start.Ticks))
	m.ID = "m" + hex.EncodeToString(sum[:5])
	m.People = []string{}
	for _, p := range f.People {
		if p.Role == annotate.Parent || p.Role == annotate.Child {
			m.People = append(m.People, p.ID)
		}
	}
}

// snap grows a moment by a little where it would cut someone's words.
func (f *finder) snap(start, end float64) (float64, float64) {
	s, e := start, end
	for _, u := range f.Utterances {
		from, to := u.Start.Seconds(), u.End.Seconds()
		if from < start && start < to && start-from <= f.rules.SnapS {
			s = min(s, from)
		}
		if from < end && end < to && to-end <= f.rules.SnapS {
			e = max(e, to)
		}
	}
	return s, e
}

func round(v, per float64) float64 { return math.Round(v*per) / per }

func share(v float64) float64 { return round(max(0, min(1, v)), 1000) }

// run is a stretch of grid steps, to excluded.
type run struct{ from, to int }

func (r run) steps() int { return r.to - r.from }

// runs finds the stretches in which holds is true, gaps of up to bridge seconds
// included where a stretch goes on after them.
func (f *finder) runs(holds func(i int) bool, bridge float64) []run {
	var list []run
	gap := f.stepsOf(bridge)
	for i := range f.Table.Steps {
		if !holds(i) {
			continue
		}
		if n := len(list); n > 0 && i-list[n-1].to <= gap {
			list[n-1].to = i + 1
		} else {
			list = append(list, run{i, i + 1})
		}
	}
	return list
}

// joined joins runs between which nothing is known: a face hidden for a moment
// does not end what goes on.
func (f *finder) joined(list []run, s *signal.Series, most float64) []run {
	var out []run
	for _, r := range list {
		if n := len(out); n > 0 {
			gap := run{out[n-1].to, r.from}
			if gap.steps() <= f.stepsOf(most) && shareOf(gap, unknown(s)) >= 0.8 {
				out[n-1].to = r.to
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

func (f *finder) stepsOf(s float64) int {
	return int(math.Round(s * float64(f.Table.Step.Den) / float64(f.Table.Step.Num)))
}

func (f *finder) seconds(r run) float64 {
	return f.Table.Seconds(r.to) - f.Table.Seconds(r.from)
}

// shareOf is the share of a run's steps for which a condition holds.
func shareOf(r run, holds func(i int) bool) float64 {
	n := 0
	for i := r.from; i < r.to; i++ {
		if holds(i) {
			n++
		}
	}
	return float64(n) / float64(max(1, r.steps()))
}

// mean of what is known of a series in a run; ok is false where nothing is.
func mean(s *signal.Series, r run) (m float64, ok bool) {
	sum, n := 0.0, 0
	for i := r.from; i < r.to; i++ {
		if v, known := s.At(i); known {
			sum, n = sum+v, n+1
		}
	}
	if n == 0 {
		return 0, false
	}
	return sum / float64(n), true
}

// stays is the share of the seconds from a step on in which two are together, of those in
// which it is known.
func (f *finder) stays(from int, seconds float64, together func(i int) (is, known bool)) float64 {
	n, of := 0, 0
	for i := from; i < min(f.Table.Steps, from+f.stepsOf(seconds)); i++ {
		if is, known := together(i); known {
			of++
			if is {
				n++
			}
		}
	}
	return float64(n) / float64(max(1, of))
}

func unknown(s *signal.Series) func(int) bool {
	return func(i int) bool { return !s.Known(i) }
}

// closeness is 1 at a face width apart, 0 from five on; half where unknown.
func closeness(d float64, known bool) float64 {
	if !known {
		return 0.5
	}
	return max(0, min(1, (5-d)/4))
}

// moment starts a proposal over a run, with a share of unknown given.
func (f *finder) moment(kind annotate.MomentKind, r run) annotate.Moment {
	return annotate.Moment{Kind: kind, StartS: f.Table.Seconds(r.from), EndS: f.Table.Seconds(r.to)}
}

// cue is a piece of evidence over a run.
func (f *finder) cue(name string, r run, value float64, unit string) annotate.Evidence {
	return annotate.Evidence{Cue: name, StartS: f.Table.Seconds(r.from), EndS: f.Table.Seconds(r.to), Value: value, Unit: unit}
}
