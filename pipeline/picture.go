package pipeline

import (
	"errors"

	"dyade/pipeline/decode"
	"dyade/pipeline/vision"
)

// CountFaces counts the faces in a still picture, given to the detector at the
// larger size: for evaluation against pictures whose count is known.
func CountFaces(path string) (n int, err error) {
	f, err := decode.OpenPicture(path, largeSide)
	if err != nil {
		return 0, err
	}
	d, err := vision.NewDetector(vision.DefaultThreshold)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	faces, err := d.Detect(vision.Picture{At: f.At, Width: f.Width, Height: f.Height, Pix: f.Pix, Scale: 1})
	return len(faces), err
}
