package signal

import (
	"math"
	"slices"
)

// Bent over something: five landmarks tell a third of a head's tilt, and each face has a
// rest of its own, so what counts is, over half a second to each side, by how much someone's
// pitch is less than where they hold their head upright; by how much lower in the detector's
// box their nose is, as more of the crown is seen; and by how much lower their face is than
// not long before and after: a head that bends turns about the neck, and sinks. They count
// together: a head that is turned aside seems bent by its landmarks; and a fall alone does
// not count: who sits down falls, and everybody does when the camera is moved.
const (
	bentFrom    = 8.5   // degrees, of all together…
	tiltFrom    = 2.5   // …of which the landmarks tell so many…
	bothFrom    = 9.0   // …and those of the two together
	uprightAt   = 0.85  // quantile of someone's pitch, from the lowest
	noseDegrees = 100.0 // that the nose's way down by the box's height stands for
	fallDegrees = 50.0  // that a fall by a face width stands for…
	mostFall    = 0.11  // …up to so many face widths
	restHalf    = 30    // seconds to each side in which a face has a rest
	restAt      = 0.2   // quantile of its heights, from the top
	bentAround  = 5     // steps
	ahead       = 3.4   // face widths before a head lies what it is bent over
	nose        = 2     // of a face's landmarks
)

// bent fills how far apart lies what the two are bent over.
func (b *builder) bent() {
	parent, child := b.over("parent"), b.over("child")
	for i := range b.Steps {
		from, tiltP, okP := parent(i)
		to, tiltC, okC := child(i)
		if other, known := b.fromParent(i); okP && okC && known && tiltP+tiltC >= bothFrom {
			b.Get("bent_apart").Set(i, math.Abs(other.right+to-from))
		}
	}
}

// over gives how many face widths to the right of a head lies what it is bent over at a
// step, and how many degrees its landmarks show; false where it is not known to be bent.
func (b *builder) over(who string) func(i int) (right, tilt float64, bent bool) {
	yaws, tilts, falls := b.Get(who+"_yaw"), b.tilts(who), b.falls(who)
	return func(i int) (right, tilt float64, bent bool) {
		yaw, okY := around(yaws, i, bentAround)
		tilt, okT := around(tilts, i, bentAround)
		fall, okF := around(falls, i, bentAround)
		bend := tilt + fallDegrees*max(-mostFall, min(mostFall, fall))
		return ahead * math.Tan(yaw*math.Pi/180), tilt, okY && okT && okF && tilt >= tiltFrom && bend >= bentFrom
	}
}

// tilts are by how many degrees someone's head is bent, as far as its landmarks show.
func (b *builder) tilts(who string) *Series {
	pitches, noses := b.Get(who+"_pitch"), b.noses[who]
	s := NewSeries("", b.Steps)
	if noses == nil {
		return s
	}
	upright, high := pitches.quantile(uprightAt), noses.quantile(1-uprightAt)
	for i := range b.Steps {
		if pitch, known := pitches.At(i); known {
			s.Set(i, upright-pitch+noseDegrees*(noses.Value(i)-high))
		}
	}
	return s
}

// falls are by how many widths of it someone's face is below its rest.
func (b *builder) falls(who string) *Series {
	y, width := b.Get(who+"_y"), b.Get(who+"_width")
	s := NewSeries("", b.Steps)
	second := b.index(1)
	var rest float64
	for i := range b.Steps {
		if i%second == 0 {
			rest = b.rest(y, i, second)
		}
		if y.Known(i) && width.Known(i) {
			s.Set(i, (y.Value(i)-rest)*float64(b.in.Recording.Video.Height)/width.Value(i))
		}
	}
	return s
}

// rest is how high someone holds their face around step i, by one look a second.
func (b *builder) rest(y *Series, i, second int) float64 {
	var heights []float64
	for k := -restHalf; k <= restHalf; k++ {
		if v, ok := y.At(i + k*second); ok {
			heights = append(heights, v)
		}
	}
	return quantile(heights, restAt)
}

// quantile of what is known of a signal, 0 where nothing is.
func (s *Series) quantile(q float64) float64 {
	var list []float64
	for i := range s.values {
		if v, ok := s.At(i); ok {
			list = append(list, v)
		}
	}
	return quantile(list, q)
}

// quantile of a list, which it sorts; 0 where it is empty.
func quantile(list []float64, q float64) float64 {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[int(q*float64(len(list)-1))]
}

// around is the mean of what is known of a signal up to so many steps from step i, which
// is known itself.
func around(s *Series, i, steps int) (mean float64, known bool) {
	if !s.Known(i) {
		return 0, false
	}
	sum, n := 0.0, 0.0
	for k := i - steps; k <= i+steps; k++ {
		if v, ok := s.At(k); ok {
			sum, n = sum+v, n+1
		}
	}
	return sum / n, true
}
