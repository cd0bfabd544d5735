package speech

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

const (
	pitchLen  = Rate / 20 // samples in a window, 50 ms
	pitchFFT  = 512       // of the sound at half its rate
	pitchLow  = 70        // Hz
	pitchHigh = 600       // Hz: children squeal higher, but do not speak so
	lagMin    = Rate / pitchHigh
	lagMax    = Rate / pitchLow

	voiced     = 0.6  // periodicity of a voice, 1 for a perfect one
	octaveCost = 0.02 // periodicity that an octave lower must win

	toneSteps = 72 // codes in an octave
)

// pitcher finds the fundamental frequency of a voice by the normalised
// autocorrelation of Boersma (1993), of the sound at half its rate, interpolated
// to lags of the full rate.
type pitcher struct {
	fft    *fourier.FFT
	back   *fourier.FFT
	window [pitchLen / 2]float64
	own    []float64 // the window's autocorrelation, 1 at lag 0

	sound    []float64
	spectrum []complex128
	corr     []float64
}

func newPitcher() *pitcher {
	p := &pitcher{
		fft:      fourier.NewFFT(pitchFFT),
		back:     fourier.NewFFT(2 * pitchFFT),
		sound:    make([]float64, pitchFFT),
		spectrum: make([]complex128, pitchFFT+1),
	}
	for i := range p.window {
		p.window[i] = 0.5 - 0.5*math.Cos(2*math.Pi*(float64(i)+0.5)/float64(len(p.window)))
	}
	copy(p.sound, p.window[:])
	p.correlate()
	p.own = make([]float64, lagMax+2)
	for i := range p.own {
		p.own[i] = p.corr[i] / p.corr[0]
	}
	return p
}

// correlate turns p.sound into its autocorrelation, in p.corr: the transform of
// its power spectrum, whose upper half stays empty.
func (p *pitcher) correlate() {
	half := p.fft.Coefficients(p.spectrum[:pitchFFT/2+1], p.sound)
	for i, c := range half {
		half[i] = complex(real(c)*real(c)+imag(c)*imag(c), 0)
	}
	p.corr = p.back.Sequence(p.corr, p.spectrum)
}

// code is the pitch of 50 ms of sound as toneSteps per octave above pitchLow,
// from 1; 0 where nothing is voiced.
func (p *pitcher) code(sound []float32) byte {
	var mean float64
	half := p.sound[:len(p.window)]
	for i := range half {
		// Neighbours are added to halve the rate.
		half[i] = float64(sound[2*i]) + float64(sound[2*i+1])
		mean += half[i] / float64(len(half))
	}
	for i := range half {
		half[i] = (half[i] - mean) * p.window[i]
	}
	clear(p.sound[len(half):])
	p.correlate()
	if p.corr[0] < 1e-9 {
		return 0
	}
	lag := p.bestLag()
	if lag == 0 {
		return 0
	}
	octaves := math.Log2(Rate / lag / pitchLow)
	return byte(1 + math.Max(0, math.Min(254, math.Round(octaves*toneSteps))))
}

// bestLag is the period in samples, 0 if there is none.
func (p *pitcher) bestLag() float64 {
	r := func(lag int) float64 { return p.corr[lag] / p.corr[0] / p.own[lag] }
	best, period := voiced, 0.0
	for lag := lagMin; lag <= lagMax; lag++ {
		a, b, c := r(lag-1), r(lag), r(lag+1)
		if b < a || b <= c {
			continue
		}
		shift := 0.5 * (a - c) / (a - 2*b + c)
		top := b - 0.25*(a-c)*shift - octaveCost*math.Log2(float64(lag)/float64(lagMin))
		if top > best {
			best, period = top, float64(lag)+shift
		}
	}
	return period
}

// hertz is the frequency that a code stands for.
func hertz(code byte) float64 {
	return pitchLow * math.Exp2(float64(code-1)/toneSteps)
}
