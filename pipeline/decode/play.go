package decode

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/asticode/go-astiav"

	"dyade/annotate/timecode"
)

// Picture is one decoded picture as it is shown, upright, in square pixels.
type Picture struct {
	At            timecode.Instant // its own time stamp, media time
	Until         timecode.Instant // when the next is due
	Width, Height int              // both even
	Planes        []byte           // brightness, then both colour differences half as wide and high; valid until yield returns
	Colours       Colours
}

// PlayOptions are what is played, and how.
type PlayOptions struct {
	From, To timecode.Instant // media time; To of no base: to the end
	Side     int              // the longest of a picture, at most; 0: its own
	// Width and Height of pictures, both even, whatever their own; 0: as Side says.
	Width, Height int
	Plain         bool // colours are of BT.709 and ordinary range, whatever the film's own
	Threads       int  // that decode; 0: one for each core
}

// Play decodes a film in one go and gives its pictures by strictly ascending time:
// the one that is shown at From first, then all that follow before To. What is
// damaged is missed, without an error. Errors are yield's, ctx's, and that of a
// file that is gone.
func (s *Source) Play(ctx context.Context, o PlayOptions, yield func(Picture) error) error {
	if s.video == nil {
		return ctx.Err()
	}
	p := &player{s: s, yield: yield, frame: newFrame(), waiting: map[int]Picture{}}
	defer p.close()
	if p.choose(o); len(p.wanted) == 0 {
		return ctx.Err()
	}
	if p.w, p.h = o.Width, o.Height; p.w == 0 {
		p.w, p.h = Within(s.recording.Video.Width, s.recording.Video.Height, o.Side)
	}
	p.scale.plain = o.Plain
	err := p.open(o.Threads)
	if err == nil {
		err = p.play(ctx)
	}
	if err != nil {
		return fmt.Errorf("playing %s from %s: %w", s.path, s.video.index.Time(p.wanted[0]).Format(), err)
	}
	return nil
}

// Within is the size, even both ways, of a w×h picture no side of which is longer
// than side; 0: however long.
func Within(w, h, side int) (int, int) {
	if longest := max(w, h); side > 0 && longest > side {
		w, h = (w*side+longest/2)/longest, (h*side+longest/2)/longest
	}
	return sizeAt(w, h, 0)
}

type player struct {
	s     *Source
	yield func(Picture) error
	feed  feed
	cc    *astiav.CodecContext
	frame *astiav.Frame
	scale planar
	w, h  int

	wanted   []int // packets, by the time at which they are shown
	from, to int   // packets that are read
	isWanted []bool
	next     int             // of wanted, the first that is not settled
	waiting  map[int]Picture // those that came before an earlier one, by their place in wanted
	spare    [][]byte
}

// choose finds which packets are wanted, and which are to be read for that.
func (p *player) choose(o PlayOptions) {
	ix := p.s.video.index
	shown := ix.Shown()
	after := func(t timecode.Instant) int {
		return sort.Search(len(shown), func(n int) bool { return ix.Time(shown[n]).Compare(t) > 0 })
	}
	first, last := 0, len(shown)
	if o.From.Base.Valid() {
		first = max(0, after(o.From)-1)
	}
	if o.To.Base.Valid() {
		last = sort.Search(len(shown), func(n int) bool { return ix.Time(shown[n]).Compare(o.To) >= 0 })
	}
	if first >= last || ended(ix.End-ix.Origin, ix.Base, o.From) {
		return
	}
	p.wanted = shown[first:last]
	start, end := ix.Packets[p.wanted[0]].PTS, slices.Max(p.wanted)
	for i := p.wanted[0]; i >= 0; i-- {
		if ix.Packets[i].Key && ix.Packets[i].PTS <= start {
			p.from = i
			break
		}
	}
	p.to = end + 1
	p.isWanted = make([]bool, p.to)
	for _, i := range p.wanted {
		p.isWanted[i] = true
	}
}

// ended tells whether nothing is shown any more at a time.
func ended(end int64, base timecode.Base, at timecode.Instant) bool {
	return at.Base.Valid() && timecode.Instant{Ticks: end, Base: base}.Compare(at) <= 0
}

