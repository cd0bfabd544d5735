package pipeline

import (
	"context"
	"errors"
	"iter"
	"slices"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/internal/ordered"
	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
	"dyade/pipeline/vision"
)

// The longer side of the picture given to the face detector, in pixels, the
// smallest first. CenterFace finds 92 % of faces that are 16 pixels wide there
// and all from 24 on, so a smaller size serves where faces are large.
var sides = []int{320, 480, largeSide}

const (
	largeSide  = 640
	enoughFace = 24.0 // width in pixels as given to the detector that nearly all faces must have
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
	source   *decode.Source
	video    annotate.Video
	lookers  chan *vision.Looker // one for each worker
	quality  decode.Quality
	hardware *decode.Hardware
	kept     *memory
}

func newScanner(src *decode.Source, video annotate.Video, opt Options, kept *memory) (*scanner, error) {
	s := &scanner{
		source: src, video: video, lookers: make(chan *vision.Looker, opt.Workers),
		quality: decode.Fast, hardware: opt.Hardware, kept: kept,
	}
	if opt.Without.has(FastDecoding) {
		s.quality, s.hardware = decode.Exhaustive, nil
	}
	if kept.away() {
		return s, nil // nobody looks here
	}
	for range opt.Workers {
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

// task is a chunk, and how each of its wanted pictures is to be looked at.
type task struct {
	Chunk  plan.Chunk
	Width  int
	Exact  bool
	Device bool  // one may decode it, whose pixels need not be software's
	Ways   []way // of the wanted pictures, by time
}

// way is how to look at a picture.
type way struct {
	At   timecode.Instant
	Near []annotate.Box // where faces are expected, and nowhere else; empty: anywhere
}

// looked is what became of a task; its fields are exported to be kept.
type looked struct {
	Looks []*vision.Look
	Lost  []timecode.Instant // pictures that could not be decoded, or only in part
}

// scan does tasks, which are in order of time, on all workers, and hands each
// look and each loss to take and miss, in order of time. What it does not depend
// on is the number of workers.
func (s *scanner) scan(ctx context.Context, tasks []task, take func(*vision.Look), miss func(timecode.Instant), done func(share float64)) error {
	use := func(i int, r looked) error {
		for _, k := range r.Looks {
			take(k)
		}
		for _, at := range r.Lost {
			miss(at)
		}
		done(float64(i+1) / float64(len(tasks)))
		return nil
	}
	if s.kept.away() {
		return s.gather(tasks, use)
	}
	return ordered.Do(ctx, len(tasks), cap(s.lookers), func(ctx context.Context, i int) (looked, error) {
		return recall(s.kept, LookStep, tasks[i], func() (looked, error) { return s.do(ctx, tasks[i]) })
	}, use)
}

// gather has the results of tasks that are done elsewhere, several in a step. It
// asks for all before it ends for want of one.
func (s *scanner) gather(tasks []task, use func(i int, r looked) error) error {
	var missing error
	next := 0
	for bundle := range bundles(tasks) {
		results, err := recall(s.kept, LookStep, bundle, func() ([]looked, error) { return nil, errMissing })
		switch {
		case errors.Is(err, errMissing):
			missing = err
		case err != nil:
			return err
		case missing == nil:
			for _, r := range results {
				if err := use(next, r); err != nil {
					return err
				}
				next++
			}
		}
	}
	return missing
}

// bundles shares tasks out among steps: so few in each that steps are shared out
// evenly among some dozens of workers, so many that handing a step on costs little
// beside doing it.
func bundles(tasks []task) iter.Seq[[]task] {
	const steps, most = 64, 4
	return slices.Chunk(tasks, min(max(1, len(tasks)/steps), most))
}

// doAll does the tasks of a step.
func (s *scanner) doAll(ctx context.Context, tasks []task) ([]looked, error) {
	results := make([]looked, len(tasks))
	for i, t := range tasks {
		var err error
		if results[i], err = s.do(ctx, t); err != nil {
			return nil, err
		}
	}
	return results, nil
}

func (s *scanner) do(ctx context.Context, t task) (r looked, err error) {
	looker := <-s.lookers
	defer func() { s.lookers <- looker }()
	ways := t.Ways
	lost, err := s.source.Frames(ctx, t.Chunk, decode.Options{Width: t.Width, Quality: s.quality, Hardware: s.hardware}, func(f decode.Frame) error {
		for ways[0].At != f.At {
			ways = ways[1:] // that one is lost
		}
		if f.Concealed {
			r.Lost = append(r.Lost, f.At)
		}
		look, err := s.look(looker, f, ways[0])
		if err == nil {
			look.Guessed = f.Concealed
			r.Looks = append(r.Looks, look)
		}
		return err
	})
	r.Lost = append(r.Lost, lost...)
	return r, err
}

func (s *scanner) look(l *vision.Looker, f decode.Frame, w way) (*vision.Look, error) {
	p := vision.Picture{
		At: f.At, Width: f.Width, Height: f.Height, Pix: f.Pix,
		Scale: float64(s.video.Width) / float64(f.Width),
	}
	if len(w.Near) > 0 {
		return l.LookNear(p, w.Near)
	}
	return l.Look(p)
}

// tasks gives each chunk its ways.
func (s *scanner) tasks(chunks []plan.Chunk, width int, choose func(packet int) way) []task {
	list := make([]task, len(chunks))
	for i, c := range chunks {
		list[i] = task{Chunk: c, Width: width, Exact: s.quality == decode.Exhaustive, Device: len(s.hardware.Devices()) > 0}
		for _, r := range c.Runs {
			for _, packet := range r.Wanted {
				list[i].Ways = append(list[i].Ways, choose(packet))
			}
		}
	}
	return list
}

// width chooses what the detector is given from the faces seen in a few keys
// spread over the film: other pictures may take long to reach.
func (s *scanner) width(ctx context.Context, ix *plan.Index, duration float64) (int, error) {
	large := widthAt(largeSide, s.video)
	if widthAt(sides[0], s.video) == large {
		return large, nil
	}
	chunks := plan.Spread(ix, duration/trials, nil)
	var widths []float64 // of faces, in shares of the picture's width
	take := func(k *vision.Look) {
		for _, f := range k.Faces {
			widths = append(widths, f.Box.W/float64(s.video.Width))
		}
	}
	tasks := s.tasks(chunks, large, func(packet int) way { return way{At: ix.Time(packet)} })
	if err := s.scan(ctx, tasks, take, func(timecode.Instant) {}, func(float64) {}); err != nil {
		return 0, err
	}
	if len(widths) < trials/2 {
		return large, nil
	}
	slices.Sort(widths)
	for _, side := range sides {
		if w := widthAt(side, s.video); widths[len(widths)/10]*float64(w) >= enoughFace {
			return w, nil
		}
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
