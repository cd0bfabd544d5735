// Package h264 reads as much of coded pictures (ITU-T H.264) as copying them from film
// to film takes: their units, and what their parameter sets say. Pure Go.
package h264

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// Kinds of units (table 7-1).
const (
	Slice     = 1
	Key       = 5 // a slice of a picture from which on nothing before is needed (IDR)
	Sequence  = 7 // a sequence parameter set
	Picture   = 8 // a picture parameter set
	Delimiter = 9
)

// Kind of a unit, which is not empty.
func Kind(unit []byte) int { return int(unit[0] & 31) }

// Units are those of a coded picture, none of them empty. Each lies behind its length in
// so many bytes, or, where that is 0, behind a start code (annex B).
func Units(data []byte, prefix int) ([][]byte, error) {
	if prefix == 0 {
		return streamed(data), nil
	}
	var units [][]byte
	for len(data) > 0 {
		if len(data) < prefix {
			return nil, errTorn
		}
		size := 0
		for _, c := range data[:prefix] {
			size = size<<8 | int(c)
		}
		data = data[prefix:]
		if size > len(data) {
			return nil, errTorn
		}
		if size > 0 {
			units = append(units, data[:size])
		}
		data = data[size:]
	}
	return units, nil
}

var errTorn = errors.New("a coded picture ends in the middle of a unit")

func streamed(stream []byte) (units [][]byte) {
	for _, part := range bytes.Split(stream, []byte{0, 0, 1}) {
		// Zeros before a start code are none of the unit's, which ends in a one.
		if part = bytes.TrimRight(part, "\x00"); len(part) > 0 {
			units = append(units, part)
		}
	}
	return units
}

// Pack puts units behind their lengths in four bytes, but for those that stand in a
// film's header or mean nothing there.
func Pack(units [][]byte) []byte {
	size := 0
	for _, u := range units {
		size += 4 + len(u)
	}
	out := make([]byte, 0, size)
	for _, u := range units {
		if k := Kind(u); k == Sequence || k == Picture || k == Delimiter {
			continue
		}
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(u))), u...)
	}
	return out
}

// Sets are the parameter sets of a film.
type Sets struct {
	Sequences, Pictures [][]byte // without start codes
	Prefix              int      // bytes of each unit's length in the film; 0: start codes
}

// ReadSets reads a track's header: an AVCDecoderConfigurationRecord (ISO/IEC 14496-15,
// 5.3.3.1) or units behind start codes.
func ReadSets(header []byte) (Sets, error) {
	if len(header) < 7 || header[0] != 1 {
		var s Sets
		for _, u := range streamed(header) {
			switch Kind(u) {
			case Sequence:
				s.Sequences = append(s.Sequences, u)
			case Picture:
				s.Pictures = append(s.Pictures, u)
			}
		}
		return s.checked()
	}
	s := Sets{Prefix: int(header[4]&3) + 1}
	rest := header[5:]
	for _, list := range []struct {
		into *[][]byte
		mask byte
	}{{&s.Sequences, 31}, {&s.Pictures, 255}} {
		if len(rest) == 0 {
			return s, errHeader
		}
		n := int(rest[0] & list.mask)
		rest = rest[1:]
		for range n {
			if len(rest) < 2 || int(binary.BigEndian.Uint16(rest)) > len(rest)-2 {
				return s, errHeader
			}
			end := 2 + int(binary.BigEndian.Uint16(rest))
			*list.into = append(*list.into, rest[2:end])
			rest = rest[end:]
		}
	}
	return s.checked()
}

var errHeader = errors.New("the header of a film's pictures is torn")

// checked are the sets, if they can be any.
func (s Sets) checked() (Sets, error) {
	if len(s.Sequences) == 0 || len(s.Pictures) == 0 {
		return Sets{}, fmt.Errorf("%w: it lacks parameter sets", errHeader)
	}
	for _, u := range s.Sequences {
		if len(u) < 4 {
			return Sets{}, fmt.Errorf("%w: a sequence parameter set is too short", errHeader)
		}
	}
	for _, u := range s.Pictures {
		if len(u) < 2 {
			return Sets{}, fmt.Errorf("%w: a picture parameter set is too short", errHeader)
		}
	}
	return s, nil
}
