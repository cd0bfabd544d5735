// Package coach tells what of a recording keeps people from being seen and
// heard: over its whole length, what limits the analysis; of its beginning, what
// to film otherwise. It is pure Go and gives codes; the words are for those who
// tell people.
package coach

import (
	"math"

	"dyade/annotate"
	"dyade/pipeline/signal"
)

// Input is what a recording is judged by.
type Input struct {
	Recording  annotate.Recording
	Table      *signal.Table
	InputWidth int // of the pictures given to the face detector, pixels
}

// beginning is the length in seconds by which filming is judged: so much is filmed
// as a trial.
const beginning = 30.0

// Limits tells what of the whole recording limits what could be seen and heard.
func Limits(in Input) []annotate.Warning { return in.view(in.Table.Steps).warnings() }

// Advise tells by the first half minute what to film otherwise, the most useful
// first, three things at most; nothing where all is well.
func Advise(in Input) []annotate.Warning {
	step := float64(in.Table.Step.Num) / float64(in.Table.Step.Den)
	list := in.view(min(in.Table.Steps, int(math.Round(beginning/step)))).warnings()
	return list[:min(annotate.MostAdvice, len(list))]
}

// check is one thing that limits what can be seen and heard: the share of the
// time that it concerns, and from which share it is said.
type check struct {
	code  string
	from  float64
	share func(v view) float64
}

// checks in the order of their use: what is mended first lets the rest be seen.
var checks = []check{
	{"no_picture", 1, view.noPicture},
	{"too_dark", 0.2, view.dark},
	{"against_light", 0.2, view.againstLight},
	{"no_face", 0, view.noFace},
	{"one_person", 0, view.onePerson},
	{"no_sound", 1, view.noSound},
	{"faces_too_small", 0.2, view.small},
	{"out_of_picture", 0.4, view.outOfPicture},
	{"cut_off", 0.3, view.cutOff},
	{"face_hidden", 0.6, view.faceHidden},
	{"camera_moving", 0.2, view.moving},
	{"tilted", 0.6, view.tilted},
	{"blurred", 0.2, view.blurred},
	{"too_quiet", 0.9, view.quiet},
	{"clipping", 0.1, view.clipping},
	{"noisy", 0.5, view.noisy},
	{"television", 0.95, view.television},
}

// view is a recording up to a step.
type view struct {
	Input
	steps int
}

func (in Input) view(steps int) view { return view{in, steps} }

func (v view) warnings() []annotate.Warning {
	list := []annotate.Warning{}
	for _, c := range checks {
		if share := c.share(v); share > 0 && share >= c.from {
			list = append(list, annotate.Warning{Code: c.code, Share: math.Round(share*100) / 100})
		}
	}
	return list
}

// leastKnown is the number of steps below which what is known tells nothing of
// the rest: two seconds, or all of a recording that is shorter.
func (v view) leastKnown() int { return min(20, v.steps) }

// share is that of the steps at which a condition holds among those at which it
// is known whether it does; 0 where that is hardly known.
func (v view) share(holds func(i int) (is, known bool)) float64 {
	n, hit := 0, 0
	for i := range v.steps {
		if is, known := holds(i); known {
			n++
			if is {
				hit++
			}
		}
	}
	if n == 0 || n < v.leastKnown() {
		return 0
	}
	return float64(hit) / float64(n)
}

// shareOf is the share of a signal's known values for which a condition holds.
func (v view) shareOf(column string, holds func(x float64) bool) float64 {
	s := v.Table.Get(column)
	return v.share(func(i int) (is, known bool) {
		x, known := s.At(i)
		return holds(x), known
	})
}
