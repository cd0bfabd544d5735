package speech

import (
	"math"
	"slices"
	"testing"
)

// Harmonics of a falling spectrum, as a voice has them.
func TestPitchOfHarmonics(t *testing.T) {
	p := newPitcher()
	for _, want := range []float64{85, 110, 165, 220, 300, 440, 550} {
		sound := make([]float32, pitchLen)
		for i := range sound {
			for h := 1.0; h*want < 3500; h++ {
				sound[i] += float32(0.2 / h * math.Sin(2*math.Pi*h*want*float64(i)/Rate+h))
			}
		}
		if got := hertz(p.code(sound)); math.Abs(got/want-1) > 0.02 {
			t.Errorf("pitch %.1f Hz, want %.0f", got, want)
		}
	}
	if got := p.code(make([]float32, pitchLen)); got != 0 {
		t.Errorf("silence has pitch %d", got)
	}
}

func TestSpeechSpans(t *testing.T) {
	run := func(parts ...float32) (probs []float32) {
		for i := 0; i < len(parts); i += 2 {
			for range int(parts[i]) {
				probs = append(probs, parts[i+1])
			}
		}
		return probs
	}
	for name, c := range map[string]struct {
		probs []float32
		want  []span
	}{
		"nothing":                  {nil, nil},
		"silence":                  {run(50, 0.1), nil},
		"all of it":                {run(50, 1), []span{{0, 25600}}},
		"never sure":               {run(50, 0.45), nil},
		"doubt does not end it":    {run(10, 0, 10, 1, 10, 0.4, 10, 1, 10, 0), []span{{10 * 512, 40*512 + 76}}},
		"a click":                  {run(20, 0, 2, 1, 20, 0), nil},
		"a consonant does not":     {run(10, 1, 3, 0, 10, 1), []span{{0, 23 * 512}}},
		"a pause does":             {run(10, 1, 10, 0, 10, 1), []span{{0, 10*512 + 76}, {20 * 512, 30 * 512}}},
		"it begins between values": {run(10, 0, 1, 0.5, 20, 1), []span{{10*512 + 256, 31 * 512}}},
	} {
		got := speechSpans(c.probs, int64(len(c.probs))*vadHop)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// The kept spectra must still tell how loud the sound was.
func TestSpectraKeepTheLevel(t *testing.T) {
	m := newMelBank()
	table := powers(1)
	for _, level := range []float64{-20, -45, -70} {
		sound := make([]float32, melLen)
		for i := range sound {
			sound[i] = float32(math.Pow(10, level/20) * math.Sqrt2 * math.Sin(2*math.Pi*1000*float64(i)/Rate))
		}
		got := decibel(m.meanSquare(m.append(nil, sound), &table))
		if math.Abs(got-level) > 1.5 {
			t.Errorf("level %.1f dB, want %.0f", got, level)
		}
	}
}

func TestCholesky(t *testing.T) {
	m := []float64{4, 0, 0, 2, 5, 0, 1, 3, 6}
	if !cholesky(m, 3) {
		t.Fatal("a positive matrix was refused")
	}
	x := solve(m, 3, []float64{4*1 + 2*2 + 1*3, 2*1 + 5*2 + 3*3, 1*1 + 3*2 + 6*3})
	for i, want := range []float64{1, 2, 3} {
		if math.Abs(x[i]-want) > 1e-12 {
			t.Errorf("x = %v", x)
			break
		}
	}
	if cholesky([]float64{1, 0, 2, 1}, 2) {
		t.Error("a matrix that is not positive was factored")
	}
}

// Stretches of talk begin every ten seconds, and the last one ends with the sound.
func TestStretchesReachTheEnd(t *testing.T) {
	for last, want := range map[int][]int{0: {0}, 900: {0, 900}, 2000: {0, 1000, 2000}, 2001: {0, 1000, 2000, 2001}} {
		var got []int
		for from := 0; from <= last; from = next(from, last) {
			got = append(got, from)
		}
		if !slices.Equal(got, want) {
			t.Errorf("to %d: %v, want %v", last, got, want)
		}
	}
}
