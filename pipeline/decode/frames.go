package decode

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"dyade/annotate/timecode"
	"dyade/pipeline/decode/plan"
)

// Quality is how faithfully pictures are decoded.
type Quality int

// Qualities. Both give the same pictures at the same times; Fast leaves out the
// deblocking of H.264 and HEVC, which faces at the networks' small sizes do not
// miss.
const (
	Exhaustive Quality = iota
	Fast
)

// Options are how pictures are wanted.
type Options struct {
	Width   int // of the upright picture, pixels; 0: its own. Never above its own, always even
	Quality Quality
	// Hardware decodes where it can; nil: software alone, whose pixels are the same
	// everywhere.
	Hardware *Hardware
}

// Frame is one decoded picture, upright.
type Frame struct {
	At            timecode.Instant // the picture's own time stamp, media time
	Width, Height int
	Pix           []byte // packed BGR, row by row without padding; valid until yield returns
	Concealed     bool   // damaged: the decoder put in what it missed from pictures around it
}

// Frames decodes the chunk and gives its wanted pictures by strictly ascending
// time. It returns the times of those that could not be had: damaged pictures do
// not end it, yield's first error and ctx's do. Several calls may run at once,
// each using one core.
func (s *Source) Frames(ctx context.Context, c plan.Chunk, o Options, yield func(Frame) error) (lost []timecode.Instant, err error) {
	if s.video == nil || len(c.Runs) == 0 {
		return nil, ctx.Err()
	}
	r, err := s.begin(ctx, c.Runs[0].From, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if errors.Is(err, errGone) {
			r.close()
		} else {
			s.giveBack(r)
		}
	}()
	if err := r.refresh(); err != nil {
		return nil, err
	}
	for _, run := range c.Runs {
		d := s.deliver(r, run, o, yield)
		err := d.decode(ctx, o)
		if errors.Is(err, errDevice) {
			err = d.repeat(ctx, o)
			r = d.r
		}
		if err != nil {
			return nil, fmt.Errorf("decoding %s from %s: %w", s.path, s.video.index.Time(run.From).Format(), err)
		}
		lost = append(lost, d.lost...)
	}
	return lost, nil
}

func (s *Source) deliver(r *reader, run plan.Run, o Options, yield func(Frame) error) *delivery {
	d := &delivery{r: r, run: run, yield: yield}
	d.w, d.h = sizeAt(s.recording.Video.Width, s.recording.Video.Height, o.Width)
	return d
}

// sizeAt is the size, even both ways, of a w×h picture given at a width.
func sizeAt(w, h, width int) (int, int) {
	if width > 0 && width < w {
		w, h = width, (h*width+w/2)/w
	}
	return max(2, w&^1), max(2, (h+1)&^1)
}

// borrow takes the device's or software's idle reader that is nearest before
// packet from, or opens one.
func (s *Source) borrow(from int, on device) (*reader, error) {
	s.mu.Lock()
	best := -1
	for n, r := range s.idle {
		if r.on == on && (best < 0 || r.feed.distance(from) < s.idle[best].feed.distance(from)) {
			best = n
		}
	}
	if best < 0 {
		s.mu.Unlock()
		return s.newReader(on)
	}
	r := s.idle[best]
	s.idle = slices.Delete(s.idle, best, best+1)
	s.mu.Unlock()
	return r, nil
}

func (s *Source) giveBack(r *reader) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, r)
}

// delivery puts a run's pictures in order.
type delivery struct {
	r       *reader
	run     plan.Run
	yield   func(Frame) error
	w, h    int
	next    int           // wanted pictures settled
	waiting map[int]Frame // pictures that came before an earlier one, by their place in run.Wanted
	lost    []timecode.Instant
}

// maxWaiting pictures are kept for one that is late: more than the deepest
// reordering that codecs allow.
const maxWaiting = 17

// decode gives the run's pictures.
func (d *delivery) decode(ctx context.Context, o Options) error {
	err := d.r.decode(ctx, d.run, o.Quality == Fast, d.take)
	if err != nil {
		return err
	}
	if d.r.on != nil && d.missing() > 0 {
		return errDevice
	}
	for d.next < len(d.run.Wanted) {
		if err := d.settle(); err != nil {
			return err
		}
	}
	return nil
}

// take receives the picture of a packet from the decoder.
func (d *delivery) take(packet int) error {
	place := d.place(packet)
	if place < d.next || d.waiting[place].Pix != nil {
		return nil // not wanted, or settled already
	}
	f, err := d.picture()
	switch {
	case err == nil:
		if d.waiting == nil {
			d.waiting = map[int]Frame{}
		}
		d.waiting[place] = f
	case d.r.on != nil:
		return errDevice
	} // else it cannot be scaled, and is lost
	for d.waiting[d.next].Pix != nil || len(d.waiting) > maxWaiting {
		if d.waiting[d.next].Pix == nil && d.r.on != nil {
			return errDevice
		}
		if err := d.settle(); err != nil {
			return err
		}
	}
	return nil
}

// place is the packet's place in the run's wanted ones, -1 where it has none.
func (d *delivery) place(packet int) int {
	packets := d.r.s.video.index.Packets
	if packet < d.run.From || packet >= d.run.To {
		return -1
	}
	place, ok := slices.BinarySearchFunc(d.run.Wanted, packet, func(a, b int) int {
		switch pa, pb := packets[a].PTS, packets[b].PTS; {
		case pa < pb:
			return -1
		case pa > pb:
			return 1
		}
		return a - b
	})
	if !ok {
		return -1
	}
	return place
}

// settle yields the next wanted picture, or counts it as lost.
func (d *delivery) settle() error {
	at := d.r.s.video.index.Time(d.run.Wanted[d.next])
	f := d.waiting[d.next]
	delete(d.waiting, d.next)
	d.next++
	if f.Pix == nil {
		d.lost = append(d.lost, at)
		return nil
	}
	f.At = at
	err := d.yield(f)
	d.r.spare = append(d.r.spare, f.Pix)
	return err
}

// picture scales and turns the reader's frame to packed BGR of the wanted size.
func (d *delivery) picture() (Frame, error) {
	f := Frame{Width: d.w, Height: d.h, Concealed: concealed(d.r.frame)}
	if n := len(d.r.spare); n > 0 {
		f.Pix, d.r.spare = d.r.spare[n-1], d.r.spare[:n-1]
	}
	if len(f.Pix) != d.w*d.h*3 {
		f.Pix = make([]byte, d.w*d.h*3)
	}
	frame, err := d.r.inMemory()
	if err != nil {
		return Frame{}, err
	}
	return f, d.r.scale.upright(frame, d.r.s.video.turn, d.w, d.h, f.Pix)
}
