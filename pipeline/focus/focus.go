// Package focus tells where a film that was looked at now and then asks to be
// looked at more closely: where what was seen before and after differs, where a
// moment begins or ends, where someone speaks up, where much moves. It is pure Go.
package focus

import (
	"math"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/pipeline/decode/plan"
)

// Input is what is known so far.
type Input struct {
	Sightings  []annotate.Sighting // in order of time
	People     []annotate.Person
	Moments    []annotate.Moment    // best first
	Utterances []annotate.Utterance // in order of start
	Motion     *plan.Motion
}

// Limits of what may differ between two sightings without asking for one between.
const (
	turn    = 6.0  // degrees of a head's turn, near where turning to the other counts
	turned  = 14.0 // degrees towards the other: from here to…
	turnedY = 28.0 // …here it may come to count, or cease to, by the angle in the room
	nearing = 0.3  // face widths of distance
	apart   = 6.0  // face widths beyond which distance says nothing
	quiet   = 2.5  // seconds of silence after which a voice is one that speaks up
	answer  = 2.0  // seconds after it in which it may be answered
	call    = 5.0  // seconds of speech; who speaks longer does not wait for an answer
	lively  = 1.6  // times the usual motion
)

// What a difference is worth, in the order in which a budget is spent.
const (
	worthEdge    = 2.0 // of a moment; less by its rank
	worthTurn    = 1.0
	worthNearing = 0.8
	worthCome    = 0.6 // someone comes or goes
	worthVoice   = 0.4 // someone speaks up, and the other may look there for an instant
	worthMotion  = 0.2 // much moves
	rankHalf     = 12.0
)

// Where lists the times between successive sightings that lie more than fine
// seconds apart and ask for a look between.
func Where(in Input, fine float64) []plan.Stretch {
	parent, child := pair(in.People)
	edges, voices := edgeWorth(in.Moments), speakingUp(annotate.Spoken(in.Utterances))
	var list []plan.Stretch
	for i := 1; i < len(in.Sightings); i++ {
		a, b := in.Sightings[i-1].At, in.Sightings[i].At
		if b.Seconds()-a.Seconds() <= fine+1e-6 {
			continue
		}
		worth := edges(a.Seconds(), b.Seconds())
		if parent != nil && child != nil {
			worth += differs(*parent, *child, i-1, i)
			if voices(a.Seconds(), b.Seconds()) {
				worth += worthVoice
			}
			if in.Motion.Between(a, b) > lively {
				worth += worthMotion
			}
		}
		if worth > 0 {
			list = append(list, plan.Stretch{Span: timecode.Span{Start: a, End: b}, Worth: worth})
		}
	}
	return list
}

// pair picks the two whom moments are about.
func pair(people []annotate.Person) (parent, child *annotate.Person) {
	for i, p := range people {
		switch p.Role {
		case annotate.Parent:
			parent = &people[i]
		case annotate.Child:
			child = &people[i]
		case annotate.Other, annotate.Picture, annotate.RoleUnknown:
		}
	}
	return parent, child
}

// differs is the worth of what changed for the two from sighting i to j.
func differs(parent, child annotate.Person, i, j int) float64 {
	p0, okP0 := parent.Seen[i]
	p1, okP1 := parent.Seen[j]
	c0, okC0 := child.Seen[i]
	c1, okC1 := child.Seen[j]
	worth := 0.0
	if okP0 != okP1 || okC0 != okC1 {
		worth += worthCome
	}
	if okP0 && okP1 && okC0 && okC1 {
		if mayTurn(towards(p0, c0), towards(p1, c1)) || mayTurn(towards(c0, p0), towards(c1, p1)) {
			worth += worthTurn
		}
		before, after := distance(p0, c0), distance(p1, c1)
		if math.Abs(before-after) > nearing && min(before, after) < apart {
			worth += worthNearing
		}
	}
	return worth
}

// towards is by how many degrees a head is turned out of the camera's direction to where
// the other is in the picture: to the side, down to a lap or up from it; NaN where it is
// not known.
func towards(f, other annotate.Face) float64 {
	if !f.PoseKnown {
		return math.NaN()
	}
	const rad = math.Pi / 180
	from, to := f.Box.Center(), other.Box.Center()
	far := math.Hypot(to.X-from.X, to.Y-from.Y)
	if far == 0 {
		return 0
	}
	right := math.Sin(f.Pose.Yaw*rad) * math.Cos(f.Pose.Pitch*rad)
	down := -math.Sin(f.Pose.Pitch * rad)
	return math.Asin((right*(to.X-from.X)+down*(to.Y-from.Y))/far) / rad
}

// mayTurn tells whether someone may have begun or ceased to be turned to the
// other between two such turns.
func mayTurn(a, b float64) bool {
	if math.IsNaN(a) || math.IsNaN(b) {
		return math.IsNaN(a) != math.IsNaN(b)
	}
	return math.Abs(a-b) >= turn && min(a, b) < turnedY && max(a, b) > turned
}

func distance(a, b annotate.Face) float64 {
	p, q := a.Box.Center(), b.Box.Center()
	return math.Hypot(p.X-q.X, p.Y-q.Y) / ((a.Box.W + b.Box.W) / 2)
}

// edgeWorth gives what the ends of moments in a stretch of time are worth: more
// for the better ones. Where voices alternate, pictures tell nothing of when.
func edgeWorth(moments []annotate.Moment) func(from, to float64) float64 {
	type edge struct{ at, worth float64 }
	var edges []edge
	for rank, m := range moments {
		if m.Kind == annotate.TurnTaking {
			continue
		}
		worth := worthEdge * math.Exp2(-float64(rank)/rankHalf)
		edges = append(edges, edge{m.StartS, worth}, edge{m.EndS, worth})
	}
	return func(from, to float64) float64 {
		sum := 0.0
		for _, e := range edges {
			if e.at >= from && e.at <= to {
				sum += e.worth
			}
		}
		return sum
	}
}

// speakingUp tells whether a stretch of time holds a voice after a silence, or
// the time in which it may be answered.
func speakingUp(utterances []annotate.Utterance) func(from, to float64) bool {
	type span struct{ from, to float64 }
	var ups []span
	last := math.Inf(-1)
	for _, u := range utterances {
		if from := u.Start.Seconds(); from-last >= quiet && u.Seconds() <= call {
			ups = append(ups, span{from, u.End.Seconds() + answer})
		}
		last = math.Max(last, u.End.Seconds())
	}
	return func(from, to float64) bool {
		for _, u := range ups {
			if u.from < to && u.to > from {
				return true
			}
		}
		return false
	}
}
