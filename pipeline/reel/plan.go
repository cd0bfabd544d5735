package reel

import (
	"cmp"
	"math"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/pipeline/decode"
	"dyade/pipeline/encode/h264"
)

// plan is all that is known of a reel before it is made.
type plan struct {
	reel          annotate.Reel
	scale         int64 // ticks of a second
	width, height int
	colours       decode.Colours
	plain         bool    // films' colours differ: all become the reel's
	fps           float64 // of where the most pictures come
	pieces        []*piece
	end           int64      // ticks
	sets          *h264.Sets // of pictures that are copied; nil: none are
}

// piece is a part as it is made.
type piece struct {
	part       annotate.Part
	number     int              // of the part, from 0
	film       *film            // nil: of a card
	from, to   timecode.Instant // of the film
	shots      []shot
	start, end int64 // ticks of the reel
	stretches  []stretch
	sounds     []span
}

// shot is a picture of the reel.
type shot struct {
	at     int64 // ticks of the reel
	until  int64
	packet int     // of the film; -1: there is none, all is dark
	held   bool    // it was shown already: it goes on
	share  float32 // of its light
}

// stretch is shots, to excluded, that are copied, and their packets.
type stretch struct {
	from, to             int
	fromPacket, toPacket int
}

// span is a stretch of sound.
type span struct {
	start, end int64   // ticks of the reel
	from, to   float64 // seconds from where the part begins in its film
	silent     bool
	opens      bool // there is silence before
	closes     bool // and after
}

// Of the reel's clock: finer than a film's that ticks once a picture, and such that its
// ticks are still counted in 32 bits for an hour.
const (
	leastScale = 12_800
	mostScale  = 1_000_000
)

// scaleOf is a clock that films' times are exact on, where there is one.
func scaleOf(films []*film) int64 {
	scale := int64(1)
	for _, f := range films {
		ix := f.src.Index()
		if ix == nil {
			continue
		}
		den := ix.Base.Den
		scale /= common(scale, den)
		if den > mostScale || scale > mostScale/den {
			return mostScale
		}
		scale *= den
	}
	for scale < leastScale {
		scale *= 2
	}
	return scale
}

