package sample

import (
	"math"

	"dyade/annotate"
)

// tileBuffer is the small picture a head is drawn into before it is laid on the
// canvas; it is kept to be used again.
type tileBuffer struct {
	w, h int
	pix  []uint8
	z    []float32
}

func (b *tileBuffer) reset(w, h int) {
	b.w, b.h = w, h
	if cap(b.z) < w*h {
		b.z, b.pix = make([]float32, w*h), make([]uint8, 3*w*h)
	}
	b.z, b.pix = b.z[:w*h], b.pix[:3*w*h]
	for i := range b.z {
		b.z[i] = nothing
	}
}

// nothing is the depth where nothing is drawn.
const nothing = -1e9

// corner is a vertex in the tile, ready to be interpolated
// (painted and light in 1/256).
type corner struct{ x, y, z, u, v, s, t, painted, light float32 }

// drawHead draws a head turned by pose, its pivot at x, y of the stage and its
// eyes eye apart there, with the portrait's picture tex. First the inside of
// long hair is drawn (inside true), which lies behind the trunk; then all the
// rest.
func (c *canvas) drawHead(h *head, tex texture, pose annotate.Pose, x, y, eye float64, inside bool) {
	t := newTurn(pose)
	at := c.at(point{x, y})
	x, y, eye = at.X, at.Y, eye*c.k
	tex, detail := tex.forEyes(eye)
	var parts []*surface
	var corners [][]corner
	for i := range h.parts {
		if s := &h.parts[i]; s.open || !inside {
			c.corners[i] = project(c.corners[i][:0], s, &t, x, y, eye, detail, inside)
			parts, corners = append(parts, s), append(corners, c.corners[i])
		}
	}
	if len(parts) == 0 {
		return
	}
	x0, y0 := c.tile.fit(corners)
	for i, s := range parts {
		atlas, _ := s.atlas.forEyes(eye)
		c.tile.mesh(s, corners[i], tex, atlas, inside)
	}
	c.lay(x0, y0)
}

// mesh draws the triangles of a surface, or those that show its inside.
func (b *tileBuffer) mesh(s *surface, corners []corner, tex, atlas texture, inside bool) {
	for j := range s.rows - 1 {
		for k := range s.cols - 1 {
			p, q := &corners[j*s.cols+k], &corners[j*s.cols+k+1]
			r, t := &corners[(j+1)*s.cols+k], &corners[(j+1)*s.cols+k+1]
			if inside {
				p, q, r, t = q, p, t, r
			}
			b.triangle(p, q, r, tex, atlas)
			b.triangle(q, t, r, tex, atlas)
		}
	}
}

// fit makes the tile just large enough for all corners and moves them into it;
// x0, y0 is where its corner lies in the picture.
func (b *tileBuffer) fit(corners [][]corner) (x0, y0 int) {
	first := corners[0][0]
	lx, ly, hx, hy := first.x, first.y, first.x, first.y
	for _, cs := range corners {
		for i := range cs {
			lx, hx = min(lx, cs[i].x), max(hx, cs[i].x)
			ly, hy = min(ly, cs[i].y), max(hy, cs[i].y)
		}
	}
	x0, y0 = int(math.Floor(float64(lx)))-2, int(math.Floor(float64(ly)))-2
	b.reset(int(hx)-x0+4, int(hy)-y0+4)
	for _, cs := range corners {
		for i := range cs {
			cs[i].x -= float32(x0)
			cs[i].y -= float32(y0)
		}
	}
	return x0, y0
}

// project turns, places and lights the vertices of a surface, appending them to
// out. The portrait brings its own light, so only what turning changes is
// applied to it. Textures are read at their detail.
func project(out []corner, s *surface, t *turn, x, y, eye float64, detail float32, inside bool) []corner {
	shift := (detail - 1) / 2 // a pixel of less detail has its centre between those that it is made of
	for i := range s.at {
		v := &s.at[i]
		q := t.place(v.p, x, y, eye)
		l := clamp(light(t.of(v.n))/v.lit, 0.72, 1.15)
		if inside {
			l = 0.55
		}
		out = append(out, corner{float32(q.X), float32(q.Y), float32(q.Z), v.u*detail + shift, v.v*detail + shift,
			v.s*detail + shift, v.t*detail + shift, 256 * v.painted, 256 * float32(l)})
	}
	return out
}

