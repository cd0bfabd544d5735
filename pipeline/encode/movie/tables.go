package movie

import (
	"errors"
	"math"
	"slices"

	"dyade/pipeline/encode/box"
)

// room is how large the tables can become.
func (w *Writer) room() int64 {
	const (
		fixed    = 2048  // what does not grow with the film
		sample   = 4 + 8 // its size and length
		picture  = 4 + 8 // whether it is a key, and by how much it is shown later than it is decoded
		perChunk = 12 + 8
	)
	chunks := int64(len(w.tracks))*int64(w.o.Seconds/chunkSeconds) + 2 // each track may end each
	n := int64(fixed + len(w.o.Title))
	for _, t := range w.tracks {
		n += fixed + int64(t.Most)*sample + chunks*perChunk
		if p := t.Picture; p != nil {
			n += int64(t.Most) * picture
			for _, set := range slices.Concat(p.SPS, p.PPS) {
				n += int64(len(set)) + 2
			}
		}
	}
	for _, c := range w.o.Chapters {
		n += sample + perChunk + 9 + int64(len(c.Title))
	}
	return n
}

func (w *Writer) tables(ends []int64) ([]byte, error) {
	if len(ends) != len(w.tracks) {
		return nil, errors.New("not every track has an end")
	}
	scale := w.tracks[0].Scale
	var length uint64
	var traks [][]byte
	for i, t := range w.tracks {
		whole := t.inScale(ends[i], scale)
		length = max(length, whole)
		b, err := w.trak(uint32(i+1), t, ends[i], whole)
		if err != nil {
			return nil, err
		}
		traks = append(traks, b)
	}
	if t := w.chapters; t != nil {
		b, err := w.trak(uint32(len(w.tracks)+1), t, int64(length), length)
		if err != nil {
			return nil, err
		}
		traks = append(traks, b)
	}
	parts := append([][]byte{box.MovieHeader(scale, length, uint32(len(traks)+1))}, traks...)
	return box.Of("moov", append(parts, w.userData())...), nil
}

// inScale is a length of the track's in ticks of another scale.
func (t *track) inScale(length int64, scale uint32) uint64 {
	return uint64(math.Round(float64(length) * float64(scale) / float64(t.Scale)))
}

func (w *Writer) trak(id uint32, t *track, end int64, whole uint64) ([]byte, error) {
	stbl, late, err := t.samples(end, w.written)
	if err != nil {
		return nil, err
	}
	flags, width, height := uint32(box.Enabled|box.InMovie), 0, 0
	var media, handler []byte
	switch {
	case t.Picture != nil:
		width, height = t.Picture.Width, t.Picture.Height
		media, handler = box.PictureMedia(), box.Handler("vide")
	case t.Sound != nil:
		media, handler = box.SoundMedia(), box.Handler("soun")
	default:
		flags, media, handler = box.InMovie, textMedia(), box.Handler("text")
	}
	parts := [][]byte{box.TrackHeader(id, flags, whole, width, height, flags == box.InMovie)}
	if late > 0 {
		parts = append(parts, edit(whole, uint64(late)))
	}
	if w.chapters != nil && t != w.chapters {
		parts = append(parts, box.Of("tref", box.Of("chap", box.U32(uint32(len(w.tracks)+1)))))
	}
	return box.Of("trak", append(parts, box.Of("mdia", box.MediaHeader(t.Scale, uint64(end+t.Skip)), handler,
		box.Of("minf", media, box.Here(), stbl)))...), nil
}

// edit has a track begin later than its samples do.
func edit(length, late uint64) []byte {
	if length > math.MaxUint32 || late > math.MaxInt32 {
		return box.Of("edts", box.Full("elst", 1, 0, box.U32(1), box.U64(length), box.U64(late), box.U32(1<<16)))
	}
	return box.Of("edts", box.Full("elst", 0, 0, box.U32(1), box.U32(uint32(length)), box.U32(uint32(late)), box.U32(1<<16)))
}

