// Package vision sees: the faces in a frame and where they are turned, the
// light, the sharpness, and what moved since the frame before.
package vision

import (
	"fmt"
	"image"
	"math"
	"slices"

	"gocv.io/x/gocv"

	"dyade/annotate"
	"dyade/annotate/timecode"
)

// Picture is one decoded frame at the size the networks see.
type Picture struct {
	At            timecode.Instant
	Width, Height int
	Pix           []byte  // packed BGR, Width×Height×3, upright
	Scale         float64 // pixels of the full-size picture in one of these
}

// Sizes of the pictures that motion and sharpness are measured on.
const (
	smallW, smallH = annotate.MotionCols * 2, annotate.MotionRows * 2
	sharpW         = 320
)

// Look is what one picture shows by itself, and a small picture that Compare
// compares with a later one.
type Look struct {
	annotate.Sighting
	Small   []uint8 // 64×36 luma, row by row
	against *Look   // what its motion was measured against
}

// OpenCVVersion names the OpenCV that measures pictures.
func OpenCVVersion() string { return gocv.OpenCVVersion() }

// Looker looks at single pictures, in any order. One goroutine at a time;
// Close it.
type Looker struct {
	detector *Detector
}

// NewLooker loads what is needed to look.
func NewLooker() (*Looker, error) {
	d, err := NewDetector(DefaultThreshold)
	if err != nil {
		return nil, err
	}
	return &Looker{detector: d}, nil
}

// Close frees the networks.
func (l *Looker) Close() error { return l.detector.Close() }

// Look finds the faces in p and measures its light and sharpness.
func (l *Looker) Look(p Picture) (*Look, error) {
	faces, err := l.detector.Detect(p)
	if err != nil {
		return nil, err
	}
	return look(p, faces)
}

// LookNear is Look for a picture in which faces are to be expected at the places
// given, in pixels of the full-size picture, and nowhere else.
func (l *Looker) LookNear(p Picture, places []annotate.Box) (*Look, error) {
	faces, err := l.detector.DetectNear(p, places)
	if err != nil {
		return nil, err
	}
	return look(p, faces)
}

func look(p Picture, faces []annotate.Face) (*Look, error) {
	for i := range faces {
		faces[i].Look = appearance(p, faces[i].Box)
	}
	k := &Look{Sighting: annotate.Sighting{At: p.At, Faces: faces}}
	if err := k.measure(p); err != nil {
		return nil, fmt.Errorf("measure light and sharpness at %s: %w", p.At.Short(), err)
	}
	return k, nil
}

// measure fills the lumas, the sharpness, the colours and the small picture.
func (k *Look) measure(p Picture) error {
	bgr, err := gocv.NewMatFromBytes(p.Height, p.Width, gocv.MatTypeCV8UC3, p.Pix)
	if err != nil {
		return err
	}
	defer bgr.Close()
	cells := gocv.NewMat()
	defer cells.Close()
	gocv.Resize(bgr, &cells, image.Pt(annotate.MotionCols, annotate.MotionRows), 0, 0, gocv.InterpolationArea)
	k.Colours = cells.ToBytes()
	gray, small, sharp := gocv.NewMat(), gocv.NewMat(), gocv.NewMat()
	defer gray.Close()
	defer small.Close()
	defer sharp.Close()
	gocv.CvtColor(bgr, &gray, gocv.ColorBGRToGray)
	for i, f := range k.Faces {
		k.Faces[i].Luma = lightOf(gray, f.Box, p.Scale)
	}
	gocv.Resize(gray, &small, image.Pt(smallW, smallH), 0, 0, gocv.InterpolationArea)
	pix, err := small.DataPtrUint8()
	if err != nil {
		return err
	}
	k.Small = slices.Clone(pix)
	k.Luma = small.Mean().Val1

	sharpH := max(1, min(4*sharpW, sharpW*p.Height/p.Width))
	gocv.Resize(gray, &gray, image.Pt(sharpW, sharpH), 0, 0, gocv.InterpolationArea)
	gocv.Laplacian(gray, &sharp, gocv.MatTypeCV32F, 1, 1, 0, gocv.BorderDefault)
	mean, dev := gocv.NewMat(), gocv.NewMat()
	defer mean.Close()
	defer dev.Close()
	gocv.MeanStdDev(sharp, &mean, &dev)
	k.Sharp = dev.GetDoubleAt(0, 0) * dev.GetDoubleAt(0, 0)
	return nil
}

// lightOf is the mean luma of a box, in pixels of the full-size picture.
func lightOf(gray gocv.Mat, b annotate.Box, scale float64) float64 {
	part := image.Rect(int(b.X/scale), int(b.Y/scale), int((b.X+b.W)/scale)+1, int((b.Y+b.H)/scale)+1)
	part = part.Intersect(image.Rect(0, 0, gray.Cols(), gray.Rows()))
	if part.Empty() {
		return 0
	}
	face := gray.Region(part)
	defer face.Close()
	return face.Mean().Val1
}

// Colour histogram of a person: head above, clothes below, each hue-ish bins.
const (
	chromaBins = 6
	lumaBins   = 3
	partBins   = chromaBins * chromaBins * lumaBins
	leastFace  = 6 // pixels wide, below which colours say nothing
)

// appearance describes the colours of the head and of the clothes under it: a
// unit vector of square roots of histogram shares, so that the scalar product
// of two is their Bhattacharyya coefficient.
func appearance(p Picture, face annotate.Box) []float32 {
	s := 1 / p.Scale
	b := annotate.Box{X: face.X * s, Y: face.Y * s, W: face.W * s, H: face.H * s}
	if b.W < leastFace {
		return nil
	}
	head := annotate.Box{X: b.X - 0.15*b.W, Y: b.Y - 0.25*b.H, W: 1.3 * b.W, H: 1.25 * b.H}
	clothes := annotate.Box{X: b.X - 0.3*b.W, Y: b.Y + 1.35*b.H, W: 1.6 * b.W, H: 0.9 * b.H}
	look := make([]float32, 2*partBins)
	histogram(p, head, look[:partBins])
	histogram(p, clothes, look[partBins:])
	return look
}

// histogram adds up colours by share of red and of blue, and luma, and turns
// the counts into square roots of shares of one half.
func histogram(p Picture, b annotate.Box, bins []float32) {
	x0, x1 := max(0, int(b.X)), min(p.Width, int(b.X+b.W))
	y0, y1 := max(0, int(b.Y)), min(p.Height, int(b.Y+b.H))
	n := 0
	for y := y0; y < y1; y++ {
		for x := x0; x < x1; x++ {
			px := p.Pix[(y*p.Width+x)*3:]
			blue, green, red := int(px[0])+8, int(px[1])+8, int(px[2])+8
			sum := blue + green + red
			// Shares lie between 0.15 and 0.6 in nearly all film.
			bin := (chroma(red, sum)*chromaBins+chroma(blue, sum))*lumaBins + min(lumaBins-1, sum*lumaBins/(3*264))
			bins[bin]++
			n++
		}
	}
	for i := range bins {
		if n > 0 {
			bins[i] = float32(math.Sqrt(float64(bins[i]) / float64(2*n)))
		}
	}
}

func chroma(c, sum int) int {
	return max(0, min(chromaBins-1, (c*1000/sum-150)*chromaBins/450))
}
