package decode

/*
#cgo pkg-config: libavformat libavcodec libavutil libswresample
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswresample/swresample.h>

// Stream information, with every probing decoder held to max_pixels. Where the
// container's tables say all, little is read, and H.264's decoder, which knows a
// picture's form from its header, decodes none: a phone's keyframe takes longer
// than the rest of the opening. Streams found while probing have no options: they
// are refused by size afterwards.
static int dy_find_stream_info(AVFormatContext *fc, const char *max_pixels, int tables) {
	enum { LITTLE = 1 << 20 };
	unsigned n = fc->nb_streams;
	int64_t probesize = fc->probesize;
	AVDictionary **opts = av_calloc(n + 1, sizeof(*opts));
	if (!opts) return AVERROR(ENOMEM);
	for (unsigned i = 0; i < n; i++) {
		av_dict_set(&opts[i], "max_pixels", max_pixels, 0);
		av_dict_set(&opts[i], "threads", "1", 0);
		if (tables && fc->streams[i]->codecpar->codec_id == AV_CODEC_ID_H264)
			av_dict_set(&opts[i], "skip_frame", "all", 0);
	}
	if (tables) fc->probesize = LITTLE;
	int ret = avformat_find_stream_info(fc, opts);
	fc->probesize = probesize;
	for (unsigned i = 0; i < n; i++) av_dict_free(&opts[i]);
	av_free(opts);
	return ret;
}

static void dy_trust(AVCodecContext *cc, int all) {
	if (all) cc->flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT;
	else cc->flags &= ~AV_CODEC_FLAG_OUTPUT_CORRUPT;
}

static void dy_skip(AVCodecContext *cc, int loop_filter) {
	cc->skip_loop_filter = loop_filter;
}

// A resampler from the frame's own format to float, mono or interleaved stereo.
static struct SwrContext *dy_resampler(const AVFrame *f, int rate, int channels) {
	AVChannelLayout out, in = {0}; // copying frees what it held
	av_channel_layout_default(&out, channels);
	struct SwrContext *swr = NULL;
	if (f->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
		av_channel_layout_default(&in, f->ch_layout.nb_channels);
	else if (av_channel_layout_copy(&in, &f->ch_layout) < 0)
		return NULL;
	int ret = swr_alloc_set_opts2(&swr, &out, AV_SAMPLE_FMT_FLT, rate, &in, f->format,
		f->sample_rate, 0, NULL);
	av_channel_layout_uninit(&in);
	if (ret < 0 || swr_init(swr) < 0) swr_free(&swr);
	return swr;
}

static int dy_resample(struct SwrContext *swr, const AVFrame *f, float *out, int room) {
	uint8_t *dst = (uint8_t *)out;
	if (!f) return swr_convert(swr, &dst, room, NULL, 0);
	return swr_convert(swr, &dst, room, (const uint8_t **)f->extended_data, f->nb_samples);
}

// The parser's word on one whole packet.
static void dy_parse(AVCodecParserContext *pc, AVCodecContext *cc, const uint8_t *data, int size) {
	uint8_t *out;
	int n;
	pc->flags |= PARSER_FLAG_COMPLETE_FRAMES;
	pc->key_frame = -1;
	pc->pict_type = AV_PICTURE_TYPE_NONE;
	av_parser_parse2(pc, cc, &out, &n, data, size, AV_NOPTS_VALUE, AV_NOPTS_VALUE, -1);
}

// Tells apart two sound formats, so that a resampler is not fed another's.
static uint64_t dy_sound_format(const AVFrame *f) {
	return (uint64_t)f->sample_rate << 32 | (uint64_t)(f->format & 0xffff) << 16 |
		(uint64_t)(f->ch_layout.nb_channels & 0xffff);
}
*/
import "C"

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unsafe"

	"github.com/asticode/go-astiav"

	"dyade/annotate/timecode"
)

// This file holds what go-astiav v0.16.0 does not reach: per-stream options of
// the probe, discarding streams, flushing a decoder, best-effort times, and the
// resampler. Scaling is in scale.go and shrink.go.

