package decode

import (
	"context"
	"errors"
	"fmt"

	"github.com/asticode/go-astiav"

	"dyade/pipeline/decode/plan"
)

// reader decodes pictures of one source, for one goroutine at a time.
type reader struct {
	s      *Source
	on     device // nil: software
	fc     *astiav.FormatContext
	cc     *astiav.CodecContext
	pkt    *astiav.Packet
	frame  *astiav.Frame
	landed *astiav.Frame // the picture that a device gave, in main memory
	next   int           // the packet that reading on gives, -1 where unknown
	holds  bool          // pkt is packet next already, read while looking for it
	known  int           // streams seen so far
	used   bool          // cc has decoded something
	scale  scaler
	spare  [][]byte // pictures that were yielded
}

func (s *Source) newReader(on device) (*reader, error) {
	r := &reader{s: s, on: on, pkt: newPacket(), frame: newFrame(), landed: newFrame(), next: -1}
	if err := r.reopen(); err != nil {
		r.close()
		return nil, err
	}
	if err := r.renew(); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// renew puts a new decoder in the place of the one there is.
func (r *reader) renew() error {
	open := openDecoder
	if r.on != nil {
		open = r.on.decoder
	}
	cc, err := open(r.s.video.params)
	if err != nil {
		return fmt.Errorf("opening a decoder for the pictures of %s: %w", r.s.path, err)
	}
	freeCodec(r.cc)
	r.cc, r.used = cc, false
	return nil
}

// openDecoder opens a decoder with one thread: parallel work is by chunks.
func openDecoder(params *astiav.CodecParameters) (*astiav.CodecContext, error) {
	codec := astiav.FindDecoder(params.CodecID())
	if codec == nil {
		return nil, astiav.ErrDecoderNotFound
	}
	return openCodec(codec, params, func(*astiav.CodecContext) error { return nil })
}

// openCodec opens one decoder of a codec, prepared for what decodes it.
func openCodec(codec *astiav.Codec, params *astiav.CodecParameters, prepare func(*astiav.CodecContext) error) (*astiav.CodecContext, error) {
	cc := astiav.AllocCodecContext(codec)
	live[liveCodec].Add(1)
	options := astiav.NewDictionary()
	defer options.Free()
	err := errors.Join(params.ToCodecContext(cc), prepare(cc))
	for _, o := range [][2]string{{"threads", "1"}, {"max_pixels", fmt.Sprint(maxPixels)}} {
		err = errors.Join(err, options.Set(o[0], o[1], 0))
	}
	if err == nil {
		err = cc.Open(codec, options)
	}
	if err != nil {
		freeCodec(cc)
		return nil, err
	}
	return cc, nil
}

// reopen starts the file from its first packet.
func (r *reader) reopen() error {
	freeFormat(r.fc)
	r.fc = nil
	fc, err := openInput(r.s.path)
	if err != nil {
		return fmt.Errorf("opening %s again: %w: %w", r.s.path, errGone, err)
	}
	r.fc, r.next, r.known, r.holds = fc, 0, 0, false
	return nil
}

func (r *reader) close() {
	r.scale.close()
	freeCodec(r.cc)
	freeFormat(r.fc)
	freeFrame(r.frame)
	freeFrame(r.landed)
	freePacket(r.pkt)
}

// read gets the track's next packet. Damaged stretches of the file are stepped
// over as the scan did.
func (r *reader) read(ctx context.Context) error {
	for n := 0; ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if k := r.fc.NbStreams(); k != r.known {
			only(r.fc, r.s.video.stream)
			r.known = k
		}
		r.pkt.Unref()
		if err := r.fc.ReadFrame(r.pkt); err != nil {
			r.next = -1
			return err
		}
		if r.pkt.StreamIndex() == r.s.video.stream {
			return nil
		}
	}
}

// skipBytes is how much is read over rather than sought over.
const skipBytes = 1 << 20

// enter makes the next read give packet i, or tells why not.
func (r *reader) enter(ctx context.Context, i int) error {
	if r.next >= 0 && r.next <= i && r.bytesBetween(r.next, i) <= skipBytes {
		if err := r.skipTo(ctx, i); err == nil || ctx.Err() != nil {
			return err
		}
	}
	if i > 0 {
		for _, back := range []float64{0, 1, 10} {
			if !r.seek(ctx, i, back) {
				continue
			}
			if err := r.meet(ctx, i); err == nil || ctx.Err() != nil {
				return err
			}
		}
	}
	if r.s.outOfReach(i) {
		return fmt.Errorf("packet %d: %w", i, errStray)
	}
	if err := r.reopen(); err != nil {
		return err
	}
	err := r.skipTo(ctx, i)
	if err != nil && ctx.Err() == nil {
		r.s.cutOff(i)
	}
	return err
}

// outOfReach tells whether reading from the start is known not to come to packet
// i: a damaged file may take seconds to open.
func (s *Source) outOfReach(i int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.video.beyond > 0 && i >= s.video.beyond
}

