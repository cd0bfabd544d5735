package sample

// texture is a picture to be sampled: 0x00RRGGBB, row by row.
type texture struct {
	w, h int
	pix  []uint32
	half *texture // the same with half the detail; nil: none was made
}

func newTexture(w, h int) texture { return texture{w: w, h: h, pix: make([]uint32, w*h)} }

// fineEyes is the distance of the eyes, pixels, from which on a texture is used
// as it is: a portrait's is portraitScale.
const fineEyes = portraitScale / 2

// forEyes is the texture for a head whose eyes are so many pixels apart, and its
// detail: 1, or a half, a quarter… for those far away, which would else be drawn
// from scattered pixels.
func (t texture) forEyes(eye float64) (out texture, detail float32) {
	detail = 1
	for eye < fineEyes*float64(detail) && t.half != nil {
		t, detail = *t.half, detail/2
	}
	return t, detail
}

// halved adds to a texture those with a half, a quarter and an eighth of its
// detail.
func (t texture) halved() texture {
	t.half = nil
	fine := &t
	for range 3 {
		h := newTexture(fine.w/2, fine.h/2)
		for y := range h.h {
			for x := range h.w {
				o := 2*y*fine.w + 2*x
				h.pix[y*h.w+x] = mix32(mix32(fine.pix[o], fine.pix[o+1], 128), mix32(fine.pix[o+fine.w], fine.pix[o+fine.w+1], 128), 128)
			}
		}
		fine.half = &h
		fine = &h
	}
	return t
}

// set rounds a colour into the texture.
func (t texture) set(x, y int, c rgb) {
	t.pix[y*t.w+x] = uint32(tone(c.R))<<16 | uint32(tone(c.G))<<8 | uint32(tone(c.B))
}

// sample is the colour at x, y between the four nearest pixels, with weights of
// 1/256; places outside count as the edge. Red and blue are mixed in one go.
func (t texture) sample(x, y float32) uint32 {
	fx, fy := int32(x*256), int32(y*256)
	fx, fy = min(max(fx, 0), int32(t.w-2)<<8|255), min(max(fy, 0), int32(t.h-2)<<8|255)
	o := int(fy>>8)*t.w + int(fx>>8)
	u, v := uint32(fx&255), uint32(fy&255)
	p, q := t.pix[o:o+2:o+2], t.pix[o+t.w:o+t.w+2:o+t.w+2]
	return mix32(mix32(p[0], p[1], u), mix32(q[0], q[1], u), v)
}

// mix32 goes from colour a to b by f/256.
func mix32(a, b, f uint32) uint32 {
	const odd = 0xff00ff
	rb := ((a&odd)*(256-f) + (b&odd)*f) >> 8 & odd
	g := ((a>>8&0xff)*(256-f) + (b>>8&0xff)*f) & 0xff00
	return rb | g
}

// at is sample as a colour.
func (t texture) at(x, y float64) rgb {
	c := t.sample(float32(x), float32(y))
	return rgb{float64(c >> 16), float64(c >> 8 & 0xff), float64(c & 0xff)}
}
