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

// yawErrors are the errors of heads' turns, in degrees: all, by how far they truly
// are turned, and up to 60 degrees; and the share of those that lie within two of the
// standard errors told.
type yawErrors struct {
	by     *banded
	to     tally.Tally
	within tally.Tally
}

func newYawErrors(name, within string) yawErrors {
	median := tally.Quantile(0.5)
	return yawErrors{inBands(name, "degrees", median, yaws), figure(name, "yaw to 60", "degrees", median), figure(within, "", "share", tally.Share)}
}

func (y *yawErrors) add(block int, truth float64, found annotate.Face) {
	off := math.Abs(found.Pose.Yaw - truth)
	y.within.Trial(block, number(off <= 2*found.YawError), 1)
	y.by.each(math.Abs(truth), func(t *tally.Tally) { t.Add(block, off) })
	if math.Abs(truth) <= mostYaw {
		y.to.Add(block, off)
	}
}

func (y *yawErrors) tallies() []tally.Tally { return append(y.by.tallies(), y.to, y.within) }
