package review

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"dyade/annotate"
	"dyade/annotate/timecode"
)

// Prefixes of entities; a slash and what tells one of its kind from others follow.
const (
	segment  = "segment"
	decision = "decision"
	card     = "card"
	person   = "person"
	swap     = "swap"
	reel     = "reel"
)

// Recording is the field of what is about one recording: which.
const Recording = "recording"

// tag begins fields of a segment, one for each word.
const tag = "tag:"

// check tells whether a value may be; where not, what may.
type check func(v Value) (ok bool, may string)

// entity is a kind of thing that facts are about.
type entity struct {
	named  func(id string) bool
	fields map[string]check
	needs  []string // it is there while it has these, and else has nothing
}

// entities are all there are. What is about a recording needs Recording: so it is
// found when that is deleted.
var entities = map[string]entity{
	segment: {isUUID, map[string]check{
		Recording: recordingID, "start": instant, "end": instant, "kind": pattern(`^[a-z_]{0,40}$`, "a moment's kind, or empty"),
		"moment": pattern(`^[A-Za-z0-9_-]{0,64}$`, "a moment's id, or empty"), "order": order, "seen": text, "question": text,
		"objective": oneOf("", "sensitivity", "reciprocity", "commitment"), "slow": shaped(slow.valid, "{start, end, rate}: rate from 0.25 to 1"),
		"freeze": shaped(freeze.valid, "{at, seconds}: up to 60 seconds"), "caption": yes, tag: yes,
	}, []string{Recording, "start", "end"}},
	decision: {ofRecording(`^[A-Za-z0-9_-]{1,64}$`), map[string]check{
		Recording: recordingID, "verdict": oneOf("kept", "dropped"), "moment": shaped(proposed.valid, "{id, kind, start_s, end_s}"),
	}, []string{Recording, "verdict"}},
	card: {isUUID, map[string]check{
		"text": text, "seconds": shaped(isSeconds, "up to 60 seconds"), "order": order,
	}, []string{"seconds"}},
	person: {ofRecording(`^[A-Za-z0-9_-]{1,64}$`), map[string]check{
		Recording: recordingID, "role": oneOf(string(annotate.Parent), string(annotate.Child), string(annotate.Other), string(annotate.Picture)),
	}, []string{Recording, "role"}},
	swap: {isUUID, map[string]check{
		Recording: recordingID, "at": instant, "a": personID, "b": personID,
	}, []string{Recording, "at", "a", "b"}},
	reel: {func(id string) bool { return id == "main" }, map[string]check{
		"title": text, "evened": flag, "faded": flag,
	}, nil},
}

// kindOf finds what an entity is, by its name.
func kindOf(name string) (e entity, id string, ok bool) {
	prefix, id, _ := strings.Cut(name, "/")
	e, ok = entities[prefix]
	return e, id, ok && e.named(id)
}

// check tells by a Wrong that a change can never be.
func (c Change) check() error {
	e, _, ok := kindOf(c.Entity)
	if !ok {
		return wrong("%.100q is no entity of a review", c.Entity)
	}
	name := c.Field
	if word, ok := strings.CutPrefix(name, tag); ok && isWord(word) {
		name = tag
	} else if ok {
		return wrong("the word of a tag has 1 to %d characters, and no space around it", MostTag)
	}
	may, ok := e.fields[name]
	if !ok {
		return wrong("%.100q is no field of %s", c.Field, c.Entity)
	}
	if c.To == "" {
		return nil
	}
	if ok, what := may(c.To); !ok {
		return wrong("%s of %s must be %s", c.Field, c.Entity, what)
	}
	return nil
}

var (
	uuidForm   = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	nameForm   = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	recordForm = regexp.MustCompile(`^[a-z0-9]{1,64}$`)
)

func isUUID(s string) bool { return uuidForm.MatchString(s) }
func isName(s string) bool { return nameForm.MatchString(s) }

// isWord tells whether it can be a tag.
func isWord(s string) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= MostTag && utf8.ValidString(s) && s == strings.TrimSpace(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// ofRecording tells whether what follows an entity's slash names a recording, a dot,
// and a thing in it.
func ofRecording(thing string) func(id string) bool {
	form := regexp.MustCompile(thing)
	return func(id string) bool {
		recording, name, ok := strings.Cut(id, ".")
		return ok && recordForm.MatchString(recording) && form.MatchString(name)
	}
}

// read reads a value that has exactly the form of a T.
func read[T any](v Value) (t T, ok bool) {
	if json.Unmarshal([]byte(v), &t) != nil {
		return t, false
	}
	doc, err := json.Marshal(t)
	if err != nil {
		return t, false
	}
	var again Value
	return t, again.UnmarshalJSON(doc) == nil && again == v
}

// shaped is a check of a value with the form of a T.
func shaped[T any](valid func(T) bool, may string) check {
	return func(v Value) (bool, string) {
		t, ok := read[T](v)
		return ok && valid(t), may
	}
}

func text(v Value) (bool, string) {
	s, ok := read[string](v)
	return ok && utf8.RuneCountInString(s) <= MostText, "a text of at most 4,000 characters"
}

func flag(v Value) (bool, string) { return v == "true" || v == "false", "true or false" }
func yes(v Value) (bool, string)  { return v == "true", "true, or nothing" }

func oneOf(words ...string) check {
	return func(v Value) (bool, string) {
		s, ok := read[string](v)
		return ok && slices.Contains(words, s), "one of: " + strings.Join(words, ", ")
	}
}

func pattern(form, may string) check {
	is := regexp.MustCompile(form)
	return shaped(is.MatchString, may)
}

var (
	recordingID = shaped(recordForm.MatchString, "a recording's id")
	personID    = pattern(`^[A-Za-z0-9_-]{1,64}$`, "a person's id")
	order       = pattern(`^[!-~]{1,500}$`, "1 to 500 letters and digits that sort")
	instant     = shaped(isInstant, "an instant: {ticks, base: {num, den}}")
)

// What fields of several parts have, as JSON.
type (
	slow struct {
		Start timecode.Instant `json:"start"`
		End   timecode.Instant `json:"end"`
		Rate  float64          `json:"rate"`
	}
	freeze struct {
		At      timecode.Instant `json:"at"`
		Seconds float64          `json:"seconds"`
	}
	proposed struct {
		ID     string  `json:"id"`
		Kind   string  `json:"kind"`
		StartS float64 `json:"start_s"`
		EndS   float64 `json:"end_s"`
	}
)

// Bounds of instants: browsers count no further without rounding.
const (
	mostTicks = 1 << 53
	mostBase  = 1_000_000_000
)

func isInstant(t timecode.Instant) bool {
	return t.Ticks >= -mostTicks && t.Ticks <= mostTicks && t.Base.Valid() && t.Base.Num <= mostBase && t.Base.Den <= mostBase
}

func isSeconds(s float64) bool { return s > 0 && s <= 60 }

func (s slow) valid() bool {
	return isInstant(s.Start) && isInstant(s.End) && s.Start.Compare(s.End) < 0 && s.Rate >= 0.25 && s.Rate <= 1
}

func (f freeze) valid() bool { return isInstant(f.At) && isSeconds(f.Seconds) }

func (p proposed) valid() bool {
	return p.ID != "" && len(p.ID) <= 64 && len(p.Kind) <= 40 && p.StartS >= 0 && p.EndS >= p.StartS
}
