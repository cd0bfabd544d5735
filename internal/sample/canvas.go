package sample

import "math"

// The film's picture and the tiles by which the canvas remembers what was
// drawn.
const (
	Width  = 1920 // pixels
	Height = 1080
	tile   = 32
	tilesX = Width / tile
	tilesY = (Height + tile - 1) / tile
)

// canvas is one picture being drawn over a fixed background: only tiles drawn
// on are converted and wiped.
type canvas struct {
	pix     []uint8 // packed RGB
	back    []uint8 // the background, shared
	dirty   [tilesX * tilesY]bool
	floor   int // rows from here on are not drawn by body and head: the table
	tile    tileBuffer
	corners [2][]corner // of the head being drawn, kept to be used again
}

func newCanvas(back []uint8) *canvas {
	c := &canvas{pix: make([]uint8, len(back)), back: back, floor: Height}
	copy(c.pix, back)
	return c
}

// mark notes that a rectangle is drawn on; edges beyond the picture are cut.
func (c *canvas) mark(x0, y0, x1, y1 int) {
	for ty := max(0, y0/tile); ty <= min(tilesY-1, y1/tile); ty++ {
		for tx := max(0, x0/tile); tx <= min(tilesX-1, x1/tile); tx++ {
			c.dirty[ty*tilesX+tx] = true
		}
	}
}

// wipe brings the background back.
func (c *canvas) wipe() {
	for i, d := range c.dirty {
		if !d {
			continue
		}
		c.dirty[i] = false
		x, y := i%tilesX*tile, i/tilesX*tile
		for r := y; r < min(y+tile, Height); r++ {
			o := 3 * (r*Width + x)
			copy(c.pix[o:o+3*tile], c.back[o:o+3*tile])
		}
	}
}

// blend lays colour r, g, b over a pixel with cover 0 to 1.
func blend(p []uint8, r, g, b, cover float32) {
	p = p[:3:3]
	p[0] = over(p[0], r, cover)
	p[1] = over(p[1], g, cover)
	p[2] = over(p[2], b, cover)
}

func over(p uint8, v, cover float32) uint8 {
	return uint8(min(float32(p)+(v-float32(p))*cover+0.5, 255))
}

// shape is a signed distance, pixels, negative inside.
type shape func(x, y float64) float64

// fill draws a shape inside a rectangle with an edge one pixel soft; paint
// gives the colour from place and depth inside.
func (c *canvas) fill(x0, y0, x1, y1 float64, s shape, paint func(x, y, depth float64) rgb) {
	ax, ay := max(0, int(x0)), max(0, int(y0))
	bx, by := min(Width-1, int(x1)+1), min(Height-1, int(y1)+1)
	if ax > bx || ay > by {
		return
	}
	c.mark(ax, ay, bx, by)
	for y := ay; y <= by; y++ {
		for x := ax; x <= bx; x++ {
			d := s(float64(x), float64(y))
			if d >= 0.5 {
				if d > 4 {
					x += int(d) - 2 // nothing within d pixels
				}
				continue
			}
			col := paint(float64(x), float64(y), -d)
			blend(c.pix[3*(y*Width+x):], float32(col.R), float32(col.G), float32(col.B), float32(min(1, 0.5-d)))
		}
	}
}

// capsule is a stroke from a to b whose half width goes from ra to rb.
func capsule(a, b point, ra, rb float64) shape {
	dx, dy := b.X-a.X, b.Y-a.Y
	l2 := dx*dx + dy*dy + 1e-9
	return func(x, y float64) float64 {
		f := clamp(((x-a.X)*dx+(y-a.Y)*dy)/l2, 0, 1)
		ex, ey := x-a.X-f*dx, y-a.Y-f*dy
		return math.Sqrt(ex*ex+ey*ey) - lerp(ra, rb, f)
	}
}

// roundBox is a box about c, turned by angle radians, with rounded corners.
func roundBox(c point, hw, hh, radius, angle float64) shape {
	s, k := math.Sincos(angle)
	return func(x, y float64) float64 {
		x, y = x-c.X, y-c.Y
		qx := math.Abs(x*k+y*s) - hw + radius
		qy := math.Abs(y*k-x*s) - hh + radius
		return math.Hypot(max(qx, 0), max(qy, 0)) + min(max(qx, qy), 0) - radius
	}
}

// stroke draws a capsule from a to b, half as wide as ra to rb, in a colour that
// darkens towards its edges, as a round limb's does. It is fill, unrolled: arms
// are drawn in every frame.
func (c *canvas) stroke(a, b point, ra, rb float64, col rgb) {
	r := max(ra, rb)
	x0, x1 := max(0, int(min(a.X, b.X)-r)), min(Width-1, int(max(a.X, b.X)+r)+1)
	y0, y1 := max(0, int(min(a.Y, b.Y)-r)), min(Height-1, int(max(a.Y, b.Y)+r)+1)
	if x0 > x1 || y0 > y1 {
		return
	}
	c.mark(x0, y0, x1, y1)
	dx, dy := float32(b.X-a.X), float32(b.Y-a.Y)
	inv := 1 / (dx*dx + dy*dy + 1e-6)
	wide, taper, deep := float32(ra), float32(rb-ra), 1/float32(r)
	tints := roundTints(col)
	for y := y0; y <= y1; y++ {
		py := float32(y) - float32(a.Y)
		line := c.pix[3*y*Width : 3*(y+1)*Width]
		lo, hi := reach(a, b, float64(y), r)
		for x := max(x0, int(lo)); x <= min(x1, int(hi)+1); x++ {
			px := float32(x) - float32(a.X)
			f := min(max((px*dx+py*dy)*inv, 0), 1)
			ex, ey, w := px-f*dx, py-f*dy, wide+f*taper
			q := ex*ex + ey*ey
			if q >= (w+0.5)*(w+0.5) {
				continue
			}
			d := w - float32(math.Sqrt(float64(q)))
			tint := &tints[int(min(max(d*deep, 0), 1)*float32(len(tints)-1))]
			if p := line[3*x : 3*x+3 : 3*x+3]; d >= 0.5 {
				p[0], p[1], p[2] = tint[0], tint[1], tint[2]
			} else {
				blend(p, float32(tint[0]), float32(tint[1]), float32(tint[2]), d+0.5)
			}
		}
	}
}

// roundTints are a colour's shades on a round limb, from its edge to its axis.
func roundTints(col rgb) (out [64][3]uint8) {
	for i := range out {
		e := 1 - float64(i)/float64(len(out)-1)
		c := col.times(1.03 - 0.22*e*e*e)
		out[i] = [3]uint8{tone(c.R), tone(c.G), tone(c.B)}
	}
	return out
}

// reach is the stretch of row y that lies within r of the line from a to b,
// generously.
func reach(a, b point, y, r float64) (lo, hi float64) {
	dy := b.Y - a.Y
	if math.Abs(dy) < 1 {
		return min(a.X, b.X) - r, max(a.X, b.X) + r
	}
	f, g := clamp((y-r-a.Y)/dy, 0, 1), clamp((y+r-a.Y)/dy, 0, 1)
	p, q := lerp(a.X, b.X, f), lerp(a.X, b.X, g)
	return min(p, q) - r, max(p, q) + r
}

// point is a place in the picture, pixels.
type point struct{ X, Y float64 }

func (p point) plus(x, y float64) point { return point{p.X + x, p.Y + y} }

func (p point) toward(q point, f float64) point { return point{lerp(p.X, q.X, f), lerp(p.Y, q.Y, f)} }
