package sound

import (
	"errors"
	"io"
	"math"
)

// ceiling is what no sample exceeds: coding adds a little.
const ceiling = 0.85

// Limiter makes a source louder or quieter, and what would be too loud then just so much
// quieter, from shortly before it until some time after. It delays nothing.
type Limiter struct {
	src    Source
	gain   float32
	in     []float32 // made louder, from the frame on that is given next
	least  []float64 // what each of those may be multiplied by, for its sake and for that of the next ones
	held   float64   // what the last was multiplied by, before the mean is taken
	recent [ahead]float64
	at     int     // in recent
	sum    float64 // of recent
	over   bool
}

// ahead is how many frames before a peak it begins; release is how much of what is left
// to full loudness comes back with each frame after it.
const (
	ahead   = Rate / 200
	release = 1.0 / (Rate / 10)
)

// Limit makes one.
func Limit(src Source, gain float64) *Limiter {
	l := &Limiter{src: src, gain: float32(gain), held: 1, sum: ahead}
	for i := range l.recent {
		l.recent[i] = 1
	}
	return l
}

// Read gives the next frames.
func (l *Limiter) Read(buf []float32) (int, error) {
	want := len(buf) / Channels
	for !l.over && len(l.least) < want+ahead {
		if err := l.more(); err != nil {
			return 0, err
		}
	}
	n := min(want, len(l.least))
	if n == 0 {
		return 0, io.EOF
	}
	for i := range n {
		g := l.factor(l.least[i])
		for c := range Channels {
			buf[i*Channels+c] = l.in[i*Channels+c] * g
		}
	}
	l.in = l.in[:copy(l.in, l.in[n*Channels:])]
	l.least = l.least[:copy(l.least, l.least[n:])]
	return n * Channels, nil
}

// more reads on.
func (l *Limiter) more() error {
	had := len(l.in)
	l.in = append(l.in, make([]float32, readAtOnce*Channels)...)
	n, err := l.src.Read(l.in[had:])
	l.in = l.in[:had+n]
	if errors.Is(err, io.EOF) {
		l.over, err = true, nil
	}
	for i := had; i < len(l.in); i += Channels {
		peak := float32(0)
		for c := range Channels {
			l.in[i+c] *= l.gain
			peak = max(peak, float32(math.Abs(float64(l.in[i+c]))))
		}
		l.least = append(l.least, 1)
		if peak <= ceiling {
			continue
		}
		g := ceiling / float64(peak)
		for k := len(l.least) - 1; k >= max(0, len(l.least)-ahead); k-- {
			l.least[k] = min(l.least[k], g)
		}
	}
	return err
}

// factor is what the next frame is multiplied by: the mean over as many frames as are
// looked ahead of what may be, which rises slowly. So it is never above least.
func (l *Limiter) factor(least float64) float32 {
	l.held = min(least, l.held+(1-l.held)*release)
	l.sum += l.held - l.recent[l.at]
	l.recent[l.at] = l.held
	l.at = (l.at + 1) % ahead
	return float32(l.sum / ahead)
}
