package speech

import (
	"fmt"
	"math"
	"slices"

	"dyade/models"
)

// Sizes of what Silero VAD takes and keeps.
const (
	vadHop     = 512 // new samples in a window
	vadContext = 64  // samples before them
	vadState   = 128
)

// Levels of speech that the detector is given: it was trained on sound that is
// neither faint nor far.
const (
	wantedLevel = -26 // dBFS, of the loudest tenth of a block
	noiseLevel  = -60 // dBFS: what is always there is not raised above this
	maxGain     = 40  // dB
	forget      = 0.5 // dB by which the loudest of the past fades with each block
)

// Over minutes of silence the detector's memory drifts, until it misses the
// first half second of speech. So it is cleared in silence, at fixed times.
const (
	vadRun   = 100 // windows between two looks at whether to clear it, 3.2 s
	vadQuiet = 31  // windows that allow it, 1 s,
	vadNone  = 0.1 // if all are less likely speech than this
)

// detector gives each 32 ms a probability of speech.
type detector struct {
	net   *models.Session
	probs []float32
	h, c  models.Tensor
	tail  [vadContext]float32 // the last samples of the block before
	loud  float64             // level of the loudest block, fading
}

func openDetector() (*detector, error) {
	net, err := models.Open("silero-vad", 1)
	if err != nil {
		return nil, err
	}
	d := &detector{net: net, loud: levelFloor}
	d.clear()
	return d, nil
}

func (d *detector) clear() {
	shape := []int64{1, 1, vadState}
	d.h = models.Tensor{Shape: shape, Data: make([]float32, vadState)}
	d.c = models.Tensor{Shape: shape, Data: make([]float32, vadState)}
}

func (d *detector) close() error { return d.net.Close() }

// hear adds the probabilities of a block, whose levels tell how much to raise
// it. Only the last block may end within a window.
func (d *detector) hear(pcm []float32, levels []float32) error {
	gain := d.gain(levels)
	n := (len(pcm) + vadHop - 1) / vadHop
	sound := make([]float32, vadContext+n*vadHop)
	copy(sound, d.tail[:])
	copy(sound[vadContext:], pcm)
	copy(d.tail[:], sound[n*vadHop:])
	for i := range sound {
		sound[i] *= gain
	}
	for from := 0; from < n; from += vadRun {
		if err := d.run(sound, from, min(vadRun, n-from)); err != nil {
			return fmt.Errorf("find speech: %w", err)
		}
	}
	return nil
}

// run hears count windows of the raised sound.
func (d *detector) run(sound []float32, from, count int) error {
	if d.quiet() {
		d.clear()
	}
	windows := make([]float32, 0, count*(vadContext+vadHop))
	for i := from; i < from+count; i++ {
		windows = append(windows, sound[i*vadHop:][:vadContext+vadHop]...)
	}
	in := models.Tensor{Shape: []int64{int64(count), vadContext + vadHop}, Data: windows}
	out, err := d.net.Run(in, d.h, d.c)
	if err != nil {
		return err
	}
	if len(out) != 3 || len(out[0].Data) != count {
		return fmt.Errorf("the speech detector gave another form than %d probabilities and its memory", count)
	}
	d.h, d.c = out[1], out[2]
	d.probs = append(d.probs, out[0].Data...)
	return nil
}

// quiet tells whether the last second was without speech.
func (d *detector) quiet() bool {
	if len(d.probs) < vadQuiet {
		return false
	}
	return slices.Max(d.probs[len(d.probs)-vadQuiet:]) < vadNone
}

// gain follows the loudest of the past, so that a pause is not raised to the
// level of speech.
func (d *detector) gain(levels []float32) float32 {
	d.loud = math.Max(d.loud-forget, quantile(levels, 0.9))
	up := math.Min(wantedLevel-d.loud, noiseLevel-quantile(levels, 0.1))
	up = math.Max(0, math.Min(maxGain, up))
	return float32(math.Pow(10, up/20))
}
