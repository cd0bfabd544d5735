package box

import "math"

// times are two of a header's, in 64 bits where they need it, and the header's version
// for that.
func times(length uint64, between ...[]byte) (version byte, parts [][]byte) {
	if length > math.MaxUint32 {
		return 1, append(append([][]byte{Zeros(16)}, between...), U64(length))
	}
	return 0, append(append([][]byte{Zeros(8)}, between...), U32(uint32(length)))
}

// MovieHeader is of a film that lasts so many ticks of a scale a second; next is a
// number for one more track.
func MovieHeader(scale uint32, length uint64, next uint32) []byte {
	version, parts := times(length, U32(scale))
	return Full("mvhd", version, 0, append(parts, U32(1<<16), U16(1<<8), Zeros(10), Unity(), Zeros(24), U32(next))...)
}

// What a track is for.
const (
	Enabled = 1
	InMovie = 2
)

// TrackHeader is of a track that lasts so many ticks of the film's. Without a width it
// is heard, or neither seen nor heard where quiet.
func TrackHeader(id, flags uint32, length uint64, width, height int, quiet bool) []byte {
	volume := uint16(0)
	if width == 0 && !quiet {
		volume = 1 << 8
	}
	version, parts := times(length, U32(id), Zeros(4))
	return Full("tkhd", version, flags, append(parts, Zeros(8), U16(0), U16(0), U16(volume), U16(0), Unity(),
		U32(uint32(width)<<16), U32(uint32(height)<<16))...)
}

// MediaHeader is of a track that lasts so many ticks of a scale a second, of no language.
func MediaHeader(scale uint32, length uint64) []byte {
	version, parts := times(length, U32(scale))
	return Full("mdhd", version, 0, append(parts, U16(0x55c4), U16(0))...)
}

// Handler says what a track is: vide, soun or text.
func Handler(kind string) []byte {
	return Full("hdlr", 0, 0, Zeros(4), []byte(kind), Zeros(12), U8(0))
}

// PictureMedia and SoundMedia say that a track is pictures, or sound.
func PictureMedia() []byte { return Full("vmhd", 0, 1, Zeros(8)) }

// SoundMedia is like PictureMedia.
func SoundMedia() []byte { return Full("smhd", 0, 0, Zeros(4)) }

// Here says that a track's data are in the same file.
func Here() []byte {
	return Of("dinf", Full("dref", 0, 0, U32(1), Full("url ", 0, 1)))
}
