package sample

import (
	"math"
	"testing"
)

// hum is a voice that is easy to measure.
func hum() []float64 {
	voice := make([]float64, 30*soundRate)
	for i := range voice {
		voice[i] = 0.2 * math.Sin(float64(i)*0.3)
	}
	return voice
}

func TestNoiseIsAsLoudAsItIsSaidToBe(t *testing.T) {
	s := conversing(4)
	speech := s.voices(hum())
	if l := 20 * math.Log10(loudness(speech)); math.Abs(l-20*math.Log10(voiceGain*0.2/math.Sqrt2)) > 0.2 {
		t.Errorf("the voices are at %.2f dBFS", l)
	}
	for _, noise := range [][]float64{roomNoise(1, len(speech)), household(1, len(speech)), television(1, hum(), len(speech))} {
		var e float64
		for _, v := range below(noise, speech, 5) {
			e += v * v
		}
		if db := 20 * math.Log10(loudness(speech)/math.Sqrt(e/float64(len(speech)))); math.Abs(db-5) > 0.01 {
			t.Errorf("the noise is %.2f dB below the voices, want 5", db)
		}
	}
}

func TestConversationsHaveTurnsAndPauses(t *testing.T) {
	for seed := range uint64(20) {
		s := conversing(seed)
		turns := s.spoken()
		moments := turnTaking(turns)
		end := 0.0
		speakers := map[int]bool{}
		for _, u := range turns {
			if u.EndS > soundS || u.EndS <= u.StartS {
				t.Errorf("seed %d: %+v", seed, u)
			}
			end = max(end, u.EndS)
			speakers[u.who] = true
		}
		if len(turns) < 15 || len(moments) < 1 || len(speakers) != 2 || end < soundS-25 {
			t.Errorf("seed %d: %d turns, %d moments, until %.0f s", seed, len(turns), len(moments), end)
		}
	}
}
