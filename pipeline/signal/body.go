package signal

import (
	"math"
	"slices"

	"dyade/annotate"
)

// Where clothes are, in widths and heights of the face above them.
const (
	clothesAside = 0.5 // to each side of the face
	clothesFrom  = 1.2 // below its top
	clothesTo    = 3.0
	fewCells     = 3 // of the colour grid, by fewer of which nobody is known
)

// Limits of following a body by its colours once its face is lost.
const (
	likeCell  = 22.0 // mean difference of the colours, steps, up to which it may be the same body
	standsOut = 0.6  // share of what the same colours differ from the picture elsewhere
	longest   = 30.0 // seconds without a face
	reachCols = 2    // cells moved from one sighting to the next
	reachRows = 1
	still     = 0.5 // colour steps that a cell of movement must win
)

// bodies are a person's faces by sighting, and, where a face is lost and the clothes
// under it are still there, where it should be. Clothes tell only of who was seen in
// them, so nobody is found who never showed a face.
func (b *builder) bodies(p annotate.Person) map[int]annotate.Box {
	places := make(map[int]annotate.Box, len(p.Seen))
	order := seenOrder(p)
	for _, i := range order {
		places[i] = p.Seen[i].Box
	}
	for n, i := range order {
		end := len(b.times)
		if n+1 < len(order) {
			end = order[n+1]
			b.bridge(p, i, end, places)
		}
		if i+1 < end {
			b.follow(p.Seen[i].Box, i, end, +1, places)
		}
		if n > 0 && order[n-1] < i-1 {
			b.follow(p.Seen[i].Box, i, order[n-1], -1, places)
		}
	}
	return places
}

// bridge fills in the places between two sightings of a face that follow each other
// soon.
func (b *builder) bridge(p annotate.Person, from, to int, places map[int]annotate.Box) {
	length := b.times[to] - b.times[from]
	for i := from + 1; i < to && length <= placeGap; i++ {
		places[i] = between(p.Seen[from], p.Seen[to], (b.times[i]-b.times[from])/length).Box
	}
}

// place fills where a person is by the grid's steps: their face, or where it should be.
func (b *builder) place(who string, p annotate.Person) {
	places := b.bodies(p)
	gap := max(placeGap, b.in.LookGap)
	boxes := make([]annotate.Box, b.Steps)
	v := b.in.Recording.Video
	for i := range b.Steps {
		box, ok := b.placeAt(places, b.Seconds(i), gap)
		if !ok {
			continue
		}
		boxes[i] = box
		c := box.Center()
		b.Get(who+"_body_x").Set(i, c.X/float64(v.Width))
		b.Get(who+"_body_y").Set(i, c.Y/float64(v.Height))
	}
	b.boxes[who] = boxes
}

// placeAt is the place at s between those at the sightings before and after, no longer
// than gap apart.
func (b *builder) placeAt(places map[int]annotate.Box, s, gap float64) (annotate.Box, bool) {
	before, after := b.around(s)
	last, hadLast := places[before]
	next, hasNext := places[after]
	switch {
	case hadLast && hasNext && b.times[after]-b.times[before] <= gap:
		x := (s - b.times[before]) / (b.times[after] - b.times[before])
		return between(annotate.Face{Box: last}, annotate.Face{Box: next}, x).Box, true
	case hadLast && s-b.times[before] <= nearest:
		return last, true
	case hasNext && b.times[after]-s <= nearest:
		return next, true
	}
	return annotate.Box{}, false
}

// box is where someone's face is, or should be, at step i.
func (b *builder) box(who string, i int) (annotate.Box, bool) {
	boxes := b.boxes[who]
	if i >= len(boxes) || boxes[i].W == 0 {
		return annotate.Box{}, false
	}
	return boxes[i], true
}

