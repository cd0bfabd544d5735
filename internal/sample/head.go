package sample

import (
	"math"

	"dyade/annotate"
)

// The mesh of a head: columns run round it from the back over its right side
// (the picture's left) to the front and on, denser at the face; rows from top
// to chin.
const (
	meshCols = 72
	meshRows = 54
	atlasW   = 320 // columns of the painted skin and hair, by angle
	atlasH   = 192 // rows, by height
)

// vec is a point or direction in head coordinates.
type vec struct{ X, Y, Z float64 }

// vertex is a point of a surface with what it needs to be coloured.
type vertex struct {
	p, n    vec
	u, v    float32 // where it lies in the portrait, pixels
	s, t    float32 // where it lies in the atlas, pixels
	painted float32 // share of the atlas in its colour, the rest is portrait
	lit     float64 // the room's light on it when the head is not turned
	face    bool    // belongs to what a detector's box encloses
}

// surface is a grid of vertices, row by row.
type surface struct {
	rows, cols int
	at         []vertex
	atlas      texture // atlasW × atlasH
	open       bool    // its inside can be seen
}

// head is a person's head as a solid, to be turned and measured; once dressed
// it can be drawn too. Neither changes it.
type head struct {
	model    model
	portrait *portrait // nil until dressed
	parts    []surface
	face     []vertex // those a detector's box encloses, thinned
	faceW    float64  // width of the face's box seen from the front, eye distances
}

// pivot is the height in the neck about which a head turns.
const pivot = 0.7

func newHead(m model) *head {
	h := &head{model: m, parts: []surface{skull(m)}}
	if m.longHair {
		h.parts = append(h.parts, mane(m))
	}
	for i, v := range h.parts[0].at {
		if v.face && i%5 == 0 {
			h.face = append(h.face, v)
		}
	}
	h.faceW = h.faceBox(annotate.Pose{}, 0, 0, 1).W
	return h
}

// dress gives the head its face and paints the rest to match.
func (h *head) dress(p *portrait) {
	h.portrait = p
	h.parts[0].atlas = paintSkull(h.model, p).halved()
	if h.model.longHair {
		h.parts[1].atlas = paintMane(h.model).halved()
	}
}

// columnAngle spreads the columns over -π to π, densest in front.
func columnAngle(i int) float64 {
	p := 2*float64(i)/(meshCols-1) - 1
	return math.Pi * (0.6*p + 0.4*p*p*p)
}

// profiles of the head's front and back seen from the side, by the share of the
// way from eye level to the top (negative) or to the chin.
var (
	frontProfile = []knot{{-1, -0.05}, {-0.93, 0.62}, {-0.78, 1.0}, {-0.55, 1.24}, {-0.3, 1.33}, {0, 1.32}, {0.3, 1.29},
		{0.55, 1.3}, {0.75, 1.27}, {0.88, 1.2}, {0.97, 1.04}, {1, 0.85}}
	backProfile = []knot{{-1, -0.05}, {-0.93, -0.75}, {-0.75, -1.2}, {-0.4, -1.5}, {0, -1.45}, {0.25, -1.15}, {0.4, -0.7},
		{0.55, -0.28}, {0.75, -0.05}, {0.9, 0.3}, {1, 0.75}}
)

func skull(m model) surface {
	s := surface{rows: meshRows, cols: meshCols}
	for j := range meshRows {
		y := lerp(m.top(), m.chin(), float64(j)/(meshRows-1))
		for i := range meshCols {
			s.at = append(s.at, skullVertex(m, columnAngle(i), y))
		}
	}
	s.shade()
	return s
}

func skullVertex(m model, th, y float64) vertex {
	share := y / m.chin()
	if y < 0 {
		share = -y / m.top()
	}
	w, front, back := curve(m.outline, y), curve(frontProfile, share), curve(backProfile, share)
	x, z := w*math.Sin(th), (front+back)/2+(front-back)/2*math.Cos(th)
	a := math.Abs(th) * 180 / math.Pi
	if ear := 0.17 * bell(a-97, 11) * smooth((y+0.2)/0.15) * smooth((0.72-y)/0.3); !m.longHair {
		x += math.Copysign(ear, th)
	}
	if a < 90 {
		z += relief(m, x, y) * smooth((90-a)/25)
	}
	v := vertex{p: vec{x, y, z}, face: a < 72 && y > -1.0}
	// The portrait is worth little where the camera saw the head edge on.
	u := w * math.Sin(min(math.Abs(th), 1.15))
	v.u = float32((portraitLeft + math.Copysign(u, th)) * portraitScale)
	v.v = float32((portraitTop + y) * portraitScale)
	from := lerp(50, 33, smooth((-0.25-y)/0.6)) // hair has a ragged outline: less of it is used
	v.painted = float32(max(smooth((a-from)/18), smooth((m.crown-y)/0.18)))
	v.s = float32((th/math.Pi + 1) / 2 * (atlasW - 2))
	v.t = float32((y - m.top()) / (m.chin() - m.top()) * (atlasH - 2))
	return v
}