// noTime is FFmpeg's AV_NOPTS_VALUE.
const noTime = C.AV_NOPTS_VALUE

// flagDisposable is FFmpeg's AV_PKT_FLAG_DISPOSABLE.
const flagDisposable = astiav.PacketFlag(C.AV_PKT_FLAG_DISPOSABLE)

// native gives the C struct behind one of go-astiav's, whose first field it is
// in v0.16.0; TestNativePointers holds that against the next version.
func native[T astiav.FormatContext | astiav.CodecContext | astiav.Stream | astiav.Packet | astiav.HardwareDeviceContext](p *T) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(p))
}

func formatC(fc *astiav.FormatContext) *C.AVFormatContext { return (*C.AVFormatContext)(native(fc)) }
func codecC(cc *astiav.CodecContext) *C.AVCodecContext    { return (*C.AVCodecContext)(native(cc)) }
func streamC(s *astiav.Stream) *C.AVStream                { return (*C.AVStream)(native(s)) }
func packetC(p *astiav.Packet) *C.AVPacket                { return (*C.AVPacket)(native(p)) }
func frameC(f *astiav.Frame) *C.AVFrame                   { return (*C.AVFrame)(f.UnsafePointer()) }

func averror(ret C.int) error {
	if ret < 0 {
		return astiav.Error(ret)
	}
	return nil
}

func findStreamInfo(fc *astiav.FormatContext) error {
	limit, tables := C.CString(strconv.Itoa(maxPixels)), C.int(0)
	defer C.free(unsafe.Pointer(limit))
	if strings.HasPrefix(fc.InputFormat().Name(), "mov,") && tablesSuffice(fc, choose(fc)) {
		tables = 1 // Matroska's have no decoding times: those are made from what was probed
	}
	return averror(C.dy_find_stream_info(formatC(fc), limit, tables))
}

func discardStream(s *astiav.Stream) { streamC(s).discard = C.AVDISCARD_ALL }

func disposition(s *astiav.Stream) (isDefault, isPicture bool) {
	d := streamC(s).disposition
	return d&C.AV_DISPOSITION_DEFAULT != 0, d&(C.AV_DISPOSITION_ATTACHED_PIC|C.AV_DISPOSITION_STILL_IMAGE) != 0
}

// entersAtBytes tells whether the container can be entered at any byte.
func entersAtBytes(fc *astiav.FormatContext) bool {
	return formatC(fc).iformat.flags&C.AVFMT_NO_BYTE_SEEK == 0
}

// payload is the packet's bytes in place, valid until the packet is unreferenced.
func payload(p *astiav.Packet) []byte {
	c := packetC(p)
	if c.data == nil {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(c.data)), int(c.size))
}

func setTimeBase(cc *astiav.CodecContext, b timecode.Base) {
	codecC(cc).pkt_timebase = C.AVRational{num: C.int(b.Num), den: C.int(b.Den)}
}

// videoDelay is how many pictures the stream's decoder holds back.
func videoDelay(s *astiav.Stream) int { return int(streamC(s).codecpar.video_delay) }

// parser reads picture headers.
type parser struct {
	c  *C.AVCodecParserContext
	cc *astiav.CodecContext // carries the stream's own header to c
}

// newParser opens a parser for the codec; without one for it, headers are empty.
func newParser(params *astiav.CodecParameters) (*parser, error) {
	p := &parser{cc: astiav.AllocCodecContext(nil)}
	live[liveCodec].Add(1)
	if err := params.ToCodecContext(p.cc); err != nil {
		p.close()
		return nil, err
	}
	if p.c = C.av_parser_init(C.int(codecC(p.cc).codec_id)); p.c != nil {
		live[liveParser].Add(1)
	}
	return p, nil
}

func (p *parser) parse(pkt *astiav.Packet) header {
	if p.c == nil {
		return header{}
	}
	c := packetC(pkt)
	C.dy_parse(p.c, codecC(p.cc), c.data, c.size)
	return header{
		count: int(p.c.output_picture_number),
		key:   p.c.key_frame == 1 || p.c.key_frame < 0 && p.c.pict_type == C.AV_PICTURE_TYPE_I,
		b:     p.c.pict_type == C.AV_PICTURE_TYPE_B,
	}
}

