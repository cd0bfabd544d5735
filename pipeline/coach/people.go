package coach

import "dyade/pipeline/signal"

const (
	smallFace = 24.0 // width in pixels, as the detector is given it, that it surely finds
	someone   = 0.05 // share of the time from which somebody is there and not a fault of the detector

	// How near to a side of the picture, in widths of it, the centre of a face
	// lies that goes beyond it, or is about to; heads are higher than wide.
	cutBeside, cutAbove = 0.55, 0.7
	aboutToLeave        = 0.8
)

var (
	everyone = []string{"parent", "child", "other"}
	pair     = []string{"parent", "child"}
)

// looked tells whether somebody would have been seen at a step.
func (v view) looked(i int) bool { return v.Table.Get("luma").Known(i) }

// seen is the share of the time looked at in which someone's face is found.
func (v view) seen(who string) float64 {
	s := v.Table.Get(who + "_seen")
	return v.share(func(i int) (is, known bool) { return s.Is(i), v.looked(i) })
}

// there lists who of some people is there at all.
func (v view) there(of []string) (list []string) {
	for _, who := range of {
		if v.seen(who) >= someone {
			list = append(list, who)
		}
	}
	return list
}

// fewer is the share of the time in which fewer than n of all faces are found.
func (v view) fewer(n int) float64 {
	return v.share(func(i int) (is, known bool) {
		found := 0
		for _, who := range everyone {
			if v.Table.Get(who + "_seen").Is(i) {
				found++
			}
		}
		return found < n, v.looked(i)
	})
}

func (v view) noFace() float64 {
	if len(v.there(everyone)) > 0 {
		return 0
	}
	return v.fewer(1)
}

func (v view) onePerson() float64 {
	if len(v.there(everyone)) != 1 {
		return 0
	}
	return v.fewer(2)
}

func (v view) small() (most float64) {
	if v.Recording.Video == nil {
		return 0
	}
	given := float64(v.InputWidth) / float64(v.Recording.Video.Width)
	for _, who := range pair {
		most = max(most, v.shareOf(who+"_width", func(x float64) bool { return x*given < smallFace }))
	}
	return most
}

// cutOff: a face reaches beyond a side of the picture.
func (v view) cutOff() (most float64) {
	for _, who := range v.there(pair) {
		p := v.placeOf(who)
		most = max(most, v.share(func(i int) (is, known bool) {
			if !p.known(i) {
				return false, false
			}
			return p.near(i, cutBeside, cutAbove), true
		}))
	}
	return most
}

// outOfPicture: a face was last seen where it leaves the picture.
func (v view) outOfPicture() float64 { return v.missing(true) }

// faceHidden: a face was last seen inside the picture, where it must still be:
// turned away, bent, or seen from behind.
func (v view) faceHidden() float64 { return v.missing(false) }

// missing is the share of the time in which one of two people is not seen, who
// left the picture or did not.
func (v view) missing(left bool) (most float64) {
	there := v.there(pair)
	if len(there) < len(pair) {
		return 0 // whether there is another, and where, nobody knows
	}
	for _, who := range there {
		p, gone := v.placeOf(who), v.leaves(who)
		most = max(most, v.share(func(i int) (is, known bool) {
			return !p.known(i) && gone[i] == left, v.looked(i)
		}))
	}
	return most
}

// leaves tells at each step whether someone was about to leave the picture when
// they were last seen, or, before they are, comes into it.
func (v view) leaves(who string) []bool {
	p, gone := v.placeOf(who), make([]bool, v.steps)
	first := true
	for i := range v.steps {
		switch {
		case p.known(i):
			gone[i] = p.near(i, aboutToLeave, aboutToLeave)
			for k := 0; first && k < i; k++ {
				gone[k] = gone[i]
			}
			first = false
		case i > 0:
			gone[i] = gone[i-1]
		}
	}
	return gone
}

// place is where someone's face is.
type place struct {
	x, y, width   *signal.Series
	pixelsX, high float64 // of the picture
}

func (v view) placeOf(who string) place {
	p := place{x: v.Table.Get(who + "_x"), y: v.Table.Get(who + "_y"), width: v.Table.Get(who + "_width")}
	if video := v.Recording.Video; video != nil {
		p.pixelsX, p.high = float64(video.Width), float64(video.Height)
	}
	return p
}

func (p place) known(i int) bool { return p.x.Known(i) }

// near tells whether a face lies so many of its widths, or less, from a side of
// the picture, and from its top or bottom.
func (p place) near(i int, beside, above float64) bool {
	x, y, w := p.x.Value(i)*p.pixelsX, p.y.Value(i)*p.high, p.width.Value(i)
	return min(x, p.pixelsX-x) <= beside*w || min(y, p.high-y) <= above*w
}
