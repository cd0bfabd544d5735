package sound

import "math"

// Meter measures how loud sound is, as people hear it (ITU-R BS.1770-4, EBU R 128): by
// blocks of 400 ms, without those that are much quieter than the rest.
type Meter struct {
	filters [Channels][2]biquad
	sum     float64 // of the squares in the present step
	n       int     // frames in it
	steps   []float64
}

// A block is four steps, and begins with each.
const (
	stepFrames = Rate / 10
	blockSteps = 4
)

// biquad is a filter of two poles and two zeros.
type biquad struct {
	b0, b1, b2, a1, a2 float64
	z1, z2             float64
}

func (f *biquad) next(x float64) float64 {
	y := f.b0*x + f.z1
	f.z1 = f.b1*x - f.a1*y + f.z2
	f.z2 = f.b2*x - f.a2*y
	return y
}

// NewMeter makes one; the filters are those of tables 1 and 2 for 48 kHz.
func NewMeter() *Meter {
	m := &Meter{}
	for c := range m.filters {
		m.filters[c] = [2]biquad{
			{b0: 1.53512485958697, b1: -2.69169618940638, b2: 1.19839281085285, a1: -1.69065929318241, a2: 0.73248077421585},
			{b0: 1, b1: -2, b2: 1, a1: -1.99004745483398, a2: 0.99007225036621},
		}
	}
	return m
}

// Add listens to whole frames.
func (m *Meter) Add(samples []float32) {
	for i := 0; i+1 < len(samples); i += Channels {
		for c := range m.filters {
			f := &m.filters[c]
			y := f[1].next(f[0].next(float64(samples[i+c])))
			m.sum += y * y
		}
		if m.n++; m.n == stepFrames {
			m.steps = append(m.steps, m.sum/stepFrames)
			m.sum, m.n = 0, 0
		}
	}
}

// Loudness so far, in LUFS; minus infinity of silence.
func (m *Meter) Loudness() float64 {
	var blocks []float64
	for i := 0; i+blockSteps <= len(m.steps); i++ {
		sum := 0.0
		for _, s := range m.steps[i : i+blockSteps] {
			sum += s
		}
		blocks = append(blocks, sum/blockSteps)
	}
	if len(blocks) == 0 { // shorter than a block
		blocks = append(blocks, m.steps...)
		blocks = append(blocks, m.sum/float64(max(m.n, 1)))
	}
	const quiet, relative = -70, -10
	power := mean(blocks, quiet)
	return level(mean(blocks, max(quiet, level(power)+relative)))
}

// mean of those that are louder.
func mean(blocks []float64, than float64) float64 {
	sum, n := 0.0, 0
	for _, b := range blocks {
		if level(b) > than {
			sum, n = sum+b, n+1
		}
	}
	return sum / float64(max(n, 1))
}

func level(power float64) float64 { return -0.691 + 10*math.Log10(power) }
