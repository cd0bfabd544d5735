package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/tally"
)

// boundary is how near both ends of a proposal must be to a labelled moment's, in
// seconds, for it to be that moment.
const boundary = 1.0

// A proposal fits a labelled moment also where they overlap by half of what both
// cover: a person would show the same.
const overlapping = 0.5

// topMoments is how many of the best a person looks at first.
const topMoments = 8

// Moments compares proposals, best first, with labelled moments. By kind: both ends
// within 1 s of each other; moments, which fit by their ends or by their
// overlap. Each proposal finds one moment at most, and each moment is found once.
func Moments(truth []label.Moment, found []annotate.Moment, kinds []annotate.MomentKind) ([]tally.Tally, []Case) {
	var list []tally.Tally
	for _, kind := range kinds {
		near := pair(truth, found, func(t label.Moment, f annotate.Moment) float64 {
			return number(t.Kind == kind && f.Kind == kind) * nearness(t, f)
		})
		list = append(list, counted(string(kind), "", truth, found, near, func(k annotate.MomentKind) bool { return k == kind }))
	}
	pairs := pair(truth, found, fit)
	for _, kind := range kinds {
		list = append(list, counted("moments", string(kind), truth, found, pairs, func(k annotate.MomentKind) bool { return k == kind }))
	}
	list = append(list, counted("moments", "", truth, found, pairs, func(annotate.MomentKind) bool { return true }))
	return append(list, sureness(found, pairs, kinds)...), wrongMoments(truth, found, pairs)
}

// pairs are matched moments and proposals: the index of the one by the other's, -1
// where there is none.
type pairs struct{ ofTruth, ofFound []int }

// pair matches the best fitting first; how well is above 0 where they fit.
func pair(truth []label.Moment, found []annotate.Moment, how func(label.Moment, annotate.Moment) float64) pairs {
	type match struct {
		truth, found int
		how          float64
	}
	var list []match
	for i, t := range truth {
		for k, f := range found {
			if v := how(t, f); v > 0 {
				list = append(list, match{i, k, v})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b match) int { return cmp.Compare(b.how, a.how) })
	p := pairs{unmatched(len(truth)), unmatched(len(found))}
	for _, m := range list {
		if p.ofTruth[m.truth] < 0 && p.ofFound[m.found] < 0 {
			p.ofTruth[m.truth], p.ofFound[m.found] = m.found, m.truth
		}
	}
	return p
}

func unmatched(n int) []int { return slices.Repeat([]int{-1}, n) }

// nearness is above 0 where both ends are within the boundary, more the nearer.
func nearness(t label.Moment, f annotate.Moment) float64 {
	d := max(math.Abs(f.StartS-t.StartS), math.Abs(f.EndS-t.EndS))
	return max(0, boundary+1e-9-d)
}

// fit is above 0 where a proposal is of the moment's kind and near or overlapping
// enough, more the better they overlap.
func fit(t label.Moment, f annotate.Moment) float64 {
	iou := seconds(t.StartS, t.EndS).IoU(seconds(f.StartS, f.EndS))
	if t.Kind != f.Kind || iou < overlapping && nearness(t, f) == 0 {
		return 0
	}
	return 1 + iou
}

func seconds(from, to float64) timecode.Span {
	return timecode.Span{Start: timecode.At(from, timecode.Millisecond), End: timecode.At(to, timecode.Millisecond)}
}

// counted counts the moments and proposals of some kinds, and the pairs of them:
// both of a pair in one block, or a draw could hold the one without the other.
func counted(name, of string, truth []label.Moment, found []annotate.Moment, p pairs, is func(annotate.MomentKind) bool) tally.Tally {
	t := counts(name, "moments")
	t.Of = of
	for i, m := range truth {
		if is(m.Kind) {
			hit := one(p.ofTruth[i] >= 0)
			t.Count(block(m.StartS), tally.Counts{Truth: 1, Labelled: 1, Found: hit, Hits: hit})
		}
	}
	for i, m := range found {
		if is(m.Kind) && p.ofFound[i] < 0 {
			t.Count(block(m.StartS), tally.Counts{Found: 1})
		}
	}
	return t
}

// sureness compares confidence with what is right: of the best, and of all.
func sureness(found []annotate.Moment, p pairs, kinds []annotate.MomentKind) []tally.Tally {
	top := figure("top8_precision", "", "share", tally.Share)
	brier := figure("brier", "", "square", tally.Brier)
	byKind := make([]tally.Tally, len(kinds))
	for i, k := range kinds {
		byKind[i] = figure("brier", string(k), "square", tally.Brier)
	}
	for i, m := range found {
		right := number(p.ofFound[i] >= 0)
		if i < topMoments {
			top.Add(block(m.StartS), right, 1)
		}
		brier.Add(block(m.StartS), m.Confidence, right)
		if k := slices.Index(kinds, m.Kind); k >= 0 {
			byKind[k].Add(block(m.StartS), m.Confidence, right)
		}
	}
	ece, mass := brier, brier
	ece.Name, ece.Unit, ece.Stat = "ece", "share", tally.ECE(tally.Widths)
	mass.Name, mass.Unit, mass.Stat = "ece_equal_mass", "share", tally.ECE(tally.Masses)
	return append([]tally.Tally{top, ece, mass, brier}, byKind...)
}

func wrongMoments(truth []label.Moment, found []annotate.Moment, p pairs) (cases []Case) {
	for i, m := range found {
		if p.ofFound[i] < 0 {
			cases = append(cases, Case{"wrong", (m.StartS + m.EndS) / 2, m.Confidence, "no such moment",
				fmt.Sprintf("%s from %.1f to %.1f s, number %d, confidence %.2f", m.Kind, m.StartS, m.EndS, i+1, m.Confidence)})
		}
	}
	for i, m := range truth {
		if p.ofTruth[i] < 0 {
			cases = append(cases, Case{"lost", (m.StartS + m.EndS) / 2, m.EndS - m.StartS,
				fmt.Sprintf("%s from %.1f to %.1f s", m.Kind, m.StartS, m.EndS), "not proposed"})
		}
	}
	return cases
}

// Nothing counts what is proposed on a recording in which nothing is a moment.
func Nothing(found []annotate.Moment) (tally.Tally, []Case) {
	t := figure("nothing_proposed", "", "count", tally.Sum)
	t.Add(0, 0)
	var cases []Case
	for _, m := range found {
		t.Add(block(m.StartS), 1)
		cases = append(cases, Case{"nothing", (m.StartS + m.EndS) / 2, m.Confidence, "nothing in this recording is a moment",
			fmt.Sprintf("%s from %.1f to %.1f s, confidence %.2f", m.Kind, m.StartS, m.EndS, m.Confidence)})
	}
	return t, cases
}
