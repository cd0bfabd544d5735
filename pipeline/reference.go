package pipeline

import (
	"context"
	"errors"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/pipeline/decode/plan"
	"dyade/pipeline/vision"
)

// Reference looks once more at the pictures that the analysis looked at: decoded
// without shortcuts, and whole, at the larger size. It is what the analysis'
// shortcuts are measured against. Pictures that cannot be decoded are missing
// from it.
func (r *Result) Reference(ctx context.Context, workers int) (list []annotate.Sighting, err error) {
	video := r.Source.Recording().Video
	if video == nil {
		return nil, nil
	}
	s, err := newScanner(r.Source, *video, Options{Workers: max(1, workers), Without: AllShortcuts}, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	ix := r.Source.Index()
	at := map[timecode.Instant]bool{}
	for _, k := range r.Sightings {
		at[k.At] = true
	}
	chunks := plan.These(ix, func(packet int) bool { return at[ix.Time(packet)] })
	tasks := s.tasks(chunks, widthAt(largeSide, *video), func(packet int) way { return way{At: ix.Time(packet)} })
	err = s.scan(ctx, tasks, func(k *vision.Look) { list = append(list, k.Sighting) }, func(timecode.Instant) {}, func(float64) {})
	return list, err
}
