package fragment

import (
	"fmt"
	"io"
	"math"

	"dyade/pipeline/encode/box"
)

// Players that have a whole film seek in it by its segment index, which stands before
// the pieces and is known after them. Room is kept for it.

// part is a stretch of the film from one key to the next.
type part struct {
	bytes, start int64
}

const (
	indexHead = 12 + 4 + 4 + 8 + 8 + 2 + 2
	entryBox  = 12
	freeHead  = 8
	mostParts = math.MaxUint16
)

// room is a box for as many parts as a film of so many seconds probably has.
func room(seconds float64) []byte {
	n := int(min(max(seconds, 0)*2.2+16, mostParts))
	return box.Of("free", box.Zeros(indexHead+entryBox*n+freeHead-8))
}

// count notes a piece that was written.
func (w *Writer) count(bytes int64, runs []Run) {
	for _, r := range runs {
		if r.Track != 0 || len(r.Samples) == 0 {
			continue
		}
		if len(w.parts) == 0 || r.Samples[0].Key {
			w.parts = append(w.parts, part{start: r.Start})
		}
		w.end = max(w.end, r.end())
	}
	if n := len(w.parts); n > 0 {
		w.parts[n-1].bytes += bytes
	} else {
		w.early += bytes
	}
}

func (r Run) end() int64 {
	end := r.Start
	for _, s := range r.Samples {
		end += s.Duration
	}
	return end
}

// Close writes the index, where what is written to has places.
func (w *Writer) Close() error {
	if w.at == nil || len(w.parts) == 0 {
		return nil
	}
	parts := w.parts
	for len(parts) > (w.room-indexHead-freeHead)/entryBox {
		parts = halved(parts)
	}
	table := make([]byte, 0, entryBox*len(parts))
	for i, p := range parts {
		until := w.end
		if i+1 < len(parts) {
			until = parts[i+1].start
		}
		const startsWithKey = 1<<31 | 1<<28
		table = append(append(append(table, box.U32(uint32(p.bytes))...), box.U32(uint32(until-p.start))...), box.U32(startsWithKey)...)
	}
	rest := w.room - indexHead - len(table)
	index := box.Full("sidx", 1, 0, box.U32(1), box.U32(w.tracks[0].Scale), box.U64(uint64(parts[0].start)), box.U64(uint64(int64(rest)+w.early)),
		box.U16(0), box.U16(uint16(len(parts))), table)
	index = append(index, box.Of("free", box.Zeros(rest-freeHead))...)
	if _, err := w.at.WriteAt(index, w.roomAt); err != nil {
		return fmt.Errorf("write a film's index: %w", err)
	}
	return nil
}

// halved joins every two parts.
func halved(parts []part) []part {
	var half []part
	for i := 0; i < len(parts); i += 2 {
		p := parts[i]
		if i+1 < len(parts) {
			p.bytes += parts[i+1].bytes
		}
		half = append(half, p)
	}
	return half
}

// places are those of what can be written anywhere.
func places(out io.Writer) io.WriterAt {
	at, ok := out.(io.WriterAt)
	if !ok {
		return nil
	}
	return at
}
