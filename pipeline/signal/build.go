package signal

import (
	"math"
	"sort"

	"dyade/annotate"
	"dyade/annotate/timecode"
)

// Input is what was seen and heard.
type Input struct {
	Recording annotate.Recording
	Sightings []annotate.Sighting // in order of time
	People    []annotate.Person
	Heard     Heard
	// LookGap is the longest time in seconds between two successive sightings
	// that were chosen to lie so far apart because nothing seemed to change
	// between them: someone seen in both is taken to have been there all the
	// while. 0: none were.
	LookGap float64
	// Unsure are times, ascending, in which something did change, or a picture
	// was lost: LookGap does not hold there.
	Unsure []timecode.Span
}

// Heard is the sound side of the input; the zero value is silence not listened
// to.
type Heard struct {
	Known      bool // there is a sound track
	Utterances []annotate.Utterance
	Activity   []float32 // probability of speech per ActivityStep seconds
	Level      []float32 // dBFS per 0.1 s
}

// ActivityStep is the length of one value of Heard.Activity in seconds.
const ActivityStep = 512.0 / 16000

// How far a value may be carried from where it was seen.
const (
	poseGap  = 0.75 // s between two sightings over which a head's turn is interpolated
	placeGap = 1.5  // s over which its place is
	nearest  = 0.45 // s around a sighting within which "seen" holds
)

// Build puts the input on the grid.
func Build(in Input) *Table {
	t := newTable(in.Recording.Duration)
	b := builder{Table: t, in: in, times: make([]float64, len(in.Sightings)), boxes: map[string][]annotate.Box{}, noses: map[string]*Series{}}
	for i, s := range in.Sightings {
		b.times[i] = s.At.Seconds()
	}
	for _, p := range byRole(in.People) {
		b.person(p)
	}
	b.pair()
	b.picture()
	b.motion()
	b.synchrony()
	b.voice()
	return t
}

// byRole picks the parent, the child and the one other person most seen: the
// columns there are. Someone alone whose role is unknown goes to the parent's.
func byRole(people []annotate.Person) map[string]annotate.Person {
	m := map[string]annotate.Person{}
	for _, p := range people {
		name := string(p.Role)
		switch p.Role {
		case annotate.Picture:
			continue
		case annotate.RoleUnknown:
			name = string(annotate.Parent)
		case annotate.Parent, annotate.Child, annotate.Other:
		}
		if had, ok := m[name]; !ok || len(p.Seen) > len(had.Seen) {
			m[name] = p
		}
	}
	return m
}

type builder struct {
	*Table
	in    Input
	times []float64                 // of the sightings
	boxes map[string][]annotate.Box // by who and step: their face, or where it should be; empty: unknown
	noses map[string]*Series        // by who: how low in the face's box the nose is, in its heights
}

// around gives the sightings before (or at) and after time s: indices, -1 and
// len for none.
func (b *builder) around(s float64) (before, after int) {
	after = sort.SearchFloat64s(b.times, s+1e-9)
	return after - 1, after
}

// person fills the columns of one person's own.
func (b *builder) person(p annotate.Person) {
	who := string(p.Role)
	if p.Role == annotate.RoleUnknown {
		who = string(annotate.Parent)
	}
	b.place(who, p)
	b.noses[who] = NewSeries("", b.Steps)
	order := seenOrder(p)
	w, h := float64(b.in.Recording.Video.Width), float64(b.in.Recording.Video.Height)
	for i := range b.Steps {
		s := b.Seconds(i)
		if k, ok := b.nearest(s); ok {
			if _, seen := p.Seen[k]; seen || !b.in.Sightings[k].Guessed {
				b.Get(who+"_seen").flag(i, seen)
			}
		}
		f, gap, ok := b.face(p, order, s)
		if !ok || gap > placeGap {
			continue
		}
		c := f.Box.Center()
		b.Get(who+"_x").Set(i, c.X/w)
		b.Get(who+"_y").Set(i, c.Y/h)
		b.Get(who+"_width").Set(i, f.Box.W)
		if f.PoseKnown && gap <= poseGap {
			b.Get(who+"_yaw").Set(i, f.Pose.Yaw)
			b.Get(who+"_yaw_error").Set(i, f.PoseError.Yaw)
			b.Get(who+"_pitch").Set(i, f.Pose.Pitch)
			b.Get(who+"_pitch_error").Set(i, f.PoseError.Pitch)
			b.Get(who+"_roll").Set(i, f.Pose.Roll)
			b.Get(who+"_roll_error").Set(i, f.PoseError.Roll)
			b.noses[who].Set(i, (f.Landmarks[nose].Y-f.Box.Y)/f.Box.H)
		}
	}
}

func seenOrder(p annotate.Person) []int {
	order := make([]int, 0, len(p.Seen))
	for i := range p.Seen {
		order = append(order, i)
	}
	sort.Ints(order)
	return order
}

