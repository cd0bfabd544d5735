package page_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"dyade/annotate"
	"dyade/pipeline/eval/compare"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/page"
	"dyade/pipeline/eval/report"
	"dyade/pipeline/eval/tally"
	"dyade/pipeline/moment"
)

// made is a report of two made recordings, one of them with nothing to show, of
// stills, and of a real one.
func made(nothing ...annotate.Moment) *report.Report {
	good := []annotate.Moment{{Kind: annotate.Approach, StartS: 1, EndS: 5, Confidence: 0.9}, {Kind: annotate.Approach, StartS: 20, EndS: 25, Confidence: 0.4}}
	a := report.Recording{Name: "a", Made: true, Media: "a.mp4", Tags: []string{"clean"}, Labels: []string{}}
	a.Note(compare.Moments([]label.Moment{{StartS: 1, EndS: 5, Kind: annotate.Approach}}, good, moment.Kinds))
	b := report.Recording{Name: "b", Made: true, Media: "b.mp4", Tags: []string{label.TagNothing}, Labels: []string{}}
	one, cases := compare.Nothing(nothing)
	b.Note([]tally.Tally{one}, cases)
	stills := report.Recording{Name: "stills", Frames: 3, Made: true, Tags: []string{}, Labels: []string{}}
	box := annotate.Box{X: 1, Y: 1, W: 18, H: 20}
	stills.Add(compare.Stills([]compare.Still{
		{Width: 640, Heads: []label.Head{{Box: box, Visible: true}}, Found: []annotate.Face{{Box: box, PoseKnown: true}}},
		{Width: 640, Heads: []label.Head{{Box: box, Visible: true}}}, {Width: 640},
	})...)
	other := report.Recording{Name: "real", Media: "real.mp4", Tags: []string{}, Labels: []string{}}
	other.Add(compare.Speech([]label.Speech{{StartS: 0, EndS: 1}}, nil, 2)...)
	r := &report.Report{Schema: report.Schema, Dyade: "0.1.0"}
	for _, x := range []report.Recording{a, b, stills, other} {
		x.Finish()
		r.Recordings = append(r.Recordings, x)
	}
	r.Sum()
	return r
}

func TestThePage(t *testing.T) {
	r := made()
	shots := make([]page.Shot, len(r.Worst))
	shots[0] = page.Shot("jpeg")
	text, files := page.Make(r, shots, "images/quality")
	for _, want := range []string{
		"**Nothing was proposed on recordings with nothing to show.**",
		"on 2 recordings and 3 stills",
		"| Proposals on recordings with nothing to show | 0 |  | at most 0 | yes | 1 |",
		"| Heads of 20 pixels and more found on stills | not measured |  | at least 0.95 | **no** | 0 |",
		"| Faces found on stills where nobody is | 0 | 0 to 0, 3 blocks | at most 1 per 500 pictures | yes | 3 |",
		"| Speech in pink noise, 5 dB below it: F1 (`sound-pink`) | not measured |  | at least 0.85 | **no** | 0 |",
		"at most 8 degrees",
		"| figure | all | `clean` | `nothing` |",
		"### real\n",
		"![a at 22.5 s](images/quality/worst-01.jpg) | a at 22.5 s. True: no such moment; found: approach from 20.0 to 25.0 s, number 2, confidence 0.40.",
		"## What these figures cannot show",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the page does not say %q:\n%s", want, text)
		}
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
		if !bytes.Contains(text, []byte("](images/quality/"+f.Name+")")) {
			t.Errorf("the page does not show %s", f.Name)
		}
	}
	if got := strings.Join(names, " "); got != "precision-recall.svg reliability.svg recall-by-width.svg yaw-error.svg worst-01.jpg" {
		t.Errorf("pictures %s", got)
	}
	if regexp.MustCompile(`(?m)^\|.*\|$`).Find(text) == nil || regexp.MustCompile(`!\[\]`).Match(text) {
		t.Error("a picture says nothing to those who do not see it")
	}
	again, _ := page.Make(made(), shots, "images/quality")
	if !bytes.Equal(text, again) {
		t.Error("it is another one the second time")
	}
}

func TestWhatIsProposedOnNothingComesFirst(t *testing.T) {
	text, _ := page.Make(made(annotate.Moment{Kind: annotate.FaceToFace, StartS: 3, EndS: 6}), nil, "images/quality")
	before, _, _ := strings.Cut(string(text), "## Asked")
	if !strings.Contains(before, "**Proposed on recordings with nothing to show: 1**, on b (1).") {
		t.Errorf("the page begins with\n%s", before)
	}
}
