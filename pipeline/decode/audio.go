package decode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/asticode/go-astiav"

	"dyade/annotate/timecode"
)

// SampleRate of all sound given, in Hz.
const SampleRate = 16000

// AudioReader gives the recording's sound as 16 kHz mono, from media time 0 on.
// It serves one goroutine.
type AudioReader struct {
	s     *Source
	fc    *astiav.FormatContext
	cc    *astiav.CodecContext
	pkt   *astiav.Packet
	frame *astiav.Frame
	swr   resampler
	known int       // streams seen so far
	out   []float32 // resampled, not yet given
	given int       // how many of out are
	done  int64     // samples put out so far, silence included
	clock float64   // media time at which the next decoded sample is due, seconds; NaN at first
	shift float64   // seconds by which the stream's clock has jumped back
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
	if s.audio == nil {
		return nil, fmt.Errorf("reading the sound of %s: %w", s.path, ErrNoAudio)
	}
	a := &AudioReader{s: s, pkt: newPacket(), frame: newFrame(), clock: math.NaN()}
	fc, err := openInput(s.path)
	if err == nil {
		a.fc = fc
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

// Next fills buf with the samples that follow and returns how many they are:
// sample k of all is at media time k/SampleRate, -1 to 1. What is missing or
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
	if err := nextPacket(ctx, a.fc, a.pkt, a.s.audio.stream, &a.known); err != nil {
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
	if now := float64(a.done) / SampleRate; at-now > maxSilence || now-at > maxOverlap && a.done > 0 {
		a.shift += now - at
		at = now
	}
	a.clock = at
	start := int64(math.Round(a.clock * SampleRate))
	a.drop, a.gap = max(0, a.done-start), max(0, start-a.done)
}

// silence puts out a piece of the gap.
func (a *AudioReader) silence() {
	n := min(a.gap, SampleRate)
	a.out = append(a.out, make([]float32, n)...)
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
	if a.swr.c == nil && a.swr.open(a.frame, SampleRate) != nil {
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
	if n := min(a.drop, int64(len(a.out)-before)); n > 0 {
		a.out = append(a.out[:before], a.out[before+int(n):]...)
		a.drop -= n
	}
	for i := before; i < len(a.out); i++ {
		if v := float64(a.out[i]); math.IsNaN(v) || math.IsInf(v, 0) {
			a.out[i] = 0
		}
	}
	a.done += int64(len(a.out) - before)
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
