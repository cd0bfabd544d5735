// Package fragment writes fragmented MP4 (ISO/IEC 14496-12): a header, then short
// pieces each of which can be played once it is there. Every piece says when it
// begins, so that times are exact whatever they are. Pure Go.
package fragment

import (
	"fmt"
	"io"
	"math"
)

// Track is one of a film's. Exactly one of Picture and Sound is set.
type Track struct {
	Scale   uint32 // ticks of a second
	Picture *Picture
	Sound   *Sound
}

// Picture is a track of H.264.
type Picture struct {
	Width, Height int
	SPS, PPS      []byte // parameter sets, without start codes
}

// Sound is a track of AAC.
type Sound struct {
	Channels, Rate int
	Config         []byte // AudioSpecificConfig
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
	parts := [][]byte{full("mvhd", 0, 0, zeros(8), u32(movieScale), u32(length), u32(1<<16), u16(1<<8), zeros(10), unity(), zeros(24), u32(uint32(len(tracks)+1)))}
	extends := [][]byte{full("mehd", 0, 0, u32(length))}
	for i, t := range tracks {
		parts = append(parts, t.box(uint32(i+1), seconds))
		extends = append(extends, full("trex", 0, 0, u32(uint32(i+1)), u32(1), zeros(12)))
	}
	parts = append(parts, box("mvex", extends...))
	head := append(box("ftyp", []byte("iso6"), u32(1), []byte("iso6mp41")), box("moov", parts...)...)
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

func (t Track) box(id uint32, seconds float64) []byte {
	var size, volume, media, handler, entry []byte
	if p := t.Picture; p != nil {
		size, volume = append(u32(uint32(p.Width)<<16), u32(uint32(p.Height)<<16)...), u16(0)
		media, handler, entry = full("vmhd", 0, 1, zeros(8)), []byte("vide"), p.entry()
	} else {
		size, volume = zeros(8), u16(1<<8)
		media, handler, entry = full("smhd", 0, 0, zeros(4)), []byte("soun"), t.Sound.entry()
	}
	empty := u32(0)
	return box("trak",
		full("tkhd", 0, 3, zeros(8), u32(id), zeros(4), u32(ticks(seconds, movieScale)), zeros(8), u16(0), u16(0), volume, u16(0), unity(), size),
		box("mdia",
			full("mdhd", 0, 0, zeros(8), u32(t.Scale), u32(ticks(seconds, t.Scale)), u16(0x55c4), u16(0)), // of no language
			full("hdlr", 0, 0, zeros(4), handler, zeros(12), u8(0)),
			box("minf", media,
				box("dinf", full("dref", 0, 0, u32(1), full("url ", 0, 1))),
				box("stbl", full("stsd", 0, 0, u32(1), entry), full("stts", 0, 0, empty), full("stsc", 0, 0, empty),
					full("stsz", 0, 0, empty, empty), full("stco", 0, 0, empty)))))
}

func (p *Picture) entry() []byte {
	config := box("avcC", []byte{1}, p.SPS[1:4], []byte{0xff, 0xe1}, u16(uint16(len(p.SPS))), p.SPS,
		[]byte{1}, u16(uint16(len(p.PPS))), p.PPS, p.ending())
	return box("avc1", zeros(6), u16(1), zeros(16), u16(uint16(p.Width)), u16(uint16(p.Height)),
		u32(72<<16), u32(72<<16), zeros(4), u16(1), zeros(32), u16(24), u16(math.MaxUint16), config)
}

// ending is what profiles from High on have: 4:2:0, 8 bits.
func (p *Picture) ending() []byte {
	if p.SPS[1] < 100 {
		return nil
	}
	return []byte{0xfd, 0xf8, 0xf8, 0}
}

func (s *Sound) entry() []byte {
	descriptor := func(tag byte, parts ...[]byte) []byte {
		var body []byte
		for _, p := range parts {
			body = append(body, p...)
		}
		return append([]byte{tag, byte(len(body))}, body...)
	}
	const aac, audio = 0x40, 0x15
	stream := full("esds", 0, 0, descriptor(3, u16(0), u8(0),
		descriptor(4, []byte{aac, audio}, zeros(11), descriptor(5, s.Config)), descriptor(6, u8(2))))
	return box("mp4a", zeros(6), u16(1), zeros(8), u16(uint16(s.Channels)), u16(16), zeros(4), u32(uint32(s.Rate)<<16), stream)
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
	head := [][]byte{full("mfhd", 0, 0, u32(w.number))}
	data := [][]byte{u32(uint32(payload)), []byte("mdat")}
	at := size + 8
	for _, r := range runs {
		if len(r.Samples) == 0 {
			continue
		}
		head = append(head, r.box(at))
		for _, s := range r.Samples {
			data = append(data, s.Data)
			at += len(s.Data)
		}
	}
	before := w.written
	err := w.write(append([][]byte{box("moof", head...)}, data...)...)
	w.count(w.written-before, runs)
	return err
}

// box tells of a run whose data begin so many bytes after the piece.
func (r Run) box(at int) []byte {
	const offset, duration, size, flags = 1, 0x100, 0x200, 0x400
	const fromMoof = 0x20000
	table := make([]byte, 0, 12*len(r.Samples))
	for _, s := range r.Samples {
		f := uint32(otherFlags)
		if s.Key {
			f = keyFlags
		}
		d := uint32(min(max(s.Duration, 0), math.MaxUint32))
		table = append(append(append(table, u32(d)...), u32(uint32(len(s.Data)))...), u32(f)...)
	}
	return box("traf",
		full("tfhd", 0, fromMoof, u32(uint32(r.Track+1))),
		full("tfdt", 1, 0, u64(uint64(max(r.Start, 0)))),
		full("trun", 0, offset|duration|size|flags, u32(uint32(len(r.Samples))), u32(uint32(at)), table))
}
