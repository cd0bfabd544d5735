package compare

import (
	"math"

	"dyade/annotate"
	"dyade/pipeline/eval/tally"
)

// banded is one figure for all units, and one for each band of a value.
type banded struct {
	all   tally.Tally
	bands []tally.Tally
	of    []band
}

// band is a range of a value, below its end.
type band struct {
	name string
	end  float64
}

// widths of faces in pixels, and turns of heads in degrees to either side.
var (
	widths = []band{
		{"width <16", 16}, {"width 16-20", 20}, {"width 20-24", 24}, {"width 24-32", 32}, {"width 32-48", 48}, {"width 48+", math.Inf(1)},
	}
	yaws = []band{{"yaw 0-15", 15}, {"yaw 15-30", 30}, {"yaw 30-45", 45}, {"yaw 45-60", 60}, {"yaw 60+", math.Inf(1)}}
)

// WidthBands and YawBands are the names of the parts that faces are put into by
// their width in pixels, and by how far they are turned in degrees, in order.
func WidthBands() []string { return names(widths) }

// YawBands is described with WidthBands.
func YawBands() []string { return names(yaws) }

func names(of []band) (list []string) {
	for _, b := range of {
		list = append(list, b.name)
	}
	return list
}

// mostYaw is how far a head may be turned, in degrees, for its error to be asked
// about: beyond, both eyes are no longer in the picture.
const mostYaw = 60

func inBands(name, unit string, s tally.Statistic, of []band) *banded {
	b := &banded{all: figure(name, "", unit, s), of: of}
	for _, x := range of {
		b.bands = append(b.bands, figure(name, x.name, unit, s))
	}
	return b
}

// each is given all, and the band that the value is in.
func (b *banded) each(value float64, add func(*tally.Tally)) {
	for i, x := range b.of {
		if value < x.end {
			add(&b.bands[i])
			break
		}
	}
	add(&b.all)
}

func (b *banded) tallies() []tally.Tally { return append([]tally.Tally{b.all}, b.bands...) }

// angleErrors are the errors of one of a head's angles, in degrees, and the share of
// those that lie within two of the standard errors told.
type angleErrors struct{ off, within tally.Tally }

// newAngleErrors counts the errors of the angle of that name.
func newAngleErrors(name string) angleErrors {
	return angleErrors{
		figure(name+"_error_median", "", "degrees", tally.Quantile(0.5)),
		figure(name+"_within_two_errors", "", "share", tally.Share),
	}
}

func (a *angleErrors) add(block int, truth, found, told float64) {
	off := math.Abs(found - truth)
	a.off.Add(block, off)
	a.within.Trial(block, number(off <= 2*told), 1)
}

func (a *angleErrors) tallies() []tally.Tally { return []tally.Tally{a.off, a.within} }

// yawErrors are those of heads' turns, and besides by how far they truly are turned, and
// up to 60 degrees.
type yawErrors struct {
	angleErrors
	by *banded
	to tally.Tally
}

func newYawErrors(name string) yawErrors {
	all := newAngleErrors(name)
	return yawErrors{all, inBands(all.off.Name, "degrees", all.off.Stat, yaws), figure(all.off.Name, "yaw to 60", "degrees", all.off.Stat)}
}

func (y *yawErrors) add(block int, truth float64, found annotate.Face) {
	y.angleErrors.add(block, truth, found.Pose.Yaw, found.PoseError.Yaw)
	off, turn := math.Abs(found.Pose.Yaw-truth), math.Abs(truth)
	y.by.each(turn, func(t *tally.Tally) { t.Add(block, off) })
	if turn <= mostYaw {
		y.to.Add(block, off)
	}
}

func (y *yawErrors) tallies() []tally.Tally { return append(y.by.tallies(), y.to, y.within) }
