package sample

import (
	"math"

	"dyade/annotate"
)

// frame is one picture on its way through a lens: YUV 4:2:0.
type frame struct {
	view
	script *Script
	number int
	t      float64
	pix    []uint8
}

// planes are the frame's Y, U and V.
func (f frame) planes() [3]channel {
	n := f.w * f.h
	return [3]channel{
		{f.w, f.h, f.pix[:n]},
		{f.w / 2, f.h / 2, f.pix[n : n+n/4]},
		{f.w / 2, f.h / 2, f.pix[n+n/4 : n+n/2]},
	}
}

// channel is one plane of a picture: luma, or a colour.
type channel struct {
	w, h int
	pix  []uint8
}

// lens is what a camera does to what is before it; take gives the picture at a
// time.
type lens interface {
	through(f frame, take func(t float64, pix []uint8))
}

// lenses are one behind the other: the first is next to the scene.
type lenses []lens

func (l lenses) through(f frame, take func(t float64, pix []uint8)) {
	for _, one := range l {
		before := take
		take = func(t float64, pix []uint8) {
			g := f
			g.t, g.pix = t, pix
			one.through(g, before)
		}
	}
	take(f.t, f.pix)
}

// aim is where a camera points: what is in the middle of the stage is moved by
// x, y of the stage, turned clockwise by roll degrees and enlarged by zoom.
type aim struct{ zoom, roll, x, y float64 }

// of is where a place of the stage comes to lie.
func (a aim) of(p point) point {
	sin, cos := math.Sincos(a.roll * math.Pi / 180)
	x, y := p.X-Width/2, p.Y-Height/2
	return point{Width/2 + a.x + a.zoom*(x*cos-y*sin), Height/2 + a.y + a.zoom*(x*sin+y*cos)}
}

// from is what comes to lie at a place: the inverse of of.
func (a aim) from(p point) point {
	sin, cos := math.Sincos(a.roll * math.Pi / 180)
	x, y := (p.X-Width/2-a.x)/a.zoom, (p.Y-Height/2-a.y)/a.zoom
	return point{Width/2 + x*cos + y*sin, Height/2 - x*sin + y*cos}
}

// aimed shows a picture as the script's camera points.
type aimed struct{}

func (aimed) through(f frame, take func(t float64, pix []uint8)) {
	flat := f
	flat.pix = make([]uint8, len(f.pix))
	take(f.t, flat.pix)
	a := f.script.camera(f.t)
	from, to := flat.planes(), f.planes()
	for i := range to {
		v := f.view
		if i > 0 {
			v.k, v.x, v.y = v.k/2, v.x/2-0.25, v.y/2-0.25
		}
		warp(to[i], from[i], a, v)
	}
}

// warp draws a plane as a camera points; what lies beyond the edge looks like
// the edge.
func warp(to, from channel, a aim, v view) {
	at := func(x, y float64) point {
		sx, sy := v.back(x, y)
		return v.at(a.from(point{sx, sy}))
	}
	o := at(0, 0)
	dx, dy := at(1, 0), at(0, 1)
	ax, ay, bx, by := dx.X-o.X, dx.Y-o.Y, dy.X-o.X, dy.Y-o.Y
	for y := range to.h {
		px, py := o.X+bx*float64(y), o.Y+by*float64(y)
		row := to.pix[y*to.w : (y+1)*to.w]
		for x := range row {
			row[x] = from.sample(px, py)
			px, py = px+ax, py+ay
		}
	}
}

// sample is the value at x, y between the four nearest pixels.
func (p channel) sample(x, y float64) uint8 {
	fx, fy := int(clamp(x, 0, float64(p.w-1)-0.001)*256), int(clamp(y, 0, float64(p.h-1)-0.001)*256)
	o := (fy>>8)*p.w + fx>>8
	u, v := fx&255, fy&255
	a, b := p.pix[o:o+2:o+2], p.pix[o+p.w:o+p.w+2:o+p.w+2]
	top, low := int(a[0])*(256-u)+int(a[1])*u, int(b[0])*(256-u)+int(b[1])*u
	return uint8((top*(256-v) + low*v + 1<<15) >> 16)
}

// handHeld is a camera in a hand: it drifts and turns by a degree or two.
func handHeld(key uint64) func(t float64) aim {
	return func(t float64) aim {
		return aim{
			zoom: 1.1 + 0.012*wander(key, 0.15, t),
			roll: 1.3*wander(key+1, 0.35, t) + 0.25*wander(key+2, 1.6, t),
			x:    38*wander(key+3, 0.3, t) + 7*wander(key+4, 1.7, t),
			y:    15*wander(key+5, 0.35, t) + 4*wander(key+6, 1.9, t),
		}
	}
}

// movedOnce is a camera that somebody takes and puts down elsewhere at a time.
func movedOnce(at float64) func(t float64) aim {
	return func(t float64) aim {
		f := smooth((t - at) / 1.4)
		lifted := math.Sin(math.Pi * clamp((t-at)/1.4, 0, 1))
		return aim{zoom: lerp(1.06, 1.24, f), roll: lerp(0.4, -1.2, f) + 1.5*lifted, x: lerp(-30, 60, f), y: lerp(8, -40, f) + 20*lifted}
	}
}

// exposure is the light that comes to the sensor, and the sensor's noise:
// standard deviations of luma and of each colour, in steps.
type exposure struct {
	gain        func(t float64) float64
	luma, color float64
}

func always(gain float64) func(float64) float64 { return func(float64) float64 { return gain } }

