package decode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sort"

	"github.com/asticode/go-astiav"

	"dyade/annotate/timecode"
)

// SampleRate of all sound given, in Hz.
const SampleRate = 16000

// AudioReader gives the recording's sound from some media time on: as 16 kHz mono
// from 0, where Audio opened it. It serves one goroutine.
type AudioReader struct {
	s     *Source
	fc    *astiav.FormatContext
	cc    *astiav.CodecContext
	pkt   *astiav.Packet
	frame *astiav.Frame
	swr   resampler
	known int // streams seen so far
	form  soundForm
	held  bool      // pkt is the next packet already
	out   []float32 // resampled, not yet given, channels interleaved
	given int       // how many of out are
	start int64     // the first sample given
	done  int64     // the sample that follows what was put out, silence included
	clock float64   // media time at which the next decoded sample is due, seconds; NaN at first
	shift float64   // seconds by which the stream's clock has jumped back
	jumps int       // how often it has
	gap   int64     // samples of silence due before the frame that is held
	drop  int64     // samples of the present stretch that lie before done
	holds bool      // frame waits for the gap to be filled

	drained, ended bool
}

// tolerance is how far a frame's time may be from where its sound would follow
// on before silence is put in or sound taken out: above the rounding of
// containers that count in milliseconds.
const tolerance = 0.015

// A gap up to maxSilence seconds is filled, and sound that overlaps what was
// given by up to maxOverlap is cut. Beyond those the clock has jumped, and its
// sound follows on from there.
const (
	maxSilence = 6 * 3600
	maxOverlap = 1
)

// Audio opens the sound track; without one it returns an error that wraps
// ErrNoAudio.
func (s *Source) Audio(ctx context.Context) (*AudioReader, error) {
	return s.openAudio(ctx, soundForm{SampleRate, 1})
}

// Stereo opens the sound track to be heard from a media time on, two channels
// interleaved: the first sample given is the one at from.
func (s *Source) Stereo(ctx context.Context, from timecode.Instant, rate int) (*AudioReader, error) {
	a, err := s.openAudio(ctx, soundForm{rate, 2})
	if err != nil || from.Ticks <= 0 {
		return a, err
	}
	a.start = from.In(timecode.Base{Num: 1, Den: int64(rate)}).Ticks
	a.done = a.start
	if err := a.seek(ctx, from); err != nil {
		a.Close()
		return nil, fmt.Errorf("looking for the sound of %s at %s: %w", s.path, from.Format(), err)
	}
	return a, nil
}

// soundForm is what sound is resampled to.
type soundForm struct{ rate, channels int }

func (s *Source) openAudio(ctx context.Context, f soundForm) (*AudioReader, error) {
	if s.audio == nil {
		return nil, fmt.Errorf("reading the sound of %s: %w", s.path, ErrNoAudio)
	}
	a := &AudioReader{s: s, pkt: newPacket(), frame: newFrame(), clock: math.NaN(), form: f}
	err := a.reopen()
	if err == nil {
		a.cc, err = openDecoder(s.audio.params)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		a.Close()
		return nil, fmt.Errorf("opening the sound of %s: %w", s.path, err)
	}
	setTimeBase(a.cc, s.audio.base)
	return a, nil
}

// reopen starts the file from its first packet.
func (a *AudioReader) reopen() error {
	freeFormat(a.fc)
	a.fc = nil
	fc, err := openInput(a.s.path)
	if err != nil {
		return err
	}
	a.fc, a.known, a.held = fc, 0, false
	return nil
}

// preroll, in seconds, is decoded before what is asked for: codecs of sound take
// some packets to be right.
const preroll = 0.2

