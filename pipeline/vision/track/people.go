package track

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"dyade/annotate"
)

// Limits of joining pieces to people.
const (
	maxPeople   = 4    // told of
	maxFaces    = 12   // told apart: a screen shows many
	joinLike    = 0.70 // least joint score that makes a piece someone's
	nearby      = 4.0  // seconds over which place and size stay evidence
	walk        = 4.0  // face widths a second that someone may move unseen
	leastSeen   = 0.03 // share of the most seen person's sightings, below which nobody is there
	leastStay   = 3    // sightings
	meanOneLook = 0.6  // score of a lone face that is believed
)

// person under construction: pieces that never overlap in time.
type person struct {
	pieces []*piece
	look   []float64
	seen   int
}

func (q *person) add(p *piece) {
	q.pieces = append(q.pieces, p)
	slices.SortFunc(q.pieces, func(a, b *piece) int { return cmp.Compare(a.first().index, b.first().index) })
	if p.look != nil {
		if q.look == nil {
			q.look = make([]float64, len(p.look))
		}
		for i, v := range p.look {
			q.look[i] += v
		}
	}
	q.seen += len(p.faces)
}

// People follows everyone through the sightings, which are in order of time.
// The parent comes first, then the child, then others, at most four, and then the
// faces of pictures and screens. Roles are a guess from size and height: a
// person's word replaces it.
func People(sightings []annotate.Sighting) []annotate.Person {
	list := slices.DeleteFunc(pieces(sightings), unlikely)
	alive, pictures := parted(list, func(p *piece) bool { return still(p) })
	people, shown := parted(present(joined(alive)), func(q *person) bool { return still(q.pieces...) || q.onScreen(alive) })
	if len(people) > maxPeople {
		people = people[:maxPeople]
	}
	return append(named(people), pictured(append(present(joined(pictures)), shown...), len(people))...)
}

// joined gives the pieces to people, the longest first.
func joined(list []*piece) []*person {
	slices.SortStableFunc(list, func(a, b *piece) int { return cmp.Compare(len(b.faces), len(a.faces)) })
	var people []*person
	for _, p := range list {
		if q := whose(people, p); q != nil {
			q.add(p)
		} else if len(people) < maxFaces {
			q := &person{}
			q.add(p)
			people = append(people, q)
		}
	}
	return people
}

// unlikely tells whether a piece is too short and too faint to be a face.
func unlikely(p *piece) bool {
	if len(p.faces) >= leastStay {
		return false
	}
	sum := 0.0
	for _, s := range p.faces {
		sum += s.face.Score
	}
	return sum/float64(len(p.faces)) < meanOneLook
}

// whose finds the person that a piece belongs to, nil if nobody known.
func whose(people []*person, p *piece) *person {
	var best *person
	bestScore := joinLike
	for _, q := range people {
		if q.overlaps(p) {
			continue
		}
		if s := q.score(p); s >= bestScore {
			best, bestScore = q, s
		}
	}
	return best
}

func (q *person) overlaps(p *piece) bool {
	return slices.ContainsFunc(q.pieces, func(o *piece) bool {
		return o.first().index <= p.last().index && p.first().index <= o.last().index
	})
}

// score tells how well p continues q, 0 to 1: by colours, and, near in time,
// by place and size too.
func (q *person) score(p *piece) float64 {
	like, known := likeness(q.look, p.look)
	if !known {
		like = joinLike
	}
	gap, far, size := math.Inf(1), 0.0, 0.0
	for _, o := range q.pieces {
		a, b := o.last(), p.first()
		if b.index < a.index {
			a, b = p.last(), o.first()
		}
		if dt := b.at - a.at; dt < gap {
			ca, cb := a.face.Box.Center(), b.face.Box.Center()
			gap = dt
			far = math.Hypot(ca.X-cb.X, ca.Y-cb.Y) / ((a.face.Box.W + b.face.Box.W) / 2)
			size = math.Abs(math.Log(a.face.Box.W / b.face.Box.W))
		}
	}
	fresh := math.Exp(-gap / nearby)
	place := math.Exp(-max(0, far-walk*gap) / 3)
	return (like+fresh*place)/(1+fresh) - 0.25*min(1, size)
}

// present drops those who are hardly there, false finds that last, and gives the
// others, the most seen first.
func present(people []*person) []*person {
	most := 0
	for _, q := range people {
		most = max(most, q.seen)
	}
	least := max(leastStay, int(leastSeen*float64(most)))
	people = slices.DeleteFunc(people, func(q *person) bool {
		return q.seen < least && q.seen != most
	})
	slices.SortStableFunc(people, func(a, b *person) int { return cmp.Compare(b.seen, a.seen) })
	return people
}

// named turns the two who are seen most into parent and child by the size and height
// of their faces, and gives everyone an id.
func named(people []*person) []annotate.Person {
	list := make([]annotate.Person, len(people))
	for i, q := range people {
		list[i] = annotate.Person{Role: annotate.Other, RoleConfidence: 0.5, Seen: q.faces()}
	}
	switch {
	case len(list) == 1:
		list[0].Role, list[0].RoleConfidence = annotate.RoleUnknown, 0
	case len(list) > 1:
		sure := older(people[0], people[1])
		if sure < 0.5 {
			list[0], list[1] = list[1], list[0]
			sure = 1 - sure
		}
		list[0].Role, list[0].RoleConfidence = annotate.Parent, round2(sure)
		list[1].Role, list[1].RoleConfidence = annotate.Child, round2(sure)
	}
	for i := range list {
		list[i].ID = fmt.Sprintf("p%d", i+1)
	}
	return list
}

func round2(v float64) float64 { return math.Round(v*100) / 100 }

func (q *person) faces() map[int]annotate.Face {
	m := make(map[int]annotate.Face, q.seen)
	for _, p := range q.pieces {
		for _, s := range p.faces {
			m[s.index] = s.face
		}
	}
	return m
}

// width is the median width of the faces of pieces.
func width(pieces ...*piece) float64 {
	var widths []float64
	for _, p := range pieces {
		for _, s := range p.faces {
			widths = append(widths, s.face.Box.W)
		}
	}
	return median(widths)
}
