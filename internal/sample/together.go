package sample

import (
	"math"
	"math/rand/v2"
)

// The numbers of the definitions that only the measuring set has.
const (
	bent       = -14.0 // degrees of pitch from which someone is bent over something
	ahead      = 3.4   // mean face widths from a head to the table before it, where it looks when bent
	samePlace  = 0.8   // mean face widths
	jointLeast = 4.0   // s
	awayLeast  = 8.0   // s out of the picture
	meetWithin = 4.0   // s from coming back to being together
	meetAfter  = 2.0   // s of being together that belong to a reunion
)

// together is a film of what a face-only finder misses: both at one thing with
// nobody turned to the other, one who comes back, one who comes close and stays;
// and of what looks like it.
func together(seed uint64) take {
	return filmTake("together", seed, "both bent over one thing; comings back; coming close and staying; and what only looks like it",
		[]string{"together"}, func() *Script {
			s := directTogether(seed, pairs[seed%uint64(len(pairs))])
			s.view, s.rate, s.crf = smallView(setWidth), setRate, setCRF
			return s
		})
}

// directTogether writes the script of such a film.
func directTogether(seed uint64, pair []int) *Script {
	d := newDirector(seed, pair)
	d.joint = true
	d.rng = rand.New(rand.NewPCG(seed, 0x746f67))
	d.t = d.between(3.6, 4.6)
	silent := func(run func(d *director)) block { return block{-1, run} }
	d.shoot(silent((*director).reunionTurned))
	d.shoot(silent((*director).comfort))
	near := []block{
		silent(func(d *director) { d.jointAttention(d.between(5.4, 7), -20) }),
		silent(func(d *director) { d.jointAttention(d.between(9.4, 10.6), -20) }),
		silent((*director).ownToys),
		silent((*director).idleClose),
	}
	d.shuffle(near)
	d.section(near)
	d.apart()
	far := []block{silent((*director).strangerBack), apartPlay}
	d.shuffle(far)
	d.section(far)
	d.shoot(silent((*director).reunionClose))
	d.section([]block{silent(func(d *director) { d.jointAttention(d.between(5.4, 7), -31) }), silent((*director).ownToys)})
	d.Duration = math.Ceil(d.t*2) / 2
	return d.Script
}

// jointAttention has both bent over one place between them, where the hands of
// both are; nobody is turned to the other.
func (d *director) jointAttention(dur, pitch float64) {
	start := d.t
	for i := range d.actors {
		d.look(i, d.t, d.between(14, 17), pitch+d.between(-2, 2))
	}
	d.plays = append(d.plays, play{Range: Range{StartS: start + 0.3, EndS: start + 0.6 + dur}, together: true})
	d.t += 0.6 + dur
	d.note("joint attention", start, -1)
	d.leave(d.rng.IntN(2))
}

// ownToys has both bent down beside each other, each at a toy of their own.
func (d *director) ownToys() {
	start := d.t
	for i := range d.actors {
		d.look(i, d.t, d.between(-12, -8), d.between(-22, -18))
	}
	d.t += d.between(6, 7.5)
	d.plays = append(d.plays, play{Range: Range{StartS: start + 0.4, EndS: d.t}, aside: true})
	d.note("bent down, each at their own", start, -1)
	d.leave(d.rng.IntN(2))
}

// idleClose has both close, turned elsewhere, with nothing going on.
func (d *director) idleClose() {
	start := d.t
	for i := range d.actors {
		d.look(i, d.t, d.between(-10, -7), d.between(-2, 2))
	}
	d.t += d.between(7, 8.5)
	d.note("close, turned elsewhere, at rest", start, -1)
}

// comfort has one come close to the other and stay, calm, turned to them.
func (d *director) comfort() {
	start := d.t
	d.approach()
	who := d.rng.IntN(2)
	d.look(1-who, d.t+0.2, d.between(-9, -6), d.between(-10, -7))
	d.face(who, d.t+0.9)
	d.t += d.between(6.5, 8)
	d.note("approach and comfort", start, who)
	d.glance(who, d.t)
	d.t += 0.6
}