// seek moves to a little before from, or to the start where the container does not
// say where that is.
func (a *AudioReader) seek(ctx context.Context, from timecode.Instant) error {
	base := a.s.audio.base
	want := from.In(base).Ticks + a.s.origin.In(base).Ticks - timecode.At(preroll, base).Ticks
	enter := a.enterAtTime
	if a.s.audio.marks != nil {
		enter = a.enterAtMark
	}
	if (a.fc.NbStreams() > a.s.audio.stream || a.next(ctx) == nil) && enter(ctx, want) {
		a.held = true
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return a.reopen()
}

// next reads the track's next packet.
func (a *AudioReader) next(ctx context.Context) error {
	return nextPacket(ctx, a.fc, a.pkt, a.s.audio.stream, &a.known)
}

// enterAtTime reads the first packet from a time of the container's clock on.
func (a *AudioReader) enterAtTime(ctx context.Context, want int64) bool {
	err := a.fc.SeekFrame(a.s.audio.stream, want, astiav.NewSeekFlags(astiav.SeekFlagBackward))
	return err == nil && a.next(ctx) == nil && a.pkt.Pts() != noTime && a.pkt.Pts() <= want
}

// enterAtMark reads it where the container's clock jumps back, by where it lies.
func (a *AudioReader) enterAtMark(ctx context.Context, want int64) bool {
	t := a.s.audio
	n := sort.Search(len(t.marks), func(n int) bool { return t.marks[n].pts+t.shifts.after(t.marks[n].jumps) > want }) - 1
	if n < 0 || !entersAtBytes(a.fc) {
		return false
	}
	m := t.marks[n]
	err := a.fc.SeekFrame(t.stream, m.pos, astiav.NewSeekFlags(astiav.SeekFlagByte))
	if err != nil || a.next(ctx) != nil || a.pkt.Pos() != m.pos || a.pkt.Pts() == noTime || a.pkt.Pts() > m.pts {
		return false
	}
	a.jumps = m.jumps
	a.shift = timecode.Instant{Ticks: t.shifts.after(m.jumps), Base: t.base}.Seconds()
	return true
}

// ErrNoAudio is wrapped by Audio's error for a silent film.
var ErrNoAudio = errors.New("there is no sound track")

// Close frees what the reader holds.
func (a *AudioReader) Close() {
	a.swr.close()
	freeCodec(a.cc)
	freeFormat(a.fc)
	freeFrame(a.frame)
	freePacket(a.pkt)
	a.cc, a.fc, a.frame, a.pkt = nil, nil, nil, nil
}

// Next fills buf with the samples that follow and returns how many they are: sample
// k of all is at media time k/SampleRate after the first, -1 to 1, and of stereo both
// channels follow each other. What is missing or
// damaged is silence. At the end it returns io.EOF and no samples.
func (a *AudioReader) Next(ctx context.Context, buf []float32) (int, error) {
	for a.given == len(a.out) {
		if a.ended {
			return 0, io.EOF
		}
		a.out, a.given = a.out[:0], 0
		if err := a.more(ctx); err != nil {
			return 0, err
		}
	}
	n := copy(buf, a.out[a.given:])
	a.given += n
	return n, nil
}

// more does the next piece of work, which may put something in out.
func (a *AudioReader) more(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case a.gap > 0:
		a.silence()
	case a.holds:
		a.holds = false
		a.resample()
		a.receive()
	case a.drained:
		a.flush()
		a.ended = true
	default:
		return a.feed(ctx)
	}
	return nil
}

// feed gives the decoder the next packet.
func (a *AudioReader) feed(ctx context.Context) error {
	var err error
	if !a.held {
		err = a.next(ctx)
	}
	if a.held = false; err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		a.drained = true // the end, or a cut
		if a.cc.SendPacket(nil) == nil {
			a.receive()
		}
		return nil
	}
	// A damaged packet gives an error here; the next one's time shows the gap.
	if a.cc.SendPacket(a.pkt) == nil {
		a.receive()
	}
	return nil
}

