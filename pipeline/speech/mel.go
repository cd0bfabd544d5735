package speech

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

const (
	melBands = 40
	melLen   = Rate / 40 // samples in a window, 25 ms

	// Powers are kept in steps of melStep decibels above melFloor.
	melFloor = -110
	melStep  = 0.63
)

// melBank turns 25 ms of sound into powers in 40 bands of the mel scale. Scale,
// window and weights are those that the speaker encoder was trained with
// (librosa's: Slaney's scale, triangles of equal area, Hann window).
type melBank struct {
	fft    *fourier.FFT
	window [melLen]float64
	first  [melBands]int // lowest bin of a band's triangle
	weight [melBands][]float64
	width  [melBands]float64 // what turns a band's power back into the sum over its bins

	sound    []float64
	spectrum []complex128
	power    []float64
}

func newMelBank() *melBank {
	m := &melBank{fft: fourier.NewFFT(melLen), sound: make([]float64, melLen), power: make([]float64, melLen/2+1)}
	for i := range m.window {
		m.window[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/melLen)
	}
	top := hertzToMel(Rate / 2)
	edge := func(i int) float64 { return melToHertz(top * float64(i) / (melBands + 1)) }
	for b := range melBands {
		low, mid, high := edge(b), edge(b+1), edge(b+2)
		area := 2 / (high - low)
		m.width[b] = 1 / area
		for bin := range m.power {
			f := float64(bin) * Rate / melLen
			w := area * math.Min((f-low)/(mid-low), (high-f)/(high-mid))
			if w <= 0 {
				continue
			}
			if m.weight[b] == nil {
				m.first[b] = bin
			}
			m.weight[b] = append(m.weight[b], w)
		}
	}
	return m
}

// Slaney's mel scale: even steps up to 1000 Hz, even ratios above.
const (
	melLinear = 200.0 / 3 // Hz in a step
	melKnee   = 1000 / melLinear
)

var melRatio = math.Log(6.4) / 27

func hertzToMel(f float64) float64 {
	if f < 1000 {
		return f / melLinear
	}
	return melKnee + math.Log(f/1000)/melRatio
}

func melToHertz(m float64) float64 {
	if m < melKnee {
		return m * melLinear
	}
	return 1000 * math.Exp(melRatio*(m-melKnee))
}

// append adds the 40 powers of the sound to page, each as one byte.
func (m *melBank) append(page []byte, sound []float32) []byte {
	for i, v := range sound {
		m.sound[i] = float64(v) * m.window[i]
	}
	m.spectrum = m.fft.Coefficients(m.spectrum, m.sound)
	for i, c := range m.spectrum {
		m.power[i] = real(c)*real(c) + imag(c)*imag(c)
	}
	for b := range melBands {
		var sum float64
		bins := m.power[m.first[b]:]
		for i, w := range m.weight[b] {
			sum += w * bins[i]
		}
		level := math.Round((10*math.Log10(sum+1e-12) - melFloor) / melStep)
		page = append(page, byte(math.Max(0, math.Min(255, level))))
	}
	return page
}

// powers gives what each kept byte stands for, times scale.
func powers(scale float64) (table [256]float32) {
	for i := range table {
		table[i] = float32(scale * math.Pow(10, (float64(i)*melStep+melFloor)/10))
	}
	return table
}

// meanSquare estimates the mean square of the sound behind a kept spectrum
// (Parseval's theorem; the triangles of neighbouring bands add up to one).
func (m *melBank) meanSquare(spectrum []byte, table *[256]float32) float64 {
	var sum float64
	for b, q := range spectrum {
		sum += float64(table[q]) * m.width[b]
	}
	const windowPower = 3.0 / 8 * melLen
	return 2 * sum / (melLen * windowPower)
}
