package decode

/*
#cgo pkg-config: libavcodec libavutil
#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>

// Takes the device's form of pictures or none: software is another decoder.
static enum AVPixelFormat dy_device_format(AVCodecContext *cc, const enum AVPixelFormat *offered) {
	for (; *offered != AV_PIX_FMT_NONE; offered++)
		if (*offered == (enum AVPixelFormat)(intptr_t)cc->opaque) return *offered;
	return AV_PIX_FMT_NONE;
}

static int dy_use_device(AVCodecContext *cc, AVBufferRef *device, enum AVPixelFormat format) {
	cc->hw_device_ctx = av_buffer_ref(device);
	cc->opaque = (void *)(intptr_t)format;
	cc->get_format = dy_device_format;
	return cc->hw_device_ctx ? 0 : AVERROR(ENOMEM);
}
*/
import "C"

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/asticode/go-astiav"
)

// node is a device of the system that FFmpeg decodes on.
type node struct {
	kind    astiav.HardwareDeviceType
	path    string
	device  string      // as FFmpeg opens it
	options [][2]string // and with what

	once sync.Once
	// Held until close: freeing a codec context frees a device that was given to
	// it by SetHardwareDeviceContext (go-astiav v0.16.0), so each gets a reference
	// of its own.
	context *astiav.HardwareDeviceContext
	err     error
}

// nodes lists the devices of a kind (auto or nothing: of all) whose files are
// below dir. Where there are none FFmpeg is not asked, which takes its time.
func nodes(dir, kind string) []device {
	wants := func(k string) bool { return kind == k || kind == "auto" || kind == "" }
	var list []device
	if _, err := os.Stat(filepath.Join(dir, "nvidiactl")); err == nil && wants("cuda") {
		cards, _ := filepath.Glob(filepath.Join(dir, "nvidia[0-9]*")) // the pattern is well formed
		for _, path := range cards {
			number := strings.TrimPrefix(filepath.Base(path), "nvidia")
			list = append(list, &node{kind: astiav.HardwareDeviceTypeCUDA, path: path, device: number})
		}
	}
	renderers, _ := filepath.Glob(filepath.Join(dir, "dri", "renderD*"))
	for _, path := range renderers {
		if wants("qsv") {
			list = append(list, &node{kind: astiav.HardwareDeviceTypeQSV, path: path,
				options: [][2]string{{"child_device", path}, {"child_device_type", "vaapi"}}})
		}
		if wants("vaapi") {
			list = append(list, &node{kind: astiav.HardwareDeviceTypeVAAPI, path: path, device: path})
		}
	}
	return list
}

func (n *node) name() string { return n.kind.String() + " " + n.path }

// open opens the device at the first call, and says again what came of it.
func (n *node) open() error {
	n.once.Do(func() {
		options := astiav.NewDictionary()
		defer options.Free()
		for _, o := range n.options {
			n.err = errors.Join(n.err, options.Set(o[0], o[1], 0))
		}
		if n.err == nil {
			n.context, n.err = astiav.CreateHardwareDeviceContext(n.kind, n.device, options)
		}
		if n.err == nil {
			live[liveDevice].Add(1)
		} else {
			n.err = fmt.Errorf("opening %s: %w", n.name(), n.err)
		}
	})
	return n.err
}

func (n *node) close() {
	if n.context != nil {
		C.av_buffer_unref((**C.AVBufferRef)(unsafe.Pointer(n.context)))
		live[liveDevice].Add(-1)
		n.context = nil
	}
}

func (n *node) decoder(params *astiav.CodecParameters) (*astiav.CodecContext, error) {
	if err := n.open(); err != nil {
		return nil, err
	}
	codec := astiav.FindDecoder(params.CodecID())
	if n.kind == astiav.HardwareDeviceTypeQSV { // a decoder of its own, the others are parts of the usual one
		codec = astiav.FindDecoderByName(strings.TrimSuffix(params.CodecID().Name(), "video") + "_qsv")
	}
	if codec == nil {
		return nil, astiav.ErrDecoderNotFound
	}
	configs := codec.HardwareConfigs()
	i := slices.IndexFunc(configs, func(c astiav.CodecHardwareConfig) bool { return c.HardwareDeviceType() == n.kind })
	if i < 0 {
		return nil, fmt.Errorf("decoding %s on %s: %w", params.CodecID().Name(), n.name(), astiav.ErrDecoderNotFound)
	}
	return openCodec(codec, params, 1, func(cc *astiav.CodecContext) error {
		return averror(C.dy_use_device((*C.AVCodecContext)(native(cc)), (*C.AVBufferRef)(native(n.context)),
			C.enum_AVPixelFormat(configs[i].PixelFormat())))
	})
}

func (n *node) download(from, to *astiav.Frame) error {
	if err := from.TransferHardwareData(to); err != nil {
		return err
	}
	// Colours are told by the frame's tags.
	return averror(C.av_frame_copy_props((*C.AVFrame)(to.UnsafePointer()), (*C.AVFrame)(from.UnsafePointer())))
}

// FFmpegVersion names the FFmpeg that decodes, as its distribution does.
func FFmpegVersion() string { return C.GoString(C.av_version_info()) }
