package report

import (
	"slices"

	"dyade/annotate"
	"dyade/internal/i18n"
)

// maxVoices is how many speakers get a row of their own.
const maxVoices = 4

// voices draws one row per speaker, in the order of their numbers; those
// beyond maxVoices and the unknown one share a last row.
func voices(l i18n.Lang, a *annotate.Analysis) []lane {
	row := func(label, figure string) lane {
		return lane{Class: "voice", Label: label, Figure: figure, Height: 20, Says: i18n.T(l, "lane_says", label, figure)}
	}
	if a.Recording.Audio == nil {
		r := row(i18n.T(l, "lane_voice"), i18n.T(l, "lane_figure_unknown"))
		r.Unknown = []bar{{X: "0%", W: "100%", Y: 1, H: 18}}
		return []lane{r}
	}
	if len(a.Speech) == 0 {
		return []lane{row(i18n.T(l, "lane_voice"), i18n.T(l, "lane_figure_none"))}
	}
	own, rest := bySpeaker(annotate.Spoken(a.Speech))
	var out []lane
	for _, said := range own {
		voice := mainVoice(said)
		r := row(i18n.T(l, "lane_voice_speaker", said[0].Speaker, i18n.T(l, "voice_"+string(voice))), i18n.Duration(l, length(said)))
		r.Bars = speechBars(said, a.Recording.DurationS, string(voice))
		out = append(out, r)
	}
	if len(rest) > 0 {
		r := row(i18n.T(l, "lane_voice_others"), i18n.Duration(l, length(rest)))
		r.Bars = speechBars(rest, a.Recording.DurationS, string(annotate.UnknownVoice))
		out = append(out, r)
	}
	for _, voice := range []annotate.Voice{annotate.VocalVoice, annotate.BackgroundVoice} {
		if heard := only(a.Speech, voice); len(heard) > 0 {
			r := row(i18n.T(l, "lane_voice_"+string(voice)), i18n.Duration(l, length(heard)))
			r.Bars = speechBars(heard, a.Recording.DurationS, string(annotate.UnknownVoice))
			out = append(out, r)
		}
	}
	return out
}

// only are the utterances of one voice.
func only(speech []annotate.Utterance, voice annotate.Voice) []annotate.Utterance {
	return slices.DeleteFunc(slices.Clone(speech), func(u annotate.Utterance) bool { return u.Voice != voice })
}

// bySpeaker groups utterances: those of the first maxVoices numbered speakers,
// each a group in its number's order, and the others.
func bySpeaker(speech []annotate.Utterance) (own [][]annotate.Utterance, rest []annotate.Utterance) {
	sorted := slices.Clone(speech)
	slices.SortStableFunc(sorted, func(x, y annotate.Utterance) int {
		if x.Speaker != y.Speaker {
			return x.Speaker - y.Speaker
		}
		return x.Start.Compare(y.Start)
	})
	for _, u := range sorted {
		last := len(own) - 1
		switch {
		case u.Speaker > 0 && last >= 0 && own[last][0].Speaker == u.Speaker:
			own[last] = append(own[last], u)
		case u.Speaker > 0 && len(own) < maxVoices:
			own = append(own, []annotate.Utterance{u})
		default:
			rest = append(rest, u)
		}
	}
	slices.SortStableFunc(rest, func(x, y annotate.Utterance) int { return x.Start.Compare(y.Start) })
	return own, rest
}

// mainVoice is the voice that holds the most of said's time; of equals the
// first in the order adult, child, unknown.
func mainVoice(said []annotate.Utterance) annotate.Voice {
	held := map[annotate.Voice]float64{}
	for _, u := range said {
		held[u.Voice] += u.Seconds()
	}
	best := annotate.AdultVoice
	for _, v := range []annotate.Voice{annotate.ChildVoice, annotate.UnknownVoice} {
		if held[v] > held[best] {
			best = v
		}
	}
	return best
}

func length(said []annotate.Utterance) float64 {
	sum := 0.0
	for _, u := range said {
		sum += u.Seconds()
	}
	return sum
}

// speechBars draws utterances, those joined that lie closer than a point of
// the page.
func speechBars(said []annotate.Utterance, duration float64, class string) []bar {
	type part struct{ from, to float64 }
	var parts []part
	for _, u := range said {
		p := part{share(u.Start.Seconds() / duration), share(u.End.Seconds() / duration)}
		if n := len(parts); n > 0 && p.from-parts[n-1].to < 1.0/maxPoints {
			parts[n-1].to = max(parts[n-1].to, p.to)
			continue
		}
		parts = append(parts, p)
	}
	var out []bar
	for _, p := range parts {
		out = append(out, bar{X: percent(p.from), W: percent(max(p.to-p.from, 1.0/maxPoints)), Y: 5, H: 10, Class: class})
	}
	return out
}
