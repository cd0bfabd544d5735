package report

import (
	"unicode"
	"unicode/utf8"

	"dyade/annotate"
	"dyade/internal/i18n"
)

// Saying is what to film otherwise, or what limits what can be seen and heard, in
// one sentence.
type Saying struct {
	annotate.Warning
	Text string `json:"text"`
}

// Counsel says what to film otherwise, the most useful first, then what else
// limits the analysis: the first annotate.MostAdvice with what to do about it.
// It is empty where all is well.
func Counsel(l i18n.Lang, a *annotate.Analysis) []Saying {
	list := []Saying{}
	for _, w := range limits(a) {
		limit, advice := clauses(l, w.Code)
		s := Saying{w, i18n.T(l, "counsel_limit", capital(limit))}
		if advice != "" && len(list) < annotate.MostAdvice {
			s.Text = i18n.T(l, "counsel_do", capital(advice), limit)
		}
		list = append(list, s)
	}
	return list
}

// limits are those of the coach, then the others, each with its share of the whole
// recording: 0, not told, of what concerns only the beginning.
func limits(a *annotate.Analysis) []annotate.Warning {
	var list []annotate.Warning
	place := map[string]int{}
	for _, w := range a.Coach {
		place[w.Code] = len(list)
		list = append(list, annotate.Warning{Code: w.Code})
	}
	for _, w := range a.Quality {
		if at, again := place[w.Code]; again {
			list[at] = w
		} else {
			list = append(list, w)
		}
	}
	return list
}

// clauses say what limits and what to do about it, neither beginning nor ending a
// sentence; the second is empty where nothing is known to do.
func clauses(l i18n.Lang, code string) (limit, advice string) {
	if key := "quality_" + code; i18n.Has(key) && i18n.Has(key+"_advice") {
		return i18n.T(l, key), i18n.T(l, key+"_advice")
	}
	return i18n.T(l, "quality_unnamed", clean(code)), ""
}

func capital(s string) string {
	first, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[n:]
}

// sure is the confidence from which a moment is clear.
const sure = 0.4

// Unclear says why an analysis proposes nothing that is clear, and what can still
// be done.
type Unclear struct {
	Title   string   `json:"title"`
	Because []string `json:"because"` // clauses, as in a list
	Next    string   `json:"next"`
}

// Nothing gives that; nil where a moment is clear.
func Nothing(l i18n.Lang, a *annotate.Analysis) *Unclear {
	title := "none_title"
	for _, m := range a.Moments {
		if m.Confidence >= sure {
			return nil
		}
		title = "none_sure_title"
	}
	u := Unclear{Title: i18n.T(l, title), Next: i18n.T(l, "none_not_a_verdict")}
	for _, w := range a.Quality {
		reason, _ := clauses(l, w.Code)
		if says := shareSays(l, w); says != "" {
			reason = i18n.T(l, "none_share", reason, says)
		}
		u.Because = append(u.Because, reason)
	}
	if a.Recording.Audio != nil && len(annotate.Spoken(a.Speech)) == 0 {
		u.Because = append(u.Because, i18n.T(l, "none_no_speech"))
	}
	if len(a.Moments) == 0 {
		u.Because = append(u.Because, i18n.T(l, "none_no_rule"))
	}
	if len(u.Because) == 0 {
		u.Because = []string{i18n.T(l, "none_faint")}
	}
	return &u
}

// shareSays says of how much of the recording a limit is; nothing where it is all
// of it, or how much is not known.
func shareSays(l i18n.Lang, w annotate.Warning) string {
	if s := share(w.Share); s > 0 && s < 1 {
		return i18n.T(l, "report_quality_share", i18n.Percent(l, s))
	}
	return ""
}
