// Package movie writes MP4 (ISO/IEC 14496-12) whose tables stand in front of what they
// tell of, with chapters: films that every player plays, and that are whole or nothing.
// Pure Go.
package movie

import (
	"bytes"
	"errors"
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
	Skip    int64 // ticks of sound that come before the first that is heard
	Most    int   // samples, at most
}

// Chapter begins at a time, and goes on until the next does.
type Chapter struct {
	Start int64 // ticks of the first track
	Title string
}

// Options are what a film is besides its samples.
type Options struct {
	Tracks   []Track
	Title    string
	Chapters []Chapter // by ascending time, the first at 0
	Seconds  float64   // that it lasts, at most
}

// Sample is a coded picture or piece of sound, in decoding order.
type Sample struct {
	Data []byte // of H.264: each unit behind its length in 4 bytes; valid until Add returns
	At   int64  // when it is shown or heard, ticks from the film's start; of sound that is skipped, before it
	Key  bool   // decoding can start here
}

// Output is what a film is written to, from its start.
type Output interface {
	io.Writer
	io.WriterAt
}

// Writer writes a film. Of its samples it keeps what the tables need, some 20 bytes
// each, and half a second of data.
type Writer struct {
	out      Output
	o        Options
	tracks   []*track
	chapters *track // nil: there are none
	head     int64  // room for the tables
	written  int64
}

// track is what is known of one.
type track struct {
	Track
	sizes  []uint32
	times  []int64
	keys   []uint32 // numbers from 1
	chunks []chunk
	held   []byte // of samples that are not written yet
	count  int    // of those
}

// chunk is where samples of a track lie side by side.
type chunk struct {
	at      int64
	samples int
}

// chunkSeconds is how long what lies side by side is.
const chunkSeconds = 0.5

// New leaves room for the film's tables.
func New(out Output, o Options) (*Writer, error) {
	w := &Writer{out: out, o: o}
	if len(o.Chapters) > 0 && o.Chapters[0].Start != 0 {
		return nil, errors.New("write a film: its first chapter does not begin at its start")
	}
	for _, t := range o.Tracks {
		w.tracks = append(w.tracks, &track{Track: t})
	}
	w.head = w.room()
	begin := append(kind(), box.Of("free", box.Zeros(int(w.head)-8))...)
	begin = append(begin, box.U32(1)...) // the size follows, in 64 bits
	begin = append(begin, []byte("mdat\x00\x00\x00\x00\x00\x00\x00\x00")...)
	if err := w.write(begin); err != nil {
		return nil, err
	}
	if err := w.addChapters(); err != nil {
		return nil, err
	}
	return w, nil
}

// kind is how a film begins: what it is, and whose.
func kind() []byte {
	return append(box.Of("ftyp", []byte("isom"), box.U32(512), []byte("isomiso2avc1mp41")), box.Of("free", []byte("dyade"))...)
}

// Written tells whether a Writer wrote what begins so.
func Written(film io.Reader) bool {
	head := make([]byte, len(kind()))
	_, err := io.ReadFull(film, head)
	return err == nil && bytes.Equal(head, kind())
}

func (w *Writer) write(data []byte) error {
	n, err := w.out.Write(data)
	w.written += int64(n)
	if err != nil {
		return fmt.Errorf("write a film: %w", err)
	}
	return nil
}

// Written is how many bytes are.
func (w *Writer) Written() int64 { return w.written }

// Add takes the next sample of a track. Samples of several tracks come together in
// time, that of the first after those of the others that end before it.
func (w *Writer) Add(number int, s Sample) error {
	t := w.tracks[number]
	if first := len(t.times) - t.count; t.count > 0 && float64(s.At-t.times[first]) >= chunkSeconds*float64(t.Scale) {
		if err := w.flush(); err != nil {
			return err
		}
	}
	return t.add(s)
}

func (t *track) add(s Sample) error {
	if len(s.Data) > math.MaxUint32 || s.At < -t.Skip {
		return errors.New("write a film: a sample has no possible size or time")
	}
	if s.Key {
		t.keys = append(t.keys, uint32(len(t.sizes)+1))
	}
	t.sizes = append(t.sizes, uint32(len(s.Data)))
	t.times = append(t.times, s.At)
	t.held = append(t.held, s.Data...)
	t.count++
	return nil
}

// flush writes what is held, a chunk of each track.
func (w *Writer) flush() error {
	for _, t := range w.tracks {
		if err := w.put(t); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) put(t *track) error {
	if t.count == 0 {
		return nil
	}
	t.chunks = append(t.chunks, chunk{w.written, t.count})
	err := w.write(t.held)
	t.held, t.count = t.held[:0], 0
	return err
}

// Close writes what is left and the tables; ends are when the tracks end, in their
// ticks.
func (w *Writer) Close(ends ...int64) error {
	if err := w.flush(); err != nil {
		return err
	}
	moov, err := w.tables(ends)
	if err != nil {
		return fmt.Errorf("write a film's tables: %w", err)
	}
	free := w.head - int64(len(moov))
	if free < 8 {
		return fmt.Errorf("write a film's tables: %d bytes do not fit into %d", len(moov), w.head)
	}
	start := int64(len(kind()))
	moov = append(moov, box.Of("free", box.Zeros(int(free)-8))...)
	if _, err := w.out.WriteAt(moov, start); err != nil {
		return fmt.Errorf("write a film's tables: %w", err)
	}
	data := start + w.head
	if _, err := w.out.WriteAt(box.U64(uint64(w.written-data)), data+8); err != nil {
		return fmt.Errorf("write a film's length: %w", err)
	}
	return nil
}
