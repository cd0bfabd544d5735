package pipeline

import (
	"context"
	"errors"
	"slices"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/internal/ordered"
	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
	"dyade/pipeline/vision"
)

// The longer side of the picture given to the face detector, in pixels.
// CenterFace finds 92 % of faces that are 16 pixels wide there and all from 24
// on, so the smaller size serves where faces are large.
const (
	smallSide  = 480
	largeSide  = 640
	largeFaces = 32.0 // least width at largeSide for which smallSide serves: 24 there
	trials     = 16   // pictures looked at to choose
)

// widthAt is the width of the film's pictures when their longer side is scaled
// down to the given one.
func widthAt(side int, v annotate.Video) int {
	longer := max(v.Width, v.Height)
	return max(2, min(side, longer)*v.Width/longer)
}

// scanner looks at pictures of one film on several workers.
type scanner struct {
	source  *decode.Source
	video   annotate.Video
	lookers chan *vision.Looker // one for each worker
	quality decode.Quality
}

func newScanner(src *decode.Source, video annotate.Video, workers int, q decode.Quality) (*scanner, error) {
	s := &scanner{source: src, video: video, lookers: make(chan *vision.Looker, workers), quality: q}
	for range workers {
		l, err := vision.NewLooker()
		if err != nil {
			return nil, errors.Join(err, s.close())
		}
		s.lookers <- l
	}
	return s, nil
}

// close frees the lookers; no scan is under way then.
func (s *scanner) close() (err error) {
	close(s.lookers)
	for l := range s.lookers {
		err = errors.Join(err, l.Close())
	}
	return err
}

// looked is what became of one chunk.
type looked struct {
	looks []*vision.Look
	lost  []timecode.Instant
}

// scan looks at every wanted picture, at the given width, and returns the
// sightings in order of time and the times of pictures that could not be
// decoded. The result does not depend on the number of workers.
func (s *scanner) scan(ctx context.Context, chunks []plan.Chunk, width int, done func(share float64)) (sightings []annotate.Sighting, lost []timecode.Instant, err error) {
	var motion vision.Motion
	err = ordered.Do(ctx, len(chunks), cap(s.lookers),
		func(ctx context.Context, i int) (looked, error) { return s.chunk(ctx, chunks[i], width) },
		func(i int, r looked) error {
			for _, k := range r.looks {
				if err := motion.Add(k); err != nil {
					return err
				}
				sightings = append(sightings, k.Sighting)
			}
			lost = append(lost, r.lost...)
			done(float64(i+1) / float64(len(chunks)))
			return nil
		})
	return sightings, lost, err
}

func (s *scanner) chunk(ctx context.Context, c plan.Chunk, width int) (r looked, err error) {
	looker := <-s.lookers
	defer func() { s.lookers <- looker }()
	r.lost, err = s.source.Frames(ctx, c, decode.Options{Width: width, Quality: s.quality}, func(f decode.Frame) error {
		look, err := looker.Look(vision.Picture{
			At: f.At, Width: f.Width, Height: f.Height, Pix: f.Pix,
			Scale: float64(s.video.Width) / float64(f.Width),
		})
		if err == nil {
			r.looks = append(r.looks, look)
		}
		return err
	})
	return r, err
}

// width chooses what the detector is given from the faces seen in a few
// pictures spread over the film.
func (s *scanner) width(ctx context.Context, ix *plan.Index, duration float64) (int, error) {
	small, large := widthAt(smallSide, s.video), widthAt(largeSide, s.video)
	if small == large {
		return large, nil
	}
	spans := make([]timecode.Span, trials)
	for i := range spans {
		part := duration / trials
		spans[i] = timecode.Span{
			Start: timecode.At(float64(i)*part, timecode.Millisecond),
			End:   timecode.At(float64(i+1)*part, timecode.Millisecond),
		}
	}
	chunks, _ := plan.Near(ix, spans)
	sightings, _, err := s.scan(ctx, chunks, large, func(float64) {})
	if err != nil {
		return 0, err
	}
	var widths []float64
	for _, k := range sightings {
		for _, f := range k.Faces {
			widths = append(widths, f.Box.W*float64(large)/float64(s.video.Width))
		}
	}
	if len(widths) < trials/2 {
		return large, nil
	}
	slices.Sort(widths)
	if widths[len(widths)/10] >= largeFaces {
		return small, nil
	}
	return large, nil
}

// stretches joins lost pictures to damaged stretches of media time; each stands
// for the gap, in seconds, that it leaves.
func stretches(lost []timecode.Instant, gap float64) []annotate.Range {
	list := []annotate.Range{}
	for _, at := range lost {
		from, to := round3(max(0, at.Seconds()-gap/2)), round3(at.Seconds()+gap/2)
		if n := len(list); n > 0 && from-list[n-1].EndS <= 1 {
			list[n-1].EndS = to
		} else {
			list = append(list, annotate.Range{StartS: from, EndS: to})
		}
	}
	return list
}