func (p *player) open(threads int) (err error) {
	params := p.s.video.params
	codec := astiav.FindDecoder(params.CodecID())
	if codec == nil {
		return astiav.ErrDecoderNotFound
	}
	if p.cc, err = openCodec(codec, params, threads, func(*astiav.CodecContext) error { return nil }); err != nil {
		return fmt.Errorf("opening a decoder: %w", err)
	}
	p.feed, err = p.s.newFeed()
	return err
}

func (p *player) close() {
	p.scale.close()
	freeCodec(p.cc)
	if p.feed != nil {
		p.feed.close()
	}
	freeFrame(p.frame)
}

func (p *player) play(ctx context.Context) error {
	ix := p.s.video.index
	trustAll(p.cc, false)
	err := p.feed.enter(ctx, p.from)
	for i := p.from; i < p.to; i++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var pkt *astiav.Packet
		if err == nil {
			if ix.Packets[i].Droppable && !p.isWanted[i] {
				continue
			}
			pkt, err = p.feed.packet(ctx, i)
		}
		if errors.Is(err, errGone) {
			return err
		}
		if err != nil { // go on at the next key that there is
			if i = p.keyAfter(i); i < p.to {
				err = p.feed.enter(ctx, i)
				i--
			}
			continue
		}
		// The packet's number travels through the decoder as its time.
		pkt.SetPts(int64(i))
		pkt.SetDts(int64(i))
		if p.cc.SendPacket(pkt) != nil {
			continue // damaged
		}
		if ix.Packets[i].Key {
			trustAll(p.cc, true)
		}
		if err := receive(p.cc, p.frame, p.take); err != nil {
			return err
		}
	}
	if p.cc.SendPacket(nil) == nil {
		if err := receive(p.cc, p.frame, p.take); err != nil {
			return err
		}
	}
	return p.settle(len(p.wanted))
}

func (p *player) keyAfter(i int) int {
	packets := p.s.video.index.Packets
	i++
	for i < p.to && !packets[i].Key {
		i++
	}
	return i
}

// take gives a packet's picture on, or has it wait for an earlier one.
func (p *player) take(packet int) error {
	if packet < 0 || packet >= p.to || !p.isWanted[packet] {
		return nil
	}
	packets := p.s.video.index.Packets
	place := sort.Search(len(p.wanted), func(n int) bool { return packets[p.wanted[n]].PTS >= packets[packet].PTS })
	if place < p.next || place == len(p.wanted) {
		return nil
	}
	if _, twice := p.waiting[place]; twice {
		return nil
	}
	pic := Picture{Width: p.w, Height: p.h}
	if n := len(p.spare); n > 0 {
		pic.Planes, p.spare = p.spare[n-1], p.spare[:n-1]
	} else {
		pic.Planes = make([]byte, p.w*p.h*3/2)
	}
	if !p.scaled(&pic) {
		return nil // it is missed, as a damaged one is
	}
	p.waiting[place] = pic
	if place == p.next {
		return p.settle(place + 1)
	}
	if len(p.waiting) > maxWaiting {
		return p.settle(p.earliest() + 1)
	}
	return nil
}

// scaled makes a picture of the frame; false where that cannot be scaled.
func (p *player) scaled(pic *Picture) bool {
	var err error
	pic.Colours, err = p.scale.planes(p.frame, p.s.video.turn, p.w, p.h, pic.Planes)
	return err == nil
}

func (p *player) earliest() int {
	least := math.MaxInt
	for place := range p.waiting {
		least = min(least, place)
	}
	return least
}

// settle gives the pictures before a place, and those that follow without a gap.
func (p *player) settle(before int) error {
	ix := p.s.video.index
	for ; p.next < len(p.wanted); p.next++ {
		pic, ok := p.waiting[p.next]
		if !ok && p.next >= before {
			return nil
		}
		if !ok {
			continue
		}
		delete(p.waiting, p.next)
		pic.At = ix.Time(p.wanted[p.next])
		pic.Until = timecode.Instant{Ticks: ix.End - ix.Origin, Base: ix.Base}
		if p.next+1 < len(p.wanted) {
			pic.Until = ix.Time(p.wanted[p.next+1])
		}
		err := p.yield(pic)
		p.spare = append(p.spare, pic.Planes)
		if err != nil {
			return err
		}
	}
	return nil
}