// follow looks for the body whose face was in sighting from in those up to, but for,
// to, forwards or backwards in time, for as long as it is found without a break.
func (b *builder) follow(face annotate.Box, from, to, step int, places map[int]annotate.Box) {
	wear := b.clothes(face, b.in.Sightings[from].Colours)
	if len(wear) < fewCells || b.atEdge(face) {
		return
	}
	for i := from + step; i != to && math.Abs(b.times[i]-b.times[from]) <= longest; i += step {
		cols, rows, ok := wear.find(b.in.Sightings[i].Colours)
		if !ok {
			return
		}
		w, h := b.cell()
		face.X, face.Y = face.X+float64(cols)*w, face.Y+float64(rows)*h
		if b.atEdge(face) {
			return
		}
		wear.move(cols, rows)
		if _, had := places[i]; !had {
			places[i] = face
		}
	}
}

// atEdge tells whether a face is so near the picture's left or right edge that whoever is
// there may be out of it.
func (b *builder) atEdge(face annotate.Box) bool {
	x := face.Center().X
	return min(x, float64(b.in.Recording.Video.Width)-x) < face.W
}

// cell is the size of a cell of the grids in pixels of the picture.
func (b *builder) cell() (w, h float64) {
	v := b.in.Recording.Video
	return float64(v.Width) / annotate.MotionCols, float64(v.Height) / annotate.MotionRows
}

// clothes are cells of the colour grid with the colours that someone wears there.
type clothes []patch

type patch struct {
	col, row int
	bgr      [3]uint8
}

// clothes are those under a face; none where they are out of the picture.
func (b *builder) clothes(face annotate.Box, colours []uint8) clothes {
	if len(colours) != 3*annotate.MotionCols*annotate.MotionRows {
		return nil
	}
	w, h := b.cell()
	var list clothes
	for row := int(math.Ceil((face.Y + clothesFrom*face.H) / h)); float64(row+1)*h <= face.Y+clothesTo*face.H; row++ {
		for col := int(math.Ceil((face.X - clothesAside*face.W) / w)); float64(col+1)*w <= face.X+(1+clothesAside)*face.W; col++ {
			if col >= 0 && row >= 0 && col < annotate.MotionCols && row < annotate.MotionRows {
				at := 3 * (row*annotate.MotionCols + col)
				list = append(list, patch{col, row, [3]uint8(colours[at:])})
			}
		}
	}
	return list
}

// find tells by how many cells the clothes moved; false where they are not to be told
// from what else is in the picture.
func (c clothes) find(colours []uint8) (cols, rows int, ok bool) {
	if len(colours) != 3*annotate.MotionCols*annotate.MotionRows {
		return 0, 0, false
	}
	best := math.Inf(1)
	var elsewhere []float64
	for dr := -annotate.MotionRows; dr < annotate.MotionRows; dr++ {
		for dc := -annotate.MotionCols; dc < annotate.MotionCols; dc++ {
			near := max(dc, -dc) <= reachCols && max(dr, -dr) <= reachRows
			if !near && (dc%3 != 0 || dr%3 != 0) {
				continue // of what is elsewhere, some speaks for all
			}
			d, within := c.differ(colours, dc, dr)
			if !within {
				continue
			}
			if !near {
				elsewhere = append(elsewhere, d)
			} else if d += still * math.Hypot(float64(dc), float64(dr)); d < best {
				best, cols, rows = d, dc, dr
			}
		}
	}
	if len(elsewhere) == 0 || best > likeCell {
		return 0, 0, false
	}
	slices.Sort(elsewhere)
	return cols, rows, best <= standsOut*elsewhere[len(elsewhere)/2]
}

// differ is the mean difference of the colours once moved; within is false where a
// good part of them is out of the picture.
func (c clothes) differ(colours []uint8, cols, rows int) (mean float64, within bool) {
	sum, n := 0, 0
	for _, p := range c {
		col, row := p.col+cols, p.row+rows
		if col < 0 || row < 0 || col >= annotate.MotionCols || row >= annotate.MotionRows {
			continue
		}
		at := 3 * (row*annotate.MotionCols + col)
		for k, v := range p.bgr {
			d := int(colours[at+k]) - int(v)
			sum += max(d, -d)
		}
		n++
	}
	return float64(sum) / float64(3*max(1, n)), 5*n >= 4*len(c)
}

func (c clothes) move(cols, rows int) {
	for i := range c {
		c[i].col, c[i].row = c[i].col+cols, c[i].row+rows
	}
}
