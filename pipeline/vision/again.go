package vision

import (
	"fmt"
	"image"
	"math"

	"gocv.io/x/gocv"

	"dyade/annotate"
)

// What is faint or small is looked at again: larger, as in good light, smoothed, and in
// the mirror. A faint find counts where it is then a face; of a small one the two looks'
// landmarks are averaged, so that what the network does otherwise on the left than on
// the right cancels out.
const (
	faintest = 0.2
	sure     = 0.55
	small    = 64.0 // pixels wide
	larger   = 1.5  // times
	smooth   = 1.2  // standard deviation in pixels of the enlarged picture: against noise
	beside   = 1.0  // face widths around it that are looked at
)

// confirmed looks again at finds that are faint or small, and leaves out those that are
// no faces.
func (d *Detector) confirmed(p Picture, finds []annotate.Face) ([]annotate.Face, error) {
	var faces []annotate.Face
	for _, f := range finds {
		known := f.Score >= sure
		if !known || f.Box.W < small {
			again, ok, err := d.lookAgain(p, f.Box)
			if err != nil {
				return nil, err
			}
			if !known {
				f.Score, known = again.Score, again.Score >= d.threshold
			}
			if ok {
				for k, m := range again.Landmarks {
					f.Landmarks[k].X, f.Landmarks[k].Y = (f.Landmarks[k].X+m.X)/2, (f.Landmarks[k].Y+m.Y)/2
				}
			}
		}
		if known {
			faces = append(faces, f)
		}
	}
	return faces, nil
}

// lookAgain gives the likeliest face at a place in p's pixels, seen clearer; false where
// there is none.
func (d *Detector) lookAgain(p Picture, at annotate.Box) (face annotate.Face, ok bool, err error) {
	m := beside * at.W
	part := image.Rect(int(at.X-m), int(at.Y-m), int(at.X+at.W+m)+1, int(at.Y+at.H+m)+1).
		Intersect(image.Rect(0, 0, p.Width, p.Height))
	near, err := clearer(p, part)
	if err != nil {
		return face, false, fmt.Errorf("look again at a face: %w", err)
	}
	finds, err := d.within(near, image.Rect(0, 0, near.Width, near.Height))
	if err != nil {
		return face, false, err
	}
	for _, f := range finds {
		mirrorFace(&f, float64(near.Width))
		scaleFace(&f, 1/larger)
		moveFace(&f, float64(part.Min.X), float64(part.Min.Y))
		if f.Score > face.Score && f.Box.IoU(at) > overlap {
			face, ok = f, true
		}
	}
	return face, ok, nil
}

// clearer is the mirror image of a part of p, larger, smooth and as in good light.
func clearer(p Picture, part image.Rectangle) (Picture, error) {
	whole, err := gocv.NewMatFromBytes(p.Height, p.Width, gocv.MatTypeCV8UC3, p.Pix)
	if err != nil {
		return Picture{}, err
	}
	defer whole.Close()
	view, m := whole.Region(part), gocv.NewMat()
	defer view.Close()
	defer m.Close()
	size := image.Pt(int(math.Round(float64(part.Dx())*larger)), int(math.Round(float64(part.Dy())*larger)))
	gocv.Resize(view, &m, size, 0, 0, gocv.InterpolationLinear)
	gocv.GaussianBlur(m, &m, image.Pt(0, 0), smooth, smooth, gocv.BorderReflect101)
	gocv.Flip(m, &m, 1)
	near := Picture{Width: size.X, Height: size.Y, Pix: m.ToBytes(), Scale: 1}
	lighten(near.Pix)
	return near, nil
}

// mirrorFace turns left to right in a picture so wide, with the landmarks' names.
func mirrorFace(f *annotate.Face, width float64) {
	f.Box.X = width - f.Box.X - f.Box.W
	l := f.Landmarks
	for k, from := range [5]int{1, 0, 2, 4, 3} {
		f.Landmarks[k] = annotate.Point{X: width - l[from].X, Y: l[from].Y}
	}
}
