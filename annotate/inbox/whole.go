package inbox

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
)

// shape is what a file's own bytes tell of whether all of it is there.
type shape int

const (
	untold shape = iota
	whole
	cut
)

// mostBoxes of a file are looked at.
const mostBoxes = 10_000

// tail is how much of a file's end is empty where a program has reserved room for it
// and has not come to write there.
const tail = 4 << 10

// shapeOf looks at a file of a size.
func shapeOf(r io.ReaderAt, size int64) (shape, error) {
	end := make([]byte, min(tail, size))
	if _, err := r.ReadAt(end, size-int64(len(end))); err != nil && err != io.EOF {
		return untold, err
	}
	if !slices.ContainsFunc(end, func(b byte) bool { return b != 0 }) {
		return cut, nil
	}
	return boxes(r, size)
}

// first are the boxes with which MP4 and QuickTime files begin.
var first = []string{"ftyp", "moov", "mdat", "wide", "free", "skip", "pnot"}

// boxes walks over the boxes that an MP4 or QuickTime file consists of. They say how
// long they are: of a file that is half copied, one goes past its end, or the one that
// says what is in the others is missing.
func boxes(r io.ReaderAt, size int64) (shape, error) {
	var index, media bool
	for at, n := int64(0), 0; at < size; n++ {
		kind, length, err := box(r, at, size)
		switch {
		case err != nil:
			return untold, err
		case n == 0 && !slices.Contains(first, kind), n == mostBoxes:
			return untold, nil
		case length == 0 && index && media:
			return untold, nil // some cameras write something of their own behind the boxes
		case length == 0 || length > size-at:
			return cut, nil
		}
		index = index || kind == "moov"
		media = media || kind == "mdat"
		at += length
	}
	return or(index && media, whole, cut), nil
}

// box reads how a box begins; its length is 0 where there is none.
func box(r io.ReaderAt, at, size int64) (kind string, length int64, err error) {
	var head [16]byte
	n, err := r.ReadAt(head[:], at)
	if err != nil && err != io.EOF || n < 8 {
		return "", 0, or(err == io.EOF, nil, err)
	}
	kind = string(head[4:8])
	if bytes.ContainsFunc(head[4:8], func(c rune) bool { return c < ' ' }) {
		return kind, 0, nil
	}
	switch length = int64(binary.BigEndian.Uint32(head[:])); {
	case length == 0: // to the end of the file
		return kind, size - at, nil
	case length == 1 && n == len(head):
		if length = int64(binary.BigEndian.Uint64(head[8:])); length < 16 {
			return kind, 0, nil
		}
	case length < 8:
		return kind, 0, nil
	}
	return kind, length, nil
}
