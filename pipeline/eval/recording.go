package eval

import (
	"context"
	"errors"
	"path/filepath"
	"slices"

	"dyade/annotate"
	"dyade/pipeline"
	"dyade/pipeline/eval/compare"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/report"
	"dyade/pipeline/eval/tally"
	"dyade/pipeline/moment"
)

// recording is one that is being compared.
type recording struct{ report.Recording }

// evaluate analyses the recording and compares.
func (l labelled) evaluate(ctx context.Context, t *truth, asShipped, shortcuts bool, workers int) (*report.Recording, error) {
	opt := pipeline.Options{Workers: workers}
	if !asShipped {
		opt.Without = pipeline.AllShortcuts
	}
	result, err := pipeline.Analyze(ctx, l.media, opt)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	if l.files[".faces.csv"] != "" && result.Analysis.Recording.Video == nil {
		return nil, errors.New("its labels count faces, but the recording has no picture")
	}
	r := &recording{report.Recording{Name: l.name, Frames: len(result.Sightings), Made: t.take != nil, Tags: t.tags(), Labels: []string{}, Media: l.media}}
	for _, ending := range endings {
		if path, ok := l.files[ending]; ok {
			r.Labels = append(r.Labels, filepath.Base(path))
		}
	}
	r.hear(t, l.files, result)
	if slices.Contains(r.Tags, label.TagMasked) {
		r.Note(compare.Masked(t.facing, result.Table, result.Analysis.Moments))
	} else {
		r.see(t, l.files, result)
		r.propose(t, l.files, result)
	}
	if shortcuts {
		kept, err := Shortcuts(ctx, l.media, workers, true)
		if err != nil {
			return nil, err
		}
		r.Add(kept...)
	}
	r.Finish()
	return &r.Recording, nil
}

// hear compares what was heard.
func (r *recording) hear(t *truth, files map[string]string, got *pipeline.Result) {
	speech, duration := annotate.Spoken(got.Analysis.Speech), got.Analysis.Recording.DurationS
	silent := got.Analysis.Recording.Audio == nil
	switch {
	case silent && files[".rttm"] != "":
		r.Add(compare.Unheard(t.speech, duration)...)
	case silent && files[".csv"] != "":
		r.Add(compare.UnheardChanges(t.speakers))
	case silent:
	case files[".rttm"] != "":
		r.Add(compare.Speech(t.speech, speech, duration)...)
		r.Note(compare.Changes(t.speech, speech))
	case files[".csv"] != "":
		r.Note(compare.Changes(t.speakers, speech))
	}
	if files[".machine.rttm"] != "" && !silent {
		r.Add(compare.Machine(t.machine, speech, duration)...)
	}
}

// see compares who was seen, and how they are turned and close.
func (r *recording) see(t *truth, files map[string]string, got *pipeline.Result) {
	rec := got.Analysis.Recording
	if files[".facing.csv"] != "" {
		r.Note(compare.Facing(t.facing, got.Table))
	}
	if files[".closeness.csv"] != "" {
		r.Add(compare.Closeness(t.closeness, got.Table)...)
	}
	if files[".faces.csv"] != "" {
		r.Add(compare.FaceCounts(t.faces, got.Frames(), float64(rec.Video.Frames)/max(1, rec.DurationS)))
	}
	if files[".people.csv"] != "" {
		r.Note(compare.People(t.people, got.Sightings, got.People, rec.DurationS))
	}
}

// propose compares the moments that are proposed.
func (r *recording) propose(t *truth, files map[string]string, got *pipeline.Result) {
	found := got.Analysis.Moments
	nothing := slices.Contains(r.Tags, label.TagNothing)
	if files[".moments.csv"] != "" || nothing {
		r.Note(compare.Moments(t.moments, found, kinds(t.moments)))
	}
	if nothing {
		one, cases := compare.Nothing(found)
		r.Note([]tally.Tally{one}, cases)
	}
}

// kinds are those that dyade proposes, and those that the labels have besides.
func kinds(labels []label.Moment) []annotate.MomentKind {
	list := slices.Clone(moment.Kinds)
	for _, m := range labels {
		if !slices.Contains(list, m.Kind) {
			list = append(list, m.Kind)
		}
	}
	return list
}
