package sample

import (
	"math"

	"dyade/annotate"
)

// The stage on which all is placed, in its own pixels; a film of full size shows
// it as it is.
const (
	Width  = 1920
	Height = 1080
)

// tile is the edge of the squares by which a canvas remembers what was drawn.
const tile = 32

// view is how a picture of w × h pixels (w a multiple of tile, h even) shows the
// stage: a place of the stage times k, plus x, y.
type view struct {
	w, h    int
	k, x, y float64
}

var fullView = view{w: Width, h: Height, k: 1}

// smallView shows the whole stage at a width.
func smallView(width int) view {
	return view{w: width, h: width * Height / Width, k: float64(width) / Width}
}

func (v view) at(p point) point { return point{p.X*v.k + v.x, p.Y*v.k + v.y} }

// back is the place of the stage that a pixel shows.
func (v view) back(x, y float64) (sx, sy float64) { return (x - v.x) / v.k, (y - v.y) / v.k }

func (v view) box(b annotate.Box) annotate.Box {
	return annotate.Box{X: b.X*v.k + v.x, Y: b.Y*v.k + v.y, W: b.W * v.k, H: b.H * v.k}
}

// canvas is one picture being drawn over a fixed background: only tiles drawn
// on are converted and wiped.
type canvas struct {
	view
	pix     []uint8 // packed RGB
	back    []uint8 // the background, shared
	tilesX  int
	dirty   []bool
	within  bounds // bodies and heads are drawn in here only
	tile    tileBuffer
	corners [2][]corner // of the head being drawn, kept to be used again
	shown   int         // which cut of a screen trunks belong to, from 1
	trunks  []*torso    // of those on a screen, kept for as long as they are shown
}

// bounds is a rectangle of pixels, without its right and lower edges.
type bounds struct{ x0, y0, x1, y1 int }

func newCanvas(v view, back []uint8) *canvas {
	c := &canvas{view: v, pix: make([]uint8, len(back)), back: back, tilesX: v.w / tile}
	c.dirty = make([]bool, c.tilesX*((v.h+tile-1)/tile))
	copy(c.pix, back)
	c.limit(math.Inf(1))
	return c
}

// limit has bodies and heads drawn above a row of the stage only: the table's.
func (c *canvas) limit(floor float64) {
	c.within = bounds{0, 0, c.w, c.h}
	if y := floor*c.k + c.view.y; y < float64(c.h) {
		c.within.y1 = int(y)
	}
}

// mark notes that a rectangle is drawn on; edges beyond the picture are cut.
func (c *canvas) mark(x0, y0, x1, y1 int) {
	for ty := max(0, y0/tile); ty <= min(len(c.dirty)/c.tilesX-1, y1/tile); ty++ {
		for tx := max(0, x0/tile); tx <= min(c.tilesX-1, x1/tile); tx++ {
			c.dirty[ty*c.tilesX+tx] = true
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
		x, y := i%c.tilesX*tile, i/c.tilesX*tile
		for r := y; r < min(y+tile, c.h); r++ {
			o := 3 * (r*c.w + x)
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

// fill draws a shape inside a rectangle of the stage with an edge one pixel
// soft; paint gives the colour from place and depth inside.
func (c *canvas) fill(x0, y0, x1, y1 float64, s shape, paint func(x, y, depth float64) rgb) {
	lo, hi := c.at(point{x0, y0}), c.at(point{x1, y1})
	ax, ay := max(0, int(lo.X)), max(0, int(lo.Y))
	bx, by := min(c.w-1, int(hi.X)+1), min(c.h-1, int(hi.Y)+1)
	if ax > bx || ay > by {
		return
	}
	c.mark(ax, ay, bx, by)
	for y := ay; y <= by; y++ {
		for x := ax; x <= bx; x++ {
			sx, sy := c.view.back(float64(x), float64(y))
			d := s(sx, sy) * c.k
			if d >= 0.5 {
				if d > 4 {
					x += int(d) - 2 // nothing within d pixels
				}
				continue
			}
			col := paint(sx, sy, -d/c.k)
			blend(c.pix[3*(y*c.w+x):], float32(col.R), float32(col.G), float32(col.B), float32(min(1, 0.5-d)))
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
	a, b, ra, rb = c.at(a), c.at(b), ra*c.k, rb*c.k
	r := max(ra, rb)
	x0, x1 := max(0, int(min(a.X, b.X)-r)), min(c.w-1, int(max(a.X, b.X)+r)+1)
	y0, y1 := max(0, int(min(a.Y, b.Y)-r)), min(c.h-1, int(max(a.Y, b.Y)+r)+1)
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
		line := c.pix[3*y*c.w : 3*(y+1)*c.w]
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
