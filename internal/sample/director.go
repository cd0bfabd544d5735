package sample

import (
	"math"
	"math/rand/v2"

	"dyade/annotate"
)

// Angles and distances of the script, clear of the definitions' thresholds.
const (
	turnedMin, turnedMax = 40.0, 56.0 // towards the other, degrees
	farMin, farMax       = 4.7, 5.2   // distance apart, mean face widths
	nearMin, nearMax     = 1.86, 1.98
	quiet                = 6.5 // between speech that does not belong together, seconds
)

// director writes a script from its start to its end; t is where it has come.
type director struct {
	*Script
	rng       *rand.Rand
	t         float64
	near      bool
	speechEnd float64 // end of the last speech
}

// block is an episode that begins and ends with both looking elsewhere.
type block struct {
	speaks float64 // when its first speech comes after its start; negative: never
	run    func(d *director)
}

// NewScript draws a script. The same seed gives the same script.
func NewScript(seed uint64) *Script { return newScript(seed, nil) }

// newScript draws a script for a pair of models, or for whom the seed chooses.
func newScript(seed uint64, pair []int) *Script {
	best := direct(seed, 0, pair)
	for try := uint64(1); try < 24; try++ {
		if s := direct(seed, try, pair); s.Duration < best.Duration {
			best = s
		}
	}
	return best
}

// newDirector is at the start of a script whose people are cast.
func newDirector(seed uint64, pair []int) *director {
	d := &director{Script: &Script{Seed: seed, view: fullView, rate: FrameRate, crf: 21},
		rng: rand.New(rand.NewPCG(seed, 0x6479616465)), speechEnd: -quiet}
	d.cast(pair)
	return d
}

// direct writes one script; tries differ in the order of their episodes.
func direct(seed, try uint64, pair []int) *Script {
	d := newDirector(seed, pair)
	d.rng = rand.New(rand.NewPCG(seed, 1000+try))
	d.t = d.between(3.6, 4.6)
	apart := []block{apartPlay, crossing, exit} // these need room
	anywhere := []block{face, faceTalk, turnedBid, spokenBid, anyBid, monologue, unanswered, covering}
	d.shuffle(apart)
	d.shuffle(anywhere)
	n := 2 + d.rng.IntN(2)
	d.section(mixed(d, apart[:1+try%2], anywhere[:n]))
	d.shoot(block{-1, func(d *director) { d.approach(); d.engage(d.between(9.3, 10.6), false) }})
	d.section(anywhere[n : n+2])
	d.apart()
	d.section(mixed(d, apart[1+try%2:], anywhere[n+2:n+4]))
	d.shoot(block{-1, (*director).approach})
	d.section(anywhere[n+4:])
	d.shoot(block{1, func(d *director) { d.engage(0, true) }})
	if d.rng.IntN(2) == 0 {
		d.apart()
	}
	d.Duration = math.Ceil(d.t*2) / 2
	return d.Script
}

func mixed(d *director, a, b []block) []block {
	out := append(append([]block{}, a...), b...)
	d.shuffle(out)
	return out
}

func (d *director) shuffle(b []block) {
	d.rng.Shuffle(len(b), func(i, j int) { b[i], b[j] = b[j], b[i] })
}

func (d *director) between(lo, hi float64) float64 { return lo + (hi-lo)*d.rng.Float64() }

// cast draws who plays, unless a pair of models is given, how they look and where
// they sit.
func (d *director) cast(pair []int) {
	who := d.rng.Perm(len(models))
	if pair != nil {
		who = pair
	}
	voices := []string{"speaker90", "speaker91"}
	if d.rng.IntN(2) == 0 {
		voices[0], voices[1] = voices[1], voices[0]
	}
	d.room, d.front = d.rng.Uint64(), d.rng.IntN(2)
	width := d.between(184, 196)
	shirts := d.rng.Perm(len(shirtColours))
	toys := d.rng.Perm(len(toyColours))
	for i := range d.actors {
		a := &d.actors[i]
		a.role, a.y = annotate.Parent, d.between(455, 475)
		if i == 1 {
			a.role, width = annotate.Child, width*d.between(0.7, 0.74)
			a.y = d.actors[0].y + d.between(70, 85)
		}
		a.model, a.voice, a.key = who[i], voices[i], d.rng.Uint64()
		a.head = newHead(models[a.model])
		a.eye, a.build = width/a.head.faceW, width/2.05
		a.shirt, a.toy = shirtColours[shirts[i]], toyColours[toys[i]]
	}
	left := d.rng.IntN(2)
	x, gap := 960+d.between(-40, 40), d.gap(farMin, farMax)
	d.actors[left].x.first, d.actors[1-left].x.first = x-gap/2, x+gap/2
}

