package decode

import (
	"encoding/binary"
	"math"

	"github.com/asticode/go-astiav"
)

// orientation is how a coded picture is turned to be shown: mirrored left to
// right first where flip is set, then turned clockwise.
type orientation struct {
	degrees int // 0, 90, 180, 270
	flip    bool
}

// newOrientation reads a display matrix (ISO 14496-12, 8.2.2): a point (p, q) of
// the coded picture is shown at (a·p + c·q, b·p + d·q). Other angles than right
// ones are rounded to the nearest.
func newOrientation(matrix []byte) orientation {
	if len(matrix) < 36 {
		return orientation{}
	}
	at := func(i int) float64 { return float64(int32(binary.LittleEndian.Uint32(matrix[4*i:]))) }
	a, b, c, d := at(0), at(1), at(3), at(4)
	if a == 0 && b == 0 || c == 0 && d == 0 {
		return orientation{}
	}
	var o orientation
	if o.flip = a*d-b*c < 0; o.flip {
		a, b = -a, -b
	}
	turns := int(math.Round(math.Atan2(b, a) / (math.Pi / 2)))
	o.degrees = (turns%4 + 4) % 4 * 90
	return o
}

func (o orientation) sideways() bool { return o.degrees == 90 || o.degrees == 270 }

// maxAspect is how far from square pixels are believed to be.
const maxAspect = 8

// shownSize is the picture's size in square pixels after turning. Its height is
// kept and its width stretched, as players do.
func shownSize(cp *astiav.CodecParameters, aspect astiav.Rational, o orientation) (w, h int) {
	w, h = cp.Width(), cp.Height()
	if a := aspect.Float64(); a >= 1.0/maxAspect && a <= maxAspect {
		w = max(1, int(math.Round(float64(w)*a)))
	}
	if o.sideways() {
		w, h = h, w
	}
	return w, h
}

// apply turns src, w×h packed BGR, into dst, and returns the size shown.
func (o orientation) apply(src, dst []byte, w, h int) (int, int) {
	// start is where dst's first pixel comes from, across and down the steps in
	// src for a step right and down in dst.
	start, across, down := 0, 1, w
	outW, outH := w, h
	switch o.degrees {
	case 90:
		start, across, down, outW, outH = (h-1)*w, -w, 1, h, w
	case 180:
		start, across, down = w*h-1, -1, -w
	case 270:
		start, across, down, outW, outH = w-1, w, -1, h, w
	}
	n := 0
	for y := range outH {
		at := start + y*down
		for range outW {
			s := at
			if o.flip {
				s = at - at%w + w - 1 - at%w
			}
			copy(dst[n:n+3], src[3*s:3*s+3])
			n += 3
			at += across
		}
	}
	return outW, outH
}