// common is the greatest divisor of both.
func common(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// newPlan plans a reel of open films.
func newPlan(r annotate.Reel, films map[string]*film, o Options) (*plan, error) {
	p := &plan{reel: r, width: 1280, height: 720, colours: decode.BT709}
	var used []*film // in the order in which they are seen
	seen := map[*film]bool{}
	for i, part := range r.Parts {
		x := &piece{part: part, number: i}
		if part.Cut != nil {
			x.film = films[part.Cut.Recording]
			if !seen[x.film] {
				used, seen[x.film] = append(used, x.film), true
			}
		}
		p.pieces = append(p.pieces, x)
	}
	p.scale = scaleOf(used)
	p.form(used, o.plain)
	for _, x := range p.pieces {
		x.start = p.end
		if err := p.lay(x); err != nil {
			return nil, err
		}
		p.end = x.end
		if p.seconds(p.end) > mostReel {
			return nil, &Unfit{Part: x.number + 1, Why: TooLong}
		}
	}
	p.fps = p.rate()
	if !o.Encode {
		p.chooseCopied(used)
	}
	return p, nil
}

// rate is how many pictures a second has where the most come: the encoder's limits are
// for that, as it is told that pictures come evenly, and stills' come seldom.
func (p *plan) rate() float64 {
	most := float64(stillEvery)
	for _, x := range p.pieces {
		if x.film == nil || x.film.width == 0 {
			continue
		}
		moving := 0
		for _, s := range x.shots {
			if !s.held {
				moving++
			}
		}
		most = max(most, float64(moving)/max(1, p.seconds(p.offset(x, x.to))))
	}
	return most
}

func (p *plan) seconds(ticks int64) float64 { return float64(ticks) / float64(p.scale) }

func (p *plan) base() timecode.Base { return timecode.Base{Num: 1, Den: p.scale} }

// form settles what the reel's pictures are like: as large as the largest film's.
func (p *plan) form(used []*film, plain bool) {
	largest := 0
	for _, f := range used {
		if f.width*f.height > largest {
			largest = f.width * f.height
			p.width, p.height = f.width, f.height
		}
	}
	first := true
	for _, f := range used {
		if f.width == 0 {
			continue
		}
		if first {
			p.colours, first = f.colours, false
		}
		plain = plain || !alike(p.colours, f.colours)
	}
	if plain {
		p.colours, p.plain = decode.BT709, true
	}
}

// alike tells whether the same numbers mean about the same.
func alike(a, b decode.Colours) bool { return a.Matrix == b.Matrix && a.Full == b.Full }

// lay finds the pictures and the sound of a piece, and its end.
func (p *plan) lay(x *piece) error {
	if c := x.part.Card; c != nil {
		x.end = x.start + p.ticks(c.Seconds)
		x.sounds = []span{{start: x.start, end: x.end, silent: true}}
		p.still(x, -1, x.start, x.end, false)
		p.settle(x)
		return nil
	}
	f, c := x.film, x.part.Cut
	if f.width == 0 {
		return p.layHeard(x)
	}
	first, last := f.at(c.Start), f.at(c.End)
	if first >= last {
		return &Unfit{Part: x.number + 1, Why: NoPicture}
	}
	x.from, x.to = f.time(first), f.until(last, c.End)
	w := p.warp(x)
	for n := first; n < last; n++ {
		s := p.offset(x, f.time(n))
		at := x.start + w.out(s)
		if k := len(x.shots); k > 0 {
			at = max(at, x.shots[k-1].at+1)
		}
		x.shots = append(x.shots, shot{at: at, packet: f.shown[n]})
		if s == w.freeze {
			// The first of the still is the picture itself; the last goes on as long as
			// it does in the film.
			p.still(x, f.shown[n], at, at+w.hold, true)
		}
	}
	x.end = max(x.start+w.out(p.offset(x, x.to)), x.shots[len(x.shots)-1].at+1)
	x.sounds = w.spans(p, x)
	p.settle(x)
	return nil
}

// layHeard lays a cut of which there is only sound.
func (p *plan) layHeard(x *piece) error {
	c := x.part.Cut
	x.from, x.to = c.Start, c.End
	if end := x.film.src.Recording().Duration; x.to.Compare(end) > 0 {
		x.to = end
	}
	if x.from.Compare(x.to) >= 0 {
		return &Unfit{Part: x.number + 1, Why: NoPicture}
	}
	w := p.warp(x)
	x.end = x.start + w.out(p.offset(x, x.to))
	x.sounds = w.spans(p, x)
	p.still(x, -1, x.start, x.end, false)
	p.settle(x)
	return nil
}

// longestRest, in seconds, is how long after a cut's end its last picture may go on: as
// long as it does in the film, unless that stands still.
const longestRest = 0.5

// until is when a cut ends whose pictures end before the last-th, and which was to end at
// a time.
func (f *film) until(last int, end timecode.Instant) timecode.Instant {
	t := f.time(last)
	if t.Seconds() <= end.Seconds()+longestRest {
		return t
	}
	return end.In(t.Base)
}

func (p *plan) ticks(seconds float64) int64 {
	return max(1, int64(math.Round(seconds*float64(p.scale))))
}

// offset is a time of a piece's film, in ticks of the reel from where the piece begins.
func (p *plan) offset(x *piece, t timecode.Instant) int64 {
	return t.In(p.base()).Ticks - x.from.In(p.base()).Ticks
}

// Pictures of stills come so often, in parts of a second: televisions wait for none for
// long. While light changes they come as films' do.
const (
	stillEvery = 5
	fadeEvery  = 25
	fadeS      = 0.3 // seconds
)

// still adds pictures for a time; where one is held, its first is there already.
func (p *plan) still(x *piece, packet int, from, to int64, held bool) {
	fading := p.ticks(fadeS)
	for at := from; at < to; {
		if !held || at > from {
			x.shots = append(x.shots, shot{at: at, packet: packet, held: held})
		}
		step := p.scale / stillEvery
		if p.reel.Faded && (at < from+fading || at+step > to-fading) {
			step = p.scale / fadeEvery
		}
		at += step
	}
	if held {
		// What follows the still is the picture's own time in the film.
		x.shots = append(x.shots, shot{at: to, packet: packet, held: true})
	}
}

// settle settles how long each of a piece's shots is shown, and its light.
func (p *plan) settle(x *piece) {
	length := float64(min(p.ticks(fadeS), (x.end-x.start)/3))
	for i := range x.shots {
		s := &x.shots[i]
		s.share, s.until = 1, x.end
		if i+1 < len(x.shots) {
			s.until = x.shots[i+1].at
		}
		if !p.reel.Faded {
			continue
		}
		middle := float64(s.at+s.until) / 2
		s.share = float32(min(1, (middle-float64(x.start))/length, (float64(x.end)-middle)/length))
	}
}

// unchanged tells whether a shot is shown as the film has it.
func (x *piece) unchanged(s shot) bool {
	return s.packet >= 0 && !s.held && s.share == 1 && x.part.Cut.Caption == ""
}

// warp is how a piece's time goes in the reel's: slower from slow to fast, and not at
// all at freeze.
type warp struct {
	slow, fast   int64
	rate         float64
	freeze, hold int64
}

func (p *plan) warp(x *piece) warp {
	c, w := x.part.Cut, warp{rate: 1, freeze: -1}
	end := p.offset(x, x.to)
	if s := c.Slow; s != nil {
		w.slow, w.fast = max(0, p.offset(x, s.Start)), min(end, p.offset(x, s.End))
		w.rate = s.Rate
		if w.slow >= w.fast {
			w = warp{rate: 1, freeze: -1}
		}
	}
	if z := c.Freeze; z != nil && z.At.Compare(c.Start) >= 0 && z.At.Compare(x.to) < 0 {
		w.freeze, w.hold = p.offset(x, x.film.shownAt(z.At, x.from)), p.ticks(z.Seconds)
	}
	return w
}

// shownAt is when the picture came that is shown at a time; without pictures, that time.
func (f *film) shownAt(t, least timecode.Instant) timecode.Instant {
	if f.width == 0 {
		return t
	}
	n := f.at(t)
	if n == len(f.shown) || f.time(n).Compare(t) > 0 {
		n--
	}
	if n < 0 || f.time(n).Compare(least) < 0 {
		return least
	}
	return f.time(n)
}

// out is when what comes at an offset comes in the reel, from the piece's start.
func (w warp) out(at int64) int64 {
	out := at
	if at > w.slow && w.rate < 1 {
		within := min(at, w.fast) - w.slow
		out = at - within + int64(math.Round(float64(within)/w.rate))
	}
	if w.freeze >= 0 && at > w.freeze {
		out += w.hold
	}
	return out
}

// spans are the piece's sound: silence while the picture stands still.
func (w warp) spans(p *plan, x *piece) (all []span) {
	end := p.offset(x, x.to)
	for at := int64(0); at < end; {
		next := end
		for _, turn := range []int64{w.slow, w.fast, w.freeze} {
			if turn > at {
				next = min(next, turn)
			}
		}
		start := x.start + w.out(at)
		if at == w.freeze {
			all = append(all, span{start: start, end: start + w.hold, silent: true})
			start += w.hold
		}
		all = append(all, span{
			start: start, end: x.start + w.out(next), from: p.seconds(at), to: p.seconds(next),
			opens: at == w.freeze, closes: next == w.freeze,
		})
		at = next
	}
	if n := len(all); n > 0 {
		all[n-1].end = cmp.Or(x.end, all[n-1].end)
	}
	return all
}
