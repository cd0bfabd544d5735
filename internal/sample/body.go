package sample

import "math"

// torso is a person's trunk and neck, painted once; its origin is the head's
// pivot.
type torso struct {
	x0, y0, w, h int
	pix          []uint8 // packed RGB
	alpha        []uint8
}

// newTorso paints neck, collar and shoulders for a view.
func newTorso(a *actor, v view) *torso { return newTorsoOf(a, v, float64(tableTop-int(a.y)+60)) }

// newTorsoOf paints a trunk as high as given, on the stage.
func newTorsoOf(a *actor, v view, high float64) *torso {
	e := a.build * v.k
	t := &torso{x0: -int(2.9 * e), y0: int(-0.1 * e), w: 2 * int(2.9*e), h: int(v.k * high)}
	t.pix, t.alpha = make([]uint8, 3*t.w*t.h), make([]uint8, t.w*t.h)
	skin := models[a.model].skin
	for j := range t.h {
		for i := range t.w {
			x, y := (float64(i+t.x0))/e, (float64(j+t.y0))/e
			c, cover := trunk(a, skin, x, y, e)
			o := j*t.w + i
			t.alpha[o] = tone(255 * cover)
			t.pix[3*o], t.pix[3*o+1], t.pix[3*o+2] = tone(c.R), tone(c.G), tone(c.B)
		}
	}
	return t
}

// trunk is the colour of the trunk at a place (eye distances from the pivot)
// and how much it covers.
func trunk(a *actor, skin rgb, x, y, e float64) (rgb, float64) {
	ax := math.Abs(x)
	shoulder := 1.22 + 0.3*math.Pow(ax/2.3, 1.3) + 0.9*smooth((ax-1.9)/0.65)
	cloth := clamp((y-shoulder)*e*0.8+0.5, 0, 1) * clamp((2.5-0.06*max(0, y-2)-ax)*e+0.5, 0, 1)
	neckHalf := 0.56 + 0.22*smooth((y-0.7)/0.8)
	neck := clamp((neckHalf-ax)*e+0.5, 0, 1) * clamp((y+0.05)*e, 0, 1) * clamp((2.2-y)*e, 0, 1)
	skinC := skin.times((0.56 + 0.38*smooth((y-0.75)/0.75)) * (1 - 0.22*math.Pow(min(ax/neckHalf, 1.2), 2)))
	collar := math.Hypot(x/0.92, (y-1.12)/0.62) // the neckline, below which is skin
	open := clamp((1-collar)*e*0.6+0.5, 0, 1)
	fold := 0.07*wander2(a.key+30, x*1.3+0.6*y, y*0.9) + 0.05*wander2(a.key+31, x*3.1-y, y*1.4) + 0.025*wander2(a.key+32, x*e/2.2, y*e/2.2)
	c := a.shirt.times(1.05 - 0.3*math.Pow(ax/2.5, 3) + fold + 0.05*math.Sin(x*1.2+0.8))
	if d := (collar - 1) * 0.92; d > 0 && d < 0.11 {
		c = c.times(0.82)
	}
	cover := max(cloth, neck)
	return c.mix(skinC, max(open*clamp((y-0.3)*e, 0, 1), 1-cloth)), cover
}

// drawTorso lays a trunk with the head's pivot at p of the stage, down to the
// table.
func (c *canvas) drawTorso(t *torso, p point) {
	p = c.at(p)
	x0, y0 := int(math.Round(p.X))+t.x0, int(math.Round(p.Y))+t.y0
	in := c.within
	c.mark(max(x0, in.x0), max(y0, in.y0), min(x0+t.w, in.x1-1), min(y0+t.h, in.y1)-1)
	for j := range t.h {
		y := y0 + j
		if y < in.y0 || y >= in.y1 {
			continue
		}
		for i := max(0, in.x0-x0); i < min(t.w, in.x1-x0); i++ {
			o := j*t.w + i
			al := t.alpha[o]
			if al == 0 {
				continue
			}
			dst, src := c.pix[3*(y*c.w+x0+i):], t.pix[3*o:3*o+3]
			if al == 255 {
				copy(dst[:3], src)
				continue
			}
			blend(dst, float32(src[0]), float32(src[1]), float32(src[2]), float32(al)/255)
		}
	}
}

// hands are where the two hands and the toy of an actor are.
type hands struct {
	inner, outer point // towards the other; away
	toy          point
	angle        float64
}

// handsOf places the hands of actor i at t: at rest on the table, or moving the
// toy.
func (s *Script) handsOf(i int, t float64) hands {
	a := &s.actors[i]
	p, side := a.place(t), s.facingSide(i, t)
	rest := point{p.X + side*1.25*a.build, tableTop + 62}
	h := hands{inner: rest, outer: point{p.X - side*1.15*a.build, tableTop + 68}, toy: rest.plus(side*0.7*a.build, -4)}
	for _, pl := range s.plays {
		if t <= pl.StartS || t >= pl.EndS {
			continue
		}
		act := smooth((t-pl.StartS)/0.5) * smooth((pl.EndS-t)/0.5)
		base := rest.plus(side*20, -24)
		if pl.together {
			mid := (s.actors[0].x.at(t) + s.actors[1].x.at(t)) / 2
			base = point{mid - side*46, tableTop + 14}
		}
		f := 0.62 + 0.12*unit(a.key+40)
		w := 2 * math.Pi * f * (t - pl.StartS)
		at := base.plus(52*math.Sin(w)+14*wander(a.key+41, 1.3, t), 34*math.Sin(1.7*w+1)-18+10*wander(a.key+42, 1.1, t))
		if pl.aside {
			at = at.plus(-side*3*a.build, 30)
			h.outer = h.outer.toward(at, act)
			h.toy = h.toy.toward(at.plus(-side*0.62*a.build, -6), act)
			continue
		}
		h.inner = h.inner.toward(at, act)
		h.toy = h.toy.toward(at.plus(side*0.62*a.build, -6), act)
		h.angle = act * math.Sin(0.8*w)
		h.outer = h.outer.plus(act*12*math.Sin(0.6*w), -act*8*math.Abs(math.Sin(0.9*w)))
	}
	return h
}

