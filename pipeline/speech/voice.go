package speech

import (
	"math"
	"slices"

	"dyade/annotate"
	"dyade/annotate/timecode"
)

// Limits for the pitch of adults, in Hz. Women speak at about 160 to 250, to their child
// at 300 and above, and young children at about 250 to 400: pitch tells that a voice is an
// adult's, and never that it is a child's. No child is heard in what dyade is measured
// on, so none is claimed: what is not an adult's is unknown.
const (
	adultBelow  = 225 // median of a voice over the recording
	aloneAdult  = 190 // median of a single utterance whose voice is unknown
	aloneHigh   = 340 // the same, of one that speaks against an adult's voice
	enoughTones = 25  // pitches of 20 ms for a voice over the recording
	fewTones    = 10  // for an utterance
)

// register is how high a voice speaks.
type register struct {
	tones  int
	median float64 // Hz
}

func registerOf(codes []byte) register {
	if len(codes) == 0 {
		return register{}
	}
	slices.Sort(codes)
	return register{len(codes), hertz(codes[len(codes)/2])}
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

// nobodys are what is heard of a voice that no speaker has.
func nobodys(spans []span, voice annotate.Voice, samples int64) (list []annotate.Utterance) {
	for _, s := range spans {
		list = append(list, annotate.Utterance{
			Span: timecode.Span{Start: instant(s.from), End: instant(min(s.to, samples))}, Voice: voice,
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
		if r.tones >= enoughTones && r.median < adultBelow {
			voices[i] = annotate.AdultVoice
		}
	}
	return voices
}

// utteranceVoice is the speaker's voice unless the utterance itself speaks against it,
// and its own where the speaker's is unknown.
func utteranceVoice(speaker annotate.Voice, r register) annotate.Voice {
	switch {
	case r.tones < fewTones:
		return speaker
	case r.median < aloneAdult:
		return annotate.AdultVoice
	case r.median > aloneHigh:
		return annotate.UnknownVoice
	}
	return speaker
}
