package compare_test

import (
	"testing"

	"dyade/annotate"
	"dyade/pipeline/eval/compare"
	"dyade/pipeline/eval/label"
)

func TestStills(t *testing.T) {
	box := annotate.Box{X: 100, Y: 100, W: 18, H: 24}
	other := annotate.Box{X: 540 - 18, Y: 100, W: 18, H: 24} // the first in a mirror, 640 pixels wide
	head := func(yaw float64, visible bool) label.Head {
		return label.Head{Box: box, Pose: annotate.Pose{Yaw: yaw}, Identity: "w", Visible: visible}
	}
	wide := label.Head{Box: annotate.Box{X: 300, Y: 100, W: 20, H: 27}, Pose: annotate.Pose{Yaw: 20}, Identity: "w", Visible: true}
	face := func(b annotate.Box, yaw float64) []annotate.Face {
		return []annotate.Face{{Box: b, Pose: annotate.Pose{Yaw: yaw}, PoseKnown: true, PoseError: annotate.Pose{Yaw: 4, Pitch: 3, Roll: 2}}}
	}
	list := compare.Stills([]compare.Still{
		{Width: 640, Heads: []label.Head{head(10, true)}, Found: face(box, 13), Mirrored: face(other, -12)},  // 3° off, 1° in the mirror
		{Width: 640, Heads: []label.Head{head(-50, true)}, Found: face(box, -41), Mirrored: face(other, 36)}, // 9° and 5°
		{Width: 640, Heads: []label.Head{head(75, true)}},                                                    // missed
		{Width: 640, Heads: []label.Head{head(0, false)}, Found: face(box, 0)},                               // nobody is visible
		{Width: 640},
		{Width: 640, Heads: []label.Head{wide}, Found: face(wide.Box, 20)},
	})
	is(t, list, "stills_recall", "", 0.75)
	is(t, list, "stills_recall", "width 16-20", 0.6667)
	is(t, list, "stills_recall", "yaw 0-15", 1)
	is(t, list, "stills_recall", "width 20+", 1)
	is(t, list, "stills_recall", "yaw 60+", 0)
	is(t, list, "stills_false", "", 83.3333)
	is(t, list, "stills_yaw_error_median", "", 3)
	is(t, list, "stills_yaw_error_median", "yaw 0-15", 3)
	is(t, list, "stills_yaw_error_median", "yaw to 60", 3)
	is(t, list, "stills_yaw_within_two_errors", "", 0.6667) // of 3°, 9° and 0°, those within 8°
	is(t, list, "stills_pitch_error_median", "", 0)
	is(t, list, "stills_roll_within_two_errors", "", 1)
	is(t, list, "stills_mirror_median", "", 5)
	is(t, list, "stills_mirror_p95", "", 5)
}
