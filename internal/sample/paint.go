package sample

import "math"

// paintSkull paints what the portrait does not show: the sides and the back of
// a head, by angle and height.
func paintSkull(m model, p *portrait) texture {
	out := newTexture(atlasW, atlasH)
	left, right := cheek(m, p, -1), cheek(m, p, 1)
	for j := range atlasH {
		y := lerp(m.top(), m.chin(), float64(j)/(atlasH-2))
		for i := range atlasW {
			th := (2*float64(i)/(atlasW-2) - 1) * math.Pi
			skin := left[j]
			if th > 0 {
				skin = right[j]
			}
			out.set(i, j, skullColour(m, skin, th*180/math.Pi, y))
		}
	}
	return out
}

// cheek is the colour of the face's edge on one side, per atlas row, averaged
// over the clip and smoothed along the height.
func cheek(m model, p *portrait, side float64) []rgb {
	raw := make([]rgb, atlasH)
	for j := range raw {
		y := clamp(lerp(m.top(), m.chin(), float64(j)/(atlasH-2)), -0.3, m.chin()-0.25)
		w := curve(m.outline, y)
		var sum rgb
		n := 0.0
		for f := 0; f < len(p.frames); f += 7 {
			for _, u := range []float64{0.66, 0.7, 0.74, 0.78} {
				c := p.frames[f].at((portraitLeft+side*u*w)*portraitScale, (portraitTop+y)*portraitScale)
				sum = rgb{sum.R + c.R, sum.G + c.G, sum.B + c.B}
				n++
			}
		}
		raw[j] = sum.times(1/n).mix(m.skin, 0.35)
	}
	out := make([]rgb, atlasH)
	for j := range out {
		var sum rgb
		n := 0.0
		for k := max(0, j-12); k <= min(atlasH-1, j+12); k++ {
			sum = rgb{sum.R + raw[k].R, sum.G + raw[k].G, sum.B + raw[k].B}
			n++
		}
		out[j] = sum.times(1 / n)
	}
	return out
}

// skullColour is the colour at an angle (degrees from the front) and height.
func skullColour(m model, skin rgb, deg, y float64) rgb {
	a := math.Abs(deg)
	c := skin.times(1 - 0.28*smooth((a-62)/45))
	if !m.longHair {
		c = earColour(c, a, y)
	}
	edge := []knot{{40, m.hairline}, {58, m.hairline*0.7 + 0.05}, {68, -0.25}, {75, 0.12}, {84, 0.15}, {88, -0.12}, {101, -0.12},
		{107, 0.55}, {125, 1.0}, {180, 1.1}}
	if m.longHair { // parted in the middle, framing the face
		edge = []knot{{0, -0.93}, {18, -0.88}, {32, -0.7}, {44, -0.3}, {53, 0.3}, {60, 0.9}, {68, 1.3}, {80, 2}}
	}
	jag := 0.05*wander2(11, deg*0.35, y*4) + 0.03*wander2(12, deg*1.1, y*9)
	hair := smooth((curve(edge, a) + jag - y + 0.05) / 0.1)
	return c.mix(strand(m.hair, deg*0.55, y*2.2), hair)
}

// earColour paints an ear: rim, hollow and lobe.
func earColour(skin rgb, a, y float64) rgb {
	dx, dy := (a-97)/12, (y-0.26)/0.4
	r := math.Sqrt(dx*dx + dy*dy)
	ear := skin.times(1.12).mix(rgb{205, 120, 100}, 0.22)
	ear = ear.mix(skin.times(0.55), smooth((0.62-math.Hypot((a-96)/12, (y-0.28)/0.42))/0.3)*0.75)
	c := skin.mix(ear, smooth((1.05-r)/0.15))
	return c.times(1 - 0.3*bell(r-1.12, 0.12))
}

// strand is hair: its colour broken into streaks along y.
func strand(hair rgb, x, y float64) rgb {
	n := 0.5*wander2(21, x*1.7, y*0.6) + 0.35*wander2(22, x*4.1, y) + 0.25*wander2(23, x*9, y*2)
	return hair.times(1 + 0.55*n)
}

func paintMane(m model) texture {
	out := newTexture(atlasW, atlasH)
	for j := range atlasH {
		for i := range atlasW {
			f := float64(j) / atlasH
			c := strand(m.hair, float64(i)*0.35+1.5*math.Sin(5*f), f*3)
			streak := smooth(0.5 + 1.4*wander2(24, float64(i)*0.16, f*1.5))
			c = c.mix(m.hair.times(2.1), (0.25+0.35*f)*streak)
			out.set(i, j, c.times(1-0.25*math.Abs(float64(i)/atlasW-0.5)))
		}
	}
	return out
}