// light is the room's: from above and in front, with much that is scattered.
func light(n vec) float64 {
	return 0.72 + 0.28*max(0, 0.94*n.Z-0.35*n.Y)
}

// plane is a quantity that changes evenly over a triangle.
type plane struct{ at, dx, dy float32 }

// triangle draws one triangle where it is nearest and seen from outside.
func (b *tileBuffer) triangle(p, q, r *corner, tex, atlas texture) {
	ax, ay, bx, by := q.x-p.x, q.y-p.y, r.x-p.x, r.y-p.y
	area := ax*by - ay*bx
	if area <= 1e-6 {
		return
	}
	x0, x1 := max(0, int(min(p.x, q.x, r.x))), min(b.w-1, int(max(p.x, q.x, r.x))+1)
	y0, y1 := max(0, int(min(p.y, q.y, r.y))), min(b.h-1, int(max(p.y, q.y, r.y))+1)
	inv := 1 / area
	f := plane{(p.y*bx - p.x*by) * inv, by * inv, -bx * inv} // share of q
	g := plane{(p.x*ay - p.y*ax) * inv, -ay * inv, ax * inv} // share of r
	for y := y0; y <= y1; y++ {
		fr, gr := f.at+f.dy*float32(y), g.at+g.dy*float32(y)
		for x := x0; x <= x1; x++ {
			qs, rs := fr+f.dx*float32(x), gr+g.dx*float32(x)
			ps := 1 - qs - rs
			if qs < 0 || rs < 0 || ps < 0 {
				continue
			}
			z := ps*p.z + qs*q.z + rs*r.z
			if o := y*b.w + x; z > b.z[o] {
				b.z[o] = z
				b.colour(o, p, q, r, ps, qs, rs, tex, atlas)
			}
		}
	}
}

// colour mixes portrait and atlas at a pixel of a triangle, given the shares of
// its corners.
func (b *tileBuffer) colour(o int, p, q, r *corner, ps, qs, rs float32, tex, atlas texture) {
	painted := uint32(ps*p.painted + qs*q.painted + rs*r.painted)
	var c uint32
	if painted < 254 {
		c = tex.sample(ps*p.u+qs*q.u+rs*r.u, ps*p.v+qs*q.v+rs*r.v)
	}
	if painted > 2 {
		d := atlas.sample(ps*p.s+qs*q.s+rs*r.s, ps*p.t+qs*q.t+rs*r.t)
		c = mix32(c, d, min(painted+1, 256))
	}
	l := uint32(ps*p.light + qs*q.light + rs*r.light)
	px := b.pix[3*o : 3*o+3 : 3*o+3]
	px[0] = uint8(min((c>>16)*l>>8, 255))
	px[1] = uint8(min((c>>8&0xff)*l>>8, 255))
	px[2] = uint8(min((c&0xff)*l>>8, 255))
}

// lay puts the tile onto the canvas with its corner at x0, y0, softening the
// outline by a pixel; out of bounds nothing is laid.
func (c *canvas) lay(x0, y0 int) {
	b := &c.tile
	in := c.within
	c.mark(max(x0, in.x0), max(y0, in.y0), min(x0+b.w, in.x1-1), min(y0+b.h, in.y1-1))
	for y := 1; y < b.h-1; y++ {
		py := y0 + y
		if py < in.y0 || py >= in.y1 {
			continue
		}
		for x := 1; x < b.w-1; x++ {
			px := x0 + x
			o := y*b.w + x
			if px < in.x0 || px >= in.x1 || b.z[o] == nothing {
				continue
			}
			dst := c.pix[3*(py*c.w+px):]
			src := b.pix[3*o : 3*o+3 : 3*o+3]
			if n := b.open(o); n > 0 {
				blend(dst, float32(src[0]), float32(src[1]), float32(src[2]), 1-float32(n)/6)
			} else {
				copy(dst[:3], src)
			}
		}
	}
}

// open counts the four neighbours of a pixel that the head does not cover.
func (b *tileBuffer) open(o int) int {
	n := 0
	for _, k := range [4]int{o - 1, o + 1, o - b.w, o + b.w} {
		if b.z[k] == nothing {
			n++
		}
	}
	return n
}
