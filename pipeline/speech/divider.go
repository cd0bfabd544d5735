package speech

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"dyade/models"
)

// Sizes of what the divider takes and gives.
const (
	divideLen  = blockLen      // samples of a window, about the ten seconds it was trained on
	divideHop  = divideLen / 2 // from one window to the next
	divideStep = 270           // samples from one frame to the next,
	divideHead = 495           // and before the middle of the first
	divideMost = 3             // voices that it tells apart in a window
	divideSets = 7             // nobody, each voice, each pair of voices
)

// divided is what the divider found in a window: for each frame and each of the
// window's voices, how probable it is that it speaks, 255 for 1. Empty where nobody
// can be heard. Which voice is first is chance, in each window anew.
type divided []byte

func (d divided) frames() int { return len(d) / divideMost }

// at tells how probable it is that a voice speaks in a frame, 0 to 1.
func (d divided) at(frame, voice int) float64 {
	return float64(d[frame*divideMost+voice]) / 255
}

// divider tells when each of up to three voices speaks, also at once, in windows that
// overlap: pyannote's segmentation-3.0.
type divider struct {
	net     *models.Session
	windows []divided
	half    []float32 // the sound since the last window began, which it and the next share
}

func openDivider() (*divider, error) {
	net, err := models.OpenSparing("pyannet", 1) // 40 MB for an instant in each five seconds
	if err != nil {
		return nil, err
	}
	return &divider{net: net}, nil
}

func (d *divider) close() error { return d.net.Close() }

// hear takes the next block in; probs are the detector's, which reach to its end as levels
// do. Only the last block may be shorter than a window.
func (d *divider) hear(block, probs, levels []float32) error {
	sound := slices.Concat(d.half, block)
	at := 0
	for begins := len(d.windows) == 0 && len(sound) > 0; begins || at+divideLen-divideHop < len(sound); at += divideHop {
		begins = false
		var window divided
		if from := int64(len(d.windows)) * divideHop; speaks(probs, from) || stirs(levels, from, divideLen) {
			var err error
			if window, err = d.divide(sound[at:]); err != nil {
				return fmt.Errorf("tell who speaks when: %w", err)
			}
		}
		d.windows = append(d.windows, window)
	}
	d.half = sound[min(len(sound), at):]
	return nil
}

// divide hears the window at the beginning of sound, and silence where it ends before.
// Two windows at once would take half as much memory again, and save little.
func (d *divider) divide(sound []float32) (divided, error) {
	in := make([]float32, divideLen)
	copy(in, sound)
	out, err := d.net.Run(models.Tensor{Shape: []int64{1, 1, divideLen}, Data: in})
	if err != nil {
		return nil, err
	}
	if len(out) != 1 || len(out[0].Data)%divideSets != 0 {
		return nil, errors.New("the network gave another form than seven sets of voices for each frame")
	}
	return voicesIn(out[0].Data), nil
}

// speaks tells whether anybody may in the window that begins at a sample.
func speaks(probs []float32, from int64) bool {
	for i := from / vadHop; i < min(int64(len(probs)), (from+divideLen)/vadHop); i++ {
		if probs[i] >= speechOff {
			return true
		}
	}
	return false
}

// voicesIn adds the probabilities of the sets that a voice is in.
func voicesIn(logs []float32) divided {
	out := make(divided, 0, len(logs)/divideSets*divideMost)
	for f := 0; f+divideSets <= len(logs); f += divideSets {
		var p [divideSets]float64
		for s := range p {
			p[s] = math.Exp(float64(logs[f+s]))
		}
		for _, v := range [divideMost]float64{p[1] + p[4] + p[5], p[2] + p[4] + p[6], p[3] + p[5] + p[6]} {
			out = append(out, byte(math.Round(255*math.Min(1, v))))
		}
	}
	return out
}

// windowsOf is how many windows begin in so many samples, taken in by whole blocks but
// for the last.
func windowsOf(samples int64) int {
	if samples == 0 {
		return 0
	}
	return 1 + int(max(0, samples-divideLen+divideHop-1)/divideHop)
}

// wholeFrames tells whether windows are of whole frames.
func wholeFrames(windows []divided) bool {
	for _, d := range windows {
		if len(d)%divideMost != 0 {
			return false
		}
	}
	return true
}
