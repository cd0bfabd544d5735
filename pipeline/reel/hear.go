package reel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"dyade/pipeline/decode"
	"dyade/pipeline/encode"
	"dyade/pipeline/reel/sound"
)

// hear makes the reel's sound, block by block.
func (m *maker) hear() error {
	at := int64(-encode.SoundSkip)
	take := func(data []byte) error {
		h := heard{append([]byte(nil), data...), at}
		at += encode.SoundBlock
		select {
		case m.all <- h:
			return nil
		case <-m.ctx.Done():
			return m.ctx.Err()
		}
	}
	var block []float32
	for _, x := range m.p.pieces {
		err := m.listenTo(x, func(some []float32) error {
			for block = append(block, some...); len(block) >= encode.SoundBlock*sound.Channels; {
				if err := m.sounds.Block(block[:encode.SoundBlock*sound.Channels], take); err != nil {
					return fmt.Errorf("code sound: %w", err)
				}
				block = block[:copy(block, block[encode.SoundBlock*sound.Channels:])]
			}
			return m.ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	if len(block) > 0 {
		if err := m.sounds.Block(block, take); err != nil {
			return fmt.Errorf("code sound: %w", err)
		}
	}
	return m.sounds.Finish(take)
}

// listenTo gives the sound of a piece.
func (m *maker) listenTo(x *piece, give func([]float32) error) error {
	tape := sound.NewTape(nil)
	if x.film != nil {
		reader, err := x.film.src.Stereo(m.ctx, x.from, sound.Rate)
		switch {
		case errors.Is(err, decode.ErrNoAudio):
		case err != nil:
			return fmt.Errorf("open the sound of a cut: %w", err)
		default:
			defer reader.Close()
			gain, err := m.p.gain(m.ctx, x)
			if err != nil {
				return err
			}
			var src sound.Source = source{m.ctx, reader}
			if m.p.reel.Evened {
				src = sound.Limit(src, gain)
			}
			tape = sound.NewTape(src)
		}
	}
	for _, s := range x.sounds {
		if err := m.span(x, s, tape, give); err != nil {
			return err
		}
	}
	return nil
}

// source is a film's sound.
type source struct {
	ctx context.Context
	a   *decode.AudioReader
}

func (s source) Read(buf []float32) (int, error) { return s.a.Next(s.ctx, buf) }

// readAtOnce is how many frames are.
const readAtOnce = 4096

// span gives one stretch of it.
func (m *maker) span(x *piece, s span, tape *sound.Tape, give func([]float32) error) error {
	start, end := m.p.frame(s.start), m.p.frame(s.end)
	from := int64(math.Round(s.from * sound.Rate))
	to := int64(math.Round(s.to * sound.Rate))
	const rounding = 2 // frames by which lengths differ that are the same
	var slow *sound.Stretch
	if end-start > to-from+rounding && !s.silent {
		slow = sound.NewStretch(tape, from, to, end-start)
	}
	buf := make([]float32, readAtOnce*sound.Channels)
	for at := start; at < end; {
		n := int(min(readAtOnce, end-at))
		some := buf[:n*sound.Channels]
		var err error
		switch {
		case s.silent:
			clear(some)
		case slow != nil:
			_, err = slow.Read(some)
		default:
			var now []float32
			now, err = tape.At(from+at-start, n)
			copy(some, now)
			tape.Drop(from + at - start)
		}
		if err != nil {
			return err
		}
		if !s.silent {
			m.p.shape(x, s, some, at)
		}
		if err := give(some); err != nil {
			return err
		}
		at += int64(n)
	}
	return nil
}

// clickS is how long sound fades, in seconds, where silence begins or ends, so that
// nothing clicks.
const clickS = 0.004

// shape fades the sound of a span in and out: at the piece's ends, and where the span has
// silence beside it.
func (p *plan) shape(x *piece, s span, some []float32, at int64) {
	click := int64(clickS * sound.Rate)
	first, last, edge := p.frame(x.start), p.frame(x.end), click
	if p.reel.Faded {
		edge = max(click, min(int64(fadeS*sound.Rate), (last-first)/3))
	}
	start, end := p.frame(s.start), p.frame(s.end)
	for i := 0; i < len(some); i += sound.Channels {
		now := at + int64(i/sound.Channels)
		share := min(float64(now-first), float64(last-1-now)) / float64(edge)
		if s.opens {
			share = min(share, float64(now-start)/float64(click))
		}
		if s.closes {
			share = min(share, float64(end-1-now)/float64(click))
		}
		if share >= 1 {
			continue
		}
		for c := range sound.Channels {
			some[i+c] *= float32(max(0, share))
		}
	}
}

// Cuts are made as loud as speech at home is watched comfortably (EBU R 128 asks for -23
// of broadcasts, which are mastered; telephones and web players for -16), one factor for
// each, so that what is loud or quiet within stays so.
const (
	loudness  = -16.0 // LUFS
	silence   = -60.0 // below it there is nothing to hear
	mostGain  = 18.0  // dB
	leastGain = -20.0
)

// gain is what a cut's sound is multiplied by.
func (p *plan) gain(ctx context.Context, x *piece) (float64, error) {
	if !p.reel.Evened {
		return 1, nil
	}
	reader, err := x.film.src.Stereo(ctx, x.from, sound.Rate)
	if err != nil {
		return 0, fmt.Errorf("open the sound of a cut: %w", err)
	}
	defer reader.Close()
	meter := sound.NewMeter()
	left := p.frame(p.offset(x, x.to)) * sound.Channels
	for buf := make([]float32, readAtOnce*sound.Channels); left > 0; {
		n, err := reader.Next(ctx, buf[:min(left, int64(len(buf)))])
		meter.Add(buf[:n])
		if left -= int64(n); errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return 0, fmt.Errorf("measure the loudness of a cut: %w", err)
		}
	}
	l := meter.Loudness()
	if !(l > silence) {
		return 1, nil
	}
	return math.Pow(10, max(leastGain, min(mostGain, loudness-l))/20), nil
}