func (e exposure) through(f frame, take func(t float64, pix []uint8)) {
	take(f.t, f.pix)
	gain := e.gain(f.t)
	salt := hash64(f.script.Seed<<20 ^ uint64(f.number) ^ 0x6e6f697365)
	for i, p := range f.planes() {
		black, noise := 16.0, e.luma
		if i > 0 {
			black, noise = 128, e.color
		}
		const one = 1 << 16
		var table [256]int
		for v := range table {
			table[v] = int((black + (float64(v)-black)*gain + 0.5) * one)
		}
		// The sum of four even numbers is near enough to a normal one; its standard
		// deviation is 147.8.
		k, state := int(noise/147.8*one), salt+uint64(i)
		for o, v := range p.pix {
			state = state*6364136223846793005 + 1442695040888963407
			n := int(state>>56) + int(state>>48&255) + int(state>>40&255) + int(state>>32&255) - 510
			p.pix[o] = uint8(min(max(table[v]+k*n, 0)/one, 255))
		}
	}
}

// defocus blurs by so many pixels, changing over time.
type defocus struct{ half func(t float64) float64 }

func (d defocus) through(f frame, take func(t float64, pix []uint8)) {
	take(f.t, f.pix)
	half := d.half(f.t)
	for i, p := range f.planes() {
		if i > 0 {
			half = d.half(f.t) / 2
		}
		p.soften(int(math.Round(half)))
	}
}

// soften blurs a plane by two boxes along each axis, each of 2·half+1 pixels.
func (p channel) soften(half int) {
	if half < 1 {
		return
	}
	line, sums := make([]uint8, p.w), make([]uint32, p.w+1)
	from := make([]uint8, len(p.pix))
	for range 2 {
		for y := range p.h {
			boxBlur(p.pix[y*p.w:(y+1)*p.w], half, line, sums)
		}
		copy(from, p.pix)
		p.boxBlurDown(from, half, sums[:p.w])
	}
}

// boxBlur takes the mean of 2·half+1 values along a row; beyond its ends are
// none.
func boxBlur(row []uint8, half int, line []uint8, sums []uint32) {
	copy(line, row)
	for i, v := range line {
		sums[i+1] = sums[i] + uint32(v)
	}
	for i := range row {
		lo, hi := max(0, i-half), min(len(row), i+half+1)
		wide := uint32(hi - lo)
		row[i] = uint8((sums[hi] - sums[lo] + wide/2) / wide)
	}
}

// boxBlurDown does the same along all columns at once, from a copy of the plane.
func (p channel) boxBlurDown(from []uint8, half int, sums []uint32) {
	clear(sums)
	high := uint32(0)
	add := func(y int, sign uint32) {
		if y < 0 || y >= p.h {
			return
		}
		high += sign
		for x, v := range from[y*p.w : (y+1)*p.w] {
			sums[x] += sign * uint32(v)
		}
	}
	for y := range half {
		add(y, 1)
	}
	for y := range p.h {
		add(y+half, 1)
		add(y-half-1, ^uint32(0))
		for x, v := range sums {
			p.pix[y*p.w+x] = uint8((v + high/2) / high)
		}
	}
}

// shutter is open for so many seconds: what moves is smeared.
type shutter struct{ open float64 }

func (s shutter) through(f frame, take func(t float64, pix []uint8)) {
	const looks = 3
	sum := make([]uint16, len(f.pix))
	for i := range looks {
		take(max(0, f.t+s.open*(float64(i)/(looks-1)-0.5)), f.pix)
		for o, v := range f.pix {
			sum[o] += uint16(v)
		}
	}
	for o, v := range sum {
		f.pix[o] = uint8((v + looks/2) / looks)
	}
}

// mask makes the faces of the two unrecognisable, as is done before a film is
// passed on.
type mask struct{}

func (mask) through(f frame, take func(t float64, pix []uint8)) {
	take(f.t, f.pix)
	s := f.script
	for i := range s.actors {
		b := s.shown(&s.actors[i], f.t)
		cell := max(4, int(b.W/3.2)) &^ 1
		for k, p := range f.planes() {
			c, g := b, cell
			if k > 0 {
				c, g = annotate.Box{X: b.X / 2, Y: b.Y / 2, W: b.W / 2, H: b.H / 2}, cell/2
			}
			p.pixelate(c, g)
		}
	}
}

// hide says of the two that they cannot be seen.
func (mask) hide(list []sighting) {
	for i := range list {
		if list[i].role != rolePicture {
			list[i].visible = false
		}
	}
}

// pixelate gives cells of n × n pixels their mean, in an ellipse about a face's
// box and a good part of the head.
func (p channel) pixelate(b annotate.Box, n int) {
	c := b.Center()
	rx, ry := b.W*0.95, b.H*0.9
	for y0 := max(0, int(c.Y-ry)/n*n); y0 < min(p.h, int(c.Y+ry)); y0 += n {
		for x0 := max(0, int(c.X-rx)/n*n); x0 < min(p.w, int(c.X+rx)); x0 += n {
			dx, dy := (float64(x0+n/2)-c.X)/rx, (float64(y0+n/2)-c.Y)/ry
			if dx*dx+dy*dy < 1 {
				p.level(x0, y0, min(x0+n, p.w), min(y0+n, p.h))
			}
		}
	}
}

// level gives a rectangle its mean.
func (p channel) level(x0, y0, x1, y1 int) {
	sum, count := 0, 0
	for y := y0; y < y1; y++ {
		for _, v := range p.pix[y*p.w+x0 : y*p.w+x1] {
			sum += int(v)
			count++
		}
	}
	for y := y0; y < y1; y++ {
		row := p.pix[y*p.w+x0 : y*p.w+x1]
		for x := range row {
			row[x] = uint8(sum / count)
		}
	}
}