func (p *parser) close() {
	if p.c != nil {
		C.av_parser_close(p.c)
		live[liveParser].Add(-1)
		p.c = nil
	}
	freeCodec(p.cc)
}

func flushDecoder(cc *astiav.CodecContext) { C.avcodec_flush_buffers(codecC(cc)) }

// skipLoopFilter leaves out the deblocking of every picture, or of none but what
// the decoder leaves out anyway.
func skipLoopFilter(cc *astiav.CodecContext, skip bool) {
	level := C.int(C.AVDISCARD_DEFAULT)
	if skip {
		level = C.AVDISCARD_ALL
	}
	C.dy_skip(codecC(cc), level)
}

// trustAll has the decoder give the pictures that follow a key which is none in
// H.264's own sense: it would hold back those decoded before that key is shown,
// as they might be leading ones, which we do not ask for. Where not even the key
// was decoded, what follows is not to be trusted.
func trustAll(cc *astiav.CodecContext, trust bool) {
	all := C.int(0)
	if trust && codecC(cc).codec_id == C.AV_CODEC_ID_H264 {
		all = 1
	}
	C.dy_trust(codecC(cc), all)
}

// concealed tells whether the decoder guessed parts of the picture.
func concealed(f *astiav.Frame) bool {
	c := frameC(f)
	return c.decode_error_flags != 0 || c.flags&C.AV_FRAME_FLAG_CORRUPT != 0
}

func bestEffortTime(f *astiav.Frame) int64 { return int64(frameC(f).best_effort_timestamp) }

func bitDepth(f astiav.PixelFormat) int {
	d := C.av_pix_fmt_desc_get(C.enum_AVPixelFormat(f))
	if d == nil {
		return 8
	}
	return int(d.comp[0].depth)
}

// maxRoom is how much sound one frame may become, in seconds.
const maxRoom = 120

// resampler turns decoded sound of one form to float, of some channels interleaved, at
// one rate.
type resampler struct {
	c        *C.struct_SwrContext
	form     C.uint64_t
	channels int
	rate     int
}

// fits tells whether the frame has the form that the resampler was opened for.
func (r *resampler) fits(f *astiav.Frame) bool {
	return r.c != nil && r.form == C.dy_sound_format(frameC(f))
}

func (r *resampler) open(f *astiav.Frame, rate, channels int) error {
	r.close()
	r.rate, r.channels = rate, channels
	r.c, r.form = C.dy_resampler(frameC(f), C.int(rate), C.int(channels)), C.dy_sound_format(frameC(f))
	if r.c == nil {
		return errors.New("resampling sound: no resampler for its format")
	}
	live[liveResampler].Add(1)
	return nil
}

// convert appends what the frame gives to out; a nil frame gives what is left
// inside the resampler, which can then be given nothing more.
func (r *resampler) convert(f *astiav.Frame, out []float32) ([]float32, error) {
	if r.c == nil {
		return out, nil
	}
	var c *C.AVFrame
	samples := C.int(0)
	if f != nil {
		c = frameC(f)
		samples = c.nb_samples
	}
	room := int(C.swr_get_out_samples(r.c, samples)) + 64
	if room < 64 || room > maxRoom*r.rate {
		return out, errors.New("resampling sound: a frame of impossible length")
	}
	start, floats := len(out), room*r.channels
	if cap(out)-start < floats {
		grown := make([]float32, start, 2*(start+floats))
		copy(grown, out)
		out = grown
	}
	out = out[:start+floats]
	n := C.dy_resample(r.c, c, (*C.float)(&out[start]), C.int(room))
	if n < 0 {
		return out[:start], fmt.Errorf("resampling sound: %w", averror(n))
	}
	return out[:start+int(n)*r.channels], nil
}

func (r *resampler) close() {
	if r.c != nil {
		C.swr_free(&r.c)
		live[liveResampler].Add(-1)
		r.c = nil
	}
}
