package vision_test

import (
	"testing"

	"dyade/internal/testenv"
	"dyade/pipeline/vision"
)

// One picture at the sizes that are given to the detector, and what is measured
// besides the faces.
func BenchmarkLook(b *testing.B) {
	l, err := vision.NewLooker()
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	for name, size := range map[string][2]int{"320": {320, 180}, "480": {480, 270}, "640": {640, 360}} {
		p := frames(b, testenv.Material(b, "pyfeat/single_face.mp4"), size[0], size[1], "-frames:v", "1")[0]
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := l.Look(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	d, err := vision.NewDetector(vision.DefaultThreshold)
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	p := frames(b, testenv.Material(b, "pyfeat/single_face.mp4"), 480, 270, "-frames:v", "1")[0]
	b.Run("faces alone at 480", func(b *testing.B) {
		for b.Loop() {
			if _, err := d.Detect(p); err != nil {
				b.Fatal(err)
			}
		}
	})
}
