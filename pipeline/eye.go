package pipeline

import (
	"fmt"

	"dyade/annotate"
	"dyade/pipeline/decode"
	"dyade/pipeline/vision"
)

// Eye looks at single pictures, as they are: for evaluation. One goroutine at a
// time; Close it.
type Eye struct{ detector *vision.Detector }

// Glance is what is seen in a picture and in its mirror image, in pixels of each.
type Glance struct {
	Width, Height   int
	Faces, Mirrored []annotate.Face
}

// OpenEye loads what is needed to look.
func OpenEye() (*Eye, error) {
	d, err := vision.NewDetector(vision.DefaultThreshold)
	if err != nil {
		return nil, err
	}
	return &Eye{d}, nil
}

// Close frees the networks.
func (e *Eye) Close() error { return e.detector.Close() }

// Look finds the faces in the picture at path, given to the network as large as it
// is, and in its mirror image.
func (e *Eye) Look(path string) (g Glance, err error) {
	f, err := decode.OpenPicture(path, 0)
	if err != nil {
		return g, err
	}
	g.Width, g.Height = f.Width, f.Height
	p := vision.Picture{Width: f.Width, Height: f.Height, Pix: f.Pix, Scale: 1}
	if g.Faces, err = e.detector.Detect(p); err != nil {
		return g, fmt.Errorf("look at %s: %w", path, err)
	}
	mirror(p)
	if g.Mirrored, err = e.detector.Detect(p); err != nil {
		return g, fmt.Errorf("look at the mirror image of %s: %w", path, err)
	}
	return g, nil
}

// mirror turns the picture's left to its right.
func mirror(p vision.Picture) {
	for y := range p.Height {
		row := p.Pix[y*p.Width*3 : (y+1)*p.Width*3]
		for a, b := 0, (p.Width-1)*3; a < b; a, b = a+3, b-3 {
			for k := range 3 {
				row[a+k], row[b+k] = row[b+k], row[a+k]
			}
		}
	}
}
