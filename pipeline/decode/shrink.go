package decode

/*
#cgo CFLAGS: -O3
#cgo LDFLAGS: -lm
#include <libavutil/pixdesc.h>
#include "shrink.h"
*/
import "C"

import (
	"math"

	"github.com/asticode/go-astiav"
)

// shrinker scales pictures of one form: each plane by itself, with the triangle
// filter that swscale calls bilinear, first down, then across, and the small
// rows to BGR. It reads every sample once, and knows what swscale does not:
// fields and high dynamic range.
type shrinker struct {
	shape   C.dy_shape
	starts  []C.int32_t // the first sample that each output sample is made of
	weights []C.int16_t
	lights  *C.dy_lights // nil for films of ordinary range
	room    []C.uint8_t
}

// maxShrink is how many times smaller a shrinker makes pictures: its weights
// are parts of 256.
const maxShrink = 16

// newShrinker returns nil for pictures that a shrinker does not know. Of those of two
// fields it takes the form's. A planar one gives brightness and, half as wide and high,
// colour differences.
func newShrinker(m form, w, h int, planar bool) *shrinker {
	s := &shrinker{}
	s.shape.width, s.shape.height, s.shape.field = C.int(w), C.int(h), C.int(m.field)
	if !s.planes(m) || !s.colours(m) || m.width > maxShrink*w || m.height > maxShrink*h {
		return nil
	}
	for i := range s.shape.planes {
		p := &s.shape.planes[i]
		wide, high, lines := w, h, int(p.height)
		if int(p.width) < m.width || planar && i > 0 {
			wide = (w + 1) / 2
		}
		if planar && i > 0 {
			high = (h + 1) / 2
		}
		if m.field >= 0 {
			lines = (lines + 1 - m.field) / 2
		}
		s.shape.across[i] = s.filter(int(p.width), wide, 8, 1<<14)
		s.shape.down[i] = s.filter(lines, high, 1, 1<<8)
	}
	s.room = make([]C.uint8_t, C.dy_shrink_room(&s.shape))
	return s
}

// planes tells where the samples are; false for anything but brightness and two
// colour differences, whole or half as wide and high.
func (s *shrinker) planes(m form) bool {
	d := C.av_pix_fmt_desc_get(C.enum_AVPixelFormat(m.format))
	const not = C.AV_PIX_FMT_FLAG_BE | C.AV_PIX_FMT_FLAG_PAL | C.AV_PIX_FMT_FLAG_BITSTREAM | C.AV_PIX_FMT_FLAG_HWACCEL |
		C.AV_PIX_FMT_FLAG_RGB | C.AV_PIX_FMT_FLAG_FLOAT | C.AV_PIX_FMT_FLAG_BAYER
	if d == nil || d.flags&not != 0 || d.nb_components < 3 || d.log2_chroma_w > 1 || d.log2_chroma_h > 1 {
		return false
	}
	for i := range s.shape.planes {
		c := d.comp[i]
		bytes := C.int(1)
		if c.depth+c.shift > 8 {
			bytes = 2
		}
		p := C.dy_plane{
			plane: c.plane, offset: c.offset, step: c.step / bytes, bytes: bytes, bits: c.depth + c.shift,
			width: C.int(m.width), height: C.int(m.height),
		}
		if i > 0 {
			p.width = (p.width + 1<<d.log2_chroma_w - 1) >> d.log2_chroma_w
			p.height = (p.height + 1<<d.log2_chroma_h - 1) >> d.log2_chroma_h
		}
		if c.plane > 2 || p.step < 1 || p.step > 2 || p.step == 2 && i == 0 || p.bits > 16 || bytes == 2 && p.bits < 9 {
			return false
		}
		s.shape.planes[i] = p
	}
	return true
}

