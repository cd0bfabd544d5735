// Package speech listens to a recording: where people speak, how many voices
// there are, which of them speaks when, and whether each is a child's.
//
// Sound comes in once, piece by piece, and is not kept. What is kept is small:
// a probability of speech per 32 ms (Silero VAD), 40 bytes of spectrum and half
// a byte of pitch per 10 ms, and who of three speaks when in windows of ten seconds
// (pyannote's segmentation-3.0). Voices are then told apart by a speaker encoder (GE2E)
// that sees short windows of the speech. The same sound gives the same bits, however it
// is cut into pieces, and whatever of it a memory keeps from before.
package speech

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/internal/kept"
)

// Rate of the sound that Listen takes, in Hz.
const Rate = 16000

// Steps of the lanes in Heard, in seconds.
var (
	ActivityStep = timecode.Base{Num: vadHop, Den: Rate}   // 32 ms
	LevelStep    = timecode.Base{Num: levelLen, Den: Rate} // 100 ms
)

// Source gives the next samples of 16 kHz mono sound, -1 to 1, from media time
// zero on; it ends with io.EOF, alone or with the last samples.
type Source func(ctx context.Context, buf []float32) (n int, err error)

// Heard is what Listen finds.
type Heard struct {
	Utterances []annotate.Utterance // by start, then speaker; base timecode.Voice
	Activity   []float32            // probability of speech, one per ActivityStep
	Level      []float32            // root mean square in dBFS, floor -100, one per LevelStep
	Samples    int64                // length of the sound
}

// Listen hears a whole recording, but for what memory keeps of it under names that
// begin with "sound-" and "voices-"; it is of one recording and one version of this
// program, and a nil one keeps nothing. It uses one thread, and holds about 40 MB
// for 90 minutes. Errors come from the source, from missing networks, or from ctx;
// or wrap ErrOtherSound.
func Listen(ctx context.Context, next Source, memory kept.Memory) (heard *Heard, err error) {
	ear, err := openEar()
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	defer func() { err = errors.Join(err, ear.close()) }()
	if err := ear.hear(ctx, &stream{next: next}, memory); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	said := speechSpans(ear.vad.probs, ear.samples)
	near, far := ear.frames.behind(said)
	prints, err := takePrints(ctx, ear.frames, near, memory)
	if err != nil {
		return nil, fmt.Errorf("listen: tell voices apart: %w", err)
	}
	list := utterances(assign(near, ear.evidence(prints, len(far) == 0)), ear.frames, ear.samples)
	list = append(list, nobodys(far, annotate.BackgroundVoice, ear.samples)...)
	list = append(list, nobodys(ear.vocals(said), annotate.VocalVoice, ear.samples)...)
	slices.SortStableFunc(list, func(a, b annotate.Utterance) int { return cmp.Compare(a.Start.Ticks, b.Start.Ticks) })
	return &Heard{
		Utterances: list,
		Activity:   ear.vad.probs,
		Level:      ear.levels,
		Samples:    ear.samples,
	}, nil
}

// evidence is what tells whose speech is. The divider is not asked where others talk in
// the background: it takes them for more people in the room.
func (e *ear) evidence(prints []voiceprint, divide bool) *evidence {
	voices := cluster(prints)
	told := &evidence{prints: prints, marks: scores(prints, voices), voices: voices.count}
	if divide {
		list := name(e.divider.windows, prints, told.marks, voices.count)
		told.active = activity(e.divider.windows, list, voices.count, e.frames.count)
	}
	return told
}

// ear takes the sound in, in blocks of one size whatever the source gives.
type ear struct {
	vad     *detector
	divider *divider
	frames  *frames
	levels  []float32
	samples int64
	over    bool // the sound has ended
	block   []float32
}

// blockLen is 9.6 s: a whole number of detector windows, level steps, spectra
// and pitch steps.
const blockLen = 300 * vadHop

func openEar() (*ear, error) {
	vad, err := openDetector()
	if err != nil {
		return nil, err
	}
	divider, err := openDivider()
	if err != nil {
		return nil, errors.Join(err, vad.close())
	}
	return &ear{vad: vad, divider: divider, frames: newFrames(), block: make([]float32, blockLen)}, nil
}

func (e *ear) close() error { return errors.Join(e.vad.close(), e.divider.close()) }

// hearPiece takes in the next piece, or what is left of the sound.
func (e *ear) hearPiece(ctx context.Context, s *stream) error {
	for n := 0; n < pieceBlocks && !e.over; n++ {
		got, err := s.fill(ctx, e.block)
		if err != nil {
			return err
		}
		if err := e.hearBlock(e.block[:got]); err != nil {
			return err
		}
		if e.over = s.over; e.over {
			e.frames.end(e.vad.probs, e.levels)
		}
	}
	return nil
}

func (e *ear) hearBlock(block []float32) error {
	if len(block) == 0 {
		return nil
	}
	repair(block)
	levels := blockLevels(block)
	if err := e.vad.hear(block, levels); err != nil {
		return err
	}
	e.levels = append(e.levels, levels...)
	if err := e.divider.hear(block, e.vad.probs, e.levels); err != nil {
		return err
	}
	e.samples += int64(len(block))
	e.frames.hear(block, e.vad.probs, e.levels)
	return nil
}

// repair makes samples that are no numbers, or beyond any real sound, harmless.
func repair(pcm []float32) {
	const limit = 4
	for i, v := range pcm {
		switch {
		case math.IsNaN(float64(v)):
			pcm[i] = 0
		case v > limit:
			pcm[i] = limit
		case v < -limit:
			pcm[i] = -limit
		}
	}
}
