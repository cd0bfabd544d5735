package sample

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"

	"dyade/annotate"
)

// The sound takes' own numbers.
const (
	soundS      = 150   // seconds
	noisyRatio  = 5.0   // dB, speech to noise
	screenRatio = 10.0  // dB, speech to a television's
	faint       = -35.0 // dBFS
)

// soundTake is a take without pictures.
func soundTake(kind string, seed uint64, note string, arrange func(voice []float64) ([]float64, *Script)) take {
	return take{name: fmt.Sprintf("sound-%s-%d", kind, seed), seed: seed, tags: []string{"sound", "sound-" + kind}, note: note,
		make: func(_ context.Context, w *wardrobe, stem string) ([]string, error) {
			voice, err := loadConversation(filepath.Join(w.material, "pyannote", "sample.wav"))
			if err != nil {
				return nil, err
			}
			track, s := arrange(voice)
			if err := os.WriteFile(stem+".wav", wav(track), 0o644); err != nil {
				return nil, fmt.Errorf("writing the sound: %w", err)
			}
			heard := Truth{Moments: turnTaking(s.spoken())}
			return []string{}, writeFiles(stem, []labelFile{
				{"rttm", func(w io.Writer) error { return writeRTTM(w, filepath.Base(stem), s.turns()) }},
				{"moments.csv", heard.writeMoments},
			})
		}}
}

// sounds are conversations that are hard to hear, each in its own way.
func sounds(seed uint64) []take {
	talked := func(kind string, seed uint64, note string, change func(s *Script, speech []float64) []float64) take {
		return soundTake(kind, seed, note, func(voice []float64) ([]float64, *Script) {
			s := conversing(seed)
			return change(s, s.voices(voice)), s
		})
	}
	return []take{
		talked("clean", seed, "a quiet room", func(s *Script, speech []float64) []float64 {
			return sum(speech, roomNoise(s.Seed, len(speech)))
		}),
		talked("pink", seed+1, "pink noise 5 dB below the voices", func(s *Script, speech []float64) []float64 {
			return sum(speech, below(roomNoise(s.Seed, len(speech)), speech, noisyRatio))
		}),
		talked("household", seed+2, "noise of a household 5 dB below the voices", func(s *Script, speech []float64) []float64 {
			return sum(speech, below(household(s.Seed, len(speech)), speech, noisyRatio))
		}),
		talked("faint", seed+3, "the voices are at -35 dBFS", func(s *Script, speech []float64) []float64 {
			k := math.Pow(10, faint/20) / loudness(speech)
			return scaled(sum(speech, roomNoise(s.Seed, len(speech))), k)
		}),
		soundTake("screen", seed+4, "a television talks in the background, 10 dB below; it is in no label", func(voice []float64) ([]float64, *Script) {
			s := conversing(seed + 4)
			speech := s.voices(voice)
			return sum(speech, roomNoise(s.Seed, len(speech)), below(television(s.Seed, voice, len(speech)), speech, screenRatio)), s
		}),
		soundTake("silence", seed+5, "nobody speaks; a household is heard", func([]float64) ([]float64, *Script) {
			s := &Script{Seed: seed + 5, Duration: soundS}
			return scaled(household(s.Seed, soundS*soundRate), 0.5), s
		}),
	}
}

// conversing is a conversation of soundS seconds without pictures: pieces of the
// real one, some close upon each other, some long after the one before.
func conversing(seed uint64) *Script {
	d := &director{Script: &Script{Seed: seed, Duration: soundS}, rng: rand.New(rand.NewPCG(seed, 0x766f69636573))}
	voices := []string{"speaker90", "speaker91"}
	first := d.rng.IntN(2)
	for i := range d.actors {
		d.actors[i].voice, d.actors[i].role = voices[(first+i)%2], []annotate.Role{annotate.Parent, annotate.Child}[i]
	}
	pieces := append([]cut{{17.98, 21.55}, {6.55, 11.06}, {10.3, 17.95}}, dialogues...)
	for who := range d.actors {
		pieces = append(pieces, phrases[d.actors[who].voice]...)
	}
	d.t = d.between(2, 5)
	for {
		said := pieces[d.rng.IntN(len(pieces))]
		if d.t+said.to-said.from > soundS-2 {
			return d.Script
		}
		d.say(d.t, said.from, said.to)
		d.t += said.to - said.from + d.between(0.5, 2)
		if d.rng.IntN(3) == 0 {
			d.t += d.between(5.5, 10)
		}
	}
}

// television is what a loudspeaker in the room says: real voices backwards, so
// that nobody's words and turns are in it, without low and high tones.
func television(seed uint64, voice []float64, n int) []float64 {
	rng := rand.New(rand.NewPCG(seed, 0x7476))
	out := make([]float64, n)
	from, to := int(6.6*soundRate), min(int(29.9*soundRate), len(voice))
	at := rng.IntN(to - from)
	var low, slow float64
	for i := range out {
		v := voice[to-1-(at+i)%(to-from)]
		low += 0.6 * (v - low)
		slow += 0.08 * (low - slow)
		out[i] = low - slow
	}
	return out
}

// loudness is the root mean square of what is not silent.
func loudness(x []float64) float64 {
	const window = soundRate / 50
	var energy, n float64
	for i := 0; i+window <= len(x); i += window {
		var e float64
		for _, v := range x[i : i+window] {
			e += v * v
		}
		if e > window*1e-5 { // -50 dBFS
			energy, n = energy+e, n+window
		}
	}
	return math.Sqrt(energy / max(n, 1))
}

// below scales a sound to so many dB under another.
func below(x, other []float64, db float64) []float64 {
	var e float64
	for _, v := range x {
		e += v * v
	}
	return scaled(x, loudness(other)*math.Pow(10, -db/20)/math.Sqrt(e/float64(max(len(x), 1))))
}

func scaled(x []float64, k float64) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = k * v
	}
	return out
}

func sum(xs ...[]float64) []float64 {
	out := make([]float64, len(xs[0]))
	for _, x := range xs {
		for i, v := range x {
			out[i] += v
		}
	}
	return out
}