// filter weighs the samples that lie within one output sample, or one input
// sample where that is wider, of its middle; those beyond the edge are the
// edge's. Taps come in multiples of round, weights add up to one.
func (s *shrinker) filter(from, to, round, one int) C.dy_filter {
	scale := float64(from) / float64(to)
	reach := max(scale, 1)
	within := min(int(math.Ceil(2*reach))+1, from)
	taps := (within + round - 1) / round * round
	f := C.dy_filter{taps: C.int(taps), starts: C.int(len(s.starts)), weights: C.int(len(s.weights)), wide: C.int(to)}
	exact := make([]float64, within)
	for n := range to {
		middle := (float64(n)+0.5)*scale - 0.5
		start := max(0, min(int(math.Ceil(middle-reach)), from-within))
		clear(exact)
		sum := 0.0
		for k := int(math.Ceil(middle - reach)); float64(k) <= middle+reach; k++ {
			weight := max(0, 1-math.Abs(float64(k)-middle)/reach)
			exact[min(max(k, 0), from-1)-start] += weight
			sum += weight
		}
		s.starts = append(s.starts, C.int32_t(start))
		before, done := 0.0, 0
		for k := range taps {
			if k < within {
				before += exact[k] / sum
			}
			part := int(math.Round(before*float64(one))) - done
			done += part
			s.weights = append(s.weights, C.int16_t(part))
		}
	}
	return f
}

// lumas are the shares of red and blue in brightness, by colour space (H.273,
// table 4).
var lumas = map[int][2]float64{
	C.AVCOL_SPC_BT709:      {0.2126, 0.0722},
	C.AVCOL_SPC_FCC:        {0.30, 0.11},
	C.AVCOL_SPC_BT470BG:    {0.299, 0.114},
	C.AVCOL_SPC_SMPTE170M:  {0.299, 0.114},
	C.AVCOL_SPC_SMPTE240M:  {0.212, 0.087},
	C.AVCOL_SPC_BT2020_NCL: {0.2627, 0.0593},
	C.AVCOL_SPC_BT2020_CL:  {0.2627, 0.0593},
}

// colours sets the matrix to RGB (H.273, 8.3); false where the space has none.
func (s *shrinker) colours(m form) bool {
	luma, ok := lumas[m.space]
	if !ok {
		return false
	}
	red, blue := luma[0], luma[1]
	green := 1 - red - blue
	bright, difference := 255.0/219, 255.0/224
	s.shape.black = 16
	if m.full || fullRange(m.format) {
		bright, difference, s.shape.black = 1, 1, 0
	}
	fixed := func(v float64) C.int { return C.int(math.Round(8192 * v)) }
	s.shape.y = fixed(bright)
	s.shape.rv, s.shape.bu = fixed(difference*2*(1-red)), fixed(difference*2*(1-blue))
	s.shape.gu = fixed(-difference * 2 * (1 - blue) * blue / green)
	s.shape.gv = fixed(-difference * 2 * (1 - red) * red / green)
	switch m.transfer {
	case C.AVCOL_TRC_SMPTE2084:
		s.lights = pq()
	case C.AVCOL_TRC_ARIB_STD_B67:
		s.lights = hlg()
	}
	return true
}

// fullRange tells the forms whose name says that black is 0.
func fullRange(format int) bool {
	switch format {
	case C.AV_PIX_FMT_YUVJ420P, C.AV_PIX_FMT_YUVJ422P, C.AV_PIX_FMT_YUVJ444P, C.AV_PIX_FMT_YUVJ440P:
		return true
	}
	return false
}

// picture scales one to pix, which must be large enough.
func (s *shrinker) picture(f *astiav.Frame, pix []byte) {
	C.dy_shrink(&s.shape, frameC(f), &s.starts[0], &s.weights[0], s.lights, &s.room[0], (*C.uint8_t)(&pix[0]))
}

// planesOf writes a picture's planes to out, which must be large enough.
func (s *shrinker) planesOf(f *astiav.Frame, out []byte) {
	C.dy_shrink_planes(&s.shape, frameC(f), &s.starts[0], &s.weights[0], &s.room[0], (*C.uint8_t)(&out[0]))
}
