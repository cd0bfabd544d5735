// Package fragment writes fragmented MP4 (ISO/IEC 14496-12): a header, then short
// pieces each of which can be played once it is there. Every piece says when it
// begins, so that times are exact whatever they are. Pure Go.
package fragment

import (
	"fmt"
	"io"
	"math"

	"dyade/pipeline/encode/box"
)

// Track is one of a film's. Exactly one of Picture and Sound is set.
type Track struct {
	Scale   uint32 // ticks of a second
	Picture *box.Picture
	Sound   *box.Sound
}

// Sample is a coded picture or piece of sound.
type Sample struct {
	Data     []byte // of H.264: each unit behind its length in 4 bytes
	Duration int64  // ticks
	Key      bool
}

// Run are samples of a track that follow each other.
type Run struct {
	Track   int   // its place among the tracks
	Start   int64 // ticks
	Samples []Sample
}

// Writer writes a film.
type Writer struct {
	w       io.Writer
	tracks  []Track
	written int64
	number  uint32

	at     io.WriterAt // nil: no index can be written
	roomAt int64       // where there is room for it
	room   int
	parts  []part
	early  int64 // bytes before the first part
	end    int64 // of the first track, ticks
}

// Written is how many bytes are.
func (w *Writer) Written() int64 { return w.written }

// Pieces is how many were written.
func (w *Writer) Pieces() int { return int(w.number) }

// NewWriter writes the header of a film that will last seconds. Where out is a file,
// at whose start it is, the film is closed with an index.
func NewWriter(out io.Writer, seconds float64, tracks ...Track) (*Writer, error) {
	w := &Writer{w: out, tracks: tracks}
	length := ticks(seconds, movieScale)
	parts := [][]byte{box.MovieHeader(movieScale, uint64(length), uint32(len(tracks)+1))}
	extends := [][]byte{box.Full("mehd", 0, 0, box.U32(length))}
	for i, t := range tracks {
		parts = append(parts, t.boxes(uint32(i+1), seconds))
		extends = append(extends, box.Full("trex", 0, 0, box.U32(uint32(i+1)), box.U32(1), box.Zeros(12)))
	}
	parts = append(parts, box.Of("mvex", extends...))
	head := append(box.Of("ftyp", []byte("iso6"), box.U32(1), []byte("iso6mp41")), box.Of("moov", parts...)...)
	if err := w.write(head); err != nil {
		return nil, err
	}
	if w.at = places(out); w.at == nil {
		return w, nil
	}
	free := room(seconds)
	w.roomAt, w.room = w.written, len(free)
	if err := w.write(free); err != nil {
		return nil, err
	}
	return w, nil
}

func (w *Writer) write(parts ...[]byte) error {
	for _, p := range parts {
		n, err := w.w.Write(p)
		w.written += int64(n)
		if err != nil {
			return fmt.Errorf("write a film: %w", err)
		}
	}
	return nil
}

// movieScale is the clock of a film as a whole.
const movieScale = 1000

// ticks is a length on a clock. It stands in every place where some player looks
// for how long the film will be.
func ticks(seconds float64, scale uint32) uint32 {
	return uint32(min(math.Round(seconds*float64(scale)), math.MaxUint32-1))
}

func (t Track) boxes(id uint32, seconds float64) []byte {
	var width, height int
	var media, handler, entry []byte
	if p := t.Picture; p != nil {
		width, height = p.Width, p.Height
		media, handler, entry = box.PictureMedia(), box.Handler("vide"), p.Entry()
	} else {
		media, handler, entry = box.SoundMedia(), box.Handler("soun"), t.Sound.Entry()
	}
	empty := box.U32(0)
	return box.Of("trak",
		box.TrackHeader(id, box.Enabled|box.InMovie, uint64(ticks(seconds, movieScale)), width, height, false),
		box.Of("mdia",
			box.MediaHeader(t.Scale, uint64(ticks(seconds, t.Scale))),
			handler,
			box.Of("minf", media, box.Here(),
				box.Of("stbl", box.Full("stsd", 0, 0, box.U32(1), entry), box.Full("stts", 0, 0, empty), box.Full("stsc", 0, 0, empty),
					box.Full("stsz", 0, 0, empty, empty), box.Full("stco", 0, 0, empty)))))
}

// Flags of samples: depends on no other; depends on others and is no place to begin.
const (
	keyFlags   = 0x02000000
	otherFlags = 0x01010000
)

// Write writes a piece of runs, which are of different tracks; empty ones are left
// out.
func (w *Writer) Write(runs ...Run) error {
	w.number++
	size := 8 + 16 // moof's head and mfhd
	payload := 8
	for _, r := range runs {
		if n := len(r.Samples); n > 0 {
			size += 8 + 16 + 20 + 20 + 12*n // traf's head, tfhd, tfdt, trun
		}
		for _, s := range r.Samples {
			payload += len(s.Data)
		}
	}
	head := [][]byte{box.Full("mfhd", 0, 0, box.U32(w.number))}
	data := [][]byte{box.U32(uint32(payload)), []byte("mdat")}
	at := size + 8
	for _, r := range runs {
		if len(r.Samples) == 0 {
			continue
		}
		head = append(head, r.boxes(at))
		for _, s := range r.Samples {
			data = append(data, s.Data)
			at += len(s.Data)
		}
	}
	before := w.written
	err := w.write(append([][]byte{box.Of("moof", head...)}, data...)...)
	w.count(w.written-before, runs)
	return err
}

// box tells of a run whose data begin so many bytes after the piece.
func (r Run) boxes(at int) []byte {
	const offset, duration, size, flags = 1, 0x100, 0x200, 0x400
	const fromMoof = 0x20000
	table := make([]byte, 0, 12*len(r.Samples))
	for _, s := range r.Samples {
		f := uint32(otherFlags)
		if s.Key {
			f = keyFlags
		}
		d := uint32(min(max(s.Duration, 0), math.MaxUint32))
		table = append(append(append(table, box.U32(d)...), box.U32(uint32(len(s.Data)))...), box.U32(f)...)
	}
	return box.Of("traf",
		box.Full("tfhd", 0, fromMoof, box.U32(uint32(r.Track+1))),
		box.Full("tfdt", 1, 0, box.U64(uint64(max(r.Start, 0)))),
		box.Full("trun", 0, offset|duration|size|flags, box.U32(uint32(len(r.Samples))), box.U32(uint32(at)), table))
}
