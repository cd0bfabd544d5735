package sample

import "math"

// The episodes that are planted. Each begins and ends with nobody turned to the
// other.
var (
	face       = block{-1, func(d *director) { d.together(d.between(3.3, 5), -1) }}
	faceTalk   = block{1.2, func(d *director) { d.together(0, d.rng.IntN(len(dialogues))) }}
	turnedBid  = block{-1, (*director).turnedBid}
	spokenBid  = block{0, (*director).spokenBid}
	anyBid     = block{0, (*director).anyBid}
	monologue  = block{0.8, (*director).monologue}
	unanswered = block{-1, (*director).unanswered}
	covering   = block{-1, (*director).covering}
	apartPlay  = block{-1, (*director).apartPlay}
	crossing   = block{-1, (*director).crossing}
	exit       = block{-1, (*director).exit}
)

// together has both turn to each other at once, for hold seconds or as long as
// a dialogue takes.
func (d *director) together(hold float64, dialogue int) {
	start := d.t
	at := d.t + 0.7
	d.face(0, at)
	d.face(1, at+d.between(0, 0.06))
	name := "face to face"
	if dialogue >= 0 {
		said := dialogues[dialogue]
		d.say(at+0.8, said.from, said.to)
		hold = 0.8 + said.to - said.from + 0.7
		name = "face to face and turn-taking"
	}
	d.t = at + hold
	d.note(name, start, -1)
	d.leave(d.rng.IntN(2))
}

// turnedBid has one turn to the other, who answers in time.
func (d *director) turnedBid() {
	who := d.rng.IntN(2)
	start := d.t
	at := d.t + 0.7
	answer := at + d.between(0.85, 1.5)
	d.face(who, at)
	d.face(1-who, answer)
	d.t = answer + d.between(3, 4.2)
	d.note("bid_response, turned", start, who)
	d.leave(who)
}

// spokenBid has one speak without turning; the other turns to them.
func (d *director) spokenBid() {
	who := d.rng.IntN(2)
	said := d.phrase(who)
	start := d.t
	d.say(d.t, said.from, said.to)
	end := d.t + said.to - said.from
	d.face(1-who, max(d.t+1, end+d.between(0.1, 0.9)))
	d.t = end + 1.2 + d.between(2, 3)
	d.note("bid_response, spoken", start, who)
	d.glance(1-who, d.t)
	d.t += 0.6
}

func (d *director) anyBid() {
	if d.rng.IntN(2) == 0 {
		d.turnedBid()
		return
	}
	d.spokenBid()
}

// phrase draws something that actor who says alone.
func (d *director) phrase(who int) cut {
	said := phrases[d.actors[who].voice]
	return said[d.rng.IntN(len(said))]
}

// monologue has one voice only, while both look at the camera.
func (d *director) monologue() {
	who := d.rng.IntN(2)
	start := d.t
	for i := range d.actors {
		d.look(i, d.t, d.between(-5, 5), d.between(-2, 2))
	}
	at := d.t + 0.8
	for _, c := range monologues[d.actors[who].voice] {
		d.say(at, c.from, c.to)
		at += c.to - c.from + 0.35
	}
	d.t = at + 0.3
	d.note("monologue, both looking at the camera", start, who)
}

// unanswered has one turned to the other, who looks away all the time.
func (d *director) unanswered() {
	who := d.rng.IntN(2)
	start := d.t
	away := d.between(-40, -30)
	if d.near {
		away = d.between(-10, -7)
	}
	d.look(1-who, d.t, away, d.between(-4, 0))
	d.face(who, d.t+0.9)
	d.t += 0.9 + d.between(4.6, 5.8)
	d.note("turned to the other, who looks away", start, who)
	d.glance(who, d.t)
	d.t += 0.6
}

// covering has a hand before someone's face for 2 to 3 s.
func (d *director) covering() {
	who := d.rng.IntN(2)
	start := d.t + 0.2
	full := Range{StartS: start + 0.5, EndS: start + 0.5 + d.between(2.1, 2.9)}
	d.covers = append(d.covers, cover{Range{StartS: start, EndS: full.EndS + 0.5}, full, who})
	d.t = full.EndS + 0.5
	d.note("hand before the face", start, who)
}

// apartPlay has both play far apart, each for themselves.
func (d *director) apartPlay() {
	start := d.t
	for i := range d.actors {
		d.look(i, d.t, d.between(2, 7), d.between(-15, -11))
	}
	d.t += d.between(6, 7.5)
	d.plays = append(d.plays, play{Range: Range{StartS: start + 0.4, EndS: d.t}})
	d.note("hands moving far apart", start, -1)
}

