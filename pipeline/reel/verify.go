package reel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"dyade/annotate/blob"
	"dyade/annotate/timecode"
	"dyade/pipeline/decode"
	index "dyade/pipeline/decode/plan"
	"dyade/pipeline/encode"
	"dyade/pipeline/reel/sound"
)

// errWrong says that the file is not what was to be made.
var errWrong = errors.New("the rendered reel is not as it should be")

// verify opens the file as a player would, and compares it with what was planned.
func (m *maker) verify(ctx context.Context, path string) (*Provenance, error) {
	src, err := decode.Open(ctx, path)
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return nil, ctx.Err()
	default:
		return nil, m.wrong("it cannot be opened: %v", err) // not the fault of a film
	}
	defer src.Close()
	if err := m.verifyTimes(src); err != nil {
		return nil, err
	}
	if err := m.verifyJoints(ctx, src); err != nil {
		return nil, err
	}
	t := &m.told
	end := timecode.Instant{Ticks: m.p.end, Base: m.p.base()}
	t.Ranges[len(t.Ranges)-1].End = end
	t.Film = Film{
		Width: m.p.width, Height: m.p.height, Frames: len(m.shown), DurationS: end.Seconds(), Duration: end,
		SizeBytes: src.Recording().SizeBytes,
	}
	sum, err := blob.OfFile(ctx, path)
	t.Film.SHA256 = string(sum)
	return t, err
}

// wrong may be the fault of what was copied, if anything was.
func (m *maker) wrong(format string, args ...any) error {
	err := fmt.Errorf("%w: %s", errWrong, fmt.Sprintf(format, args...))
	if m.o.Encode {
		return err
	}
	return fmt.Errorf("%w: %w", errUnsafe, err)
}

func (m *maker) verifyTimes(src *decode.Source) error {
	r, ix := src.Recording(), src.Index()
	if r.Video == nil || r.Audio == nil || ix == nil {
		return m.wrong("it lacks a track")
	}
	if r.Video.Width != m.p.width || r.Video.Height != m.p.height || r.Video.Rotation != 0 {
		return m.wrong("its pictures are %d×%d", r.Video.Width, r.Video.Height)
	}
	shown := ix.Shown()
	if len(shown) != len(m.shown) {
		return m.wrong("it has %d pictures, not %d", len(shown), len(m.shown))
	}
	for n, i := range shown {
		want := timecode.Instant{Ticks: m.shown[n], Base: m.p.base()}
		if ix.Time(i).Compare(want) != 0 {
			return m.wrong("picture %d is shown at %s, not at %s", n, ix.Time(i).Format(), want.Format())
		}
	}
	end, block := m.p.seconds(m.p.end), float64(encode.SoundBlock)/sound.Rate
	if got := src.SoundEnd().Seconds(); math.Abs(got-end) > block {
		return m.wrong("its sound lasts %.3f s, not %.3f s", got, end)
	}
	return nil
}

// verifyJoints decodes the pictures before and after each place where something else
// begins.
func (m *maker) verifyJoints(ctx context.Context, src *decode.Source) error {
	ix := src.Index()
	shown := ix.Shown()
	look := func(ctx context.Context, n int) error {
		i := shown[n]
		run := index.Run{From: i, To: i + 1, Wanted: []int{i}}
		for run.From > 0 && (!ix.Packets[run.From].Key || ix.Packets[run.From].PTS > ix.Packets[i].PTS) {
			run.From--
		}
		whole := false
		lost, err := src.Frames(ctx, index.Chunk{Runs: []index.Run{run}}, decode.Options{Width: 64}, func(f decode.Frame) error {
			whole = !f.Concealed
			return nil
		})
		if err == nil && (len(lost) > 0 || !whole) {
			err = m.wrong("picture %d at %s is damaged", n, ix.Time(i).Format())
		}
		return err
	}
	work, under := errgroup.WithContext(ctx)
	work.SetLimit(cmp.Or(m.o.Threads, runtime.GOMAXPROCS(0)))
	for _, r := range m.told.Ranges {
		m.o.Progress(m.p.seconds(m.p.end), m.p.seconds(m.p.end)) // it is still at work
		for _, n := range slices.Compact([]int{r.First, r.Last}) {
			work.Go(func() error { return look(under, n) })
		}
	}
	return work.Wait()
}