// cutOff notes that it does not.
func (s *Source) cutOff(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.video.beyond == 0 || i < s.video.beyond {
		s.video.beyond = i
	}
}

// bytesBetween is how many bytes of the track lie from packet a to packet b,
// capped.
func (r *reader) bytesBetween(a, b int) int {
	sum := 0
	for ; a < b && sum <= skipBytes; a++ {
		sum += r.s.video.marks[a].size
	}
	return sum
}

// skipTo reads up to packet i; the packets on the way must be those expected.
func (r *reader) skipTo(ctx context.Context, i int) error {
	for n := r.next; n < i; n++ {
		if err := r.expect(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// expect reads packet i, which must be the next one.
func (r *reader) expect(ctx context.Context, i int) error {
	if r.next == i && r.holds {
		r.holds, r.next = false, i+1
		return nil
	}
	if err := r.read(ctx); err != nil {
		return err
	}
	if r.pkt.Size() != r.s.video.marks[i].size {
		r.next = -1
		return fmt.Errorf("packet %d: %w", i, errStray)
	}
	r.next = i + 1
	return nil
}

var (
	errStray = errors.New("another packet than the index has")
	errGone  = errors.New("it was there before; plug its disk in again")
)

// seek moves to seconds before packet i, by bytes where the container can only
// be searched by times.
func (r *reader) seek(ctx context.Context, i int, back float64) bool {
	v := r.s.video
	m := v.marks[i]
	r.next, r.holds = -1, false
	if r.fc.NbStreams() <= v.stream && r.read(ctx) != nil {
		return false
	}
	if v.byteSeek && m.pos >= 0 {
		pos := max(0, m.pos-int64(back*float64(skipBytes)))
		return r.fc.SeekFrame(v.stream, pos, astiav.NewSeekFlags(astiav.SeekFlagByte)) == nil
	}
	ts := m.pts
	if ts == noTime {
		ts = m.dts
	}
	if ts == noTime {
		return false
	}
	ts -= int64(back * float64(v.index.Base.Den) / float64(v.index.Base.Num))
	return r.fc.SeekFrame(v.stream, ts, astiav.NewSeekFlags(astiav.SeekFlagBackward)) == nil
}

// meet reads until packet i comes and holds it for the next expect.
func (r *reader) meet(ctx context.Context, i int) error {
	want := r.s.video.marks[i]
	for {
		if err := r.read(ctx); err != nil {
			return err
		}
		got := markOf(r.pkt)
		if got.matches(want) {
			r.next, r.holds = i, true
			return nil
		}
		if got.past(want) {
			return fmt.Errorf("packet %d: %w", i, errStray)
		}
	}
}

// past tells whether m lies behind the packet looked for.
func (m mark) past(want mark) bool {
	if m.pos >= 0 && want.pos >= 0 {
		return m.pos > want.pos
	}
	return m.dts != noTime && want.dts != noTime && m.dts > want.dts
}

// decode decodes a run and gives its pictures with their packets, in the order
// in which the decoder does. What is damaged is missed, without an error: errors
// are give's, ctx's, and that of a file that is gone.
func (r *reader) decode(ctx context.Context, run plan.Run, fast bool, give func(packet int) error) error {
	if err := r.enter(ctx, run.From); err != nil {
		if ctx.Err() != nil || errors.Is(err, errGone) {
			return err
		}
		return nil
	}
	skipLoopFilter(r.cc, fast)
	trustAll(r.cc, false)
	r.used = true
	flushDecoder(r.cc)
	defer flushDecoder(r.cc)
	for n, fed := range run.Fed(r.s.video.index) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		i := run.From + n
		if r.expect(ctx, i) != nil {
			break
		}
		if !fed {
			continue
		}
		// The packet's number travels through the decoder as its time.
		r.pkt.SetPts(int64(i))
		r.pkt.SetDts(int64(i))
		if r.cc.SendPacket(r.pkt) != nil {
			continue // damaged
		}
		if n == 0 && r.s.video.index.Packets[i].Key {
			trustAll(r.cc, true)
		}
		if err := r.receive(give); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.drain(give)
}

func (r *reader) drain(give func(int) error) error {
	if r.cc.SendPacket(nil) == nil {
		return r.receive(give)
	}
	return nil // nothing inside
}

// receive gives what the decoder has ready. Its own errors concern single
// pictures: those are missed by who wants them.
func (r *reader) receive(give func(int) error) error {
	const hopeless = 64 // errors in a row, against decoders that never end
	for failed := 0; failed < hopeless; {
		err := r.cc.ReceiveFrame(r.frame)
		switch {
		case errors.Is(err, astiav.ErrEagain), errors.Is(err, astiav.ErrEof):
			return nil
		case err != nil:
			failed++
			continue
		}
		err = give(int(r.frame.Pts()))
		r.frame.Unref()
		if err != nil {
			return err
		}
	}
	return nil
}