// goAway has someone leave the picture for long enough, and gives when they are
// to come back.
func (d *director) goAway(who int) (back float64) {
	for i := range d.actors {
		d.look(i, d.t, d.between(-5, 5), d.between(-3, 1))
	}
	x := &d.actors[who].x
	out := -330.0
	if d.side(who, d.t) < 0 {
		out = Width + 330
	}
	leaving := d.between(1.5, 1.9)
	x.to(d.t+0.6, leaving, out)
	return d.t + 0.6 + leaving + awayLeast + d.between(1, 2.2)
}

// reunionTurned has one come back, and both turn to each other.
func (d *director) reunionTurned() {
	who := d.rng.IntN(2)
	start, home := d.t, d.actors[who].x.last()
	at := d.goAway(who)
	coming := d.between(1.5, 1.9)
	d.actors[who].x.to(at, coming, home)
	met := at + coming + d.between(0.5, 1)
	d.face(1-who, met-d.between(0, 0.3))
	d.face(who, met)
	d.t = met + d.between(3.2, 4)
	d.note("reunion, turned to each other", start, who)
	d.leave(who)
}

// reunionClose has one come back straight to the other's side.
func (d *director) reunionClose() {
	who := d.rng.IntN(2)
	start, side := d.t, d.side(who, d.t)
	at := d.goAway(who)
	coming := d.between(2, 2.5)
	d.actors[who].x.to(at, coming, d.actors[1-who].x.last()-side*d.gap(nearMin, nearMax))
	d.t = at + coming
	d.near = true
	d.note("reunion, close", start, who)
	d.neutral(d.between(4.5, 5.5))
}

// strangerBack has one come back who stays far away, turned elsewhere.
func (d *director) strangerBack() {
	who := d.rng.IntN(2)
	start, home := d.t, d.actors[who].x.last()
	at := d.goAway(who)
	coming := d.between(1.5, 1.9)
	d.actors[who].x.to(at, coming, home)
	d.look(1-who, at, d.between(-36, -28), 0)
	d.look(who, at+coming, d.between(-36, -28), 0)
	d.t = at + coming + d.between(6, 7)
	d.note("back, but far and turned elsewhere", start, who)
}

// looksAt is where on the table actor i looks when bent over it: across the
// picture, pixels of the stage.
func (s *Script) looksAt(n *instant, i int) float64 {
	return n.box[i].Center().X + math.Tan(n.pose[i].Yaw*math.Pi/180)*ahead*s.meanFace()
}

// atOne tells whether both are close, bent over the same place, and neither
// turned to the other.
func (s *Script) atOne(n *instant) bool {
	for i := range s.actors {
		if n.pose[i].Pitch > bent || n.yaw[i] >= turned {
			return false
		}
	}
	return n.dist <= closeBy && math.Abs(s.looksAt(n, 0)-s.looksAt(n, 1)) <= samePlace*s.meanFace()
}

// jointAttentions are stretches in which both are at one place, and the hands of
// both are at work there.
func (s *Script) jointAttentions(at []instant) []Range {
	hands := s.handsBetween()
	var out []Range
	for _, r := range stretches(at, func(n *instant) bool { return turnedAt(hands, n.t) && s.atOne(n) }) {
		if r.EndS-r.StartS >= jointLeast {
			out = append(out, r)
		}
	}
	return out
}

// reunions are comings back into the picture after an absence, from when the
// face is to be seen again until the two have been together for a moment: close,
// or turned to each other.
func (s *Script) reunions(at []instant) []Range {
	var out []Range
	for i := range s.actors {
		for _, away := range stretches(at, func(n *instant) bool { return n.why[i] == "out" }) {
			if away.EndS-away.StartS < awayLeast || away.StartS == 0 {
				continue
			}
			met := func(n *instant) bool {
				return n.t >= away.EndS && n.visible[0] && n.visible[1] && (n.dist <= closeBy || n.turnedTo(0) && n.turnedTo(1))
			}
			if meets := stretches(at, met); len(meets) > 0 && meets[0].StartS <= away.EndS+meetWithin {
				out = append(out, Range{StartS: away.EndS, EndS: round3(min(meets[0].StartS+meetAfter, meets[0].EndS))})
			}
		}
	}
	return out
}
