package sample

import "math"

// noiseKinds is how many noisy copies of the background there are; frames take
// turns at them, so that noise costs nothing where nothing moves.
const noiseKinds = 6

// stage is all that frames share: nothing of it changes while they are drawn.
type stage struct {
	view
	script  *Script
	torsos  [2]*torso
	guest   *torso              // of the guest, if there is one
	back    []uint8             // RGB
	quietUV []uint8             // the background's U and V planes
	noisyY  [noiseKinds][]uint8 // its Y plane with sensor noise
	grain   []int8              // sensor noise, to be read from anywhere
}

const grainSize = 1 << 16

// sizeFrame is how many bytes a picture of the view takes in YUV 4:2:0.
func (v view) sizeFrame() int { return v.w * v.h * 3 / 2 }

func newStage(s *Script) *stage {
	st := &stage{view: s.view, script: s, back: s.backdrop(), grain: make([]int8, 2*grainSize+Width)}
	for i := range st.grain {
		k := uint64(i % grainSize)
		st.grain[i] = int8(math.Round(0.95 * (unit(k) + unit(k+1e6) + unit(k+2e6))))
	}
	for i := range s.actors {
		st.torsos[i] = newTorso(&s.actors[i], s.view)
	}
	if s.guest != nil {
		st.guest = newTorso(s.guest, s.view)
	}
	c := newCanvas(s.view, st.back)
	c.mark(0, 0, s.view.w-1, s.view.h-1)
	whole, sizeY := make([]uint8, s.view.sizeFrame()), s.view.w*s.view.h
	for kind := range noiseKinds {
		st.convert(c, whole, kind)
		st.noisyY[kind] = append([]uint8(nil), whole[:sizeY]...)
	}
	st.quietUV = append([]uint8(nil), whole[sizeY:]...)
	return st
}

// draw renders frame f onto the canvas and converts it to YUV 4:2:0 (BT.709,
// limited range) in out, as the script's lens shows it.
func (st *stage) draw(c *canvas, f int, out []uint8) {
	s := st.script
	t := float64(f) / float64(s.rate)
	if s.lens == nil {
		st.take(c, f, t, out)
		return
	}
	s.lens.through(frame{view: st.view, script: s, number: f, t: t, pix: out}, func(t float64, pix []uint8) { st.take(c, f, t, pix) })
}

// take renders what is to be seen at t, with the noise of frame f.
func (st *stage) take(c *canvas, f int, t float64, out []uint8) {
	st.paint(c, t)
	sizeY := c.w * c.h
	kind := int(hash64(st.script.Seed^uint64(f)<<20) % noiseKinds)
	copy(out, st.noisyY[kind])
	copy(out[sizeY:], st.quietUV)
	st.convert(c, out, f+noiseKinds)
}

// paint draws all that moves.
func (st *stage) paint(c *canvas, t float64) {
	s := st.script
	c.wipe()
	if s.screen != nil {
		c.drawScreen(s.screen, t)
	}
	c.limit(tableTop)
	if s.guest != nil {
		c.drawPerson(s.guest, st.guest, t, 2.1)
	}
	for _, i := range [2]int{1 - s.front, s.front} {
		if !s.absent[i] {
			c.drawPerson(&s.actors[i], st.torsos[i], t, float64(i)*1.3)
		}
	}
	for i := range s.actors {
		if a := &s.actors[i]; !s.absent[i] {
			c.drawArms(a, a.place(t), s.handsOf(i, t), s.facingSide(i, t))
		}
	}
	for _, v := range s.covers {
		if t > v.StartS && t < v.EndS {
			a := &s.actors[v.who]
			at := a.box(t).Center()
			c.drawCover(point(at), a.eye, v.raised(t), models[a.model].skin)
		}
	}
}

// drawPerson draws head and trunk; the face's clip runs ahead by some seconds.
func (c *canvas) drawPerson(a *actor, body *torso, t, ahead float64) {
	p, pose, face := a.place(t), a.pose(t), a.head.portrait.at(t+ahead)
	c.drawHead(a.head, face, pose, p.X, p.Y, a.eye, true)
	c.drawTorso(body, p)
	c.drawHead(a.head, face, pose, p.X, p.Y, a.eye, false)
}

// convert turns the dirty tiles of a canvas to YUV with sensor noise.
func (st *stage) convert(c *canvas, out []uint8, salt int) {
	for i, d := range c.dirty {
		if d {
			st.convertTile(c, out, i%c.tilesX*tile, i/c.tilesX*tile, hash64(uint64(salt)))
		}
	}
}

func (st *stage) convertTile(c *canvas, out []uint8, x0, y0 int, salt uint64) {
	sizeY, wide := c.w*c.h, c.w
	u, v := out[sizeY:sizeY*5/4], out[sizeY*5/4:]
	for y := y0; y < min(y0+tile, c.h); y += 2 {
		for row := y; row < y+2; row++ {
			src := c.pix[3*(row*wide+x0) : 3*(row*wide+x0+tile)]
			dst := out[row*wide+x0 : row*wide+x0+tile]
			g := st.grain[hash64(salt+uint64(row))%grainSize+uint64(x0):]
			for x := range tile {
				p := src[3*x : 3*x+3 : 3*x+3]
				l := 16 + (47*int(p[0])+157*int(p[1])+16*int(p[2])+128)>>8 + int(g[x])
				dst[x] = uint8(min(max(l, 0), 255))
			}
		}
		a := c.pix[3*(y*wide+x0) : 3*(y*wide+x0+tile)]
		b := c.pix[3*((y+1)*wide+x0) : 3*((y+1)*wide+x0+tile)]
		o := y/2*(wide/2) + x0/2
		for x := 0; x < tile; x += 2 {
			p, q := a[3*x:3*x+6:3*x+6], b[3*x:3*x+6:3*x+6]
			r := int(p[0]) + int(p[3]) + int(q[0]) + int(q[3])
			g := int(p[1]) + int(p[4]) + int(q[1]) + int(q[4])
			l := int(p[2]) + int(p[5]) + int(q[2]) + int(q[5])
			u[o+x/2] = uint8((-26*r - 86*g + 112*l + 131584) >> 10)
			v[o+x/2] = uint8((112*r - 102*g - 10*l + 131584) >> 10)
		}
	}
}
