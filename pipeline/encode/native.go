package encode

/*
#cgo pkg-config: libavcodec libavutil
#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
#include <string.h>

// Copies planes that lie one after the other into a frame of 4:2:0.
static void dy_picture(AVFrame *f, const uint8_t *planes) {
	for (int p = 0; p < 3; p++) {
		int w = p ? f->width / 2 : f->width, h = p ? f->height / 2 : f->height;
		for (int y = 0; y < h; y++, planes += w) memcpy(f->data[p] + (ptrdiff_t)y * f->linesize[p], planes, (size_t)w);
	}
}

// Puts interleaved stereo into a frame of two planes; what is missing is silence.
static void dy_sound(AVFrame *f, const float *samples, int n) {
	float *l = (float *)f->data[0], *r = (float *)f->data[1];
	for (int i = 0; i < f->nb_samples; i++) {
		l[i] = i < n ? samples[2 * i] : 0;
		r[i] = i < n ? samples[2 * i + 1] : 0;
	}
}

// A frame for so many samples of stereo at a rate.
static int dy_sound_frame(AVFrame *f, int n, int rate) {
	f->nb_samples = n;
	f->format = AV_SAMPLE_FMT_FLTP;
	f->sample_rate = rate;
	av_channel_layout_default(&f->ch_layout, 2);
	return av_frame_get_buffer(f, 0);
}

static int dy_writable(AVFrame *f) { return av_frame_make_writable(f); }
*/
import "C"

import (
	"sync/atomic"
	"unsafe"

	"github.com/asticode/go-astiav"
)

// This file holds what go-astiav v0.16.0 does not reach: what is in frames.

func frameC(f *astiav.Frame) *C.AVFrame { return (*C.AVFrame)(f.UnsafePointer()) }

func averror(ret C.int) error {
	if ret < 0 {
		return astiav.Error(ret)
	}
	return nil
}

// fillPicture puts planes into a frame that the encoder may still read.
func fillPicture(f *astiav.Frame, planes []byte) error {
	if err := averror(C.dy_writable(frameC(f))); err != nil {
		return err
	}
	C.dy_picture(frameC(f), (*C.uint8_t)(unsafe.Pointer(&planes[0])))
	return nil
}

func soundFrame(f *astiav.Frame, n, rate int) error {
	return averror(C.dy_sound_frame(frameC(f), C.int(n), C.int(rate)))
}

func fillSound(f *astiav.Frame, samples []float32) error {
	if err := averror(C.dy_writable(frameC(f))); err != nil {
		return err
	}
	C.dy_sound(frameC(f), (*C.float)(unsafe.Pointer(&samples[0])), C.int(len(samples)/2))
	return nil
}

var live atomic.Int64

// Live is how many encoders are open. It serves tests.
func Live() int { return int(live.Load()) }