// receive resamples what the decoder has ready, up to a frame that silence must
// come before: that one is held.
func (a *AudioReader) receive() {
	const hopeless = 64 // errors in a row, against decoders that never end
	for failed := 0; failed < hopeless; {
		err := a.cc.ReceiveFrame(a.frame)
		switch {
		case errors.Is(err, astiav.ErrEagain), errors.Is(err, astiav.ErrEof):
			return
		case err != nil:
			failed++
			continue
		}
		if a.place(); a.gap > 0 {
			a.holds = true
			return
		}
		a.resample()
	}
}

// place finds where the frame's sound goes: on, or at a new place where its time
// says so, after a silence or with some of its sound dropped.
func (a *AudioReader) place() {
	at := a.clock
	if t := bestEffortTime(a.frame); t != noTime {
		at = timecode.Instant{Ticks: t, Base: a.s.audio.base}.Seconds() - a.s.origin.Seconds() + a.shift
	}
	if math.IsNaN(at) {
		at = 0
	}
	if math.Abs(at-a.clock) <= tolerance && a.swr.fits(a.frame) {
		return
	}
	a.flush()
	rate := float64(a.form.rate)
	now := float64(a.done) / rate
	if a.done == a.start && !math.IsNaN(a.clock) {
		now = a.clock // it comes before what is to be given
	}
	if at-now > maxSilence || now-at > maxOverlap && !math.IsNaN(a.clock) {
		more := a.jump(at, now)
		a.shift += more
		at += more
	}
	a.clock = at
	start := int64(math.Round(a.clock * rate))
	a.drop, a.gap = max(0, a.done-start), max(0, start-a.done)
}

// jump is by how much the clock is shifted more, which has jumped from now to at.
func (a *AudioReader) jump(at, now float64) float64 {
	if at > now {
		return now - at
	}
	a.jumps++
	if t := a.s.audio; a.jumps <= len(t.shifts) {
		known := timecode.Instant{Ticks: t.shifts.after(a.jumps), Base: t.base}.Seconds() - a.shift
		if at+known-now <= maxSilence {
			return known
		}
	}
	return now - at
}

// silence puts out a piece of the gap.
func (a *AudioReader) silence() {
	n := min(a.gap, int64(a.form.rate))
	a.out = append(a.out, make([]float32, n*int64(a.form.channels))...)
	a.gap -= n
	a.done += n
}

// resample puts out the frame's sound and frees the frame.
func (a *AudioReader) resample() {
	defer a.frame.Unref()
	rate := a.frame.SampleRate()
	if rate < leastRate || a.frame.NbSamples() <= 0 {
		return
	}
	a.clock += float64(a.frame.NbSamples()) / float64(rate)
	if a.swr.c == nil && a.swr.open(a.frame, a.form.rate, a.form.channels) != nil {
		return
	}
	before := len(a.out)
	if out, err := a.swr.convert(a.frame, a.out); err == nil {
		a.out = out
		a.trim(before)
	}
}

// flush ends a stretch.
func (a *AudioReader) flush() {
	before := len(a.out)
	if out, err := a.swr.convert(nil, a.out); err == nil {
		a.out = out
		a.trim(before)
	}
	a.swr.close()
}

// trim takes out what lies before the present place, and counts the rest. Sound
// that is no number is silence.
func (a *AudioReader) trim(before int) {
	wide := a.form.channels
	if n := min(a.drop, int64((len(a.out)-before)/wide)); n > 0 {
		a.out = append(a.out[:before], a.out[before+int(n)*wide:]...)
		a.drop -= n
	}
	for i := before; i < len(a.out); i++ {
		if v := float64(a.out[i]); math.IsNaN(v) || math.IsInf(v, 0) {
			a.out[i] = 0
		}
	}
	a.done += int64((len(a.out) - before) / wide)
}

// decodesSomething tells whether any of the track's sound can be decoded.
func (a *AudioReader) decodesSomething(ctx context.Context) bool {
	buf := make([]float32, 4096)
	for math.IsNaN(a.clock) {
		if _, err := a.Next(ctx, buf); err != nil {
			break
		}
	}
	return !math.IsNaN(a.clock)
}
