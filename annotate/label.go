package annotate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
)

// Label is what a person writes down of a stretch of a recording; seconds of media
// time.
type Label struct {
	StartS float64 `json:"start_s"`
	EndS   float64 `json:"end_s"`
	Label  string  `json:"label"`
	Note   string  `json:"note,omitempty"`
	By     string  `json:"by,omitempty"` // who labelled; empty: nobody said
}

// Track is one thing that is labelled, from a film's start to its end.
type Track struct {
	Name  string
	Words []string // labels that there are, in the order in which they are offered
	// Apart: one label ends where the next starts. Else each word is a matter of its
	// own, and stretches of two may overlap.
	Apart bool
	// Open: files may have other words, as names of speakers.
	Open bool
}

// Tracks are those that people label.
var Tracks = []Track{
	{Name: "facing", Words: []string{"mutual", "child_faces_parent", "parent_faces_child", "parent_faces_camera", "none", "unknown"}, Apart: true},
	{Name: "closeness", Words: []string{"touch", "close", "apart", "unknown"}, Apart: true},
	{Name: "turns", Words: []string{string(Parent), string(Child), string(Other), string(RoleUnknown)}, Open: true},
	{Name: "moments", Words: []string{string(FaceToFace), string(JointAttention), string(TurnTaking), string(BidResponse), string(Approach), string(SharedEngagement), string(Reunion)}},
}

// ErrLabel is wrapped by errors about labels that cannot be.
var ErrLabel = errors.New("such labels cannot be")

// Limits of labels.
const (
	mostLabels = 100_000 // of a track
	mostText   = 2000    // bytes
	latest     = 1e6     // seconds
	apartBy    = 1e-3    // seconds that labels may overlap, as files round
)

// Settled gives labels of the track in order of time, or says why they cannot be.
func (t Track) Settled(all []Label) ([]Label, error) {
	if len(all) > mostLabels {
		return nil, fmt.Errorf("%s: %w: more than %d", t.Name, ErrLabel, mostLabels)
	}
	all = append([]Label{}, all...)
	slices.SortStableFunc(all, func(a, b Label) int {
		return cmp.Or(cmp.Compare(a.StartS, b.StartS), cmp.Compare(a.EndS, b.EndS), cmp.Compare(a.Label, b.Label))
	})
	until := map[string]float64{} // what was labelled so far, by what may not overlap
	for _, l := range all {
		if err := t.fault(l); err != nil {
			return nil, err
		}
		lane := l.Label
		if t.Apart {
			lane = ""
		}
		if l.StartS < until[lane]-apartBy {
			return nil, fmt.Errorf("%s: %w: %s, which starts at %g s, overlaps the one before it", t.Name, ErrLabel, l.Label, l.StartS)
		}
		until[lane] = max(until[lane], l.EndS)
	}
	return all, nil
}

func (t Track) fault(l Label) error {
	switch {
	case !(l.StartS >= 0 && l.EndS >= l.StartS && l.EndS <= latest) || math.IsNaN(l.EndS):
		return fmt.Errorf("%s: %w: from %g s to %g s", t.Name, ErrLabel, l.StartS, l.EndS)
	case !slices.Contains(t.Words, l.Label) && (!t.Open || l.Label == "" || strings.ContainsFunc(l.Label, unicode.IsSpace)):
		return fmt.Errorf("%s: %w: %q is none of %s", t.Name, ErrLabel, l.Label, strings.Join(t.Words, ", "))
	case !oneLine(l.Label) || !oneLine(l.Note) || !oneLine(l.By):
		return fmt.Errorf("%s: %w: a text at %g s is too long, or no line of text", t.Name, ErrLabel, l.StartS)
	}
	return nil
}

// oneLine tells whether a text may stand in a line of a file, as it is.
func oneLine(s string) bool {
	return len(s) <= mostText && strings.TrimSpace(s) == s && !strings.ContainsFunc(s, unicode.IsControl) && strings.ToValidUTF8(s, "") == s
}

// Labels of a recording, by the name of their track.
type Labels map[string][]Label

// Settled gives all labels in order of time, each track there, or says why they cannot
// be.
func (l Labels) Settled() (Labels, error) {
	out := Labels{}
	for _, t := range Tracks {
		all, err := t.Settled(l[t.Name])
		if err != nil {
			return nil, err
		}
		out[t.Name] = all
	}
	for name := range l {
		if _, ok := out[name]; !ok {
			return nil, fmt.Errorf("%w: there is no track %q", ErrLabel, name)
		}
	}
	return out, nil
}

// By names who labelled a track, each once, in order.
func By(all []Label) []string {
	names := []string{}
	for _, l := range all {
		if l.By != "" && !slices.Contains(names, l.By) {
			names = append(names, l.By)
		}
	}
	slices.Sort(names)
	return names
}
