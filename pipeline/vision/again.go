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
	smooth   = 0.8  // standard deviation in pixels: against noise
)

// closer is how a find is looked at again.
type closer struct {
	beside float64 // face widths around it that are in the picture, at least
	larger float64 // times
}

// Whether there is a face takes more to tell than where its landmarks are: of the stills
// of seed 51, looking at sure finds as at faint ones takes twice the time, and finds
// neither more faces nor their yaw closer than by 0.1 degrees.
var (
	ofFaint = closer{beside: 1, larger: 1.5}
	ofSure  = closer{beside: 0.5, larger: 1.25}
)

// confirmed looks again at finds that are faint or small, and leaves out those that are
// no faces.
func (d *Detector) confirmed(p Picture, finds []annotate.Face) ([]annotate.Face, error) {
	var faces []annotate.Face
	for _, f := range finds {
		known := f.Score >= sure
		if !known || f.Box.W < small {
			how := ofFaint
			if known {
				how = ofSure
			}
			again, ok, err := d.lookAgain(p, f.Box, how)
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

// lookAgain gives the likeliest face at a place in p's pixels, seen closer; false where
// there is none.
func (d *Detector) lookAgain(p Picture, at annotate.Box, how closer) (face annotate.Face, ok bool, err error) {
	part := how.part(at).Intersect(image.Rect(0, 0, p.Width, p.Height))
	near, err := how.view(p, part)
	if err != nil {
		return face, false, fmt.Errorf("look again at a face: %w", err)
	}
	finds, err := d.within(near, image.Rect(0, 0, near.Width, near.Height))
	if err != nil {
		return face, false, err
	}
	for _, f := range finds {
		mirrorFace(&f, float64(near.Width))
		scaleFace(&f, 1/how.larger)
		moveFace(&f, float64(part.Min.X), float64(part.Min.Y))
		if f.Score > face.Score && f.Box.IoU(at) > overlap {
			face, ok = f, true
		}
	}
	return face, ok, nil
}

// part is what is looked at around a place: as much as fills what the network takes.
func (c closer) part(at annotate.Box) image.Rectangle {
	side := func(n float64) float64 {
		return float64(alignUp(int(math.Ceil((n+2*c.beside*at.W)*c.larger)))) / c.larger
	}
	m, w, h := at.Center(), side(at.W), side(at.H)
	x, y := int(math.Round(m.X-w/2)), int(math.Round(m.Y-h/2))
	return image.Rect(x, y, x+int(w), y+int(h))
}

// view is the mirror image of a part of p, larger, smooth and as in good light.
func (c closer) view(p Picture, part image.Rectangle) (Picture, error) {
	whole, err := gocv.NewMatFromBytes(p.Height, p.Width, gocv.MatTypeCV8UC3, p.Pix)
	if err != nil {
		return Picture{}, err
	}
	defer whole.Close()
	view, m := whole.Region(part), gocv.NewMat()
	defer view.Close()
	defer m.Close()
	size := image.Pt(int(math.Round(float64(part.Dx())*c.larger)), int(math.Round(float64(part.Dy())*c.larger)))
	gocv.Resize(view, &m, size, 0, 0, gocv.InterpolationLinear)
	gocv.GaussianBlur(m, &m, image.Pt(0, 0), smooth*c.larger, smooth*c.larger, gocv.BorderReflect101)
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
