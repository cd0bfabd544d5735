package signal_test

import (
	"testing"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/pipeline/signal"
)

// A camera that tilts is told in the unit of one that pans, whatever the picture's shape.
func TestCameraMotionIsInPictureWidths(t *testing.T) {
	for _, size := range [][2]int{{1920, 1080}, {1080, 1920}} {
		rec := annotate.Recording{DurationS: 1, Duration: timecode.At(1, timecode.Millisecond), Video: &annotate.Video{Width: size[0], Height: size[1], Base: timecode.Millisecond}}
		share := float64(size[0]) / float64(size[1]) // of the height is as far as the whole width
		table := signal.Build(signal.Input{Recording: rec, Sightings: []annotate.Sighting{
			{At: timecode.At(0, timecode.Millisecond)},
			{At: timecode.At(0.5, timecode.Millisecond), MotionS: 0.5, ShiftKnown: true, Shift: annotate.Point{Y: 0.1 * share}},
		}})
		if v, known := table.Get("camera_motion").At(5); !known || float32(v) != 0.2 {
			t.Errorf("%d × %d: %g, known %t; want 0.2", size[0], size[1], v, known)
		}
	}
}