// gap draws a horizontal distance of the heads that gives a distance of lo to
// hi mean face widths, pixels.
func (d *director) gap(lo, hi float64) float64 {
	want := d.between(lo, hi) * d.meanFace()
	a, b := d.actors[0].head, d.actors[1].head
	mid := func(i int, h *head) float64 {
		c := h.faceBox(annotate.Pose{}, 0, d.actors[i].y, d.actors[i].eye).Center()
		return c.Y
	}
	dy := mid(0, a) - mid(1, b)
	return math.Sqrt(want*want - dy*dy)
}

// section shoots blocks one after another.
func (d *director) section(blocks []block) {
	for _, b := range blocks {
		d.shoot(b)
	}
}

// shoot runs one block and the neutral stretch after it; before speech it waits
// until the speech before is long over.
func (d *director) shoot(b block) {
	if b.speaks >= 0 {
		if wait := d.speechEnd + quiet - b.speaks - d.t; wait > 0 {
			d.neutral(wait)
		}
	}
	b.run(d)
	d.neutral(d.between(3.6, 4))
}

// note records a planted episode from start to now.
func (d *director) note(name string, start float64, who int) {
	e := Episode{Name: name, StartS: round3(start), EndS: round3(d.t)}
	if who >= 0 {
		e.Who = string(d.actors[who].role)
	}
	d.Episodes = append(d.Episodes, e)
}

func round3(x float64) float64 { return math.Round(x*1000) / 1000 }

// neutral lets dur pass with nobody turned to the other: to the camera, to the
// own toy, or away.
func (d *director) neutral(dur float64) {
	for i := range d.actors {
		if dur < 1.8 || d.rng.IntN(4) == 0 {
			continue
		}
		d.glance(i, d.t+d.between(0.1, dur-1.2))
	}
	d.t += dur
}

// glance turns someone to a direction that is not the other's.
func (d *director) glance(i int, at float64) {
	yaw, pitch := d.between(-6, 6), d.between(-2, 2)
	switch d.rng.IntN(3) {
	case 0:
		yaw, pitch = d.between(2, 7), d.between(-15, -11)
	case 1:
		yaw = d.between(-38, -20)
		if d.near {
			yaw = d.between(-9, -5)
		}
	}
	d.look(i, at, yaw, pitch)
}

// look turns someone at a time; yaw counts towards the other.
func (d *director) look(i int, at, yaw, pitch float64) {
	a := &d.actors[i]
	target := yaw * d.side(i, at)
	d.turn(i, at, d.turnTime(target-a.yaw.last()), target, pitch)
}

func (d *director) turn(i int, at, dur, yaw, pitch float64) {
	a := &d.actors[i]
	a.yaw.to(at, dur, yaw)
	a.pitch.to(at, dur, pitch)
}

// turnTime is how long a turn by an angle takes: 0.3 to 0.6 s.
func (d *director) turnTime(angle float64) float64 {
	return clamp(0.22+math.Abs(angle)*0.0045+d.between(-0.03, 0.03), 0.3, 0.6)
}

// face turns someone to the other such that 25° is passed at the time given.
func (d *director) face(i int, passing float64) {
	a := &d.actors[i]
	yaw := d.between(turnedMin, turnedMax)
	from := a.yaw.last() * d.side(i, passing)
	dur := d.turnTime(yaw - from)
	lo, hi := 0.0, 1.0
	for range 40 {
		if mid := (lo + hi) / 2; lerp(from, yaw, smooth(mid)) < turned {
			lo = mid
		} else {
			hi = mid
		}
	}
	pitch := d.between(-6, -2)
	if i == 1 {
		pitch = d.between(2, 6)
	}
	d.turn(i, passing-lo*dur, dur, yaw*d.side(i, passing), pitch)
}

// leave turns both back, first first and the other soon after.
func (d *director) leave(first int) {
	d.glance(first, d.t)
	later := d.between(0.35, 0.8)
	d.glance(1-first, d.t+later)
	d.t += later + 0.6
}

// say puts an excerpt of the conversation at a time; voices are those of its
// rows.
func (d *director) say(at, from, to float64) {
	d.excerpts = append(d.excerpts, excerpt{from, to, at})
	for _, r := range conversation {
		if r.end <= from || r.start >= to {
			continue
		}
		who := 0
		if d.actors[1].voice == r.voice {
			who = 1
		}
		start, end := max(r.start, from), min(r.end, to)
		d.speech = append(d.speech, utterance{Range{StartS: round3(at + start - from), EndS: round3(at + end - from)}, who})
	}
	d.speechEnd = max(d.speechEnd, at+to-from)
}
