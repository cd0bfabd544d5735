package decode

/*
#include <libavutil/imgutils.h>
#include "shrink.h"

// The planes of a picture of 4:2:0 as they are, one after the other.
static void dy_copy_planes(const AVFrame *f, uint8_t *out) {
	for (int p = 0; p < 3; p++) {
		int w = p ? f->width / 2 : f->width, h = p ? f->height / 2 : f->height;
		av_image_copy_plane(out, w, f->data[p], f->linesize[p], w, h);
		out += (ptrdiff_t)w * h;
	}
}
*/
import "C"

import (
	"github.com/asticode/go-astiav"
)

// Colours say how a picture's numbers are meant, in the code points of H.273.
type Colours struct {
	Matrix, Primaries, Transfer int
	Full                        bool // black is 0, not 16
}

// BT709 is how pictures are meant that say nothing else.
var BT709 = Colours{Matrix: C.AVCOL_SPC_BT709, Primaries: C.AVCOL_PRI_BT709, Transfer: C.AVCOL_TRC_BT709}

// coloursOf are those of a picture whose numbers are kept.
func coloursOf(f *astiav.Frame, m form) Colours {
	return Colours{Matrix: m.space, Primaries: int(frameC(f).color_primaries), Transfer: m.transfer, Full: m.full || fullRange(m.format)}
}

// planar writes pictures as planes of 8 bits: brightness, and the two colour
// differences half as wide and high. Brightness and colour differences of ordinary
// range stay as they are meant; all else goes through BGR to BT.709. Of interlaced
// pictures one field is taken: two are of two times, and lie between each other's lines
// like the teeth of combs where something moves.
type planar struct {
	scaler scaler
	plain  bool      // all goes to BT.709
	shrink *shrinker // nil: through scaler
	from   form
	to     [2]int
	small  []byte // before it is turned, or BGR
}

// planes writes the picture, turned and of the size w×h then, both even, to out.
func (p *planar) planes(f *astiav.Frame, turn orientation, w, h int, out []byte) (Colours, error) {
	sw, sh := w, h
	if turn.sideways() {
		sw, sh = h, w
	}
	if m, to := formOf(f), [2]int{sw, sh}; p.from != m || p.to != to {
		p.from, p.to = m, to
		p.shrink = newShrinker(m, sw, sh, true)
		if other := m.space != C.AVCOL_SPC_BT709 || m.full || fullRange(m.format); p.shrink != nil && (p.shrink.lights != nil || p.plain && other) {
			p.shrink = nil
		}
	}
	if len(p.small) < 3*w*h {
		p.small = make([]byte, 3*w*h)
	}
	switch {
	case p.shrink == nil:
		p.scaler.shown = true
		if err := p.scaler.upright(f, turn, w, h, p.small[:3*w*h]); err != nil {
			return Colours{}, err
		}
		C.dy_planes((*C.uint8_t)(&p.small[0]), C.int(w), C.int(h), (*C.uint8_t)(&out[0]))
		return BT709, nil
	case turn == (orientation{}):
		p.straight(f, out)
	default:
		p.straight(f, p.small)
		turn.planes(p.small, out, sw, sh)
	}
	if p.plain {
		return BT709, nil
	}
	return coloursOf(f, p.from), nil
}

// straight writes the picture before it is turned.
func (p *planar) straight(f *astiav.Frame, out []byte) {
	ordinary := p.from.format == C.AV_PIX_FMT_YUV420P || p.from.format == C.AV_PIX_FMT_YUVJ420P
	if ordinary && p.from.field < 0 && p.to == [2]int{p.from.width, p.from.height} {
		C.dy_copy_planes(frameC(f), (*C.uint8_t)(&out[0]))
		return
	}
	p.shrink.planesOf(f, out)
}

func (p *planar) close() { p.scaler.close() }

// planes turns a picture of planes, w×h.
func (o orientation) planes(src, dst []byte, w, h int) {
	for _, size := range [3][2]int{{w, h}, {w / 2, h / 2}, {w / 2, h / 2}} {
		o.plane(src, dst, size[0], size[1])
		n := size[0] * size[1]
		src, dst = src[n:], dst[n:]
	}
}

func (o orientation) plane(src, dst []byte, w, h int) {
	// right is a step right in the picture as it is after mirroring.
	start, right := 0, 1
	if o.flip {
		start, right = w-1, -1
	}
	across, down := right, w
	outW, outH := w, h
	switch o.degrees {
	case 90:
		start, across, down, outW, outH = start+(h-1)*w, -w, right, h, w
	case 180:
		start, across, down = start+(h-1)*w+(w-1)*right, -right, -w
	case 270:
		start, across, down, outW, outH = start+(w-1)*right, w, -right, h, w
	}
	C.dy_turn((*C.uint8_t)(&src[0]), (*C.uint8_t)(&dst[0]), C.int(outW), C.int(outH), C.int(start), C.int(across), C.int(down))
}