// crossing has the two swap sides, one passing before the other.
func (d *director) crossing() {
	start := d.t
	for i := range d.actors {
		d.look(i, d.t, d.between(-4, 4), d.between(-3, 1))
	}
	dur := d.between(2.6, 3.2)
	a, b := &d.actors[0].x, &d.actors[1].x
	from, to := a.last(), b.last()
	a.to(d.t+0.7, dur, to)
	b.to(d.t+0.7, dur, from)
	d.t += 0.7 + dur
	d.note("crossing", start+0.7, d.front)
}

// exit has one leave the picture on their side and come back.
func (d *director) exit() {
	who := d.rng.IntN(2)
	start := d.t
	for i := range d.actors {
		d.look(i, d.t, d.between(-5, 5), d.between(-3, 1))
	}
	x := &d.actors[who].x
	home, out := x.last(), -330.0
	if d.side(who, d.t) < 0 {
		out = Width + 330
	}
	leaving, back := d.between(1.5, 1.9), d.between(1.5, 1.9)
	away := d.between(2.9, 4.4)
	x.to(d.t+0.6, leaving, out)
	x.to(d.t+0.6+leaving+away, back, home)
	d.t += 0.6 + leaving + away + back
	d.note("exit and return", start+0.6, who)
}

// approach has one or both move close to the other.
func (d *director) approach() {
	start := d.t
	for i := range d.actors {
		d.look(i, d.t, d.between(2, 6), d.between(-4, 0))
	}
	d.shift(d.t+0.6, d.between(1.8, 2.8), d.gap(nearMin, nearMax))
	d.near = true
	d.note("approach", start+0.6, -1)
}

// apart has them move away from each other.
func (d *director) apart() {
	start := d.t
	for i := range d.actors {
		d.look(i, d.t, d.between(-4, 4), d.between(-4, 0))
	}
	d.shift(d.t+0.6, d.between(2, 2.8), d.gap(farMin, farMax))
	d.near = false
	d.note("moving apart", start+0.6, -1)
	d.neutral(d.between(3.7, 4.3))
}

// shift moves the two to a horizontal distance, about a point that keeps both
// in the picture: one comes, or the other, or both.
func (d *director) shift(at, dur, gap float64) {
	l, r := &d.actors[0].x, &d.actors[1].x
	if d.side(0, at) < 0 {
		l, r = r, l
	}
	const lo, hi = 430, Width - 430
	share := []float64{0, 0.5, 1}[d.rng.IntN(3)] // of the way that the left one goes
	diff := gap - (r.last() - l.last())
	x := clamp(l.last()-diff*share, lo, hi-gap)
	if math.Abs(x-l.last()) > 2 {
		l.to(at, dur, x)
	}
	if math.Abs(x+gap-r.last()) > 2 {
		r.to(at, dur, x+gap)
	}
	d.t = at + dur
}

// engage has both hands at the toys between the two, for dur or as long as a
// dialogue takes.
func (d *director) engage(dur float64, talk bool) {
	start := d.t
	for i := range d.actors {
		d.look(i, d.t, d.between(3, 7), d.between(-15, -11))
	}
	name := "shared engagement"
	if talk {
		said := dialogues[d.rng.IntN(len(dialogues))]
		d.say(d.t+1, said.from, said.to)
		dur = 1 + said.to - said.from + d.between(0.4, 1)
		name = "shared engagement and turn-taking"
	}
	d.t += dur
	d.plays = append(d.plays, play{Range: Range{StartS: start, EndS: d.t}, together: true})
	d.note(name, start, -1)
}

// row is one row of the conversation's RTTM.
type row struct {
	start, end float64
	voice      string
}

// conversation is what is said in pyannote/sample.wav, from its reference RTTM.
var conversation = []row{
	{6.690, 7.120, "speaker90"},
	{7.550, 8.350, "speaker91"},
	{8.320, 10.020, "speaker90"},
	{9.920, 11.030, "speaker91"},
	{10.570, 14.700, "speaker90"},
	{14.490, 17.920, "speaker91"},
	{18.050, 21.490, "speaker90"},
	{18.150, 18.590, "speaker91"},
	{21.780, 28.500, "speaker91"},
	{27.850, 30.000, "speaker90"},
}

// cut is a stretch of the conversation that begins and ends in a pause.
type cut struct{ from, to float64 }

// dialogues change speakers at least four times.
var dialogues = []cut{{7.40, 17.95}, {6.55, 17.95}}

// phrases are said by one voice alone, within rows but cut in pauses of their
// own (below −55 dBFS over 50 ms).
var phrases = map[string][]cut{
	"speaker90": {{11.63, 13.59}, {19.97, 21.49}, {19.36, 21.49}},
	"speaker91": {{15.94, 17.92}, {21.78, 23.30}, {21.78, 23.88}, {24.38, 26.58}},
}

// monologues are stretches of one voice, played one after another.
var monologues = map[string][]cut{
	"speaker90": {{19.36, 21.49}, {11.63, 13.92}, {19.97, 21.49}},
	"speaker91": {{21.78, 27.40}},
}
