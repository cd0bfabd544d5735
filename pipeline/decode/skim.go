package decode

/*
#cgo pkg-config: libavformat libavutil
#include <errno.h>
#include <libavformat/avformat.h>
#include <string.h>
#include <unistd.h>

// Bytes of each packet that are read when skimming: in front of a picture's first
// slice there is little. As many behind them as a parser may look at are cleared.
enum { HEAD = 4 << 10, CLEARED = 64 };

// A file whose packets can be skimmed: of what a demuxer reads straight into a
// packet, only the head is read.
typedef struct {
	int fd, head; // 0: packets are read in full
	int64_t at, size;
	AVIOContext *io;
	int held; // bytes of near, which lie in the file from from on
	int64_t from;
	uint8_t near[HEAD];
} dy_skimmed;

static int dy_pread(dy_skimmed *s, int64_t at, uint8_t *buf, int n) {
	int done = 0;
	while (done < n) {
		ssize_t k = pread(s->fd, buf + done, (size_t)(n - done), at + done);
		if (k == 0) break;
		if (k < 0 && errno == EINTR) continue;
		if (k < 0) return done ? done : AVERROR(errno);
		done += (int)k;
	}
	return done;
}

// Packets of sound lie side by side: many are had with one call of the system.
static int dy_near(dy_skimmed *s, uint8_t *buf, int n) {
	if (s->at < s->from || s->at + n > s->from + s->held) {
		int got = dy_pread(s, s->at, s->near, sizeof(s->near));
		s->from = s->at;
		s->held = got < 0 ? 0 : got;
		if (got < n) n = got;
	}
	if (n > 0) memcpy(buf, s->near + (s->at - s->from), (size_t)n);
	return n;
}

static int dy_read(void *opaque, uint8_t *buf, int n) {
	dy_skimmed *s = opaque;
	if (s->at >= s->size) return AVERROR_EOF;
	if (n > s->size - s->at) n = (int)(s->size - s->at);
	// The demuxer's own looking around goes through the context's buffer.
	int own = buf >= s->io->buffer && buf < s->io->buffer + s->io->buffer_size;
	int most = s->head && n > s->head ? s->head : n;
	int got = s->head ? dy_near(s, buf, most) : dy_pread(s, s->at, buf, most);
	if (got == 0) return AVERROR_EOF;
	if (got == most && most < n && !own) {
		memset(buf + got, 0, (size_t)(n - got < CLEARED ? n - got : CLEARED));
		got = n;
	}
	if (got > 0) s->at += got;
	return got;
}

static int64_t dy_seek(void *opaque, int64_t at, int whence) {
	dy_skimmed *s = opaque;
	switch (whence & ~AVSEEK_FORCE) {
	case AVSEEK_SIZE: return s->size;
	case SEEK_CUR: at += s->at; break;
	case SEEK_END: at += s->size; break;
	}
	if (at < 0) return AVERROR(EINVAL);
	return s->at = at;
}

// Takes fd over where it succeeds.
static dy_skimmed *dy_skimmed_open(int fd, int64_t size) {
	enum { BUFFER = 32 << 10 };
	dy_skimmed *s = av_mallocz(sizeof(*s));
	uint8_t *buffer = av_malloc(BUFFER);
	if (s && buffer) s->io = avio_alloc_context(buffer, BUFFER, 0, s, dy_read, NULL, dy_seek);
	if (!s || !s->io) {
		av_free(buffer);
		av_free(s);
		return NULL;
	}
	s->fd = fd;
	s->size = size;
	return s;
}

static void dy_skimmed_close(AVIOContext *io) {
	dy_skimmed *s = io->opaque;
	close(s->fd);
	av_freep(&io->buffer);
	avio_context_free(&io);
	av_free(s);
}

static void dy_skim(AVIOContext *io) {
	dy_skimmed *s = io->opaque;
	s->head = HEAD;
	io->direct = 1;
}
*/
import "C"

import (
	"errors"
	"strings"
	"syscall"

	"github.com/asticode/go-astiav"
)

// Two hours of film are 14 GB, of which the index needs the containers' own
// tables and each picture's first bytes.

// headBytes are those in which a picture's first slice must begin; its own header
// lies behind them at the latest.
const headBytes = C.HEAD - C.CLEARED

// openSkimmable opens like openInput a file that skim may be called for.
func openSkimmable(path string) (*astiav.FormatContext, error) {
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	var info syscall.Stat_t
	err = syscall.Fstat(fd, &info)
	if err != nil {
		return nil, errors.Join(err, syscall.Close(fd))
	}
	file := C.dy_skimmed_open(C.int(fd), C.int64_t(info.Size))
	if file == nil {
		return nil, errors.Join(syscall.ENOMEM, syscall.Close(fd))
	}
	live[liveFile].Add(1)
	fc := astiav.AllocFormatContext()
	formatC(fc).pb = file.io
	if err := openInto(fc, path, containers, nil); err != nil {
		closeSkimmable(file.io)
		return nil, err
	}
	return fc, nil
}

func closeSkimmable(io *C.AVIOContext) {
	C.dy_skimmed_close(io)
	live[liveFile].Add(-1)
}

// ownFile is what openSkimmable opened; nil where FFmpeg opened the file itself.
func ownFile(fc *astiav.FormatContext) *C.AVIOContext {
	if c := formatC(fc); c.flags&C.AVFMT_FLAG_CUSTOM_IO != 0 {
		return c.pb
	}
	return nil
}

// skim makes reading on pass over the packets' payload, and tells whether it
// will: in containers and codecs where nothing that is used of a packet lies
// behind its head.
func skim(fc *astiav.FormatContext, t tracks) bool {
	io := ownFile(fc)
	if io == nil || !tablesSuffice(fc, t) {
		return false
	}
	C.dy_skim(io)
	return true
}

// tablesSuffice tells whether the container's tables and the packets' heads say
// all of the tracks.
func tablesSuffice(fc *astiav.FormatContext, t tracks) bool {
	name := fc.InputFormat().Name()
	if !strings.HasPrefix(name, "mov,") && !strings.HasPrefix(name, "matroska,") {
		return false
	}
	if t.video == nil || newBitstream(t.video.CodecParameters()).prefix == 0 {
		return false
	}
	if t.audio == nil {
		return true
	}
	// The parsers of some kinds of sound look through whole packets.
	switch t.audio.CodecParameters().CodecID() {
	case astiav.CodecIDAac, astiav.CodecIDAlac, astiav.CodecIDOpus, astiav.CodecIDVorbis,
		astiav.CodecIDPcmS16Le, astiav.CodecIDPcmS16Be, astiav.CodecIDPcmS24Le, astiav.CodecIDPcmS24Be:
		return true
	}
	return false
}
