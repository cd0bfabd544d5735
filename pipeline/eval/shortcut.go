package eval

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/pipeline"
	"dyade/pipeline/eval/tally"
)

// Of a face found without shortcuts: its widths, in pixels as given to the
// detector there, for which shortcuts must find it too, and how much the two
// boxes must overlap to be one.
const (
	leastWidth  = 16.0
	mostWidth   = 64.0
	sameFace    = 0.4
	sameMoment  = 0.5 // intersection over union of two moments that are one
	thoroughPer = 5.0 // pictures a second of an analysis that looks at them evenly
)

// shortcuts by their names in the JSON.
var shortcuts = []struct {
	name string
	is   pipeline.Shortcut
}{
	{"few_pictures", pipeline.FewPictures},
	{"fast_decoding", pipeline.FastDecoding},
	{"small_pictures", pipeline.SmallPictures},
	{"known_places", pipeline.KnownPlaces},
}

// Shortcuts measures what an analysis as shipped loses, for being fast, against
// one that takes no shortcut: faces, found by looking at the same pictures once
// more, decoded exactly, whole and large (those 16 to 64 pixels wide there); and
// moments, ranked after looking at five pictures a second in that way. With apart, also
// what those analyses keep that take all shortcuts but one: as much more as that one costs.
func Shortcuts(ctx context.Context, path string, workers int, apart bool) ([]tally.Tally, error) {
	fast, err := pipeline.Analyze(ctx, path, pipeline.Options{Workers: workers})
	if err != nil {
		return nil, err
	}
	defer fast.Close()
	video := fast.Source.Recording().Video
	if video == nil {
		return nil, errors.New("measure shortcuts: the recording has no pictures")
	}
	faces, err := fast.Reference(ctx, workers)
	if err != nil {
		return nil, fmt.Errorf("look again without shortcuts: %w", err)
	}
	thorough, err := analyzeWithout(ctx, path, workers, pipeline.AllShortcuts)
	if err != nil {
		return nil, err
	}
	scale := float64(thorough.Analysis.Sampling.InputWidth) / float64(video.Width)
	kept := func(of string, r *pipeline.Result) []tally.Tally {
		return []tally.Tally{keptFaces(of, faces, r.Sightings, scale), keptMoments(of, thorough.Analysis.Moments, r.Analysis.Moments)}
	}
	list := kept("", fast)
	if !apart {
		return list, nil
	}
	for _, s := range shortcuts {
		other, err := analyzeWithout(ctx, path, workers, s.is)
		if err != nil {
			return nil, err
		}
		list = append(list, kept("without "+s.name, other)...)
	}
	return list, nil
}

// analyzeWithout analyses without some shortcuts, and keeps nothing of the file.
func analyzeWithout(ctx context.Context, path string, workers int, without pipeline.Shortcut) (*pipeline.Result, error) {
	r, err := pipeline.Analyze(ctx, path, pipeline.Options{Workers: workers, Without: without, Evenly: thoroughPer})
	if err != nil {
		return nil, err
	}
	r.Close()
	return r, nil
}

// keptFaces counts faces of the reference, whose widths in pixels are scaled,
// and those of them that are in the sightings at the same time; where nothing was
// looked at then, they count for nothing.
func keptFaces(of string, reference, sightings []annotate.Sighting, scale float64) tally.Tally {
	seen := map[timecode.Instant][]annotate.Face{}
	for _, s := range sightings {
		seen[s.At] = s.Faces
	}
	kept := tally.Tally{Name: "faces_kept", Of: of, Unit: "faces"}
	for _, r := range reference {
		there, looked := seen[r.At]
		for _, f := range r.Faces {
			if w := f.Box.W * scale; !looked || w < leastWidth || w > mostWidth {
				continue
			}
			c := tally.Counts{Truth: 1, Labelled: 1}
			if slices.ContainsFunc(there, func(g annotate.Face) bool { return f.Box.IoU(g.Box) >= sameFace }) {
				c.Found, c.Hits = 1, 1
			}
			kept.Count(int(r.At.Seconds()/10), c)
		}
	}
	return kept
}

// keptMoments counts moments of one kind that overlap by half of what the two
// cover; each counts once.
func keptMoments(of string, truth, found []annotate.Moment) tally.Tally {
	hits, used := 0, map[string]bool{}
	for _, t := range truth {
		best, most := "", sameMoment
		for _, f := range found {
			iou := timecode.Span{Start: t.Start, End: t.End}.IoU(timecode.Span{Start: f.Start, End: f.End})
			if f.Kind == t.Kind && iou >= most && !used[f.ID] {
				best, most = f.ID, iou
			}
		}
		if best != "" {
			used[best] = true
			hits++
		}
	}
	kept := tally.Tally{Name: "moments_kept", Of: of, Unit: "moments"}
	kept.Count(0, tally.Counts{Truth: len(truth), Found: len(found), Hits: hits, Labelled: len(truth)})
	return kept
}
