package annotate

import "dyade/annotate/timecode"

// ReelSchema names the form of a Reel's JSON.
const ReelSchema = "dyade.reel/1"

// Reel is a feedback reel as it is to be shown and rendered: its parts in order. It
// names films by their content, so that it means the same on every machine.
type Reel struct {
	Schema string `json:"schema"`
	Title  string `json:"title"`
	Lang   string `json:"lang"`   // of cards that dyade words itself: fr, en
	Evened bool   `json:"evened"` // parts are made equally loud
	Faded  bool   `json:"faded"`  // parts fade in and out
	Parts  []Part `json:"parts"`
}

// Part is one piece of a reel: a card or a cut, never both.
type Part struct {
	ID   string `json:"id"`
	Card *Card  `json:"card,omitempty"`
	Cut  *Cut   `json:"cut,omitempty"`
}

// Card is a still with words on it.
type Card struct {
	Text    string  `json:"text"` // lines end with \n
	Seconds float64 `json:"seconds"`
}

// Cut is a stretch of a recording: the pictures shown from the first whose time is
// Start or later to the last whose time is before End, as long as the film shows
// them, and the sound of that time.
type Cut struct {
	Recording string           `json:"recording"` // sha256 of the film
	Start     timecode.Instant `json:"start"`
	End       timecode.Instant `json:"end"`
	Title     string           `json:"title"`   // of its chapter
	Caption   string           `json:"caption"` // written on the picture; empty: nothing is
	Slow      *Slow            `json:"slow,omitempty"`
	Freeze    *Freeze          `json:"freeze,omitempty"`
}

// Slow shows a stretch of a cut more slowly.
type Slow struct {
	Start timecode.Instant `json:"start"`
	End   timecode.Instant `json:"end"`
	Rate  float64          `json:"rate"` // 0.25 to 1, of the film's speed
}

// Freeze holds the picture that is shown at a time, in silence, before going on.
type Freeze struct {
	At      timecode.Instant `json:"at"`
	Seconds float64          `json:"seconds"`
}

// Fault is what is wrong with a part, whatever film it is of. The strings are stable.
type Fault string

// Faults.
const (
	NotOne  Fault = "not_one"  // it is not one of a card and a cut
	BadTime Fault = "bad_time" // it has no possible time or length
)

// Limits of parts.
const (
	mostStill = 600.0 // seconds of a card or a freeze
	leastRate = 0.25  // of slow motion
)

// Fault is what is wrong with the part; empty where it may do.
func (p Part) Fault() Fault {
	switch {
	case (p.Card == nil) == (p.Cut == nil):
		return NotOne
	case p.Card != nil && !still(p.Card.Seconds), p.Cut != nil && !p.Cut.possible():
		return BadTime
	}
	return ""
}

func (c *Cut) possible() bool {
	return span(c.Start, c.End) &&
		(c.Slow == nil || span(c.Slow.Start, c.Slow.End) && c.Slow.Rate >= leastRate && c.Slow.Rate <= 1) &&
		(c.Freeze == nil || possible(c.Freeze.At) && still(c.Freeze.Seconds))
}

func still(seconds float64) bool { return seconds > 0 && seconds <= mostStill }

func possible(t timecode.Instant) bool { return t.Base.Valid() && t.Ticks >= 0 }

func span(a, b timecode.Instant) bool { return possible(a) && possible(b) && a.Compare(b) < 0 }
