package sample

import "math"

// tableTop is the row where the table before the two begins.
const tableTop = 800

var (
	wallColours  = []rgb{{214, 205, 188}, {190, 203, 210}, {198, 208, 190}, {221, 210, 203}, {204, 200, 212}}
	woodColours  = []rgb{{168, 122, 82}, {148, 108, 78}, {186, 148, 108}}
	shirtColours = []rgb{{58, 92, 140}, {156, 58, 56}, {70, 120, 84}, {206, 168, 70}, {110, 84, 132}, {62, 66, 76}, {196, 118, 78}, {92, 148, 156}}
	toyColours   = []rgb{{218, 62, 52}, {52, 120, 206}, {242, 190, 44}, {74, 168, 88}, {150, 84, 178}}
)

// furnishing is what a room's wall has on it.
type furnishing int

const (
	furnished furnishing = iota
	pictureless
	bare // for what is hung there instead
)

// room paints the fixed background as a view shows it: wall, window, shelf,
// picture, table, and the floor where the view goes below the stage.
func room(v view, key uint64, has furnishing) *canvas {
	pick := func(n, of int) int { return int(hash64(key+uint64(n)) % uint64(of)) }
	r := &roomPainter{canvas: newCanvas(v, make([]uint8, 3*v.w*v.h)), key: key,
		wall: wallColours[pick(1, len(wallColours))], wood: woodColours[pick(2, len(woodColours))]}
	r.windowX, r.shelfX = 170+float64(pick(3, 120)), 1290+float64(pick(4, 100))
	if pick(5, 2) == 0 {
		r.windowX, r.shelfX = 1350+float64(pick(3, 100)), 120+float64(pick(4, 100))
	}
	r.paintWall()
	if has != bare {
		r.paintWindow()
		r.paintShelf()
	}
	if has == furnished {
		r.paintPicture(860 + float64(pick(6, 120)))
	}
	r.paintTable()
	r.paintFloor()
	return r.canvas
}

type roomPainter struct {
	*canvas
	key             uint64
	wall, wood      rgb
	windowX, shelfX float64
}

// rect fills an upright rectangle of the stage by a colour per place.
func (c *canvas) rect(x0, y0, w, h float64, paint func(x, y float64) rgb) {
	lo, hi := c.at(point{x0, y0}), c.at(point{x0 + w, y0 + h})
	for y := max(0, int(lo.Y)); y < min(c.h, int(hi.Y)); y++ {
		for x := max(0, int(lo.X)); x < min(c.w, int(hi.X)); x++ {
			r := paint(c.view.back(float64(x), float64(y)))
			o := 3 * (y*c.w + x)
			c.pix[o], c.pix[o+1], c.pix[o+2] = tone(r.R), tone(r.G), tone(r.B)
		}
	}
}

func flat(c rgb) func(x, y float64) rgb { return func(_, _ float64) rgb { return c } }

func (r *roomPainter) paintWall() {
	x0, y0 := r.view.back(0, 0)
	r.rect(x0, y0, float64(r.w)/r.k, float64(r.h)/r.k, func(x, y float64) rgb {
		lit := math.Exp(-math.Hypot((x-r.windowX-180)/900, (y-260)/700))
		n := 0.012*wander2(r.key, x/5, y/5) + 0.02*wander2(r.key+1, x/90, y/70)
		return r.wall.times(0.8 + 0.24*lit - 0.08*y/Height + n)
	})
}

func (r *roomPainter) paintWindow() {
	x, y, w, h := r.windowX, 60.0, 380.0, 400.0
	r.rect(x-22, y-22, w+44, h+44, flat(rgb{232, 230, 224}))
	r.rect(x, y, w, h, func(px, py float64) rgb {
		f := (py - y) / h
		sky := rgb{176, 206, 232}.mix(rgb{226, 234, 236}, f)
		hill := 0.66 + 0.05*wander2(r.key+2, px/70, 0) + 0.03*wander2(r.key+3, px/22, 0)
		tree := rgb{112, 138, 98}.mix(rgb{150, 170, 126}, 0.5+0.3*wander2(r.key+4, px/23, py/19+px/50)+0.25*wander2(r.key+11, px/7, py/6)+0.15*wander2(r.key+12, px/3, py/3))
		return sky.mix(tree, smooth((f-hill)/0.07))
	})
	r.rect(x+w/2-7, y, 14, h, flat(rgb{226, 224, 218}))
	r.rect(x, y+h*0.42, w, 12, flat(rgb{226, 224, 218}))
	r.rect(x-34, y+h+20, w+68, 16, flat(rgb{216, 212, 204}))
	curtain := func(px, py float64) rgb {
		fold := math.Sin(px*0.16+0.5*math.Sin(py*0.01)) * 0.09
		return r.wall.mix(rgb{236, 226, 210}, 0.6).times(0.95 + fold + 0.01*wander2(r.key+5, px/3, py/3))
	}
	r.rect(x-86, y-44, 80, h+150, curtain)
	r.rect(x+w+6, y-44, 80, h+150, curtain)
}

