// Package box writes what MP4 files are made of: boxes (ISO/IEC 14496-12), and those
// that say how a track is coded. Pure Go.
package box

import "encoding/binary"

// Of is a box of parts.
func Of(kind string, parts ...[]byte) []byte {
	n := 8
	for _, p := range parts {
		n += len(p)
	}
	b := append(make([]byte, 0, n), U32(uint32(n))...)
	b = append(b, kind...)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// Full is a box with a version and flags.
func Full(kind string, version byte, flags uint32, parts ...[]byte) []byte {
	return Of(kind, append([][]byte{U32(uint32(version)<<24 | flags)}, parts...)...)
}

// U8 is a number in so many bits, as boxes have it; so are U16 to U64.
func U8(v byte) []byte { return []byte{v} }

// U16 is like U8.
func U16(v uint16) []byte { return binary.BigEndian.AppendUint16(nil, v) }

// U32 is like U8.
func U32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }

// U64 is like U8.
func U64(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }

// Zeros are so many.
func Zeros(n int) []byte { return make([]byte, n) }

// Unity is the matrix of a picture that is shown as it is.
func Unity() []byte {
	b := Zeros(36)
	copy(b, U32(1<<16))
	copy(b[16:], U32(1<<16))
	copy(b[32:], U32(1<<30))
	return b
}