// samples are the tables of the track's samples; late is by how much its clock begins
// before what is shown.
func (t *track) samples(end, written int64) (stbl []byte, late int64, err error) {
	if len(t.times) == 0 || len(t.times) > t.Most {
		return nil, 0, errors.New("a track has no samples, or more than were to come")
	}
	// The n-th picture to be decoded is decoded when the n-th to be shown is due, and
	// all are shown so much later that none is shown before it is decoded.
	decoded := slices.Sorted(slices.Values(t.times))
	if decoded[0] != -t.Skip {
		return nil, 0, errors.New("a track does not begin at its start")
	}
	late = t.Skip
	for i, at := range t.times {
		late = max(late, decoded[i]-at)
	}
	stts, err := durations(decoded, end)
	if err != nil {
		return nil, 0, err
	}
	parts := [][]byte{box.Full("stsd", 0, 0, box.U32(1), t.entry()), stts}
	if t.Picture != nil {
		parts = append(parts, t.delays(decoded, late), t.sync())
	}
	return box.Of("stbl", append(parts, t.places(), t.lengths(), t.offsets(written))...), late, nil
}

func (t *track) entry() []byte {
	switch {
	case t.Picture != nil:
		return t.Picture.Entry()
	case t.Sound != nil:
		return t.Sound.Entry()
	}
	return textEntry()
}

// durations are those of samples decoded at times.
func durations(decoded []int64, end int64) ([]byte, error) {
	return runs("stts", len(decoded), func(i int) (uint32, error) {
		until := end
		if i+1 < len(decoded) {
			until = decoded[i+1]
		}
		if d := until - decoded[i]; d > 0 && d <= math.MaxUint32 {
			return uint32(d), nil
		}
		return 0, errors.New("two samples have one time, or there is too long between them")
	})
}

// delays are by how much samples are shown later than decoded; nothing where none is.
func (t *track) delays(decoded []int64, late int64) []byte {
	if late == 0 {
		return nil
	}
	b, _ := runs("ctts", len(decoded), func(i int) (uint32, error) { return uint32(t.times[i] - decoded[i] + late), nil })
	return b
}

// runs is a table of values, those that follow each other alike counted.
func runs(kind string, n int, value func(i int) (uint32, error)) ([]byte, error) {
	var table []byte
	var entries, same, last uint32
	put := func() {
		if same > 0 {
			table = append(append(table, box.U32(same)...), box.U32(last)...)
			entries, same = entries+1, 0
		}
	}
	for i := range n {
		v, err := value(i)
		if err != nil {
			return nil, err
		}
		if v != last {
			put()
		}
		last, same = v, same+1
	}
	put()
	return box.Full(kind, 0, 0, box.U32(entries), table), nil
}

func (t *track) sync() []byte {
	table := make([]byte, 0, 4*len(t.keys))
	for _, k := range t.keys {
		table = append(table, box.U32(k)...)
	}
	return box.Full("stss", 0, 0, box.U32(uint32(len(t.keys))), table)
}

// places tell how many samples lie in each chunk.
func (t *track) places() []byte {
	var table []byte
	entries, last := uint32(0), 0
	for i, c := range t.chunks {
		if c.samples == last {
			continue
		}
		table = append(append(append(table, box.U32(uint32(i+1))...), box.U32(uint32(c.samples))...), box.U32(1)...)
		entries, last = entries+1, c.samples
	}
	return box.Full("stsc", 0, 0, box.U32(entries), table)
}

func (t *track) lengths() []byte {
	table := make([]byte, 0, 4*len(t.sizes))
	for _, n := range t.sizes {
		table = append(table, box.U32(n)...)
	}
	return box.Full("stsz", 0, 0, box.U32(0), box.U32(uint32(len(t.sizes))), table)
}

// offsets are where chunks lie, in 64 bits where the film is that large.
func (t *track) offsets(written int64) []byte {
	var table []byte
	for _, c := range t.chunks {
		if written > math.MaxUint32 {
			table = append(table, box.U64(uint64(c.at))...)
		} else {
			table = append(table, box.U32(uint32(c.at))...)
		}
	}
	kind := "stco"
	if written > math.MaxUint32 {
		kind = "co64"
	}
	return box.Full(kind, 0, 0, box.U32(uint32(len(t.chunks))), table)
}
