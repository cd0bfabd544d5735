package decode

import (
	"context"
	"fmt"

	"github.com/asticode/go-astiav"
)

// demuxed feeds from FFmpeg's demuxer: any container.
type demuxed struct {
	s     *Source
	fc    *astiav.FormatContext
	pkt   *astiav.Packet
	next  int  // the packet that reading on gives, -1 where unknown
	holds bool // pkt is packet next already, read while looking for it
	known int  // streams seen so far
}

func newDemuxed(s *Source) (feed, error) {
	d := &demuxed{s: s, pkt: newPacket()}
	if err := d.reopen(); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *demuxed) close() {
	freeFormat(d.fc)
	freePacket(d.pkt)
}

func (d *demuxed) packet(ctx context.Context, i int) (*astiav.Packet, error) {
	if err := d.skipTo(ctx, i); err != nil {
		return nil, err
	}
	return d.pkt, d.expect(ctx, i)
}

func (d *demuxed) distance(i int) int {
	if d.next < 0 || d.next > i {
		return len(d.s.video.marks)
	}
	return i - d.next
}

// reopen starts the file from its first packet.
func (d *demuxed) reopen() error {
	freeFormat(d.fc)
	d.fc = nil
	fc, err := openInput(d.s.path)
	if err != nil {
		return fmt.Errorf("opening %s again: %w: %w", d.s.path, errGone, err)
	}
	d.fc, d.next, d.known, d.holds = fc, 0, 0, false
	return nil
}

// read gets the track's next packet. Damaged stretches of the file are stepped
// over as the scan did.
func (d *demuxed) read(ctx context.Context) error {
	err := nextPacket(ctx, d.fc, d.pkt, d.s.video.stream, &d.known)
	if err != nil {
		d.next = -1
	}
	return err
}

// nextPacket reads the next packet of one stream, and has those left out that the
// file brings besides; known is how many streams were seen so far.
func nextPacket(ctx context.Context, fc *astiav.FormatContext, pkt *astiav.Packet, stream int, known *int) error {
	for n := 0; ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if k := fc.NbStreams(); k != *known {
			only(fc, stream)
			*known = k
		}
		pkt.Unref()
		if err := fc.ReadFrame(pkt); err != nil {
			return err
		}
		if pkt.StreamIndex() == stream {
			return nil
		}
	}
}

// skipBytes is how much is read over rather than sought over.
const skipBytes = 1 << 20

// enter makes the next read give packet i, or tells why not.
func (d *demuxed) enter(ctx context.Context, i int) error {
	if d.next >= 0 && d.next <= i && d.bytesBetween(d.next, i) <= skipBytes {
		if err := d.skipTo(ctx, i); err == nil || ctx.Err() != nil {
			return err
		}
	}
	if i > 0 {
		for _, back := range []float64{0, 1, 10} {
			if !d.seek(ctx, i, back) {
				continue
			}
			if err := d.meet(ctx, i); err == nil || ctx.Err() != nil {
				return err
			}
		}
	}
	if d.s.outOfReach(i) {
		return fmt.Errorf("packet %d: %w", i, errStray)
	}
	if err := d.reopen(); err != nil {
		return err
	}
	err := d.skipTo(ctx, i)
	if err != nil && ctx.Err() == nil {
		d.s.cutOff(i)
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
func (d *demuxed) bytesBetween(a, b int) int {
	sum := 0
	for ; a < b && sum <= skipBytes; a++ {
		sum += d.s.video.marks[a].size
	}
	return sum
}

// skipTo reads up to packet i; the packets on the way must be those expected.
func (d *demuxed) skipTo(ctx context.Context, i int) error {
	for n := d.next; n < i; n++ {
		if err := d.expect(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// expect reads packet i, which must be the next one.
func (d *demuxed) expect(ctx context.Context, i int) error {
	if d.next == i && d.holds {
		d.holds, d.next = false, i+1
		return nil
	}
	if err := d.read(ctx); err != nil {
		return err
	}
	if d.pkt.Size() != d.s.video.marks[i].size {
		d.next = -1
		return fmt.Errorf("packet %d: %w", i, errStray)
	}
	d.next = i + 1
	return nil
}

// seek moves to seconds before packet i, by bytes where the container can only
// be searched by times.
func (d *demuxed) seek(ctx context.Context, i int, back float64) bool {
	v := d.s.video
	m := v.marks[i]
	d.next, d.holds = -1, false
	if d.fc.NbStreams() <= v.stream && d.read(ctx) != nil {
		return false
	}
	if v.byteSeek && m.pos >= 0 {
		pos := max(0, m.pos-int64(back*float64(skipBytes)))
		return d.fc.SeekFrame(v.stream, pos, astiav.NewSeekFlags(astiav.SeekFlagByte)) == nil
	}
	ts := m.pts
	if ts == noTime {
		ts = m.dts
	}
	if ts == noTime {
		return false
	}
	ts -= int64(back * float64(v.index.Base.Den) / float64(v.index.Base.Num))
	return d.fc.SeekFrame(v.stream, ts, astiav.NewSeekFlags(astiav.SeekFlagBackward)) == nil
}

// meet reads until packet i comes and holds it for the next expect.
func (d *demuxed) meet(ctx context.Context, i int) error {
	want := d.s.video.marks[i]
	for {
		if err := d.read(ctx); err != nil {
			return err
		}
		got := markOf(d.pkt)
		if got.matches(want) {
			d.next, d.holds = i, true
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
