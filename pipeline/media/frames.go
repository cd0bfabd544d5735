package media

import (
	"encoding/binary"

	"dyade/pipeline/decode"
)

// FramesVersion is that of what Frames gives.
const FramesVersion = 1

// Frames lists when each picture of a film is shown, in the order of being shown; nil
// where the film has none. Behind a header, little end first, of the version, the
// numerator and denominator of a tick's length in seconds, how many pictures there are
// (32 bits each), when the first is shown and when the last ends (64 bits each, in
// ticks of media time), comes for each picture but the first how many ticks after the
// one before it is shown, as a varint: seven bits a byte, the least first, each byte
// but the last of a number with its highest bit set.
func Frames(src *decode.Source) []byte {
	ix := src.Index()
	if ix == nil {
		return nil
	}
	shown := ix.Shown()
	first := ix.Time(shown[0]).Ticks
	out := binary.LittleEndian.AppendUint32(nil, FramesVersion)
	for _, n := range []int64{ix.Base.Num, ix.Base.Den, int64(len(shown))} {
		out = binary.LittleEndian.AppendUint32(out, uint32(n))
	}
	for _, n := range []int64{first, ix.End - ix.Origin} {
		out = binary.LittleEndian.AppendUint64(out, uint64(n))
	}
	before := first
	for _, i := range shown[1:] {
		t := ix.Time(i).Ticks
		out = binary.AppendUvarint(out, uint64(t-before))
		before = t
	}
	return out
}
