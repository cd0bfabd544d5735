// Package encode makes of a film what a browser plays: H.264 and AAC in fragmented
// MP4, small, playable while it is being written. Pictures keep the times of the
// film's own, so that a time in the one is the same time in the other.
//
// It is given plain planes and samples by decode, and FFmpeg's encoders are all
// that it touches. C memory stays inside.
package encode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/asticode/go-astiav"

	"dyade/annotate/timecode"
	"dyade/pipeline/decode"
	"dyade/pipeline/encode/fragment"
	"dyade/pipeline/encode/h264"
)

// Options are what of a film is copied, and how.
type Options struct {
	// From and To are media time: of a part, whose own time 0 is From. Without a base:
	// the whole film, by its own clock.
	From, To timecode.Instant
	Side     int // the longest of the pictures, at most
	Threads  int // for decoding, and for encoding; 0: one for each core
	// Wrote is told after each piece how many bytes there are, and up to where in the
	// copy, in seconds; nil: nobody is.
	Wrote func(bytes int64, seconds float64) error
}

// keyEvery is how far apart the places are, in seconds, at which playing can start,
// and how long pieces are.
const keyEvery = 0.5

// soonPictures are in the first piece, so that something is seen soon.
const soonPictures = 4

// Copy writes a copy of the film, or of a part of it, to out, piece by piece. Damaged
// pictures are left out, damaged sound is silence.
func Copy(ctx context.Context, src *decode.Source, o Options, out io.Writer) (err error) {
	c := &copier{ctx: ctx, src: src, o: o, out: out, end: src.Recording().Duration.Seconds()}
	defer c.close()
	if o.To.Base.Valid() {
		c.end = min(c.end, o.To.Seconds())
	}
	if o.From.Base.Valid() {
		c.from = o.From.Seconds()
	}
	if c.end <= c.from {
		return fmt.Errorf("copy a film from %.3f s: it ends at %.3f s", c.from, c.end)
	}
	if err := c.openSound(); err != nil {
		return err
	}
	err = src.Play(ctx, decode.PlayOptions{From: o.From, To: o.To, Side: o.Side, Threads: o.Threads}, c.picture)
	if err == nil {
		err = c.finish()
	}
	if err != nil {
		return fmt.Errorf("copy a film: %w", err)
	}
	return nil
}

// copier makes one copy.
type copier struct {
	ctx       context.Context
	src       *decode.Source
	o         Options
	out       io.Writer
	from, end float64 // media time
	writer    *fragment.Writer

	pictures *encoder
	base     timecode.Base // of the pictures' track
	times    []int64       // of pictures that the encoder holds
	keys     float64       // when the last key was
	coded    run
	last     int64 // when the last picture ends, ticks

	hearer *decode.AudioReader
	sounds *encoder
	block  []float32
	blocks int64 // given to the encoder
	heard  run
	over   bool // there is no more sound
}

// run are the samples of a track that are not written yet.
type run struct {
	fragment.Run
	primed bool
}

func (c *copier) close() {
	c.pictures.close()
	c.sounds.close()
	if c.hearer != nil {
		c.hearer.Close()
	}
}

func (c *copier) openSound() (err error) {
	c.hearer, err = c.src.Stereo(c.ctx, c.o.From, soundRate)
	if errors.Is(err, decode.ErrNoAudio) {
		c.over = true
		return nil
	}
	if err == nil {
		c.sounds, err = openSound(soundBits, soundRate)
	}
	if err != nil {
		return fmt.Errorf("copy a film's sound: %w", err)
	}
	return nil
}

// mostScale is the finest clock that a copy has; films with a finer one lose less
// than a microsecond.
const mostScale = 1_000_000

// begin writes the header, once it is known what the pictures are.
func (c *copier) begin(p *decode.Picture) (err error) {
	var tracks []fragment.Track
	if p != nil {
		c.base = p.At.Base
		if c.base.Den > mostScale || c.base.Num >= c.base.Den {
			c.base = timecode.Base{Num: 1, Den: mostScale}
		}
		if c.pictures, err = openPictures(*p, c.fps(), c.o.Threads); err != nil {
			return err
		}
		t, err := c.pictures.pictureTrack(p.Width, p.Height)
		if err != nil {
			return err
		}
		tracks = append(tracks, fragment.Track{Scale: uint32(c.base.Den), Picture: t})
	}
	if c.sounds != nil {
		c.heard.Track = len(tracks)
		tracks = append(tracks, fragment.Track{Scale: soundRate, Sound: c.sounds.soundTrack()})
	}
	c.writer, err = fragment.NewWriter(c.out, c.end-c.from, tracks...)
	return err
}

// fps is how many pictures a second has, on average.
func (c *copier) fps() float64 {
	r := c.src.Recording()
	return float64(r.Video.Frames) / max(r.DurationS, 0.1)
}

