package speech

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"dyade/internal/kept"
	"dyade/models"
)

// voiceprint is what the speaker encoder says of a window of speech.
type voiceprint struct {
	from, to int // spectra, to excluded
	span     int // the span of speech that it lies in
	voice    []float32
}

// middle of the window, in spectra.
func (p voiceprint) middle() float64 { return float64(p.from+p.to) / 2 }

// Windows of the encoder, in spectra of 10 ms. Longer ones know a voice better
// and blur its turns; on a conversation with turns of one to six seconds 0.8 s
// finds the most changes.
const (
	printLen  = 80
	printMin  = 40 // shorter speech is widened to this
	printLeft = 30 // speech shorter than this gets no window
	printHop  = 25
	hopMax    = 50
	lenStep   = 10 // windows have lengths of this step, to be run together

	voiceSize  = 256
	batch      = 32
	voiceLevel = -25 // dBFS: speech is brought to this level for the encoder
)

// keptBatches go through the encoder between two times that what it says is
// kept, about a second's work.
const keptBatches = 16

// takePrints runs the speaker encoder over the speech, but for the windows whose
// voices are kept.
func takePrints(ctx context.Context, f *frames, spans []span, memory kept.Memory) (prints []voiceprint, err error) {
	prints = windows(spans, f.count)
	if len(prints) == 0 {
		return nil, nil
	}
	net, err := models.Open("ge2e", 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	e := encoder{net: net, frames: f, table: powers(f.speechGain(spans)), prints: prints}
	n := 0
	for some := range slices.Chunk(batches(prints), keptBatches) {
		name := fmt.Sprintf("voices-%d-%d", batch*keptBatches, n)
		n++
		order := slices.Concat(some...)
		var voices []float32
		if !kept.Get(memory, name, &voices) || len(voices) != len(order)*voiceSize {
			if voices, err = e.run(ctx, some); err != nil {
				return nil, err
			}
			kept.Put(memory, name, voices)
		}
		for k, i := range order {
			prints[i].voice = voices[k*voiceSize:][:voiceSize]
		}
	}
	return prints, nil
}

// batches of prints, by index: windows of one length go through together, in the
// order of time.
func batches(prints []voiceprint) (list [][]int) {
	byLength := map[int][]int{}
	for i, p := range prints {
		byLength[p.to-p.from] = append(byLength[p.to-p.from], i)
	}
	for _, length := range slices.Sorted(maps.Keys(byLength)) {
		list = slices.AppendSeq(list, slices.Chunk(byLength[length], batch))
	}
	return list
}

// encoder is the speaker encoder, with the windows that it is to see.
type encoder struct {
	net    *models.Session
	frames *frames
	table  [256]float32
	prints []voiceprint
}

// run gives the voices of batches, one after the other.
func (e *encoder) run(ctx context.Context, some [][]int) (voices []float32, err error) {
	for _, index := range some {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		length := e.prints[index[0]].to - e.prints[index[0]].from
		in := make([]float32, 0, length*len(index)*melBands)
		for t := range length {
			for _, i := range index {
				for _, q := range e.frames.spectrum(e.prints[i].from + t) {
					in = append(in, e.table[q])
				}
			}
		}
		shape := []int64{int64(length), int64(len(index)), melBands}
		out, err := e.net.Run(models.Tensor{Shape: shape, Data: in})
		if err != nil {
			return nil, err
		}
		if len(out) != 1 || len(out[0].Data) != len(index)*voiceSize {
			return nil, fmt.Errorf("the speaker encoder gave another form than %d voices of %d values", len(index), voiceSize)
		}
		voices = append(voices, out[0].Data...)
	}
	return voices, nil
}

// windows spreads windows over the speech, evenly within each span. Where much
// is said they lie further apart, which bounds the time this takes.
func windows(spans []span, count int) []voiceprint {
	var speech float64
	for _, s := range spans {
		speech += s.seconds()
	}
	budget := 500 + 0.012*float64(count)
	hop := int(math.Min(hopMax, math.Max(printHop, math.Ceil(speech*100/budget))))
	var prints []voiceprint
	for n, s := range spans {
		from, to := int(s.from/frameHop), min(int(s.to/frameHop), count)
		switch length := to - from; {
		case length < printLeft || count < printMin:
		case length <= printLen:
			fit := max(printMin, length/lenStep*lenStep)
			from = max(0, min(from+(length-fit)/2, count-fit))
			prints = append(prints, voiceprint{from: from, to: from + fit, span: n})
		default:
			steps := (length - printLen + hop - 1) / hop
			for k := range steps + 1 {
				at := from + (length-printLen)*k/steps
				prints = append(prints, voiceprint{from: at, to: at + printLen, span: n})
			}
		}
	}
	return prints
}

// speechGain is the factor on powers that brings speech to voiceLevel.
func (f *frames) speechGain(spans []span) float64 {
	plain := powers(1)
	var sum float64
	n := 0
	for _, s := range spans {
		for i := int(s.from / frameHop); i < min(int(s.to/frameHop), f.count); i++ {
			sum += f.mel.meanSquare(f.spectrum(i), &plain)
			n++
		}
	}
	if sum == 0 {
		return 1
	}
	return math.Pow(10, voiceLevel/10.0) / (sum / float64(n))
}
