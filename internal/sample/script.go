package sample

import (
	"math"

	"dyade/annotate"
)

// move is an eased change of one quantity.
type move struct {
	start, dur, from, to float64 // seconds, seconds, values
}

// track is a quantity over time: held, but for its moves, which do not overlap.
type track struct {
	first float64
	moves []move
}

func (k *track) last() float64 {
	if n := len(k.moves); n > 0 {
		return k.moves[n-1].to
	}
	return k.first
}

// to adds a move from the value held so far.
func (k *track) to(start, dur, value float64) {
	k.moves = append(k.moves, move{start, dur, k.last(), value})
}

// at is the value at t.
func (k *track) at(t float64) float64 {
	for i := len(k.moves) - 1; i >= 0; i-- {
		if m := k.moves[i]; t >= m.start {
			return lerp(m.from, m.to, smooth((t-m.start)/m.dur))
		}
	}
	return k.first
}

// moving tells whether a move is under way at t or within slack of it.
func (k *track) moving(t, slack float64) bool {
	for _, m := range k.moves {
		if t > m.start-slack && t < m.start+m.dur+slack {
			return true
		}
	}
	return false
}

// Range is a stretch of the film, seconds of media time.
type Range = annotate.Range

// actor is one of the two people.
type actor struct {
	role       annotate.Role
	model      int // in models
	voice      string
	key        uint64  // of the small movements
	eye        float64 // distance of the eyes in the picture, pixels
	build      float64 // unit of the body, about an eye distance: follows the face's width
	y          float64 // height of the head's pivot in the picture
	x          track   // place of the pivot
	yaw, pitch track
	shirt      rgb // colour of the clothes
	toy        rgb // of the toy in the hand
	head       *head
}

// pose is the head's true direction at t: the scripted one and the small
// movements of someone who is alive.
func (a *actor) pose(t float64) annotate.Pose {
	return annotate.Pose{
		Yaw:   a.yaw.at(t) + 1.7*wander(a.key, 0.5, t) + 0.6*wander(a.key+1, 1.7, t),
		Pitch: a.pitch.at(t) + 1.6*wander(a.key+2, 0.6, t) + 0.6*wander(a.key+3, 1.9, t),
		Roll:  2.2*wander(a.key+4, 0.4, t) + 0.4*wander(a.key+5, 1.5, t),
	}
}

// place is the head's pivot at t, with a little sway and the bobbing of a walk.
func (a *actor) place(t float64) point {
	p := point{a.x.at(t) + 4*wander(a.key+6, 0.35, t), a.y + 3*wander(a.key+7, 0.4, t)}
	if a.x.moving(t, 0) {
		speed := math.Abs(a.x.at(t+0.05)-a.x.at(t-0.05)) / 0.1
		p.Y -= min(10, speed*0.03) * math.Abs(math.Sin(5.5*t))
	}
	return p
}

// box is the true box of the face at t, pixels of the stage.
func (a *actor) box(t float64) annotate.Box {
	p := a.place(t)
	return a.head.faceBox(a.pose(t), p.X, p.Y, a.eye)
}

// faceWidth is the width of the face's box from the front, pixels.
func (a *actor) faceWidth() float64 { return a.eye * a.head.faceW }

// play is a stretch in which hands move toys: between the two, or each before
// themselves, or each at the side that is away from the other.
type play struct {
	Range
	together bool
	aside    bool
}

// cover is a stretch in which a hand hides a face: it comes, hides it fully in
// full, and goes.
type cover struct {
	Range
	full Range
	who  int
}

// raised is how far the hand has come at t: 0 out of sight, 1 before the face.
func (c cover) raised(t float64) float64 {
	return min(smooth((t-c.StartS)/(c.full.StartS-c.StartS)), smooth((c.EndS-t)/(c.EndS-c.full.EndS)))
}

// utterance is a stretch of speech of one actor, a row of the RTTM.
type utterance struct {
	Range
	who int
}

// excerpt is a piece of the real conversation put into the film.
type excerpt struct {
	from, to float64 // in the conversation, seconds
	at       float64 // in the film
}

// Episode is something planted, for sample.truth.json.
type Episode struct {
	Name   string  `json:"name"`
	StartS float64 `json:"start_s"`
	EndS   float64 `json:"end_s"`
	Who    string  `json:"who,omitempty"` // who began it, who left, whose face is hidden
}

// Script is a film before it is drawn: every signal, exactly.
type Script struct {
	Seed      uint64
	Duration  float64 // seconds
	view      view
	rate      int // frames a second
	crf       int // how coarsely frames are coded
	actors    [2]actor
	absent    [2]bool // of the actors, who is not in this film at all
	guest     *actor  // a third person, behind the two
	screen    *screen // a television
	photos    []photo // on the wall
	camera    func(t float64) aim
	joint     bool // joint attention and reunions are in the truth
	household bool // what is heard in a home is in the sound
	lens      lens // nil: frames are as they are drawn
	front     int  // of the actors, who passes before the other
	room      uint64
	plays     []play
	covers    []cover
	speech    []utterance
	excerpts  []excerpt
	Episodes  []Episode
}

// meanFace is the mean width of the two faces from the front, pixels: the unit
// of distances.
func (s *Script) meanFace() float64 {
	return (s.actors[0].faceWidth() + s.actors[1].faceWidth()) / 2
}

// side is +1 where the other one is to the picture's right of actor i, else -1.
func (s *Script) side(i int, t float64) float64 {
	if s.actors[1-i].x.at(t) >= s.actors[i].x.at(t) {
		return 1
	}
	return -1
}
