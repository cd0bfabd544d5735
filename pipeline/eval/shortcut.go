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
	thoroughPer = 5.0 // pictures a second of an exhaustive analysis
)

// Shortcuts measures what an analysis as shipped loses, for being fast, against
// one that takes no shortcut: faces, found by looking at the same pictures once
// more, decoded exactly, whole and large (those 16 to 64 pixels wide there); and
// moments, ranked after looking at five pictures a second in that way.
func Shortcuts(ctx context.Context, path string, workers int) (faces, moments tally.Tally, err error) {
	fast, err := pipeline.Analyze(ctx, path, pipeline.Options{Workers: workers})
	if err != nil {
		return faces, moments, err
	}
	defer fast.Close()
	reference, err := fast.Reference(ctx, workers)
	if err != nil {
		return faces, moments, fmt.Errorf("look again without shortcuts: %w", err)
	}
	thorough, err := pipeline.Analyze(ctx, path, pipeline.Options{Workers: workers, Exhaustive: true, Evenly: thoroughPer})
	if err != nil {
		return faces, moments, err
	}
	defer thorough.Close()
	video := fast.Source.Recording().Video
	if video == nil {
		return faces, moments, errors.New("measure shortcuts: the recording has no pictures")
	}
	faces = lostFaces(reference, fast.Sightings, float64(thorough.Analysis.Sampling.InputWidth)/float64(video.Width))
	return faces, sameMoments(thorough.Analysis.Moments, fast.Analysis.Moments), nil
}

// lostFaces counts faces of the reference, whose widths in pixels are scaled,
// and those of them that are in the sightings at the same time.
func lostFaces(reference, sightings []annotate.Sighting, scale float64) tally.Tally {
	seen := map[timecode.Instant][]annotate.Face{}
	for _, s := range sightings {
		seen[s.At] = s.Faces
	}
	kept := tally.Tally{Name: "faces_kept", Unit: "faces"}
	for _, r := range reference {
		for _, f := range r.Faces {
			if w := f.Box.W * scale; w < leastWidth || w > mostWidth {
				continue
			}
			c := tally.Counts{Truth: 1, Labelled: 1}
			if slices.ContainsFunc(seen[r.At], func(g annotate.Face) bool { return f.Box.IoU(g.Box) >= sameFace }) {
				c.Found, c.Hits = 1, 1
			}
			kept.Count(int(r.At.Seconds()/10), c)
		}
	}
	return kept
}

// sameMoments counts moments of one kind that overlap by half of what the two
// cover; each counts once.
func sameMoments(truth, found []annotate.Moment) tally.Tally {
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
	kept := tally.Tally{Name: "moments_kept", Unit: "moments"}
	kept.Count(0, tally.Counts{Truth: len(truth), Found: len(found), Hits: hits, Labelled: len(truth)})
	return kept
}
