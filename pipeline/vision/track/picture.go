package track

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"dyade/annotate"
)

// A face that keeps still for so long, in face widths and degrees, is one of a picture:
// nobody alive does. Spreads leave the outer twentieths out.
const (
	stillS     = 40.0
	stillLooks = 10
	stillPlace = 0.06
	stillSize  = 0.09
	stillTurn  = 9.0
)

// still tells whether pieces, by time, are the face of a photograph. It may be covered
// now and then.
func still(pieces ...*piece) bool {
	var faces []annotate.Face
	for _, p := range pieces {
		for _, s := range p.faces {
			faces = append(faces, s.face)
		}
	}
	if len(faces) < stillLooks || pieces[len(pieces)-1].last().at-pieces[0].first().at < stillS {
		return false
	}
	spread := func(of func(f annotate.Face) float64) float64 {
		var list []float64
		for _, f := range faces {
			list = append(list, of(f))
		}
		slices.Sort(list)
		return list[len(list)-1-len(list)/20] - list[len(list)/20]
	}
	w := width(pieces...)
	return spread(func(f annotate.Face) float64 { return f.Box.Center().X }) <= stillPlace*w &&
		spread(func(f annotate.Face) float64 { return f.Box.Center().Y }) <= stillPlace*w &&
		spread(func(f annotate.Face) float64 { return math.Log(f.Box.W) }) <= stillSize &&
		spread(func(f annotate.Face) float64 { return f.Pose.Yaw }) <= stillTurn
}

// A screen cuts: at one small place, a face gives way at once to one of another look or
// size, again and again.
const (
	cuts       = 5    // at least
	cutsS      = 40.0 // and for so long: who hides and shows their face plays
	cutEveryS  = 20.0 // at least one in so many seconds
	cutWithinS = 1.6  // from the one to the next
	cutLike    = 0.6  // colours less alike than this are of another shot
	cutSize    = 0.25 // |log| of the ratio of widths
	screenWide = 6.0  // face widths
	screenHigh = 3.0
)

// onScreen tells whether someone is on a screen, by what follows on what in the place
// where they are.
func (q *person) onScreen(all []*piece) bool {
	left, right, top, bottom, w := q.bounds()
	if right-left > screenWide*w || bottom-top > screenHigh*w {
		return false
	}
	there := map[int][]seen{}
	for _, p := range all {
		for _, s := range p.faces {
			if c := s.face.Box.Center(); c.X >= left-w && c.X <= right+w && c.Y >= top-w && c.Y <= bottom+w {
				there[s.index] = append(there[s.index], s)
			}
		}
	}
	order := slices.Sorted(maps.Keys(there))
	cut := 0
	for i := 1; i < len(order); i++ {
		if cutBetween(there[order[i-1]], there[order[i]]) {
			cut++
		}
	}
	length := there[order[len(order)-1]][0].at - there[order[0]][0].at
	return length >= cutsS && cut >= cuts && float64(cut) >= length/cutEveryS
}

// cutBetween tells whether nobody of a can be anybody of b, soon after.
func cutBetween(a, b []seen) bool {
	if b[0].at-a[0].at > cutWithinS {
		return false
	}
	for _, s := range a {
		for _, next := range b {
			if !s.cutTo(next) {
				return false
			}
		}
	}
	return true
}

// cutTo tells whether b is of another shot: people turn and walk, but seldom change their
// size or look from one sighting to the next.
func (s seen) cutTo(b seen) bool {
	look, _ := sumLook(nil, 0, s.face.Look)
	like, known := likeness(look, b.face.Look)
	return known && like < cutLike || math.Abs(math.Log(s.face.Box.W/b.face.Box.W)) > cutSize
}

// bounds are the edges of where someone's faces' centres are, and their median width.
func (q *person) bounds() (left, right, top, bottom, w float64) {
	left, top = math.Inf(1), math.Inf(1)
	right, bottom = math.Inf(-1), math.Inf(-1)
	for _, p := range q.pieces {
		for _, s := range p.faces {
			c := s.face.Box.Center()
			left, right, top, bottom = min(left, c.X), max(right, c.X), min(top, c.Y), max(bottom, c.Y)
		}
	}
	return left, right, top, bottom, width(q.pieces...)
}

// parted splits a list by a condition, in order.
func parted[T any](list []T, holds func(T) bool) (not, does []T) {
	for _, x := range list {
		if holds(x) {
			does = append(does, x)
		} else {
			not = append(not, x)
		}
	}
	return not, does
}

// pictured names the faces of pictures after so many people.
func pictured(faces []*person, after int) []annotate.Person {
	var list []annotate.Person
	for i, q := range faces {
		list = append(list, annotate.Person{
			ID: fmt.Sprintf("p%d", after+i+1), Role: annotate.Picture, RoleConfidence: 0.8, Seen: q.faces(),
		})
	}
	return list
}
