package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"time"

	"dyade/annotate/timecode"
	"dyade/internal/ordered"
	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
)

// ErrNoPicture is returned for a recording of sound alone.
var ErrNoPicture = errors.New("there is no picture to decode")

// ErrNoWork is returned for a work that is none of ours.
var ErrNoWork = errors.New("no such work")

const (
	perSecond = 5   // pictures of Even
	width     = 640 // of the pictures given, at most
)

// ours are the works that dyade does by itself, in the order in which they are
// shown.
var ours = []struct {
	work Work
	plan func(ix *plan.Index) []plan.Chunk
}{
	{Even, func(ix *plan.Index) []plan.Chunk { return plan.Even(ix, perSecond) }},
	{Sample034, func(ix *plan.Index) []plan.Chunk { return plan.Fill(ix, plan.Sample(ix, 0.34), 5) }},
	{Sample075, func(ix *plan.Index) []plan.Chunk { return plan.Fill(ix, plan.Sample(ix, 0.75), 2) }},
	{Keys2, func(ix *plan.Index) []plan.Chunk { return plan.Keys(ix, 2) }},
	{Keys, func(ix *plan.Index) []plan.Chunk { return plan.Keys(ix, 0) }},
	{Index, func(*plan.Index) []plan.Chunk { return nil }},
}

// Said is what a program says at its end of the work it did.
type Said struct {
	Frames  int     `json:"frames"`
	Seconds float64 `json:"seconds"` // from opening the file to the last picture
}

// look learns of a film what the programs are to do with it. It reads the file
// through, so that the first of them does not find it colder than the others.
func look(ctx context.Context, path string) (Film, error) {
	src, err := decode.Open(ctx, path)
	if err != nil {
		return Film{}, err
	}
	defer src.Close()
	r, ix := src.Recording(), src.Index()
	if r.Video == nil {
		return Film{}, fmt.Errorf("%s: %w", path, ErrNoPicture)
	}
	f := Film{
		Name: r.Name, SizeBytes: r.SizeBytes, DurationS: r.DurationS, Codec: r.Video.Codec,
		Width: r.Video.Width, Height: r.Video.Height, Frames: r.Video.Frames,
		path: path, stream: r.Video.Stream, packets: len(ix.Packets), wanted: map[Work]int{},
	}
	f.w = min(width, f.Width&^1)
	f.h = max(2, int(math.Round(float64(f.Height)*float64(f.w)/float64(f.Width)/2))*2)
	for _, o := range ours {
		f.wanted[o.work] = len(ix.Times(o.plan(ix)))
	}
	f.wanted[Index] = f.packets
	return f, nil
}

// Do does one of dyade's own works on the film at path, on all cores, and says
// what it did. Pictures come in order, as from a pipe; those that are lost are
// not counted. Errors: ErrNoWork, ErrNoPicture, and those of decoding.
func Do(ctx context.Context, work Work, path string) (Said, error) {
	for _, o := range ours {
		if o.work == work {
			start := time.Now()
			frames, err := do(ctx, work, path, o.plan)
			return Said{Frames: frames, Seconds: time.Since(start).Seconds()}, err
		}
	}
	return Said{}, fmt.Errorf("%s: %w", work, ErrNoWork)
}

func do(ctx context.Context, work Work, path string, choose func(*plan.Index) []plan.Chunk) (int, error) {
	src, err := decode.Open(ctx, path)
	if err != nil {
		return 0, err
	}
	defer src.Close()
	ix := src.Index()
	switch {
	case ix == nil:
		return 0, fmt.Errorf("%s: %w", path, ErrNoPicture)
	case work == Index:
		return len(ix.Packets), nil
	}
	return pictures(ctx, src, choose(ix))
}

// picture is one that waits to be given in its turn.
type picture struct {
	at  timecode.Instant
	pix []byte
}

// pictures decodes on all cores and takes what the chunks want in order of time;
// it counts them.
func pictures(ctx context.Context, src *decode.Source, chunks []plan.Chunk) (given int, err error) {
	spare := sync.Pool{New: func() any { return new(picture) }}
	var last timecode.Instant
	err = ordered.Do(ctx, len(chunks), runtime.GOMAXPROCS(0),
		func(ctx context.Context, i int) (batch []*picture, err error) {
			_, err = src.Frames(ctx, chunks[i], decode.Options{Width: width, Quality: decode.Fast}, func(f decode.Frame) error {
				p := spare.Get().(*picture)
				p.at, p.pix = f.At, append(p.pix[:0], f.Pix...)
				batch = append(batch, p)
				return nil
			})
			return batch, err
		},
		func(_ int, batch []*picture) error {
			for _, p := range batch {
				if given > 0 && p.at.Compare(last) <= 0 {
					return fmt.Errorf("picture at %s after that at %s", p.at.Format(), last.Format())
				}
				last = p.at
				given++
				spare.Put(p)
			}
			return nil
		})
	return given, err
}
