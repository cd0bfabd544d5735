package pipeline

import (
	"math"

	"dyade/annotate"
	"dyade/pipeline/signal"
)

// Limits of what a recording must be for its signals to be trusted.
const (
	darkLuma    = 45.0  // mean luma below which a picture is too dark
	smallFace   = 24.0  // pixels at the width given to the detector
	movingShare = 0.02  // picture widths per second above which the camera moves
	quietLevel  = -50.0 // dBFS: the loudest tenth of the sound is below it
	blurSharp   = 12.0  // variance of the Laplacian below which a picture is blurred
	worthSaying = 0.2   // share of the recording from which it is said
)

// warnings tells what limits what could be seen and heard.
func warnings(t *signal.Table, a annotate.Analysis, cut bool) []annotate.Warning {
	list := []annotate.Warning{}
	warn := func(code string, share float64) {
		list = append(list, annotate.Warning{Code: code, Share: math.Round(share*100) / 100})
	}
	when := func(code, column string, holds func(v float64) bool) {
		if share := shareKnown(t.Get(column), holds); share >= worthSaying {
			warn(code, share)
		}
	}
	if cut {
		warn("cut", 0)
	}
	if a.Recording.Audio == nil {
		warn("no_sound", 1)
	} else {
		if share := shareKnown(t.Get("level"), func(v float64) bool { return v < quietLevel }); share > 0.9 {
			warn("too_quiet", share)
		}
	}
	if a.Recording.Video == nil {
		warn("no_picture", 1)
		return list
	}
	when("too_dark", "luma", func(v float64) bool { return v < darkLuma })
	when("blurred", "sharpness", func(v float64) bool { return v < blurSharp })
	when("camera_moving", "camera_motion", func(v float64) bool { return v > movingShare })
	perInput := float64(a.Sampling.InputWidth) / float64(a.Recording.Video.Width)
	for _, column := range []string{"parent_width", "child_width"} {
		if share := shareKnown(t.Get(column), func(v float64) bool { return v*perInput < smallFace }); share >= worthSaying {
			warn("faces_too_small", share)
			break
		}
	}
	switch a.Present() {
	case 0:
		warn("no_face", 1)
	case 1:
		warn("one_person", 1)
	}
	if len(a.Sampling.Damaged) > 0 {
		lost := 0.0
		for _, d := range a.Sampling.Damaged {
			lost += d.EndS - d.StartS
		}
		warn("damaged", lost/max(0.1, a.Recording.DurationS))
	}
	return list
}

// shareKnown is the share of the known values for which a condition holds.
func shareKnown(s *signal.Series, holds func(v float64) bool) float64 {
	n, hit := 0, 0
	for i, v := range s.Values {
		if s.Known[i] {
			n++
			if holds(v) {
				hit++
			}
		}
	}
	return float64(hit) / float64(max(1, n))
}

func round3(v float64) float64 { return math.Round(v*1000) / 1000 }
