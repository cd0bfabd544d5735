package sound_test

import (
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"dyade/pipeline/reel/sound"
)

// made is a source of so many frames; it gives them in pieces of odd lengths.
type made struct {
	n, at int
	wave  func(t float64) (left, right float64)
	luck  *rand.Rand
}

func source(seconds float64, wave func(t float64) (left, right float64)) *made {
	return &made{n: int(seconds * sound.Rate), wave: wave, luck: rand.New(rand.NewPCG(1, 1))}
}

func (m *made) Read(buf []float32) (int, error) {
	n := min(m.n-m.at, len(buf)/sound.Channels, 1+m.luck.IntN(3000))
	if n == 0 {
		return 0, io.EOF
	}
	for i := range n {
		l, r := m.wave(float64(m.at+i) / sound.Rate)
		buf[2*i], buf[2*i+1] = float32(l), float32(r)
	}
	m.at += n
	return 2 * n, nil
}

func sine(hertz, peak float64) func(float64) (float64, float64) {
	return func(t float64) (float64, float64) {
		v := peak * math.Sin(2*math.Pi*hertz*t)
		return v, v
	}
}

func everything(t *testing.T, s sound.Source) (all []float32) {
	t.Helper()
	buf := make([]float32, 2*1111)
	for {
		n, err := s.Read(buf)
		all = append(all, buf[:n]...)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestLoudness takes the signals of EBU Tech 3341, table 1, for a shorter time.
func TestLoudness(t *testing.T) {
	stage := func(steps ...[2]float64) func(float64) (float64, float64) { // seconds and dBFS
		return func(t float64) (float64, float64) {
			at := t
			for _, s := range steps {
				if at < s[0] {
					return sine(1000, math.Pow(10, s[1]/20))(t)
				}
				at -= s[0]
			}
			return 0, 0
		}
	}
	for name, c := range map[string]struct {
		seconds float64
		wave    func(float64) (float64, float64)
		want    float64
	}{
		"1":       {2, stage([2]float64{20, -23}), -23},
		"2":       {2, stage([2]float64{20, -33}), -33},
		"3":       {16, stage([2]float64{2, -36}, [2]float64{12, -23}, [2]float64{2, -36}), -23},
		"4":       {20, stage([2]float64{2, -72}, [2]float64{2, -36}, [2]float64{12, -23}, [2]float64{2, -36}, [2]float64{2, -72}), -23},
		"5":       {24.1, stage([2]float64{8, -26}, [2]float64{8.1, -20}, [2]float64{8, -26}), -23},
		"short":   {0.3, stage([2]float64{20, -23}), -23},
		"silence": {2, stage(), math.Inf(-1)},
	} {
		m := sound.NewMeter()
		m.Add(everything(t, source(c.seconds, c.wave)))
		if got := m.Loudness(); math.Abs(got-c.want) > 0.2 && got != c.want {
			t.Errorf("%s: %.2f LUFS, want %.2f", name, got, c.want)
		}
	}
}

// TestLimiting: what is not too loud is made louder and stays as it is otherwise; what
// would be is not above the limit, whenever it comes, and nothing is delayed.
func TestLimiting(t *testing.T) {
	quiet := everything(t, source(1, sine(440, 0.1)))
	for i, v := range everything(t, sound.Limit(source(1, sine(440, 0.1)), 4)) {
		if math.Abs(float64(v-4*quiet[i])) > 1e-6 {
			t.Fatalf("sample %d is %f, was %f", i, v, quiet[i])
		}
	}
	luck := rand.New(rand.NewPCG(5, 5))
	for range 5 {
		bang := 0.1 + luck.Float64()
		wave := func(t float64) (float64, float64) {
			l, r := sine(440, 0.1)(t)
			if t > bang && t < bang+0.05*luck.Float64() {
				l *= 9
			}
			return l, r
		}
		got := everything(t, sound.Limit(source(1.3, wave), 5))
		if len(got) != 2*int(1.3*sound.Rate) {
			t.Errorf("%d samples", len(got))
		}
		if most := slices.Max(got); most > 0.86 {
			t.Errorf("a peak of %f", most)
		}
		// Before, it is as loud as it was to be.
		for i := range 2 * int((bang-0.02)*sound.Rate) {
			l, _ := sine(440, 0.5)(float64(i/2) / sound.Rate)
			if math.Abs(float64(got[i])-l) > 1e-5 {
				t.Fatalf("sample %d is %f, want %f", i, got[i], l)
			}
		}
	}
}

// pitch counts how often a wave rises through zero a second.
func pitch(frames []float32) float64 {
	n := 0
	for i := 2; i+1 < len(frames); i += 2 {
		if frames[i-2] < 0 && frames[i] >= 0 {
			n++
		}
	}
	return float64(n) / (float64(len(frames)/2) / sound.Rate)
}

// TestSlowerAtTheSamePitch: sound that is stretched has the pitch it had, does not
// click, begins as it began and goes on where it was to.
func TestSlowerAtTheSamePitch(t *testing.T) {
	for _, rate := range []float64{0.25, 0.5, 0.97} {
		const hertz, from, to = 220, 20_000, 20_000 + sound.Rate
		tape := sound.NewTape(source(2, sine(hertz, 0.5)))
		n := int64(float64(to-from) / rate)
		s := sound.NewStretch(tape, from, to, n)
		got := make([]float32, 2*n)
		for i := 0; i < len(got); i += 2 * 777 {
			if _, err := s.Read(got[i:min(len(got), i+2*777)]); err != nil {
				t.Fatal(err)
			}
		}
		if p := pitch(got); math.Abs(p-hertz) > 2 {
			t.Errorf("%g: %.1f Hz", rate, p)
		}
		after, err := tape.At(to, 1000)
		if err != nil {
			t.Fatal(err)
		}
		whole := slices.Concat(got, after)
		steepest := 0.5 * 2 * math.Pi * hertz / sound.Rate
		for i := 2; i+1 < len(whole); i += 2 {
			if d := math.Abs(float64(whole[i] - whole[i-2])); d > 1.3*steepest {
				t.Fatalf("%g: it jumps by %f at frame %d of %d", rate, d, i/2, n)
			}
		}
		first, _ := sine(hertz, 0.5)(float64(from) / sound.Rate)
		if math.Abs(float64(got[0])-first) > 0.01 {
			t.Errorf("%g: it begins with %f, not %f", rate, got[0], first)
		}
	}
}

// TestClicksStayWhereTheyAre: each comes when its time is due, once.
func TestClicksStayWhereTheyAre(t *testing.T) {
	click := func(t float64) (float64, float64) {
		if at := math.Mod(t, 0.5); at > 0.2 && at < 0.21 {
			return sine(3000, 0.8)(t)
		}
		return 0, 0
	}
	const from, to, n = sound.Rate, 3 * sound.Rate, 4 * sound.Rate
	s := sound.NewStretch(sound.NewTape(source(5, click)), from, to, n)
	got := make([]float32, 2*n)
	if _, err := s.Read(got); err != nil {
		t.Fatal(err)
	}
	var at []float64
	last := -sound.Rate
	for i := 0; i < len(got); i += 2 {
		if math.Abs(float64(got[i])) > 0.3 {
			if i/2-last > sound.Rate/10 {
				at = append(at, float64(i/2)/sound.Rate)
			}
			last = i / 2
		}
	}
	if len(at) != 4 {
		t.Fatalf("clicks at %.3f", at)
	}
	for k, v := range at {
		if want := 0.4 + float64(k); math.Abs(v-want) > 0.03 {
			t.Errorf("a click at %.3f s, want %.3f s", v, want)
		}
	}
}

func TestATapeEndsInSilence(t *testing.T) {
	tape := sound.NewTape(source(0.1, sine(100, 1)))
	some, err := tape.At(4700, 200)
	if err != nil || some[0] == 0 || some[2*99] == 0 && some[2*98] == 0 || some[2*100] != 0 || some[2*199] != 0 {
		t.Errorf("%v, %v", some, err)
	}
	if some, err = sound.NewTape(nil).At(1e9, 3); err != nil || slices.Max(some) != 0 {
		t.Errorf("%v, %v", some, err)
	}
	tape.Drop(4799)
	if some, err = tape.At(-5, 3); err != nil || slices.Max(some) != 0 {
		t.Errorf("%v, %v", some, err)
	}
}
