package decode

import (
	"encoding/binary"
	"io"
	"slices"
)

// An MP4 film in fragments whose tracks have no usable number costs FFmpeg 5.1 a
// billion steps for each fragment, which nothing can interrupt (its mov.c keeps the
// refusal to index such a film as the index to go on from). Such a file is damaged
// or hostile, and is refused before FFmpeg sees it.

// numbers goes over the boxes of a file as FFmpeg does (ISO/IEC 14496-12, 4.2).
type numbers struct {
	r         io.ReaderAt
	fragments bool
	tracks    []bool // of each, whether it has one

	near []byte // of the file, from from on
	from int64
}

// unnumbered tells whether a file is one of fragments of which a track has no number.
func unnumbered(r io.ReaderAt, size int64) bool {
	n := numbers{r: r}
	n.within(0, size, 0)
	return n.fragments && slices.Contains(n.tracks, false)
}

// parents are the boxes in which others are looked for.
var parents = []string{"moov", "trak", "mdia", "minf", "stbl", "udta", "edts", "dinf", "mvex", "moof", "traf", "hoov"}

// deepest is how far FFmpeg follows boxes in boxes.
const deepest = 10

func (n *numbers) within(at, end int64, depth int) {
	for depth <= deepest && end-at >= 8 {
		kind, body, next, ok := n.box(at, end)
		if !ok {
			return
		}
		switch kind {
		case "moof":
			n.fragments = true
		case "trak", "cmov": // the second is a compressed table, of which no film in fragments has use
			n.tracks = append(n.tracks, false)
		case "tkhd":
			if last := len(n.tracks) - 1; last >= 0 {
				n.tracks[last] = n.numbered(body)
			}
		}
		if slices.Contains(parents, kind) {
			n.within(body, next, depth+1)
		}
		at = next
	}
}

// box reads where the box at at has its content and where it ends, at end at the latest.
func (n *numbers) box(at, end int64) (kind string, body, next int64, ok bool) {
	head := n.bytes(at, 16)
	body = at + 8
	size := int64(binary.BigEndian.Uint32(head))
	switch {
	case size == 0:
		size = end - at
	case size == 1 && end-at >= 16:
		body = at + 16
		size = int64(binary.BigEndian.Uint64(head[8:]))
	}
	if size < body-at {
		return "", 0, 0, false
	}
	return string(head[4:8]), body, at + min(size, end-at), true
}

// numbered tells whether a track's header (8.3.2) has a number that FFmpeg takes: 31 bits.
func (n *numbers) numbered(header int64) bool {
	b := n.bytes(header, 24)
	if b[0] == 1 {
		return b[20] < 0x80
	}
	return b[12] < 0x80
}

// bytes of the file from at on, zeros behind its end; they are good until the next call.
func (n *numbers) bytes(at int64, count int) []byte {
	if at < n.from || at+int64(count) > n.from+int64(len(n.near)) {
		n.near = append(n.near[:0], make([]byte, 4<<10)...)
		got, _ := n.r.ReadAt(n.near, at) // what is not there stays 0: the opening tells of a disk that fails
		clear(n.near[got:])
		n.from = at
	}
	return n.near[at-n.from:][:count]
}
