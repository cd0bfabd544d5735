package h264

import "errors"

// Form is what a sequence parameter set (7.3.2.1.1) says of its pictures.
type Form struct {
	ID            int // by which picture parameter sets name it
	Width, Height int // as shown
	// Plain pictures are whole, of 8 bits, with colour differences half as wide and
	// high, in square pixels: what every player plays. Of others the rest may be unknown.
	Plain bool
}

// ReadForm reads a sequence parameter set.
func ReadForm(sps []byte) (Form, error) {
	if len(sps) < 4 || Kind(sps) != Sequence {
		return Form{}, errSet
	}
	r := &reader{data: unescaped(sps[1:])}
	f := Form{Plain: true}
	profile := r.bits(8)
	r.bits(16) // limits and level
	f.ID = r.number()
	if rich(profile) && !r.chroma() {
		return Form{ID: f.ID}, nil
	}
	r.number() // log2_max_frame_num_minus4
	r.order()
	r.number() // max_num_ref_frames
	r.bits(1)
	across, down := r.number()+1, r.number()+1
	rows := 2           // by which is cropped
	if r.bits(1) == 0 { // made of fields
		f.Plain = false
		down, rows = 2*down, 4
		r.bits(1)
	}
	r.bits(1)
	f.Width, f.Height = 16*across, 16*down
	if r.bits(1) == 1 { // cropped
		left, right, top, bottom := r.number(), r.number(), r.number(), r.number()
		f.Width, f.Height = f.Width-2*(left+right), f.Height-rows*(top+bottom)
	}
	if r.bits(1) == 1 && !r.square() {
		f.Plain = false
	}
	if r.short || f.Width <= 0 || f.Height <= 0 || across > most || down > most {
		return Form{}, errSet
	}
	return f, nil
}

// most macroblocks across and down.
const most = 1 << 12

var errSet = errors.New("a sequence parameter set is damaged")

// rich tells the profiles whose sets say how colours are coded.
func rich(profile int) bool {
	switch profile {
	case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135:
		return true
	}
	return false
}

// chroma reads how colours are coded, and tells whether that is the ordinary way.
func (r *reader) chroma() bool {
	kind := r.number()
	// Of both brightness and colour the bits above 8 are counted.
	if kind != 1 || r.number() != 0 || r.number() != 0 {
		return false
	}
	r.bits(1)
	if r.bits(1) == 0 {
		return true
	}
	for i := range 8 {
		if r.bits(1) == 1 {
			r.scaling(16 << (2 * (i / 6)))
		}
	}
	return true
}

// scaling reads over a scaling list (7.3.2.1.1.1).
func (r *reader) scaling(size int) {
	last, next := 8, 8
	for range size {
		if next != 0 {
			next = (last + r.signed() + 256) % 256
		}
		if next != 0 {
			last = next
		}
	}
}

// order reads over how the order of pictures is coded.
func (r *reader) order() {
	switch r.number() {
	case 0:
		r.number()
	case 1:
		r.bits(1)
		r.number()
		r.number()
		for range min(r.number(), 255) {
			r.number()
		}
	}
}

// square reads what is said of the shape of pixels (E.1.1): where nothing is, they are.
func (r *reader) square() bool {
	if r.bits(1) == 0 {
		return true
	}
	switch aspect := r.bits(8); aspect {
	case 0, 1: // not said, square
		return true
	case 255:
		across, down := r.bits(16), r.bits(16)
		return across == down
	}
	return false
}

// unescaped is a unit without the bytes that keep start codes out of it (7.4.1).
func unescaped(unit []byte) []byte {
	out := make([]byte, 0, len(unit))
	zeros := 0
	for _, c := range unit {
		if zeros >= 2 && c == 3 {
			zeros = 0
			continue
		}
		if zeros++; c != 0 {
			zeros = 0
		}
		out = append(out, c)
	}
	return out
}

// reader reads bits. Behind the end there are zeros, and it is short.
type reader struct {
	data  []byte
	at    int // bits
	short bool
}

func (r *reader) bits(n int) (v int) {
	for range n {
		if r.at>>3 >= len(r.data) {
			r.short = true
			return 0
		}
		v = v<<1 | int(r.data[r.at>>3]>>(7-r.at&7)&1)
		r.at++
	}
	return v
}

// number reads an Exp-Golomb code (9.1).
func (r *reader) number() int {
	zeros := 0
	for !r.short && r.bits(1) == 0 {
		if zeros++; zeros > 31 {
			r.short = true
		}
	}
	if r.short {
		return 0
	}
	return 1<<zeros - 1 + r.bits(zeros)
}

// signed reads a signed one.
func (r *reader) signed() int {
	n := r.number()
	if n&1 == 1 {
		return (n + 1) / 2
	}
	return -n / 2
}

// Names gives the ids of a picture parameter set and of the sequence's that it goes with
// (7.3.2.2).
func Names(pps []byte) (id, sequence int, err error) {
	if len(pps) < 2 || Kind(pps) != Picture {
		return 0, 0, errSet
	}
	r := &reader{data: unescaped(pps[1:])}
	id, sequence = r.number(), r.number()
	if r.short || id > 255 || sequence > 31 {
		return 0, 0, errSet
	}
	return id, sequence, nil
}
