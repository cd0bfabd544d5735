package decode

import (
	"context"
	"errors"
	"math"

	"github.com/asticode/go-astiav"

	"dyade/annotate/timecode"
	"dyade/pipeline/decode/plan"
)

// mark is what a packet is known by when it is met again after a seek.
type mark struct {
	pts, dts, pos int64 // as the demuxer gives them; noTime, -1: not given
	size          int
}

func markOf(p *astiav.Packet) mark {
	return mark{pts: p.Pts(), dts: p.Dts(), pos: p.Pos(), size: p.Size()}
}

// matches tells whether both marks are of one packet. Derived times differ after
// a seek in some containers, positions are missing in others.
func (m mark) matches(o mark) bool {
	if m.size != o.size {
		return false
	}
	samePTS := m.pts == o.pts
	if m.pos >= 0 && m.pos == o.pos {
		return samePTS || m.pts == noTime || o.pts == noTime
	}
	return samePTS && m.pts != noTime
}

// found is what one pass over the packets finds.
type found struct {
	video   videoScan
	audio   audioScan
	damaged bool // the pass ended before the end of the file
}

type videoScan struct {
	index  *plan.Index
	marks  []mark
	bits   bitstream
	layers []int // temporal layer of each droppable packet
	top    int   // highest temporal layer
	head   int   // bytes of each packet that are there when skimming, else 0
	deep   bool  // there was a picture that starts behind them
	laden  bool  // there was a packet with data that does not lie in it
	heads  bool  // such data was another header
}

type audioScan struct {
	packets    int
	start, end timecode.Instant // by a clock that runs on where the container's jumps back
	leapt      int64            // its ticks before it leapt ahead
	shifts     shifts
	marks      []soundMark // one a second
}

// shifts are ticks by which times are moved behind each place where the container's clock
// jumps back.
type shifts []int64

// after so many jumps.
func (s shifts) after(jumps int) int64 {
	if jumps == 0 {
		return 0
	}
	return s[jumps-1]
}

// soundMark is a packet at which hearing can begin.
type soundMark struct {
	pts, pos int64 // as the demuxer gives them
	jumps    int   // before it
}

func (v *videoScan) shown() int {
	if v.index == nil {
		return 0
	}
	return len(v.index.Shown())
}

func (f *found) anything() bool { return f.video.shown() > 0 || f.audio.packets > 0 }

// checkEvery is how many packets pass between two looks at the context.
const checkEvery = 64

// errDeep tells that skimming did not find all, and the file is to be read in
// full.
var errDeep = errors.New("its pictures start deep in their packets, or it is damaged")

