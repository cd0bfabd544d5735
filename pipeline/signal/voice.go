package signal

import "dyade/annotate"

// voice fills what was heard.
func (b *builder) voice() {
	if !b.in.Heard.Known {
		return
	}
	for i := range b.Steps {
		probability, heard := b.activity(b.Seconds(i))
		if !heard {
			continue // the sound is shorter than the film
		}
		b.Get("speech").Set(i, probability)
		for _, name := range []string{"adult_voice", "child_voice", "overlap", "background_voice", "vocal"} {
			b.Get(name).Set(i, 0)
		}
		if i < len(b.in.Heard.Level) {
			b.Get("level").Set(i, float64(b.in.Heard.Level[i]))
		}
	}
	voices := make([]int, b.Steps)
	for _, u := range b.in.Heard.Utterances {
		b.utterance(u, voices)
	}
	for i, n := range voices {
		if n > 1 {
			b.Get("overlap").Set(i, 1)
		}
	}
}

// nobodys are the columns of voices that no speaker has.
var nobodys = map[annotate.Voice]string{annotate.BackgroundVoice: "background_voice", annotate.VocalVoice: "vocal"}

func (b *builder) utterance(u annotate.Utterance, voices []int) {
	from, to := b.index(u.Start.Seconds()+0.05), b.index(u.End.Seconds()+0.05)
	for i := max(0, from); i < min(to, b.Steps); i++ {
		if column, ok := nobodys[u.Voice]; ok {
			b.Get(column).Set(i, 1)
			continue
		}
		voices[i]++
		if u.Speaker > 0 {
			b.Get("speaker").Set(i, float64(u.Speaker))
		}
		switch u.Voice {
		case annotate.AdultVoice:
			b.Get("adult_voice").Set(i, 1)
		case annotate.ChildVoice:
			b.Get("child_voice").Set(i, 1)
		default:
			b.Get("adult_voice").Unset(i)
			b.Get("child_voice").Unset(i)
		}
	}
}

// activity is the mean probability of speech over the step that begins at s; ok
// is false where there is no sound any more.
func (b *builder) activity(s float64) (probability float64, ok bool) {
	a := b.in.Heard.Activity
	from := int(s / ActivityStep)
	to := int((s + 0.1) / ActivityStep)
	sum, n := 0.0, 0.0
	for k := max(0, from); k < min(to, len(a)); k++ {
		sum, n = sum+float64(a[k]), n+1
	}
	if n == 0 {
		return 0, false
	}
	return sum / n, true
}
