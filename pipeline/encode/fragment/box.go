package fragment

import "encoding/binary"

// box is an ISO base media box (ISO/IEC 14496-12) of parts.
func box(kind string, parts ...[]byte) []byte {
	n := 8
	for _, p := range parts {
		n += len(p)
	}
	b := append(make([]byte, 0, n), u32(uint32(n))...)
	b = append(b, kind...)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// full is a box with a version and flags.
func full(kind string, version byte, flags uint32, parts ...[]byte) []byte {
	return box(kind, append([][]byte{u32(uint32(version)<<24 | flags)}, parts...)...)
}

func u8(v byte) []byte    { return []byte{v} }
func u16(v uint16) []byte { return binary.BigEndian.AppendUint16(nil, v) }
func u32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
func u64(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }

func zeros(n int) []byte { return make([]byte, n) }

// unity is the matrix of a picture that is shown as it is.
func unity() []byte {
	b := zeros(36)
	copy(b, u32(1<<16))
	copy(b[16:], u32(1<<16))
	copy(b[32:], u32(1<<30))
	return b
}
