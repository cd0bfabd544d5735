package vision

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"

	"dyade/annotate"
	"dyade/models"
	"dyade/pipeline/vision/pose"
)

// DefaultThreshold is the least score of a face that is reported. Measured on
// labelled film: 0.4 counts faces right in 96 % of frames of a blurred infant.
const DefaultThreshold = 0.4

// CenterFace's network sees a quarter of the resolution it is given, and its
// input's sides are multiples of 32.
const (
	cell  = 4
	align = 32
)

// overlap (intersection over union) above which two boxes are one face.
const overlap = 0.3

// Detector finds faces with CenterFace (Xu et al., CenterFace: Joint Face
// Detection and Alignment Using Face as Point, 2019). One goroutine at a time;
// Close it.
type Detector struct {
	session   *models.Session
	threshold float64
	input     []float32
}

// NewDetector loads the network, to run on one thread.
func NewDetector(threshold float64) (*Detector, error) {
	s, err := models.Open("centerface", 1)
	if err != nil {
		return nil, fmt.Errorf("load the face detector: %w", err)
	}
	return &Detector{session: s, threshold: threshold}, nil
}

// Close frees the network.
func (d *Detector) Close() error { return d.session.Close() }

// Detect finds the faces in p, largest first, with boxes and landmarks in
// pixels of the full-size picture.
func (d *Detector) Detect(p Picture) ([]annotate.Face, error) {
	return d.detect(p, []image.Rectangle{image.Rect(0, 0, p.Width, p.Height)})
}

// DetectNear finds the faces around the places given, in pixels of the
// full-size picture: what Detect finds there, for less where they are small.
func (d *Detector) DetectNear(p Picture, places []annotate.Box) ([]annotate.Face, error) {
	return d.detect(p, regions(p, places))
}

func (d *Detector) detect(p Picture, regions []image.Rectangle) ([]annotate.Face, error) {
	lit, err := inLight(p)
	if err != nil {
		return nil, err
	}
	var found []annotate.Face
	for _, r := range regions {
		faces, err := d.within(lit, r)
		if err != nil {
			return nil, err
		}
		found = append(found, faces...)
	}
	faces, err := d.confirmed(p, distinct(found))
	if err != nil {
		return nil, err
	}
	for i := range faces {
		place(&faces[i], p.Scale)
	}
	slices.SortStableFunc(faces, func(a, b annotate.Face) int {
		return cmp.Compare(b.Box.W*b.Box.H, a.Box.W*a.Box.H)
	})
	return faces, nil
}

// within finds what may be faces in a part of p, in p's own pixels.
func (d *Detector) within(p Picture, part image.Rectangle) ([]annotate.Face, error) {
	w, h := alignUp(part.Dx()), alignUp(part.Dy())
	d.fill(p, part, w, h)
	out, err := d.session.Run(models.Tensor{Shape: []int64{1, 3, int64(h), int64(w)}, Data: d.input})
	if err != nil {
		return nil, fmt.Errorf("find faces in a %d×%d picture: %w", p.Width, p.Height, err)
	}
	maps, err := newMaps(out, w/cell, h/cell)
	if err != nil {
		return nil, err
	}
	faces := maps.faces(min(faintest, d.threshold), float64(part.Dx()), float64(part.Dy()))
	for i := range faces {
		moveFace(&faces[i], float64(part.Min.X), float64(part.Min.Y))
	}
	return faces, nil
}

func alignUp(n int) int { return (n + align - 1) / align * align }

// fill writes a part of the picture as planes R, G, B of 0 to 255, padded with
// black to the right and below: padding keeps the faces' shape, stretching
// would not.
func (d *Detector) fill(p Picture, part image.Rectangle, w, h int) {
	n := w * h
	if cap(d.input) < 3*n {
		d.input = make([]float32, 3*n)
	}
	d.input = d.input[:3*n]
	clear(d.input)
	r, g, b := d.input[:n], d.input[n:2*n], d.input[2*n:]
	for y := range part.Dy() {
		from := ((part.Min.Y+y)*p.Width + part.Min.X) * 3
		row := p.Pix[from : from+part.Dx()*3]
		at := y * w
		for x := range part.Dx() {
			b[at+x], g[at+x], r[at+x] = float32(row[3*x]), float32(row[3*x+1]), float32(row[3*x+2])
		}
	}
}