func (r *roomPainter) paintShelf() {
	x, w := r.shelfX, 440.0
	for row := range 3 {
		base := 250.0 + float64(row)*190
		px := x + 14
		for i := 0; px < x+w-60; i++ {
			k := r.key + uint64(row*40+i)
			if unit(k) > 0.55 {
				px += 34
				continue
			}
			bw, bh := 20+16*math.Abs(unit(k+7)), 92+40*unit(k+9)
			c := shirtColours[hash64(k+3)%uint64(len(shirtColours))].mix(r.wall, 0.35)
			r.rect(px, base-bh, bw, bh, func(qx, qy float64) rgb {
				e := math.Abs((qx-px)/bw-0.5) * 2
				band := 1.0
				if math.Abs(qy-base+bh*0.75) < 5 {
					band = 1.25
				}
				return c.times((1.02 - 0.25*e*e) * band)
			})
			px += bw + 2
		}
		r.rect(x, base, w, 14, func(qx, qy float64) rgb { return r.wood.times(1.05 + 0.1*wander2(r.key+6, qx/40, qy/2)) })
		r.rect(x, base+14, w, 12, func(_, qy float64) rgb { return r.wall.times(0.62 + 0.02*(qy-base-14)) })
	}
}

func (r *roomPainter) paintPicture(x float64) {
	r.rect(x-8, 92, 196, 146, flat(rgb{92, 78, 66}))
	r.rect(x, 100, 180, 130, func(px, py float64) rgb {
		f := 0.5 + 0.5*wander2(r.key+8, px/60, py/34)
		return rgb{222, 206, 170}.mix(rgb{96, 138, 150}, f)
	})
}

func (r *roomPainter) paintTable() {
	left, wide := r.tableEnds()
	r.rect(left, tableTop, wide, Height-tableTop, func(x, y float64) rgb {
		f := (y - tableTop) / (Height - tableTop)
		grain := 0.06*wander2(r.key+9, x/160, y/(3+6*f)) + 0.04*wander2(r.key+10, x/40, y/2)
		lit := 0.12 * math.Exp(-math.Abs(x-r.windowX-190)/500)
		return r.wood.times(1.08 - 0.2*f + grain + lit)
	})
	r.rect(left, tableTop, wide, 5, flat(r.wood.times(1.3)))
	for i := range 5 {
		k := r.key + 100 + uint64(i)
		p := point{960 + 850*unit(k), 960 + 50*unit(k+50)}
		r.block(p, 24+6*unit(k+70), toyColours[i], unit(k+90))
	}
}

// tableEnds is the part of the table that is seen: it goes on beyond the stage.
func (r *roomPainter) tableEnds() (left, wide float64) {
	const beyond = 700
	x0, _ := r.view.back(0, 0)
	x1, _ := r.view.back(float64(r.w), 0)
	left = max(x0, -beyond)
	return left, min(x1, Width+beyond) - left
}

// paintFloor closes the table's front and lays a floor before it.
func (r *roomPainter) paintFloor() {
	x0, _ := r.view.back(0, 0)
	wide, skirting := float64(r.w)/r.k, 1390.0
	r.rect(x0, skirting, wide, 40, flat(rgb{226, 222, 212}))
	r.rect(x0, skirting+40, wide, 2000, func(x, y float64) rgb {
		plank := 0.06 * unit(r.key+200+uint64(int64(math.Floor(x/260+0.3*math.Floor(y/90)))))
		return rgb{150, 132, 112}.times(0.9 + plank + 0.05*wander2(r.key+13, x/120, y/14))
	})
	left, long := r.tableEnds()
	r.rect(left, Height, long, 420, func(x, y float64) rgb {
		return r.wood.times(0.62 - 0.1*(y-Height)/420 + 0.05*wander2(r.key+14, x/200, y/6))
	})
}

// block draws a toy block standing on the table at p.
func (c *canvas) block(p point, half float64, col rgb, angle float64) {
	c.fill(p.X-1.5*half, p.Y, p.X+1.5*half, p.Y+1.3*half, capsule(p.plus(-0.6*half, half), p.plus(0.7*half, half), half*0.28, half*0.24),
		func(_, _, _ float64) rgb { return rgb{84, 62, 44} })
	angle *= 0.35
	c.fill(p.X-1.7*half, p.Y-1.7*half, p.X+1.7*half, p.Y+1.7*half, roundBox(p, half, half, half*0.2, angle), func(x, y, depth float64) rgb {
		shade := 0.96 - 0.16*(y-p.Y)/half
		if depth < half*0.14 {
			shade *= 1.16
		}
		if math.Abs(x-p.X) < half*0.35 && math.Abs(y-p.Y) < half*0.35 {
			shade *= 0.86
		}
		return col.times(shade)
	})
}
