package compare

import (
	"math"

	"dyade/annotate"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/tally"
)

// slotsPer is how many units of speech a second has.
const slotsPer = 100

// Speech compares detected speech with the labelled, every 10 ms.
func Speech(truth []label.Speech, found []annotate.Utterance, duration float64) []tally.Tally {
	t := counts("speech", "10 ms")
	r := raters{}
	eachSlot(truth, found, duration, func(block int, said, heard bool) {
		t.Count(block, tally.Counts{Truth: one(said), Found: one(heard), Hits: one(said && heard), Labelled: one(said)})
		r.say(block, said, heard)
	})
	return append([]tally.Tally{t}, r.tallies("speech")...)
}

// Unheard is Speech of a recording without sound: what was said in it is unknown.
func Unheard(truth []label.Speech, duration float64) []tally.Tally {
	t := counts("speech", "10 ms")
	eachSlot(truth, nil, duration, func(block int, said, _ bool) {
		t.Count(block, tally.Counts{Labelled: one(said), Unknown: one(said)})
	})
	return []tally.Tally{t, UnheardChanges(truth)}
}

// eachSlot goes through the recording: is there speech, and was any heard?
func eachSlot(truth []label.Speech, found []annotate.Utterance, duration float64, each func(block int, said, heard bool)) {
	n := int(duration * slotsPer)
	said, heard := make([]bool, n), make([]bool, n)
	for _, s := range truth {
		fill(said, s.StartS, s.EndS)
	}
	for _, u := range found {
		fill(heard, u.Start.Seconds(), u.End.Seconds())
	}
	for i := range n {
		each(block(float64(i)/slotsPer), said[i], heard[i])
	}
}

func fill(slots []bool, from, to float64) {
	for i := max(0, int(math.Round(from*slotsPer))); i < min(len(slots), int(math.Round(to*slotsPer))); i++ {
		slots[i] = true
	}
}

// Machine compares with a labelling that another program made: no truth, so the
// figures stand under names of their own.
func Machine(truth []label.Speech, found []annotate.Utterance, duration float64) []tally.Tally {
	voices := map[string]annotate.Voice{"FEM": annotate.AdultVoice, "MAL": annotate.AdultVoice, "KCHI": annotate.ChildVoice, "CHI": annotate.ChildVoice}
	same := figure("voice_agreement_machine", "", "share", tally.Share)
	spoken := truth[:0:0]
	for _, s := range truth {
		voice, isVoice := voices[s.Speaker]
		if !isVoice {
			continue
		}
		spoken = append(spoken, s)
		for at := s.StartS; at < s.EndS; at += 0.1 {
			for _, u := range found {
				if u.Start.Seconds() <= at && at < u.End.Seconds() && u.Voice != annotate.UnknownVoice {
					same.Trial(block(at), number(u.Voice == voice), 1)
				}
			}
		}
	}
	t := Speech(spoken, found, duration)[0]
	t.Name = "speech_machine"
	return []tally.Tally{t, same}
}