// scan reads through the chosen tracks, or skims them where that does.
func scan(ctx context.Context, path string, fc *astiav.FormatContext, t tracks) (*found, error) {
	f := &found{}
	var keep []int
	if t.video != nil {
		keep = append(keep, t.video.Index())
		f.video.bits = newBitstream(t.video.CodecParameters())
		f.video.index = &plan.Index{Base: baseOf(t.video)}
	}
	if t.audio != nil {
		keep = append(keep, t.audio.Index())
		f.audio.start.Base, f.audio.end.Base = baseOf(t.audio), baseOf(t.audio)
	}
	only(fc, keep...)
	if skim(fc, t) {
		f.video.head = headBytes
	}
	pkt := newPacket()
	defer freePacket(pkt)
	for n := 0; ; n++ {
		if n%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		err := fc.ReadFrame(pkt)
		if errors.Is(err, astiav.ErrEof) {
			break
		}
		if err != nil {
			// Cut or damaged: what came before is the recording.
			f.damaged = true
			break
		}
		switch {
		case t.video != nil && pkt.StreamIndex() == t.video.Index():
			f.video.add(pkt)
		case t.audio != nil && pkt.StreamIndex() == t.audio.Index():
			f.audio.add(pkt)
		}
		pkt.Unref()
	}
	if f.video.head > 0 && (f.damaged || f.video.deep || len(f.video.marks) == 0) {
		return nil, errDeep
	}
	if t.video != nil {
		if err := f.video.finish(ctx, path, t.video); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (v *videoScan) add(p *astiav.Packet) {
	m, flags, data := markOf(p), p.Flags(), payload(p)
	skimmed := v.head > 0 && len(data) > v.head
	if skimmed {
		data = data[:v.head]
	}
	pic := v.bits.read(data)
	v.deep = v.deep || skimmed && !pic.slice
	if packetC(p).side_data_elems > 0 {
		v.laden = true
		// Where units lie behind start codes, headers are among them.
		v.heads = v.heads || v.bits.prefix > 0 && p.SideData(astiav.PacketSideDataTypeNewExtradata) != nil
	}
	v.marks = append(v.marks, m)
	v.layers = append(v.layers, pic.layer)
	v.top = max(v.top, pic.layer)
	v.index.Packets = append(v.index.Packets, plan.Packet{
		PTS: m.pts, DTS: m.dts, Duration: p.Duration(), Pos: m.pos, Size: m.size,
		Key:       flags.Has(astiav.PacketFlagKey) && !pic.gradual,
		Droppable: pic.droppable || flags.Has(flagDisposable),
		Hidden:    pic.invisible || flags.Has(astiav.PacketFlagDiscard),
		Clean:     pic.clean,
	})
}

// finish settles what only the whole track tells.
func (v *videoScan) finish(ctx context.Context, path string, st *astiav.Stream) error {
	packets := v.index.Packets
	for i := range packets {
		// Pictures of a lower layer may be predicted from in higher ones.
		if packets[i].Droppable && v.layers[i] < v.top || packets[i].Key {
			packets[i].Droppable = false
		}
	}
	v.layers = nil
	if err := reconstruct(ctx, path, st, v.index); err != nil {
		return err
	}
	v.index = plan.NewIndex(v.index.Base, v.index.Packets)
	return nil
}

func (a *audioScan) add(p *astiav.Packet) {
	shift := a.shifts.after(len(a.shifts))
	start := p.Pts() + shift
	if p.Pts() == noTime {
		start = a.end.Ticks
	}
	if a.packets == 0 {
		a.start.Ticks, a.end.Ticks, a.leapt = start, start, math.MaxInt64
	}
	a.packets++
	second := timecode.At(1, a.end.Base).Ticks
	// A wrong time of one packet lies ahead, and the next comes back to where all was.
	switch {
	case start > a.end.Ticks+maxOverlap*second:
		a.leapt = a.end.Ticks
	case start < a.end.Ticks-maxOverlap*second && start < a.leapt:
		a.shifts = append(a.shifts, shift+a.end.Ticks-start)
		start, a.leapt = a.end.Ticks, math.MaxInt64
	}
	n, jumps := len(a.marks), len(a.shifts)
	if p.Pos() >= 0 && p.Pts() != noTime && (n == 0 || jumps > a.marks[n-1].jumps || p.Pts() >= a.marks[n-1].pts+second) {
		a.marks = append(a.marks, soundMark{p.Pts(), p.Pos(), jumps})
	}
	a.end.Ticks = max(a.end.Ticks, start+p.Duration())
}

// origin is where media time starts on the container's clock. Chromium shows the
// clock of MP4 and WebM as it stands, a late first picture late; where the clock
// may start anywhere, it is counted from the first picture or sound, and never
// is a picture shown before 0.
func (f *found) origin(clockless bool) timecode.Instant {
	var first timecode.Instant
	known := false
	if f.video.shown() > 0 {
		ix := f.video.index
		first, known = timecode.Instant{Ticks: ix.Packets[ix.Shown()[0]].PTS, Base: ix.Base}, true
	}
	if !clockless {
		return timecode.Instant{Ticks: min(first.Ticks, 0), Base: first.Base}
	}
	if f.audio.packets > 0 && (!known || f.audio.start.Compare(first) < 0) {
		first = f.audio.start
	}
	return first
}
