package speech

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

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

// takePrints runs the speaker encoder over the speech.
func takePrints(ctx context.Context, f *frames, spans []span) (prints []voiceprint, err error) {
	prints = windows(spans, f.count)
	if len(prints) == 0 {
		return nil, nil
	}
	net, err := models.Open("ge2e", 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	table := powers(f.speechGain(spans))
	order := make([]int, len(prints))
	for i := range order {
		order[i] = i
	}
	// Windows of one length go through together, in the order of time.
	slices.SortStableFunc(order, func(a, b int) int {
		return (prints[a].to - prints[a].from) - (prints[b].to - prints[b].from)
	})
	for len(order) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := 1
		length := prints[order[0]].to - prints[order[0]].from
		for n < min(batch, len(order)) && prints[order[n]].to-prints[order[n]].from == length {
			n++
		}
		if err := runBatch(net, f, &table, prints, order[:n]); err != nil {
			return nil, err
		}
		order = order[n:]
	}
	return prints, nil
}

// runBatch fills in the voices of the prints named by index, all of one length.
func runBatch(net *models.Session, f *frames, table *[256]float32, prints []voiceprint, index []int) error {
	length := prints[index[0]].to - prints[index[0]].from
	in := make([]float32, 0, length*len(index)*melBands)
	for t := range length {
		for _, i := range index {
			for _, q := range f.spectrum(prints[i].from + t) {
				in = append(in, table[q])
			}
		}
	}
	shape := []int64{int64(length), int64(len(index)), melBands}
	out, err := net.Run(models.Tensor{Shape: shape, Data: in})
	if err != nil {
		return err
	}
	if len(out) != 1 || len(out[0].Data) != len(index)*voiceSize {
		return fmt.Errorf("the speaker encoder gave another form than %d voices of %d values", len(index), voiceSize)
	}
	for n, i := range index {
		prints[i].voice = out[0].Data[n*voiceSize:][:voiceSize]
	}
	return nil
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