// relief is what a face has beyond a smooth head: nose, sockets, brows, lips,
// chin and cheekbones, in eye distances towards the camera.
func relief(m model, x, y float64) float64 {
	x = math.Abs(x)
	tip := m.nose + 0.06
	rise := clamp((y+0.2)/(tip+0.2), 0, 1)
	nose := 0.38 * math.Pow(rise, 1.15) * bell(x, lerp(0.13, 0.25, rise))
	if y > tip {
		nose *= smooth(1 - (y-tip)/0.2)
	}
	return nose - 0.11*bell(x-0.5, 0.3)*bell(y-0.02, 0.2) +
		0.05*bell(y+0.3, 0.13)*bell(x-0.3, 0.45) +
		0.07*bell(x, 0.4)*bell(y-m.mouth, 0.2) +
		0.07*bell(x, 0.3)*bell(y-(m.chin()-0.28), 0.22) +
		0.04*bell(x-0.65, 0.28)*bell(y-0.45, 0.28)
}

func bell(x, width float64) float64 { return math.Exp(-x * x / (width * width)) }

// mane is long hair: a shell about the back and sides, down to the shoulders.
func mane(m model) surface {
	const cols, rows = 40, 40
	s := surface{rows: rows, cols: cols, open: true}
	bottom := m.chin() + 0.75
	for j := range rows {
		f := float64(j) / (rows - 1)
		y := lerp(m.top()-0.06, bottom, f)
		low := clamp(y/bottom, 0, 1)
		share := max(-1, -y/m.top())
		if y > 0 {
			share = 0
		}
		w := max(curve(m.outline, min(y, 0))*1.05+0.05, 0.1) + 0.2*low
		front, back := curve(frontProfile, share)*0.98, curve(backProfile, share)*1.06-0.05
		back *= 1 - 0.35*low
		open := lerp(58, 66, low) * math.Pi / 180 // where the hair begins beside the face
		for i := range cols {
			th := open + (2*math.Pi-2*open)*float64(i)/(cols-1)
			wave := 1 + 0.03*math.Sin(7*th+3*y)
			s.at = append(s.at, vertex{
				p:       vec{w * math.Sin(th) * wave, y, (front+back)/2 + (front-back)/2*math.Cos(th)*wave},
				painted: 1,
				s:       float32(i) / (cols - 1) * (atlasW - 2), t: float32(f) * (atlasH - 2),
			})
		}
	}
	s.shade()
	return s
}

// shade computes the normals by differences along the grid, outward.
func (s *surface) shade() {
	at := func(j, i int) vec {
		return s.at[min(max(j, 0), s.rows-1)*s.cols+min(max(i, 0), s.cols-1)].p
	}
	for j := range s.rows {
		for i := range s.cols {
			a, b := at(j, i+1), at(j, i-1)
			c, d := at(j+1, i), at(j-1, i)
			e, f := vec{a.X - b.X, a.Y - b.Y, a.Z - b.Z}, vec{c.X - d.X, c.Y - d.Y, c.Z - d.Z}
			n := vec{e.Y*f.Z - e.Z*f.Y, e.Z*f.X - e.X*f.Z, e.X*f.Y - e.Y*f.X}
			l := math.Sqrt(n.X*n.X+n.Y*n.Y+n.Z*n.Z) + 1e-12
			v := &s.at[j*s.cols+i]
			v.n = vec{n.X / l, n.Y / l, n.Z / l}
			v.lit = light(v.n)
		}
	}
}

// turn is a rotation by a pose, yaw about the vertical, then pitch, then roll about the
// head's own axes: the rows of its matrix.
type turn [3]vec

func newTurn(p annotate.Pose) turn {
	const rad = math.Pi / 180
	sy, cy := math.Sincos(p.Yaw * rad)
	sp, cp := math.Sincos(p.Pitch * rad)
	sr, cr := math.Sincos(p.Roll * rad)
	return turn{
		{cy*cr + sy*sp*sr, sy*sp*cr - cy*sr, sy * cp},
		{cp * sr, cp * cr, -sp},
		{cy*sp*sr - sy*cr, sy*sr + cy*sp*cr, cy * cp},
	}
}

func (v vec) dot(w vec) float64 { return v.X*w.X + v.Y*w.Y + v.Z*w.Z }

func (t *turn) of(p vec) vec { return vec{t[0].dot(p), t[1].dot(p), t[2].dot(p)} }

// place takes a point of the head to the picture: px is the head's pivot and
// eye the distance of the eyes, pixels.
func (t *turn) place(p vec, x, y, eye float64) vec {
	p.Y -= pivot
	q := t.of(p)
	return vec{x + q.X*eye, y + q.Y*eye, q.Z}
}

// faceBox encloses the part of the face that is turned to the camera, from
// mid-forehead to chin, in pixels.
func (h *head) faceBox(p annotate.Pose, x, y, eye float64) annotate.Box {
	t := newTurn(p)
	lo, hi := vec{math.Inf(1), math.Inf(1), 0}, vec{math.Inf(-1), math.Inf(-1), 0}
	for i := range h.face {
		v := &h.face[i]
		if t[2].dot(v.n) < 0.1 {
			continue
		}
		q := t.place(v.p, x, y, eye)
		lo.X, lo.Y = min(lo.X, q.X), min(lo.Y, q.Y)
		hi.X, hi.Y = max(hi.X, q.X), max(hi.Y, q.Y)
	}
	return annotate.Box{X: lo.X, Y: lo.Y, W: hi.X - lo.X, H: hi.Y - lo.Y}
}
