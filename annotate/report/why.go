package report

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"dyade/annotate"
	"dyade/internal/i18n"
)

// Why says in one sentence which cues a moment rests on, in the order in which
// the analysis gives them. Cues of the same name are taken together: lengths
// and counts add up, of others the first stands.
func Why(l i18n.Lang, m annotate.Moment) string {
	said := cuesOf(m.Evidence)
	var parts []string
	for _, c := range said.order {
		if p := said.phrase(l, c); p != "" {
			parts = append(parts, p)
		}
	}
	if len(parts) == 0 {
		return i18n.T(l, "moment_no_reason")
	}
	text := strings.Join(parts, i18n.T(l, "cue_join"))
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[n:] + "."
}

// UnknownNote says how much of a moment could not be seen or heard; empty
// where everything was.
func UnknownNote(l i18n.Lang, m annotate.Moment) string {
	if m.Unknown <= 0 {
		return ""
	}
	key := "unknown_seen"
	if m.Kind == annotate.TurnTaking {
		key = "unknown_heard"
	}
	return i18n.T(l, key, i18n.Percent(l, m.Unknown))
}

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
		case addsUp(e.Cue):
			first.Value += e.Value
			c.by[e.Cue] = first
		}
	}
	return c
}

func addsUp(cue string) bool {
	switch cue {
	case "turned_to_each_other", "parent_turned", "child_turned", "close", "speech", "overlap", "turns":
		return true
	}
	return false
}

func (c cues) has(cue string) bool {
	_, ok := c.by[cue]
	return ok
}

// phrase is one part of the sentence; empty where another part says it.
func (c cues) phrase(l i18n.Lang, cue string) string {
	e := c.by[cue]
	switch cue {
	case "turned_to_each_other", "parent_turned", "child_turned", "close", "speech", "overlap", "same_place", "absence", "meeting":
		return i18n.T(l, "cue_"+cue, i18n.Duration(l, e.Value))
	case "distance_start", "distance_end":
		return c.distance(l, cue)
	case "speed":
		if c.has("distance_start") && c.has("distance_end") {
			return "" // the distances and their time say it
		}
		return i18n.T(l, "cue_speed", tenth(math.Abs(e.Value)))
	case "turns":
		return i18n.T(l, "cue_turns", int(math.Round(e.Value)))
	case "response_latency":
		return c.latency(l)
	case "response_turn":
		if d := c.by["response_latency"]; d.Value >= 0.05 {
			return i18n.T(l, "cue_response_turn_after", i18n.Duration(l, d.Value))
		}
		return i18n.T(l, "cue_response_turn")
	case "shared_motion":
		return i18n.T(l, "cue_shared_motion", i18n.Percent(l, e.Value))
	case "bid_voice", "bid_turn", "motion_synchrony":
		return i18n.T(l, "cue_"+cue)
	}
	return i18n.T(l, "cue_unnamed", clean(cue))
}

// distance joins the two ends of an approach into one phrase.
func (c cues) distance(l i18n.Lang, cue string) string {
	start, end := tenth(c.by["distance_start"].Value), tenth(c.by["distance_end"].Value)
	switch {
	case !c.has("distance_end"):
		return i18n.T(l, "cue_distance_start", start)
	case !c.has("distance_start"):
		return i18n.T(l, "cue_distance_end", end)
	case cue == "distance_end":
		return ""
	}
	from := i18n.T(l, "unit_tenths", start)
	if took := c.by["distance_start"].StartS; c.by["distance_end"].EndS > took {
		return i18n.T(l, "cue_distance_from_to_in", end, from, i18n.Duration(l, c.by["distance_end"].EndS-took))
	}
	return i18n.T(l, "cue_distance_from_to", end, from)
}

// latency is silent where the phrase on the turned head says it already.
func (c cues) latency(l i18n.Lang) string {
	d := c.by["response_latency"].Value
	switch {
	case c.has("response_turn"):
		return ""
	case d < 0.05:
		return i18n.T(l, "cue_response_latency_now")
	case c.has("turns"):
		return i18n.T(l, "cue_response_latency_mean", i18n.Duration(l, d))
	}
	return i18n.T(l, "cue_response_latency", i18n.Duration(l, d))
}

func tenth(v float64) float64 { return math.Round(v*10) / 10 }

// clean makes a text from outside fit for one line: control characters, line
// ends and marks that turn the direction of writing become one space.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	words := strings.FieldsFunc(s, func(r rune) bool {
		return r == ' ' || unicode.IsControl(r) || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f
	})
	return strings.Join(words, " ") // a space that must not break is none of these
}
