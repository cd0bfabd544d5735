package decode

/*
#cgo pkg-config: libswscale libavutil
#include <libavutil/frame.h>
#include <libswscale/swscale.h>

// A scaler from the frame's own format to packed BGR. Colours follow the frame's
// tags; space is the one where it has none.
static struct SwsContext *dy_scaler(const AVFrame *f, int w, int h, int flags, int space) {
	int full = f->color_range == AVCOL_RANGE_JPEG;
	struct SwsContext *sws = sws_getContext(f->width, f->height, f->format, w, h,
		AV_PIX_FMT_BGR24, flags, NULL, NULL, NULL);
	if (!sws) return NULL;
	int *inv, *table, src, dst, brightness, contrast, saturation;
	if (sws_getColorspaceDetails(sws, &inv, &src, &table, &dst, &brightness, &contrast, &saturation) >= 0)
		sws_setColorspaceDetails(sws, sws_getCoefficients(space), full || src, table, 1,
			brightness, contrast, saturation);
	return sws;
}

static int dy_scale(struct SwsContext *sws, const AVFrame *f, uint8_t *pix, int stride) {
	uint8_t *dst[4] = {pix, NULL, NULL, NULL};
	int strides[4] = {stride, 0, 0, 0};
	return sws_scale(sws, (const uint8_t *const *)f->data, f->linesize, 0, f->height, dst, strides);
}
*/
import "C"

import (
	"errors"
	"fmt"

	"github.com/asticode/go-astiav"
)

// scaler turns decoded pictures to packed BGR: planes of brightness and colour
// differences, which is what films are made of, by a shrinker; the rest by
// swscale.
type scaler struct {
	c      *C.struct_SwsContext
	shrink *shrinker
	from   form
	to     [2]int
	small  []byte // the scaled picture before it is turned
	shown  bool   // to people: of interlaced pictures one field alone is taken, however large
}

// form is what a scaler is made for.
type form struct {
	width, height, format, space int
	full                         bool
	field                        int // the earlier of two interlaced ones, -1: pictures are whole
	transfer                     int
}

func formOf(f *astiav.Frame) form {
	c := frameC(f)
	m := form{
		width: int(c.width), height: int(c.height), format: int(c.format), space: int(c.colorspace),
		full: c.color_range == C.AVCOL_RANGE_JPEG, field: -1, transfer: int(c.color_trc),
	}
	// Where there is no tag, players take BT.709 from 720 lines on, else BT.601.
	if m.space == C.AVCOL_SPC_UNSPECIFIED || m.space == C.AVCOL_SPC_RESERVED {
		m.space = C.AVCOL_SPC_SMPTE170M
		if m.height >= 720 {
			m.space = C.AVCOL_SPC_BT709
		}
	}
	if c.interlaced_frame != 0 {
		m.field = 1 - min(int(c.top_field_first), 1)
	}
	return m
}

// scale writes the picture to pix, w×h×3 bytes.
func (s *scaler) scale(f *astiav.Frame, w, h int, pix []byte) error {
	if len(pix) < w*h*3 {
		return errors.New("scaling a picture: the buffer is too small")
	}
	if m, to := formOf(f), [2]int{w, h}; s.c == nil && s.shrink == nil || s.from != m || s.to != to {
		if err := s.prepare(f, m, w, h); err != nil {
			return err
		}
	}
	if s.shrink != nil {
		s.shrink.picture(f, pix)
		return nil
	}
	if err := averror(C.dy_scale(s.c, frameC(f), (*C.uint8_t)(&pix[0]), C.int(3*w))); err != nil {
		return fmt.Errorf("scaling a picture to %d×%d: %w", w, h, err)
	}
	return nil
}

func (s *scaler) prepare(f *astiav.Frame, m form, w, h int) error {
	s.close()
	s.from, s.to = m, [2]int{w, h}
	if !s.shown && 2*h > m.height {
		m.field = -1
	}
	if s.shrink = newShrinker(m, w, h, false); s.shrink == nil {
		s.c = C.dy_scaler(frameC(f), C.int(w), C.int(h), C.SWS_BILINEAR|C.SWS_ACCURATE_RND, C.int(m.space))
		if s.c == nil {
			return fmt.Errorf("scaling a picture of format %d from %d×%d to %d×%d: no scaler for it", m.format, m.width, m.height, w, h)
		}
		live[liveScaler].Add(1)
	}
	return nil
}

// upright writes the picture, turned and of the size w×h then, to pix.
func (s *scaler) upright(f *astiav.Frame, turn orientation, w, h int, pix []byte) error {
	if turn == (orientation{}) {
		return s.scale(f, w, h, pix)
	}
	if turn.sideways() {
		w, h = h, w
	}
	if len(s.small) < len(pix) {
		s.small = make([]byte, len(pix))
	}
	if err := s.scale(f, w, h, s.small); err != nil {
		return err
	}
	turn.apply(s.small, pix, w, h)
	return nil
}

func (s *scaler) close() {
	s.shrink = nil
	if s.c != nil {
		C.sws_freeContext(s.c)
		live[liveScaler].Add(-1)
		s.c = nil
	}
}
