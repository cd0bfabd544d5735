package moment

import "dyade/annotate"

const (
	leastVoice  = 0.3  // seconds of a voice that are worth telling
	leastUnseen = 0.05 // share of a moment's time in which a face is not seen that is
)

// witness tells of a moment, whatever rule found it, whose voices are heard in it
// and whose faces are not seen.
func (f *finder) witness(m annotate.Moment) (list []annotate.Evidence) {
	r := run{f.stepsOf(m.StartS), min(f.Table.Steps, f.stepsOf(m.EndS))}
	for _, voice := range []string{"child_voice", "adult_voice"} {
		if s := shareOf(r, f.Table.Get(voice).Is) * f.seconds(r); s >= leastVoice {
			list = append(list, f.cue(voice, r, s, "s"))
		}
	}
	if m.Kind == annotate.TurnTaking {
		return list // rests on no face
	}
	for _, who := range []string{"parent", "child"} {
		seen := f.Table.Get(who + "_seen")
		unseen := shareOf(r, func(i int) bool { v, known := seen.At(i); return known && v == 0 })
		if unseen >= leastUnseen {
			list = append(list, f.cue(who+"_unseen", r, unseen, "share"))
		}
	}
	return list
}
