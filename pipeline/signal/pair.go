package signal

import "math"

// Turned to the other: the angle in degrees between where the head points and where
// the other is, from which it counts and above which it no longer does. Eyes go the
// rest of the way. And how far below the other's face the head may be bent, where that
// face is not far above: from a lap one looks up with the eyes.
const (
	turnedFrom = 66.0
	turnedTo   = 73.0
	bentBelow  = 40.0
	mostAbove  = 30.0
	sureYaw    = turnedTo - turnedFrom // standard error of a yaw up to which hysteresis is enough
)

// Depth from the width of faces. One camera cannot tell a small face from a distant
// one, so only what families and turned heads do not explain counts as depth.
const (
	focal      = 0.85 // of the picture's longer side: a phone's main camera, about 61° across
	childFace  = 0.8  // a young child's face in widths of the parent's (Farkas 1994)
	depthSlack = 0.4  // |log| of the ratio of widths that is no depth
	mostDepth  = 20.0 // face widths
)

// offset is where one person is from another in the room, in their mean face width:
// right, down, and away from the camera.
type offset struct{ right, down, away float64 }

func (o offset) length() float64 {
	return math.Sqrt(o.right*o.right + o.down*o.down + o.away*o.away)
}

func (o offset) reversed() offset { return offset{-o.right, -o.down, -o.away} }

// Faces touch cheek to cheek. Bodies do where shoulders do, half of whose breadth is 1.6 of
// their own face widths for adults, 1.1 for young children (Farkas 1994; bideltoid breadths
// of 46 and 26 cm); less is asked, as one may sit a little behind the other.
const (
	cheekToCheek = 1.5 // mean face widths between the faces
	shoulders    = 2.2 // across, of two who sit side by side…
	onLap        = 2.5 // …and down, of one in the other's lap or arms
)

// touches tells whether two so far from each other likely touch. Whose depth is not the
// same do not.
func (o offset) touches() bool {
	return o.length() <= cheekToCheek || o.away == 0 && math.Abs(o.right) <= shoulders && math.Abs(o.down) <= onLap
}

// fromParent is where the child is from the parent at step i; false where either's
// place is unknown.
func (b *builder) fromParent(i int) (offset, bool) {
	p, okP := b.box("parent", i)
	c, okC := b.box("child", i)
	if !okP || !okC {
		return offset{}, false
	}
	v, mean := b.in.Recording.Video, (p.W+c.W)/2
	from, to := p.Center(), c.Center()
	return offset{
		right: (to.X - from.X) / mean,
		down:  (to.Y - from.Y) / mean,
		away:  depth(p.W*childFace/c.W, focal*float64(max(v.Width, v.Height))/mean),
	}, true
}

// depth is how much further away someone is whose face is so many times narrower than
// expected beside a face at a distance, in the distance's unit.
func depth(narrower, distance float64) float64 {
	log := math.Log(narrower)
	beyond := math.Copysign(max(0, math.Abs(log)-depthSlack), log)
	return max(-mostDepth, min(mostDepth, beyond*distance))
}

// pair fills what concerns parent and child together.
func (b *builder) pair() {
	var pt, ct bool
	for i := range b.Steps {
		child, known := b.fromParent(i)
		if !known {
			pt, ct = false, false
			continue
		}
		b.Get("distance").Set(i, child.length())
		b.Get("contact").flag(i, child.touches())
		pt = b.turned("parent", i, child, pt)
		ct = b.turned("child", i, child.reversed(), ct)
		if b.Get("parent_turned").Known(i) && b.Get("child_turned").Known(i) {
			b.Get("facing").flag(i, pt && ct)
		}
	}
	slope(b.Get("distance"), b.Get("distance_speed"), 0.5, 0.1)
	b.bent()
}

// turned fills whether someone is turned to the other, and by what angle not; before
// is what held when last it was known (hysteresis). Where the head's turn is too uncertain
// to tell, and nothing held, it is unknown.
func (b *builder) turned(who string, i int, other offset, before bool) bool {
	yaw, known := b.Get(who + "_yaw").At(i)
	if !known {
		return false
	}
	pitch := b.Get(who + "_pitch").Value(i)
	angle := apart(yaw, pitch, other)
	b.Get(who+"_angle").Set(i, angle)
	limit := turnedFrom
	if before {
		limit = turnedTo
	}
	below := math.Atan2(other.down, math.Hypot(other.right, other.away)) * 180 / math.Pi
	is := angle <= limit && -pitch-max(below, -mostAbove) <= bentBelow
	held := before && is
	if off := b.Get(who + "_yaw_error").Value(i); off > sureYaw && math.Abs(angle-limit) < off && !held {
		return before
	}
	b.Get(who+"_turned").flag(i, is)
	return is
}

// apart is the angle in degrees between a head's direction and a place.
func apart(yaw, pitch float64, o offset) float64 {
	const rad = math.Pi / 180
	sy, cy := math.Sincos(yaw * rad)
	sp, cp := math.Sincos(pitch * rad)
	along := (sy*cp*o.right - sp*o.down - cy*cp*o.away) / max(1e-9, o.length())
	return math.Acos(max(-1, min(1, along))) / rad
}