// nearest is the sighting nearest to s, where one is near enough to speak for it.
func (b *builder) nearest(s float64) (int, bool) {
	before, after := b.around(s)
	best, dist := -1, max(nearest, b.in.LookGap/2)
	for _, k := range []int{before, after} {
		if k >= 0 && k < len(b.times) {
			if d := math.Abs(b.times[k] - s); d <= dist {
				best, dist = k, d
			}
		}
	}
	return best, best >= 0
}

// face interpolates a person's face at s between the sightings of them before
// and after; gap is how far apart those are, 0 where LookGap holds between them.
// At the ends the nearest one serves, for as long as it is near.
func (b *builder) face(p annotate.Person, order []int, s float64) (f annotate.Face, gap float64, ok bool) {
	k := sort.Search(len(order), func(i int) bool { return b.times[order[i]] > s+1e-9 })
	switch {
	case k > 0 && k < len(order):
		i, j := order[k-1], order[k]
		gap = b.times[j] - b.times[i]
		f = between(p.Seen[i], p.Seen[j], (s-b.times[i])/gap)
		if j == i+1 && gap <= b.in.LookGap && !b.unsure(i, j) {
			gap = 0 // nobody looked between, as nothing seemed to change
		}
		return f, gap, true
	case k > 0 && s-b.times[order[k-1]] <= nearest:
		return p.Seen[order[k-1]], 0, true
	case k < len(order) && k == 0 && b.times[order[0]]-s <= nearest:
		return p.Seen[order[0]], 0, true
	}
	return annotate.Face{}, 0, false
}

// unsure tells whether something is known to have changed from one sighting to a later
// one, or either was guessed.
func (b *builder) unsure(i, j int) bool {
	if b.in.Sightings[i].Guessed || b.in.Sightings[j].Guessed {
		return true
	}
	list, from, to := b.in.Unsure, b.times[i], b.times[j]
	k := sort.Search(len(list), func(i int) bool { return list[i].End.Seconds() > from })
	return k < len(list) && list[k].Start.Seconds() < to
}

func between(a, b annotate.Face, x float64) annotate.Face {
	mix := func(u, v float64) float64 { return u + (v-u)*x }
	turn := func(u, v annotate.Pose) annotate.Pose {
		return annotate.Pose{Yaw: mix(u.Yaw, v.Yaw), Pitch: mix(u.Pitch, v.Pitch), Roll: mix(u.Roll, v.Roll)}
	}
	var marks [5]annotate.Point
	for i := range marks {
		marks[i] = annotate.Point{X: mix(a.Landmarks[i].X, b.Landmarks[i].X), Y: mix(a.Landmarks[i].Y, b.Landmarks[i].Y)}
	}
	return annotate.Face{
		Landmarks: marks,
		Box: annotate.Box{
			X: mix(a.Box.X, b.Box.X), Y: mix(a.Box.Y, b.Box.Y),
			W: mix(a.Box.W, b.Box.W), H: mix(a.Box.H, b.Box.H),
		},
		Pose:      turn(a.Pose, b.Pose),
		PoseKnown: a.PoseKnown && b.PoseKnown,
		PoseError: turn(a.PoseError, b.PoseError),
	}
}

// slope is the least-squares slope of a over ±half seconds, per second.
func slope(a, out *Series, half, step float64) {
	n := int(math.Round(half / step))
	for i := range a.steps {
		var sx, sy, sxx, sxy, m float64
		for k := -n; k <= n; k++ {
			if v, ok := a.At(i + k); ok {
				x := float64(k) * step
				sx, sy, sxx, sxy, m = sx+x, sy+v, sxx+x*x, sxy+x*v, m+1
			}
		}
		if d := m*sxx - sx*sx; a.Known(i) && m >= 3 && d > 1e-12 {
			out.Set(i, (m*sxy-sx*sy)/d)
		}
	}
}

// picture fills light, sharpness and the camera's movement.
func (b *builder) picture() {
	for i := range b.Steps {
		s := b.Seconds(i)
		k, ok := b.nearest(s)
		if !ok || b.in.Sightings[k].Guessed {
			continue
		}
		now := b.in.Sightings[k]
		b.Get("luma").Set(i, now.Luma)
		if n := float64(len(now.Faces)); n > 0 {
			sum := 0.0
			for _, f := range now.Faces {
				sum += f.Luma
			}
			b.Get("face_luma").Set(i, sum/n)
		}
		b.Get("sharpness").Set(i, now.Sharp)
		if now.ShiftKnown && now.MotionS > 0 {
			down := now.Shift.Y * float64(b.in.Recording.Video.Height) / float64(b.in.Recording.Video.Width)
			b.Get("camera_motion").Set(i, math.Hypot(now.Shift.X, down)/now.MotionS)
		}
	}
}
