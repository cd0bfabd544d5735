package box

import "math"

// Picture is how a track of H.264 is coded.
type Picture struct {
	Width, Height int
	SPS, PPS      [][]byte // parameter sets, without start codes; at least one of each
}

// Sound is how a track of AAC is coded.
type Sound struct {
	Channels, Rate int
	Config         []byte // AudioSpecificConfig
}

// Entry is the track's sample entry.
func (p *Picture) Entry() []byte {
	return Of("avc1", Zeros(6), U16(1), Zeros(16), U16(uint16(p.Width)), U16(uint16(p.Height)),
		U32(72<<16), U32(72<<16), Zeros(4), U16(1), Zeros(32), U16(24), U16(math.MaxUint16), p.config())
}

// config holds the parameter sets (ISO/IEC 14496-15, 5.3.3). Where there are several,
// it asks for a decoder that can do with all of them.
func (p *Picture) config() []byte {
	profile, limits, level := byte(0), byte(math.MaxUint8), byte(0)
	for _, sps := range p.SPS {
		profile, limits, level = max(profile, sps[1]), limits&sps[2], max(level, sps[3])
	}
	b := []byte{1, profile, limits, level, 0xff, 0xe0 | byte(len(p.SPS))}
	b = appendSets(b, p.SPS)
	b = appendSets(append(b, byte(len(p.PPS))), p.PPS)
	if high := byte(100); profile >= high {
		b = append(b, 0xfd, 0xf8, 0xf8, 0) // 4:2:0, 8 bits
	}
	return Of("avcC", b)
}

func appendSets(b []byte, sets [][]byte) []byte {
	for _, set := range sets {
		b = append(append(b, U16(uint16(len(set)))...), set...)
	}
	return b
}

// Entry is the track's sample entry.
func (s *Sound) Entry() []byte {
	descriptor := func(tag byte, parts ...[]byte) []byte {
		var body []byte
		for _, p := range parts {
			body = append(body, p...)
		}
		return append([]byte{tag, byte(len(body))}, body...)
	}
	const aac, audio = 0x40, 0x15
	stream := Full("esds", 0, 0, descriptor(3, U16(0), U8(0),
		descriptor(4, []byte{aac, audio}, Zeros(11), descriptor(5, s.Config)), descriptor(6, U8(2))))
	return Of("mp4a", Zeros(6), U16(1), Zeros(8), U16(uint16(s.Channels)), U16(16), Zeros(4), U32(uint32(s.Rate)<<16), stream)
}