// facingSide is side, but turning over smoothly while the two cross, so that
// hands do not jump.
func (s *Script) facingSide(i int, t float64) float64 {
	d := s.actors[1-i].x.at(t) - s.actors[i].x.at(t)
	return clamp(d/160, -1, 1)
}

// drawArms draws both arms and the toy of actor i.
func (c *canvas) drawArms(a *actor, p point, h hands, side float64) {
	skin := models[a.model].skin
	if side == 0 {
		side = 1
	}
	sgn := math.Copysign(1, side)
	c.arm(a, point{p.X - sgn*2.0*a.build, p.Y + 1.95*a.build}, h.outer, -sgn, skin)
	c.block(h.toy, 0.36*a.build, a.toy, h.angle)
	c.arm(a, point{p.X + sgn*2.0*a.build, p.Y + 1.95*a.build}, h.inner, sgn, skin)
}

// arm draws sleeve, forearm and hand from a shoulder to a hand; the elbow bends
// outwards.
func (c *canvas) arm(a *actor, from, hand point, out float64, skin rgb) {
	e := a.build
	upper, fore := 1.62*e, 1.8*e
	dx, dy := hand.X-from.X, hand.Y-from.Y
	d := clamp(math.Hypot(dx, dy), 0.3*e, upper+fore-1)
	base := math.Atan2(dy, dx)
	bend := math.Acos(clamp((upper*upper+d*d-fore*fore)/(2*upper*d), -1, 1))
	s, k := math.Sincos(base - 0.6*out*bend)
	elbow := from.plus(upper*k, upper*s)
	sleeve := elbow.toward(hand, 0.35)
	c.stroke(sleeve, hand, 0.26*e, 0.19*e, skin)
	c.stroke(from, elbow, 0.47*e, 0.37*e, a.shirt.times(0.95))
	c.stroke(elbow, sleeve, 0.37*e, 0.31*e, a.shirt.times(0.97))
	c.hand(hand, math.Atan2(hand.Y-elbow.Y, hand.X-elbow.X), e, out, skin)
}

// hand draws a relaxed hand seen from above, fingers along the angle.
func (c *canvas) hand(p point, angle, e, out float64, skin rgb) {
	s, k := math.Sincos(angle)
	at := func(along, across float64) point {
		return p.plus(e*(along*k-across*s), e*(along*s+across*k))
	}
	c.stroke(at(0.1, 0.26*out), at(0.42, 0.42*out), 0.13*e, 0.1*e, skin.times(0.97))
	for i := range 4 {
		f := float64(i) - 1.5
		c.stroke(at(0.3, 0.15*f), at(0.68-0.05*f*f, 0.17*f), 0.11*e, 0.085*e, skin.times(1-0.03*math.Abs(f)))
	}
	c.stroke(at(0, 0), at(0.28, 0), 0.27*e, 0.29*e, skin)
}

// drawCover draws a flat hand before a face whose box centre is at p: fingers
// up, close together, larger than the face.
func (c *canvas) drawCover(p point, e, raised float64, skin rgb) {
	p.Y += (1 - raised) * 620
	at := func(x, y float64) point { return p.plus(x*e, y*e) }
	c.stroke(at(0.35, 6.5), at(0.05, 1.6), 0.75*e, 0.68*e, skin.times(0.9))
	c.stroke(at(1.0, 1.0), at(1.72, 0.0), 0.36*e, 0.28*e, skin.times(0.93))
	for i, tip := range []float64{-1.45, -1.85, -1.8, -1.35} {
		x := -0.96 + 0.62*float64(i)
		c.stroke(at(x*0.92, 0.5), at(x, tip), 0.38*e, 0.3*e, skin.times(0.97+0.015*float64(i%2)))
	}
	palm := at(0, 0.75)
	c.fill(palm.X-1.6*e, palm.Y-1.4*e, palm.X+1.6*e, palm.Y+1.6*e, roundBox(palm, 1.26*e, 1.05*e, 0.6*e, 0), func(x, y, depth float64) rgb {
		u, v := (x-palm.X)/e, (y-palm.Y)/e
		crease := bell(v+0.35+0.25*u*u-0.2*u, 0.035) + bell(v-0.1+0.3*u, 0.03)
		edge := 1 - clamp(depth/(0.5*e), 0, 1)
		return skin.times(1.02 - 0.13*crease - 0.2*edge*edge + 0.03*wander2(5, u*4, v*4))
	})
}
