package sample

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
)

// soundRate is the conversation's and the mixed track's, Hz; the encoder brings
// it to 48 kHz.
const soundRate = 16000

// roomLevel is the root mean square of the room's noise: −55 dBFS.
const roomLevel = 0.00178

// voiceGain lifts the conversation, which was recorded quietly.
const voiceGain = 1.5

// loadConversation reads a 16 kHz mono 16-bit WAV file.
func loadConversation(path string) ([]float64, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the conversation: %w", err)
	}
	data, err := wavSamples(raw)
	if err != nil {
		return nil, fmt.Errorf("reading the conversation, from %s: %w", path, err)
	}
	out := make([]float64, len(data)/2)
	for i := range out {
		out[i] = float64(int16(binary.LittleEndian.Uint16(data[2*i:]))) / 32768
	}
	return out, nil
}

// wavSamples finds the samples of a RIFF file in the one form expected.
func wavSamples(raw []byte) ([]byte, error) {
	if len(raw) < 12 || string(raw[:4]) != "RIFF" || string(raw[8:12]) != "WAVE" {
		return nil, errors.New("not a WAV file")
	}
	for p := 12; p+8 <= len(raw); {
		size := int(binary.LittleEndian.Uint32(raw[p+4:]))
		body := raw[p+8:]
		if size > len(body) {
			size = len(body)
		}
		switch string(raw[p : p+4]) {
		case "fmt ":
			if size < 16 || binary.LittleEndian.Uint16(body[2:]) != 1 ||
				binary.LittleEndian.Uint32(body[4:]) != soundRate || binary.LittleEndian.Uint16(body[14:]) != 16 {
				return nil, errors.New("not 16 kHz mono 16-bit sound")
			}
		case "data":
			return body[:size&^1], nil
		}
		p += 8 + size + size&1
	}
	return nil, errors.New("no samples in it")
}

// mix lays the script's excerpts over the room's noise.
func (s *Script) mix(voice []float64) []float64 {
	out := roomNoise(s.Seed, int(s.Duration*soundRate))
	if s.household {
		for i, v := range household(s.Seed, len(out)) {
			out[i] += v
		}
	}
	s.lay(out, voice)
	return out
}

// voices are the script's excerpts and silence between them.
func (s *Script) voices(voice []float64) []float64 {
	out := make([]float64, int(s.Duration*soundRate))
	s.lay(out, voice)
	return out
}

// lay adds the script's excerpts to a sound.
func (s *Script) lay(out, voice []float64) {
	const fade = 0.012 * soundRate
	for _, x := range s.excerpts {
		from, to := int(x.from*soundRate), min(int(x.to*soundRate), len(voice))
		at := int(math.Round(x.at * soundRate))
		for i := from; i < to && at+i-from < len(out); i++ {
			edge := min(1, min(float64(i-from), float64(to-i))/fade)
			out[at+i-from] += voiceGain * edge * voice[i]
		}
	}
}

// roomNoise is pink noise (Kellet's filter) at roomLevel.
func roomNoise(seed uint64, n int) []float64 {
	rng := rand.New(rand.NewPCG(seed, 0x726f6f6d))
	out := make([]float64, n)
	var a, b, c, sum float64
	for i := range out {
		w := rng.NormFloat64()
		a = 0.99765*a + 0.0990460*w
		b = 0.96300*b + 0.2965164*w
		c = 0.57000*c + 1.0526913*w
		out[i] = a + b + c + 0.1848*w
		sum += out[i] * out[i]
	}
	k := roomLevel / math.Sqrt(sum/float64(max(n, 1))+1e-30)
	for i := range out {
		out[i] *= k
	}
	return out
}

// wav packs samples as a 16-bit mono file.
func wav(samples []float64) []byte {
	var b bytes.Buffer
	n := uint32(2 * len(samples))
	b.WriteString("RIFF")
	le := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) } // a Buffer does not fail
	le(36 + n)
	b.WriteString("WAVEfmt ")
	le([]uint32{16, 1 | 1<<16, soundRate, 2 * soundRate, 2 | 16<<16})
	b.WriteString("data")
	le(n)
	pcm := make([]int16, len(samples))
	for i, v := range samples {
		pcm[i] = int16(math.Round(clamp(v, -0.999, 0.999) * 32767))
	}
	le(pcm)
	return b.Bytes()
}
