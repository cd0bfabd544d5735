package compare

import (
	"math"
	"slices"

	"dyade/annotate"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/tally"
)

// Still is a picture with the heads that are in it, and the faces found in it and
// in its mirror image.
type Still struct {
	Width    float64 // pixels
	Heads    []label.Head
	Found    []annotate.Face
	Mirrored []annotate.Face // as they lie in the mirror image
}

// askedWidth is the width in pixels from which faces are asked to be found.
const askedWidth = 20

// Stills compares single pictures, without any film around them; each picture is a
// block.
func Stills(list []Still) []tally.Tally {
	width := inBands("stills_recall", "share", tally.Share, widths)
	large := figure("stills_recall", "width 20+", "share", tally.Share)
	turn := inBands("stills_recall", "share", tally.Share, yaws)
	wrong := figure("stills_false", "", "per 500 pictures", tally.Per(500))
	yaw, pitch, roll := newYawErrors("stills_yaw"), newAngleErrors("stills_pitch"), newAngleErrors("stills_roll")
	mirror := figure("stills_mirror_median", "", "degrees", tally.Quantile(0.5))
	for i, s := range list {
		wrong.Add(i, float64(strangersIn(s)), 1)
		for _, h := range s.Heads {
			if !h.Visible {
				continue
			}
			k := overlaps(s.Found, h.Box)
			found := func(t *tally.Tally) { t.Trial(i, number(k >= 0), 1) }
			width.each(h.Box.W, found)
			if h.Box.W >= askedWidth {
				found(&large)
			}
			turn.each(math.Abs(h.Pose.Yaw), found)
			if k < 0 || !s.Found[k].PoseKnown {
				continue
			}
			told, off := s.Found[k].Pose, s.Found[k].PoseError
			yaw.add(i, h.Pose.Yaw, s.Found[k])
			pitch.add(i, h.Pose.Pitch, told.Pitch, off.Pitch)
			roll.add(i, h.Pose.Roll, told.Roll, off.Roll)
			if m := overlaps(s.Mirrored, mirrored(h.Box, s.Width)); m >= 0 && s.Mirrored[m].PoseKnown {
				mirror.Add(i, math.Abs(s.Mirrored[m].Pose.Yaw+told.Yaw))
			}
		}
	}
	tail := mirror
	tail.Name, tail.Stat = "stills_mirror_p95", tally.Quantile(0.95)
	out := append(append(width.tallies(), large), turn.bands...)
	return slices.Concat(out, []tally.Tally{wrong}, yaw.tallies(), pitch.tallies(), roll.tallies(), []tally.Tally{mirror, tail})
}

// strangersIn counts the faces found where no visible head is.
func strangersIn(s Still) (n int) {
	for _, f := range s.Found {
		known := false
		for _, h := range s.Heads {
			known = known || h.Visible && f.Box.IoU(h.Box) > there
		}
		n += one(!known)
	}
	return n
}

// mirrored is where a box lies in the mirror image of a picture so wide.
func mirrored(b annotate.Box, width float64) annotate.Box {
	b.X = width - b.X - b.W
	return b
}