// at is a media time in the copy, in ticks of its pictures' track.
func (c *copier) at(t timecode.Instant) int64 {
	ticks := t.In(c.base).Ticks
	if c.o.From.Base.Valid() {
		ticks -= c.o.From.In(c.base).Ticks
	}
	return max(ticks, 0) * c.base.Num
}

// picture takes the next one.
func (c *copier) picture(p decode.Picture) error {
	first := c.writer == nil
	if first {
		if err := c.begin(&p); err != nil {
			return err
		}
	}
	at := p.At.Seconds()
	if err := c.hear(at); err != nil {
		return err
	}
	key := first || p.Until.Seconds()-c.keys > keyEvery
	if key {
		c.keys = at
	}
	c.times = append(c.times, c.at(p.At))
	c.last = max(c.at(p.Until), c.times[len(c.times)-1]+1)
	kind := astiav.PictureTypeNone
	if key {
		kind = astiav.PictureTypeI
	}
	return c.pictures.picture(p.Planes, kind, c.code)
}

// code takes a coded picture.
func (c *copier) code(data []byte, key bool) error {
	at := c.times[0]
	c.times = c.times[1:]
	if n := len(c.coded.Samples); n > 0 {
		s := &c.coded.Samples[n-1]
		s.Duration = at - c.coded.Start - c.coded.length(n-1)
		soon := c.writer.Pieces() == 0 && n >= soonPictures
		if key || soon {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
	if len(c.coded.Samples) == 0 {
		c.coded.Start = at
	}
	units, err := h264.Units(data, 0)
	if err != nil {
		return err
	}
	c.coded.Samples = append(c.coded.Samples, fragment.Sample{Data: h264.Pack(units), Key: key})
	return nil
}

// length of the first n samples.
func (r *run) length(n int) (ticks int64) {
	for _, s := range r.Samples[:n] {
		ticks += s.Duration
	}
	return ticks
}

// flush writes a piece.
func (c *copier) flush() error {
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if err := c.writer.Write(c.coded.Run, c.heard.Run); err != nil {
		return err
	}
	until := float64(c.heard.Start+c.heard.length(len(c.heard.Samples))) / soundRate
	if n := len(c.coded.Samples); n > 0 {
		until = float64(c.coded.Start+c.coded.length(n)) / float64(c.base.Den)
	}
	for _, r := range []*run{&c.coded, &c.heard} {
		r.Start += r.length(len(r.Samples))
		r.Samples = nil
	}
	if c.o.Wrote == nil {
		return nil
	}
	return c.o.Wrote(c.writer.Written(), until)
}

// hear codes sound up to a media time in seconds.
func (c *copier) hear(until float64) error {
	for !c.over && c.from+float64(c.blocks*soundBlock)/soundRate < until {
		if err := c.hearBlock(); err != nil {
			return err
		}
	}
	return nil
}

// hearBlock codes the next block.
func (c *copier) hearBlock() error {
	room := soundStereo * soundBlock
	left := int64(math.Round((c.end-c.from)*soundRate)) - c.blocks*soundBlock
	room = int(min(int64(room), soundStereo*left))
	c.block = c.block[:0]
	for len(c.block) < room {
		if cap(c.block) < room {
			c.block = make([]float32, 0, room)
		}
		n, err := c.hearer.Next(c.ctx, c.block[len(c.block):room])
		c.block = c.block[:len(c.block)+n]
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	if len(c.block) == 0 {
		c.over = true
		return c.sounds.send(nil, c.say)
	}
	c.blocks++
	return c.sounds.sound(c.block, c.say)
}

// say takes a coded block of sound. The first that comes is of what was before the
// first block: it is left out, so that each following has its block's time.
func (c *copier) say(data []byte, _ bool) error {
	if !c.heard.primed {
		c.heard.primed = true
		return nil
	}
	c.heard.Samples = append(c.heard.Samples, fragment.Sample{Data: append([]byte(nil), data...), Duration: soundBlock, Key: true})
	return nil
}

// finish codes what is left.
func (c *copier) finish() error {
	if c.pictures != nil {
		if err := c.pictures.send(nil, c.code); err != nil {
			return err
		}
		if n := len(c.coded.Samples); n > 0 {
			last := min(c.last, int64(math.Round((c.end-c.from)*float64(c.base.Den))))
			c.coded.Samples[n-1].Duration = max(1, last-c.coded.Start-c.coded.length(n-1))
		}
	} else {
		if c.sounds == nil {
			return &decode.Unreadable{Reason: decode.AllDamaged}
		}
		if err := c.begin(nil); err != nil {
			return err
		}
	}
	for !c.over {
		until := c.from + float64(c.blocks*soundBlock)/soundRate + keyEvery
		if err := c.hear(until); err != nil {
			return err
		}
		if err := c.flush(); err != nil {
			return err
		}
	}
	if len(c.coded.Samples)+len(c.heard.Samples) > 0 {
		if err := c.flush(); err != nil {
			return err
		}
	}
	return c.writer.Close()
}
