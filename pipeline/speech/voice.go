package speech

import (
	"math"
	"slices"

	"dyade/annotate"
	"dyade/annotate/timecode"
)

// Limits for the pitch of adults and children, in Hz. They are set by common
// knowledge, not measured on children: women speak at about 160 to 250, to
// their child at 300 and above, young children at about 250 to 400. What lies
// between is unknown.
const (
	adultBelow  = 225 // median of a voice over the recording
	childAbove  = 310 // the same
	childLower  = 250 // its lower quartile
	pairAdult   = 240 // two voices far apart in pitch: the lower one
	pairChild   = 255 // the higher one
	pairApart   = 1.3 // their ratio
	aloneAdult  = 190 // median of a single utterance whose voice is unknown
	aloneChild  = 340
	enoughTones = 25 // pitches of 20 ms for a voice over the recording
	fewTones    = 10 // for an utterance
)

// register is how high a voice speaks.
type register struct {
	tones         int
	median, lower float64 // Hz
}

func registerOf(codes []byte) register {
	if len(codes) == 0 {
		return register{}
	}
	slices.Sort(codes)
	return register{len(codes), hertz(codes[len(codes)/2]), hertz(codes[len(codes)/4])}
}

// codes of the pitch within a span.
func (f *frames) codes(s span) []byte {
	var codes []byte
	for i := int(s.from / toneHop); i < min(int(s.to/toneHop), len(f.tones)); i++ {
		if f.tones[i] > 0 {
			codes = append(codes, f.tones[i])
		}
	}
	return codes
}

// utterances puts turns into the nouns of annotate: speakers get their numbers
// in the order in which they first speak.
func utterances(turns []turn, f *frames, samples int64) []annotate.Utterance {
	number := map[int]int{noVoice: 0}
	codes := map[int][]byte{}
	for _, t := range turns {
		if _, met := number[t.voice]; !met {
			number[t.voice] = len(number)
		}
		codes[t.voice] = append(codes[t.voice], f.codes(t.span)...)
	}
	registers := make([]register, len(number))
	for v, n := range number {
		if v != noVoice {
			registers[n] = registerOf(codes[v])
		}
	}
	voices := voicesOf(registers)
	list := make([]annotate.Utterance, 0, len(turns))
	for _, t := range turns {
		n := number[t.voice]
		list = append(list, annotate.Utterance{
			Span:       timecode.Span{Start: instant(t.from), End: instant(min(t.to, samples))},
			Speaker:    n,
			Voice:      utteranceVoice(voices[n], registerOf(f.codes(t.span))),
			Confidence: math.Round(t.confidence*1000) / 1000,
		})
	}
	return list
}

func instant(sample int64) timecode.Instant {
	return timecode.Instant{Ticks: sample, Base: timecode.Voice}
}

// voicesOf guesses each speaker's voice from how high all of them speak.
func voicesOf(registers []register) []annotate.Voice {
	voices := make([]annotate.Voice, len(registers))
	for i, r := range registers {
		voices[i] = annotate.UnknownVoice
		switch {
		case r.tones < enoughTones:
		case r.median < adultBelow:
			voices[i] = annotate.AdultVoice
		case r.median > childAbove && r.lower > childLower:
			voices[i] = annotate.ChildVoice
		}
	}
	for i, low := range registers {
		for j, high := range registers {
			if low.tones < enoughTones || high.tones < enoughTones {
				continue
			}
			if low.median < pairAdult && high.median > pairChild && high.median > pairApart*low.median {
				voices[i], voices[j] = annotate.AdultVoice, annotate.ChildVoice
			}
		}
	}
	return voices
}

// utteranceVoice is the speaker's voice unless the utterance itself speaks
// against it, and its own where the speaker's is unknown.
func utteranceVoice(speaker annotate.Voice, r register) annotate.Voice {
	own := annotate.UnknownVoice
	switch {
	case r.tones < fewTones:
	case r.median < aloneAdult:
		own = annotate.AdultVoice
	case r.median > aloneChild && r.lower > childLower:
		own = annotate.ChildVoice
	}
	switch {
	case speaker == annotate.UnknownVoice || own == speaker:
		return own
	case own == annotate.UnknownVoice:
		return speaker
	}
	return annotate.UnknownVoice
}
