package speech

import (
	"context"
	"errors"
	"fmt"

	"dyade/internal/kept"
)

// Sound is heard in pieces of 4 minutes, each about a second of work.
const (
	pieceBlocks = 25
	pieceLen    = pieceBlocks * blockLen
)

// piece is what the ear found in a piece of sound, and what it needs to hear on
// after it.
type piece struct {
	Samples        int64 // of the sound, up to the piece's end
	Last           bool  // the sound ends with it
	Probs, Levels  []float32
	Spectra, Tones []byte
	H, C, Tail     []float32 // of the detector
	Loud           float64
	Windows        []divided // of the divider,
	Half           []float32 // and the sound that its next one begins with
	Sound          []float32 // of frames
}

// lengths of what an ear, or a piece, has found.
type lengths struct{ probs, levels, spectra, tones, windows int }

func (e *ear) lengths() lengths {
	return lengths{len(e.vad.probs), len(e.levels), e.frames.count, len(e.frames.tones), len(e.divider.windows)}
}

// lengthsOf is what an ear has of so many samples, at the end of a block.
func lengthsOf(samples int64, last bool) lengths {
	steps := func(n, step int64) int { return int((max(0, n) + step - 1) / step) }
	reach := samples
	if !last {
		reach -= margin
	}
	return lengths{steps(samples, vadHop), steps(samples, levelLen), steps(reach, frameHop), steps(reach, toneHop), windowsOf(samples)}
}

// ErrOtherSound is wrapped by Listen's error where the memory keeps more sound
// than there is. Listen again, without it.
var ErrOtherSound = errors.New("what is kept is of another sound")

// hear takes all of the sound in, but for the pieces that are kept.
func (e *ear) hear(ctx context.Context, s *stream, memory kept.Memory) error {
	for n := 0; !e.over; n++ {
		name := fmt.Sprintf("sound-%d-%d", pieceLen, n)
		var p piece
		if kept.Get(memory, name, &p) && e.takeUp(&p) {
			continue
		}
		if err := s.skip(ctx, e.block, e.samples); err != nil {
			return err
		}
		before := e.lengths()
		if err := e.hearPiece(ctx, s); err != nil {
			return err
		}
		kept.Put(memory, name, e.since(before))
	}
	return nil
}

// since is what the ear found since it had so much.
func (e *ear) since(before lengths) *piece {
	p := &piece{
		Samples: e.samples, Last: e.over,
		Probs: e.vad.probs[before.probs:], Levels: e.levels[before.levels:], Tones: e.frames.tones[before.tones:],
		H: e.vad.h.Data, C: e.vad.c.Data, Tail: e.vad.tail[:], Loud: e.vad.loud,
		Windows: e.divider.windows[before.windows:], Half: e.divider.half, Sound: e.frames.sound,
	}
	for i := before.spectra; i < e.frames.count; i++ {
		p.Spectra = append(p.Spectra, e.frames.spectrum(i)...)
	}
	return p
}

// takeUp goes on from a piece as if it had been heard; false where it cannot be
// the one that follows.
func (e *ear) takeUp(p *piece) bool {
	has, will := e.lengths(), lengthsOf(p.Samples, p.Last)
	left := int64(0)
	if !p.Last {
		left = p.Samples - int64(will.spectra)*frameHop + margin
	}
	switch length := p.Samples - e.samples; {
	case length < 0 || length > pieceLen || length < pieceLen && !p.Last,
		len(p.Probs) != will.probs-has.probs, len(p.Levels) != will.levels-has.levels,
		len(p.Spectra) != (will.spectra-has.spectra)*melBands, len(p.Tones) != will.tones-has.tones,
		len(p.Windows) != will.windows-has.windows, !p.Last && len(p.Half) != divideLen-divideHop, !wholeFrames(p.Windows),
		len(p.H) != vadState, len(p.C) != vadState, len(p.Tail) != vadContext, int64(len(p.Sound)) != left:
		return false
	}
	e.samples, e.over = p.Samples, p.Last
	e.levels = append(e.levels, p.Levels...)
	e.vad.probs = append(e.vad.probs, p.Probs...)
	e.vad.h.Data, e.vad.c.Data, e.vad.loud = p.H, p.C, p.Loud
	copy(e.vad.tail[:], p.Tail)
	e.divider.windows, e.divider.half = append(e.divider.windows, p.Windows...), p.Half
	e.frames.takeUp(p)
	return true
}

// takeUp goes on after the spectra and pitches of a piece.
func (f *frames) takeUp(p *piece) {
	for at := 0; at < len(p.Spectra); at += melBands {
		page := f.page()
		*page = append(*page, p.Spectra[at:][:melBands]...)
		f.count++
	}
	f.tones = append(f.tones, p.Tones...)
	f.sound = p.Sound
	f.base = int64(f.count)*frameHop - margin
}
