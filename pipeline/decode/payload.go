package decode

import "github.com/asticode/go-astiav"

// bitstream tells from a packet's first bytes what its container does not say.
type bitstream struct {
	codec  astiav.CodecID
	prefix int // bytes of a NAL unit's length; 0: start codes
}

func newBitstream(cp *astiav.CodecParameters) bitstream {
	b := bitstream{codec: cp.CodecID()}
	switch extra := cp.ExtraData(); {
	case b.codec == astiav.CodecIDH264 && len(extra) > 6 && extra[0] == 1:
		b.prefix = int(extra[4]&3) + 1
	case b.codec == astiav.CodecIDHevc && len(extra) > 22 && extra[0] == 1:
		b.prefix = int(extra[21]&3) + 1
	}
	return b
}

// picture is what a packet's own bytes say of its picture.
type picture struct {
	droppable bool // no other picture of its layer is predicted from it
	invisible bool // decoded, never shown
	gradual   bool // marked as a key, yet whole only some pictures later
	slice     bool // H.264 and HEVC: its first slice was met
	clean     bool // H.264: nothing that came before is needed any more (IDR)
	layer     int  // temporal layer: higher ones may be predicted from it
}

func (b bitstream) read(data []byte) picture {
	var p picture
	switch b.codec {
	case astiav.CodecIDH264:
		b.units(data, p.h264)
	case astiav.CodecIDHevc:
		b.units(data, p.hevc)
	case astiav.CodecIDVp8:
		p.invisible = len(data) > 0 && data[0]&0x10 == 0 // RFC 6386, 9.1
	case astiav.CodecIDVp9:
		p.invisible = vp9Invisible(data)
	}
	return p
}

// h264 reads a NAL unit and tells whether it was a slice: the types are in H.264,
// table 7-1, and nal_ref_idc, 0 where no other picture needs this one, in 7.4.1.
func (p *picture) h264(nal []byte) (slice bool) {
	switch t := nal[0] & 31; {
	case t == 6:
		p.gradual = p.gradual || gradualRecovery(nal[1:])
	case t >= 1 && t <= 5:
		p.slice, p.droppable, p.clean = true, nal[0]&0x60 == 0, t == 5
		p.gradual = p.gradual && t != 5
		return true
	}
	return false
}

// gradualRecovery tells whether supplemental information has a recovery point
// (H.264, D.2.8) some pictures away: an Exp-Golomb count that is not 0.
func gradualRecovery(sei []byte) bool {
	for len(sei) > 2 {
		kind, size, head := int(sei[0]), int(sei[1]), 2
		if kind == 255 || size == 255 || head+size > len(sei) {
			return false
		}
		if kind == 6 && size > 0 {
			return sei[head]&0x80 == 0
		}
		sei = sei[head+size:]
	}
	return false
}

// hevc reads a NAL unit and tells whether it was a slice: even types below 16
// are sub-layer non-reference pictures (H.265, table 7-1 and 7.4.2.2).
func (p *picture) hevc(nal []byte) (slice bool) {
	t := nal[0] >> 1 & 63
	if t >= 32 || len(nal) < 2 {
		return false
	}
	p.slice, p.droppable, p.layer = true, t < 16 && t%2 == 0, int(nal[1]&7)-1
	return true
}

// vp9Invisible reads show_frame of a packet that is no superframe (VP9
// bitstream specification, 6.2 and annex B).
func vp9Invisible(data []byte) bool {
	if len(data) < 2 || data[len(data)-1]&0xe0 == 0xc0 {
		return false
	}
	bits := uint(data[0])<<8 | uint(data[1])
	bit := func(n int) uint { return bits >> (15 - n) & 1 }
	at := 4 // frame marker, profile
	if bit(2) == 1 && bit(3) == 1 {
		at++
	}
	return bit(at) == 0 && bit(at+2) == 0 // not an existing frame shown again, and not shown
}

// units gives each NAL unit, none of them empty, until done returns true.
func (b bitstream) units(data []byte, done func(nal []byte) bool) {
	for len(data) > 0 {
		var nal []byte
		if b.prefix > 0 {
			nal, data = prefixedUnit(data, b.prefix)
		} else {
			nal, data = startCodeUnit(data)
		}
		if len(nal) > 0 && done(nal) {
			return
		}
	}
}

func prefixedUnit(data []byte, prefix int) (nal, rest []byte) {
	if len(data) <= prefix {
		return nil, nil
	}
	size := 0
	for _, c := range data[:prefix] {
		size = size<<8 | int(c)
	}
	data = data[prefix:]
	if size < 0 || size > len(data) {
		return data, nil
	}
	return data[:size], data[size:]
}

// startCodeUnit gives what follows the next start code; where the unit ends is
// left open, as only its first bytes are read.
func startCodeUnit(data []byte) (nal, rest []byte) {
	for i := 0; i+3 < len(data); i++ {
		if data[i] == 0 && data[i+1] == 0 && data[i+2] == 1 {
			return data[i+3:], data[i+3:]
		}
	}
	return nil, nil
}
