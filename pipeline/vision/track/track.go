// Package track follows people through the faces of a recording: first short,
// sure pieces from frame to frame, then pieces joined to people by colours,
// place and size, so that someone hidden for a while keeps their name.
package track

import (
	"cmp"
	"math"
	"slices"

	"dyade/annotate"
)

// MaxGap is how many seconds a face may go without being looked at and still be
// followed.
const MaxGap = 1.3

// Limits of following a face from one sighting to the next.
const (
	reach      = 0.7  // face widths that a face may be off its prediction
	reachSpeed = 1.5  // face widths more per second since it was seen
	sizeChange = 0.45 // largest |log| of the ratio of widths
	lookWeight = 2.0  // of unlike colours, in face widths
	leastLike  = 0.35 // colours less alike than this are not one face
)

// piece is an unbroken run of sightings of one face.
type piece struct {
	faces []seen
	look  []float64 // sum of appearances
	looks int
}

type seen struct {
	index int
	at    float64
	face  annotate.Face
}

func (p *piece) first() seen { return p.faces[0] }
func (p *piece) last() seen  { return p.faces[len(p.faces)-1] }

func (p *piece) add(s seen) {
	p.faces = append(p.faces, s)
	p.look, p.looks = sumLook(p.look, p.looks, s.face.Look)
}

func sumLook(sum []float64, n int, look []float32) ([]float64, int) {
	if look == nil {
		return sum, n
	}
	if sum == nil {
		sum = make([]float64, len(look))
	}
	for i, v := range look {
		sum[i] += float64(v)
	}
	return sum, n + 1
}

// predicted is where the face should be at the given time, from its recent
// speed.
func (p *piece) predicted(at float64) annotate.Point {
	last := p.last()
	c := last.face.Box.Center()
	if len(p.faces) < 2 {
		return c
	}
	before := p.faces[max(0, len(p.faces)-4)]
	dt := last.at - before.at
	if dt <= 0 {
		return c
	}
	b := before.face.Box.Center()
	ahead := min(at-last.at, 0.6) // a guess wears off
	return annotate.Point{X: c.X + (c.X-b.X)/dt*ahead, Y: c.Y + (c.Y-b.Y)/dt*ahead}
}

// pieces links faces from sighting to sighting.
func pieces(sightings []annotate.Sighting) []*piece {
	var all, active []*piece
	for i, s := range sightings {
		at := s.At.Seconds()
		active = slices.DeleteFunc(active, func(p *piece) bool { return at-p.last().at > MaxGap+1e-6 })
		taken := make([]bool, len(s.Faces))
		for _, m := range matches(active, s.Faces, at) {
			if taken[m.face] || m.piece.last().index == i {
				continue
			}
			taken[m.face] = true
			m.piece.add(seen{i, at, s.Faces[m.face]})
		}
		for k, f := range s.Faces {
			if !taken[k] {
				p := &piece{}
				p.add(seen{i, at, f})
				active, all = append(active, p), append(all, p)
			}
		}
	}
	return all
}

type match struct {
	piece *piece
	face  int
	cost  float64
}

// matches lists the possible pairs of piece and face, best first.
func matches(active []*piece, faces []annotate.Face, at float64) []match {
	var list []match
	for _, p := range active {
		for k, f := range faces {
			if cost, ok := step(p, f, at); ok {
				list = append(list, match{p, k, cost})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b match) int { return cmp.Compare(a.cost, b.cost) })
	return list
}

// step is the cost of f being p's face at the given time, and whether it can be.
func step(p *piece, f annotate.Face, at float64) (float64, bool) {
	last := p.last()
	dt := at - last.at
	width := (last.face.Box.W + f.Box.W) / 2
	want, got := p.predicted(at), f.Box.Center()
	far := math.Hypot(want.X-got.X, want.Y-got.Y) / width
	size := math.Abs(math.Log(f.Box.W / last.face.Box.W))
	like, known := likeness(p.look, f.Look)
	if far > reach+reachSpeed*dt || size > sizeChange+0.3*dt || known && like < leastLike {
		return 0, false
	}
	cost := far + size
	if known {
		cost += lookWeight * (1 - like)
	}
	return cost, true
}

// likeness is the cosine of the angle between a sum of appearances and one.
func likeness[T float32 | float64](sum []float64, look []T) (float64, bool) {
	if sum == nil || len(sum) != len(look) {
		return 0, false
	}
	var dot, a, b float64
	for i, v := range look {
		dot += sum[i] * float64(v)
		a += sum[i] * sum[i]
		b += float64(v) * float64(v)
	}
	if a == 0 || b == 0 {
		return 0, false
	}
	return dot / math.Sqrt(a*b), true
}
