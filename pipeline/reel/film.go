package reel

import (
	"context"
	"errors"
	"math"
	"sort"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/pipeline/decode"
	index "dyade/pipeline/decode/plan"
	"dyade/pipeline/encode/h264"
)

// film is an open one.
type film struct {
	sum     string
	path    string
	src     *decode.Source
	shown   []int // packets, by the time at which they are shown
	width   int   // of its pictures in the reel, if they were alone; 0: it has none
	height  int
	colours decode.Colours
	sets    *h264.Sets // nil: its pictures cannot be copied
	// earliest is when the first picture is shown of those from a packet on.
	earliest []int64
}

// side is the longest of a reel's pictures, at most: what old televisions play.
const side = 1920

// openFilms opens those of a reel, and tells after each that it is at work: some are read
// through to be opened.
func openFilms(ctx context.Context, r annotate.Reel, paths map[string]string, opened func()) (_ map[string]*film, err error) {
	all := map[string]*film{}
	defer func() {
		if err != nil {
			closeFilms(all)
		}
	}()
	for i, p := range r.Parts {
		if p.Cut == nil || all[p.Cut.Recording] != nil {
			continue
		}
		sum := p.Cut.Recording
		path, ok := paths[sum]
		if !ok {
			return nil, &Unfit{Part: i + 1, Recording: sum, Why: NoFilm}
		}
		src, err := decode.Open(ctx, path)
		if err != nil {
			return nil, err
		}
		f := &film{sum: sum, path: path, src: src}
		all[sum] = f
		if err := f.look(ctx); err != nil {
			return nil, err
		}
		opened()
	}
	return all, nil
}

func closeFilms(all map[string]*film) {
	for _, f := range all {
		f.src.Close()
	}
}

// look finds what the film's pictures are like.
func (f *film) look(ctx context.Context) error {
	ix := f.src.Index()
	if ix == nil {
		return nil
	}
	f.shown = ix.Shown()
	v := f.src.Recording().Video
	f.width, f.height = decode.Within(v.Width, v.Height, side)
	if err := f.lookAtColours(ctx, ix); err != nil {
		return err
	}
	c := f.src.Coded()
	if c.Codec != "h264" || !c.AsShown {
		return nil
	}
	sets, err := h264.ReadSets(c.Header)
	if err != nil || len(sets.Sequences) != 1 { // of several it is not known which is meant
		return nil //nolint:nilerr // then it is not copied, whatever is wrong with them
	}
	form, err := h264.ReadForm(sets.Sequences[0])
	if err == nil && form.Plain && form.Width == f.width && form.Height == f.height {
		f.sets = &sets
		f.earliest = earliest(ix)
	}
	return nil
}

// lookAtColours decodes one picture.
func (f *film) lookAtColours(ctx context.Context, ix *index.Index) error {
	f.colours = decode.BT709
	for n, i := range f.shown {
		if !ix.Packets[i].Key && n > 0 {
			continue
		}
		at := ix.Time(i)
		err := f.src.Play(ctx, decode.PlayOptions{
			From: at, To: timecode.Instant{Ticks: at.Ticks + 1, Base: at.Base}, Side: side, Threads: 1, // as large as it will be
		}, func(p decode.Picture) error {
			f.colours = p.Colours
			return errSeen
		})
		if errors.Is(err, errSeen) || err != nil {
			return ignore(err, errSeen)
		}
	}
	return nil
}

// errSeen ends playing.
var errSeen = errors.New("seen")

func ignore(err, what error) error {
	if errors.Is(err, what) {
		return nil
	}
	return err
}

func earliest(ix *index.Index) []int64 {
	times := make([]int64, len(ix.Packets)+1)
	times[len(ix.Packets)] = math.MaxInt64
	for i := len(ix.Packets) - 1; i >= 0; i-- {
		times[i] = times[i+1]
		if p := ix.Packets[i]; !p.Hidden {
			times[i] = min(times[i], p.PTS)
		}
	}
	return times
}

// at is which of the pictures shown is the first at a time or later.
func (f *film) at(t timecode.Instant) int {
	ix := f.src.Index()
	return sort.Search(len(f.shown), func(n int) bool { return ix.Time(f.shown[n]).Compare(t) >= 0 })
}

// time is when the n-th of them is shown; behind the last, when that ends.
func (f *film) time(n int) timecode.Instant {
	ix := f.src.Index()
	if n < len(f.shown) {
		return ix.Time(f.shown[n])
	}
	return timecode.Instant{Ticks: ix.End - ix.Origin, Base: ix.Base}
}
