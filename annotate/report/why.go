package report

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"dyade/annotate"
	"dyade/internal/i18n"
)

// Why says in one sentence what was seen and heard that a moment rests on, in the
// order in which the analysis gives it. Cues of the same name are taken together:
// lengths and counts add up, of others the first stands.
func Why(l i18n.Lang, m annotate.Moment) string {
	said := cuesOf(m.Evidence)
	var parts []string
	for _, c := range said.order {
		if p := said.phrase(l, c); p != "" && !isUnseen(c) {
			parts = append(parts, p)
		}
	}
	if len(parts) == 0 {
		return i18n.T(l, "moment_no_reason")
	}
	return sentence(l, parts)
}

// UnknownNote says what of a moment could not be seen or heard; empty where
// everything was.
func UnknownNote(l i18n.Lang, m annotate.Moment) string {
	said := cuesOf(m.Evidence)
	var parts []string
	for _, c := range unseen {
		if said.has(c) {
			parts = append(parts, said.phrase(l, c))
		}
	}
	switch {
	case len(parts) > 0:
		return sentence(l, parts)
	case m.Unknown <= 0:
		return ""
	case m.Kind == annotate.TurnTaking:
		return capital(i18n.T(l, "unknown_heard", i18n.Fraction(l, m.Unknown)))
	case m.Kind == annotate.SharedEngagement, m.Kind == annotate.JointAttention:
		return capital(i18n.T(l, "unknown_moving", i18n.Fraction(l, m.Unknown)))
	}
	return capital(i18n.T(l, "unknown_seen", i18n.Fraction(l, m.Unknown)))
}

func sentence(l i18n.Lang, parts []string) string {
	return capital(strings.Join(parts, i18n.T(l, "why_join"))) + "."
}

// unseen are the cues that tell what was not seen.
var unseen = []string{"parent_unseen", "child_unseen"}

func isUnseen(cue string) bool { return slices.Contains(unseen, cue) }

// cues are a moment's evidence, one entry per name.
type cues struct {
	order []string
	by    map[string]annotate.Evidence
}

func cuesOf(evidence []annotate.Evidence) cues {
	c := cues{by: map[string]annotate.Evidence{}}
	for _, e := range evidence {
		first, again := c.by[e.Cue]
		switch {
		case !again:
			c.order = append(c.order, e.Cue)
			c.by[e.Cue] = e
		case e.Unit == "s" && e.Cue != "response_latency", e.Cue == "turns":
			first.Value += e.Value
			c.by[e.Cue] = first
		}
	}
	return c
}

func (c cues) has(cue string) bool {
	_, ok := c.by[cue]
	return ok
}

// worded are the cues whose words depend on more than their own value; the words
// may be empty, where another cue's say it.
var worded = map[string]func(cues, i18n.Lang, annotate.Evidence) string{
	"distance_start": cues.distanceStart,
	"distance_end":   cues.distanceEnd,
	"speed":          cues.speed,
	"turns": func(_ cues, l i18n.Lang, e annotate.Evidence) string {
		return i18n.T(l, "cue_turns", int(math.Round(e.Value)))
	},
	"response_latency": cues.latency,
	"response_turn":    cues.responseTurn,
	"meeting":          cues.meeting,
	"speech":           cues.speech,
	"calms":            func(_ cues, l i18n.Lang, _ annotate.Evidence) string { return i18n.T(l, "cue_calms") },
	"motion_synchrony": func(_ cues, l i18n.Lang, _ annotate.Evidence) string { return i18n.T(l, "cue_motion_synchrony") },
}

// phrase is one part of the sentence: that of the cue's own, or else the text of
// its name with its value as its unit is said.
func (c cues) phrase(l i18n.Lang, cue string) string {
	e := c.by[cue]
	if words, ok := worded[cue]; ok {
		return words(c, l, e)
	}
	var value []any
	switch e.Unit {
	case "s":
		value = []any{i18n.Duration(l, e.Value)}
	case "share":
		value = []any{i18n.Fraction(l, e.Value)}
	case "face_widths":
		value = []any{i18n.Faces(l, e.Value)}
	}
	text := i18n.T(l, "cue_"+cue, value...)
	if !i18n.Has("cue_"+cue) || strings.Contains(text, "%!") { // of another version, in another unit
		return i18n.T(l, "why_unnamed", clean(cue))
	}
	return text
}

// distanceStart says both ends of an approach.
func (c cues) distanceStart(l i18n.Lang, e annotate.Evidence) string {
	if !c.has("distance_end") {
		return i18n.T(l, "cue_distance_start", i18n.Faces(l, e.Value))
	}
	end := c.by["distance_end"]
	from, to := i18n.Faces(l, e.Value), i18n.Faces(l, end.Value)
	if end.EndS > e.StartS {
		return i18n.T(l, "why_distance_from_to_in", from, to, i18n.Duration(l, end.EndS-e.StartS))
	}
	return i18n.T(l, "why_distance_from_to", from, to)
}

func (c cues) distanceEnd(l i18n.Lang, e annotate.Evidence) string {
	if c.has("distance_start") {
		return ""
	}
	return i18n.T(l, "cue_distance_end", i18n.Faces(l, e.Value))
}

func (c cues) speed(l i18n.Lang, e annotate.Evidence) string {
	if c.has("distance_start") && c.has("distance_end") {
		return "" // the distances and their time say it
	}
	return i18n.T(l, "cue_speed", math.Round(math.Abs(e.Value)*10)/10)
}

// speech is silent where the voices are known.
func (c cues) speech(l i18n.Lang, e annotate.Evidence) string {
	if c.has("child_voice") || c.has("adult_voice") {
		return ""
	}
	return i18n.T(l, "cue_speech", i18n.Duration(l, e.Value))
}

func (c cues) responseTurn(l i18n.Lang, _ annotate.Evidence) string {
	if d := c.by["response_latency"]; d.Value >= 0.05 {
		return i18n.T(l, "why_response_turn_after", i18n.Duration(l, d.Value))
	}
	return i18n.T(l, "cue_response_turn")
}

func (c cues) meeting(l i18n.Lang, e annotate.Evidence) string {
	if e.Value < 0.05 {
		return i18n.T(l, "why_meeting_now")
	}
	return i18n.T(l, "cue_meeting", i18n.Duration(l, e.Value))
}

// latency is silent where the phrase on the turned head says it already.
func (c cues) latency(l i18n.Lang, e annotate.Evidence) string {
	switch {
	case c.has("response_turn"):
		return ""
	case e.Value < 0.05:
		return i18n.T(l, "why_response_latency_now")
	case c.has("turns"):
		return i18n.T(l, "why_response_latency_mean", i18n.Duration(l, e.Value))
	}
	return i18n.T(l, "cue_response_latency", i18n.Duration(l, e.Value))
}

// clean makes a text from outside fit for one line: control characters, line
// ends and marks that turn the direction of writing become one space.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	words := strings.FieldsFunc(s, func(r rune) bool {
		return r == ' ' || unicode.IsControl(r) || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f
	})
	return strings.Join(words, " ") // a space that must not break is none of these
}
