package signal

import (
	"math"
	"slices"

	"dyade/annotate"
)

// Where a body is, in widths and heights of its face.
const (
	bodyAside = 1.0  // to each side of the face
	bodyAbove = 0.3  // above its top
	bodyBelow = 3.5  // below its top
	tableTop  = 1.15 // the shared area begins so far below the top of the lower face…
	tableEnd  = 5.5  // …and ends here
)

// motion fills how much the picture changes where each body is, and in the area that
// they share.
func (b *builder) motion() {
	v := b.in.Recording.Video
	if v == nil {
		return
	}
	for i := range b.Steps {
		grid := b.changeAt(i)
		if grid == nil {
			continue
		}
		g := motionGrid{grid, float64(v.Width), float64(v.Height)}
		for _, who := range []string{"parent", "child", "other"} {
			if box, ok := b.box(who, i); ok {
				if v, ok := g.mean(body(box)); ok {
					b.Get(who+"_motion").Set(i, v)
				}
			}
		}
		p, okP := b.box("parent", i)
		c, okC := b.box("child", i)
		if okP && okC {
			if v, ok := g.strongest(shared(p, c)); ok {
				b.Get("shared_motion").Set(i, b.asNear(i, max(0, v-g.noise()), (p.W+c.W)/2))
			}
		}
	}
}

// What makes a movement's change of the picture smaller than it would be near by in good
// light.
const (
	goodLight   = 80.0 // mean luma below which changes are as much smaller as it is darker
	handOfFace  = 0.5  // a hand's width in face widths: one smaller than a cell fills less of it
	mostFactor  = 4.0  // for both; beyond that, changes are but rounding
	mostForSize = 3.0
)

// asNear is a change of a cell at step i, by a hand beside a face of some width, as it
// would be near by in good light.
func (b *builder) asNear(i int, change, face float64) float64 {
	w, h := b.cell()
	hand := max(1, handOfFace*face)
	factor := max(1, min(mostForSize, w*h/(hand*hand)))
	if luma, known := b.Get("luma").At(i); known {
		factor *= max(1, goodLight/max(1, luma))
	}
	return change * min(mostFactor, factor)
}

// changeAt is the motion grid whose time covers step i: that of the sighting
// that ends it, nil where there is none near.
func (b *builder) changeAt(i int) []uint8 {
	s := b.Seconds(i)
	_, after := b.around(s - 1e-6)
	if after >= len(b.times) {
		after = len(b.times) - 1
	}
	if after < 0 || math.Abs(b.times[after]-s) > placeGap {
		return nil
	}
	return b.in.Sightings[after].Motion
}

func body(f annotate.Box) annotate.Box {
	return annotate.Box{X: f.X - bodyAside*f.W, Y: f.Y - bodyAbove*f.H, W: (1 + 2*bodyAside) * f.W, H: (bodyAbove + bodyBelow) * f.H}
}

// shared is the area between and below two faces, where hands and toys are.
func shared(a, b annotate.Box) annotate.Box {
	left, right := min(a.Center().X, b.Center().X), max(a.Center().X, b.Center().X)
	w := (a.W + b.W) / 2
	lower := a
	if b.Y+b.H > a.Y+a.H {
		lower = b
	}
	return annotate.Box{X: left - 0.25*w, Y: lower.Y + tableTop*lower.H, W: right - left + 0.5*w, H: (tableEnd - tableTop) * lower.H}
}

// motionGrid reads a sighting's motion by places in the full-size picture.
type motionGrid struct {
	cells []uint8
	w, h  float64
}

func (g motionGrid) within(b annotate.Box) []float64 {
	cw, ch := g.w/annotate.MotionCols, g.h/annotate.MotionRows
	c0, c1 := clampInt(b.X/cw, annotate.MotionCols), clampInt(math.Ceil((b.X+b.W)/cw), annotate.MotionCols)
	r0, r1 := clampInt(b.Y/ch, annotate.MotionRows), clampInt(math.Ceil((b.Y+b.H)/ch), annotate.MotionRows)
	var list []float64
	for r := r0; r < r1; r++ {
		for c := c0; c < c1; c++ {
			list = append(list, float64(g.cells[r*annotate.MotionCols+c]))
		}
	}
	return list
}

func clampInt(v float64, n int) int { return int(max(0, min(v, float64(n)))) }

// mean of the cells in b; ok is false where b is out of the picture.
func (g motionGrid) mean(b annotate.Box) (v float64, ok bool) {
	cells := g.within(b)
	if len(cells) == 0 {
		return 0, false
	}
	sum := 0.0
	for _, c := range cells {
		sum += c
	}
	return sum / float64(len(cells)), true
}

// noise is by how much the picture changes where it is stillest, in a quarter of it.
func (g motionGrid) noise() float64 {
	cells := slices.Clone(g.cells)
	slices.Sort(cells)
	return float64(cells[len(cells)/4])
}

// strongest is the mean of the fifth of the cells that changes most: a hand or
// a toy is small in the area it moves in. ok is false where b is out of the
// picture.
func (g motionGrid) strongest(b annotate.Box) (v float64, ok bool) {
	cells := g.within(b)
	if len(cells) == 0 {
		return 0, false
	}
	slices.Sort(cells)
	top := cells[len(cells)-(len(cells)+4)/5:]
	sum := 0.0
	for _, c := range top {
		sum += c
	}
	return sum / float64(len(top)), true
}
