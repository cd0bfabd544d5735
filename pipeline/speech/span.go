package speech

// span is a stretch of sound in samples, from included, to excluded.
type span struct{ from, to int64 }

func (s span) seconds() float64 { return float64(s.to-s.from) / Rate }

// Rules for speech: it begins where the probability rises above speechOn and
// ends where it falls under speechOff, the values that Silero's makers give.
const (
	speechOn  = 0.5
	speechOff = 0.35
	minSpeech = Rate / 10     // shorter is a click
	minPause  = Rate * 3 / 20 // shorter is a stop consonant
)

// speechSpans finds speech in the probabilities of sound that has the given
// number of samples.
func speechSpans(probs []float32, samples int64) []span {
	var spans []span
	for i := 0; i < len(probs); i++ {
		if probs[i] < speechOn {
			continue
		}
		from := i
		for i < len(probs) && probs[i] >= speechOff {
			i++
		}
		s := span{crossing(probs, from, speechOn), min(samples, crossing(probs, i, speechOff))}
		if n := len(spans); n > 0 && s.from-spans[n-1].to < minPause {
			spans[n-1].to = s.to
		} else {
			spans = append(spans, s)
		}
	}
	kept := spans[:0]
	for _, s := range spans {
		if s.to-s.from >= minSpeech {
			kept = append(kept, s)
		}
	}
	return kept
}

// crossing is the sample at which the line between the middles of windows i-1
// and i passes the level.
func crossing(probs []float32, i int, level float32) int64 {
	if i == 0 {
		return 0
	}
	if i == len(probs) {
		return int64(i) * vadHop
	}
	a, b := probs[i-1], probs[i]
	share := (level - a) / (b - a)
	return int64(i)*vadHop - vadHop/2 + int64(share*vadHop)
}