// maps are the network's four outputs over a grid of w×h cells.
type maps struct {
	w, h                       int
	heat, size, offset, places []float32
}

func newMaps(out []models.Tensor, w, h int) (maps, error) {
	if len(out) != 4 {
		return maps{}, fmt.Errorf("the face detector gave %d outputs, not 4: run `make setup` again", len(out))
	}
	for i, channels := range []int{1, 2, 2, 10} {
		if len(out[i].Data) != channels*w*h {
			return maps{}, fmt.Errorf("the face detector's output %d has %d values, not %d: run `make setup` again",
				i, len(out[i].Data), channels*w*h)
		}
	}
	return maps{w, h, out[0].Data, out[1].Data, out[2].Data, out[3].Data}, nil
}

// faces decodes every cell whose heat is above the threshold.
func (m maps) faces(threshold, width, height float64) []annotate.Face {
	var found []annotate.Face
	n := m.w * m.h
	for i, heat := range m.heat {
		if float64(heat) < threshold {
			continue
		}
		row, col := float64(i/m.w), float64(i%m.w)
		fh := math.Exp(float64(m.size[i])) * cell
		fw := math.Exp(float64(m.size[n+i])) * cell
		y := (row+float64(m.offset[i])+0.5)*cell - fh/2
		x := (col+float64(m.offset[n+i])+0.5)*cell - fw/2
		f := annotate.Face{Score: float64(heat)}
		for k := range f.Landmarks {
			f.Landmarks[k] = annotate.Point{
				X: float64(m.places[(2*k+1)*n+i])*fw + x,
				Y: float64(m.places[2*k*n+i])*fh + y,
			}
		}
		right, bottom := math.Min(x+fw, width), math.Min(y+fh, height)
		x, y = math.Max(x, 0), math.Max(y, 0)
		f.Box = annotate.Box{X: x, Y: y, W: right - x, H: bottom - y}
		if f.Box.W > 1 && f.Box.H > 1 {
			found = append(found, f)
		}
	}
	return found
}

// distinct keeps the best of the boxes that overlap.
func distinct(faces []annotate.Face) []annotate.Face {
	slices.SortStableFunc(faces, func(a, b annotate.Face) int { return cmp.Compare(b.Score, a.Score) })
	var kept []annotate.Face
	for _, f := range faces {
		if !slices.ContainsFunc(kept, func(k annotate.Face) bool { return k.Box.IoU(f.Box) > overlap }) {
			kept = append(kept, f)
		}
	}
	return kept
}

// place turns a find in a small picture's pixels into a face in the full-size picture's,
// and tells where it is turned.
func place(f *annotate.Face, scale float64) {
	var misfit float64
	f.Pose, misfit, f.PoseKnown = pose.Estimate(f.Landmarks)
	if f.PoseKnown {
		f.PoseError = pose.Errors(f.Pose, misfit, f.Box.W, f.Score)
	}
	scaleFace(f, scale)
}

func moveFace(f *annotate.Face, dx, dy float64) {
	f.Box.X += dx
	f.Box.Y += dy
	for k := range f.Landmarks {
		f.Landmarks[k].X += dx
		f.Landmarks[k].Y += dy
	}
}

func scaleFace(f *annotate.Face, s float64) {
	f.Box = annotate.Box{X: f.Box.X * s, Y: f.Box.Y * s, W: f.Box.W * s, H: f.Box.H * s}
	for k := range f.Landmarks {
		f.Landmarks[k].X *= s
		f.Landmarks[k].Y *= s
	}
}
