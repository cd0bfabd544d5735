// Package sound works on stereo of 48 kHz, two channels interleaved: how loud it is, the
// same without peaks, the same more slowly. Pure Go.
package sound

import (
	"errors"
	"io"
)

// Of all sound here. A frame is a sample of each channel.
const (
	Rate     = 48000
	Channels = 2
)

// Source gives sound piece by piece: some whole frames into buf, and io.EOF at its end.
type Source interface {
	Read(buf []float32) (int, error)
}

// Tape is a source in which one can go back a little. Behind its end there is silence.
type Tape struct {
	src   Source
	buf   []float32
	start int64 // frame at which buf begins
	over  bool
}

// NewTape has a source as a tape; nil is silence.
func NewTape(src Source) *Tape { return &Tape{src: src, over: src == nil} }

// At gives n frames from one on, valid until the next call. What lies before what was
// dropped is silence too.
func (t *Tape) At(from int64, n int) ([]float32, error) {
	for !t.over && t.start+int64(len(t.buf)/Channels) < from+int64(n) {
		if err := t.more(); err != nil {
			return nil, err
		}
	}
	at := int(from-t.start) * Channels
	if at >= 0 && at+n*Channels <= len(t.buf) {
		return t.buf[at : at+n*Channels], nil
	}
	out := make([]float32, n*Channels)
	for i := range out {
		if k := at + i; k >= 0 && k < len(t.buf) {
			out[i] = t.buf[k]
		}
	}
	return out, nil
}

// readAtOnce is how many frames are.
const readAtOnce = 4096

func (t *Tape) more() error {
	had := len(t.buf)
	t.buf = append(t.buf, make([]float32, readAtOnce*Channels)...)
	n, err := t.src.Read(t.buf[had:])
	t.buf = t.buf[:had+n]
	if errors.Is(err, io.EOF) {
		t.over = true
		return nil
	}
	return err
}

// Drop forgets what lies before a frame.
func (t *Tape) Drop(before int64) {
	n := min(max(0, before-t.start), int64(len(t.buf)/Channels))
	if n < readAtOnce {
		return
	}
	t.buf = t.buf[:copy(t.buf, t.buf[n*Channels:])]
	t.start += n
}
