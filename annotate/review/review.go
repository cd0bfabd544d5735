// Package review holds what people decide about the films of a visit: facts, and
// edits that change them. It keeps nothing, and knows nothing of who does; as
// docs/decisions/0011-a-review-is-a-journal.md says.
package review

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Limits of a review.
const (
	MostFacts   = 10_000  // of a review
	MostChanges = 200     // of an edit
	MostBytes   = 1 << 20 // of all values that an edit gives
	MostText    = 4_000   // characters
	MostTag     = 40      // characters of a tag's word
)

// Value is what a field has, as JSON that is written in one way only; empty: nobody
// has said anything, null.
type Value string

// MarshalJSON implements json.Marshaler.
func (v Value) MarshalJSON() ([]byte, error) {
	if v == "" {
		return []byte("null"), nil
	}
	return []byte(v), nil
}

// UnmarshalJSON implements json.Unmarshaler: the same value is the same text however
// it came.
func (v *Value) UnmarshalJSON(doc []byte) error {
	var said any
	if err := json.Unmarshal(doc, &said); err != nil {
		return err
	}
	*v = ""
	if said == nil {
		return nil
	}
	out, err := plain(said)
	*v = out
	return err
}

// plain is how a value is written.
func plain(of any) (Value, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(of); err != nil {
		return "", err
	}
	return Value(bytes.TrimSuffix(out.Bytes(), []byte("\n"))), nil
}

// Facts are a review's state: entity → field → value. What has no value is not there.
type Facts map[string]map[string]Value

// set gives a field a value; empty: none.
func (f Facts) set(entity, field string, v Value) {
	if v != "" {
		if f[entity] == nil {
			f[entity] = map[string]Value{}
		}
		f[entity][field] = v
		return
	}
	delete(f[entity], field)
	if len(f[entity]) == 0 {
		delete(f, entity)
	}
}

// Count is how many there are.
func (f Facts) Count() (n int) {
	for _, fields := range f {
		n += len(fields)
	}
	return n
}

// Change makes a field's value another.
type Change struct {
	Entity string `json:"entity"`
	Field  string `json:"field"`
	From   Value  `json:"from"`
	To     Value  `json:"to"`
}

// Kind of edit.
type Kind string

// Kinds.
const (
	Do   Kind = "do"
	Undo Kind = "undo"
	Redo Kind = "redo"
)

// Edit is what somebody does at once: whole, or not at all.
type Edit struct {
	ID      string   `json:"id"` // a UUID: one that comes again is done once
	By      string   `json:"by"` // the browser that made it
	Kind    Kind     `json:"kind"`
	Changes []Change `json:"changes,omitempty"` // of Do
	Force   bool     `json:"force,omitempty"`   // whatever others have changed meanwhile; an undo or a redo: as far as that can be
}

// Wrong is an error of an edit that can never be done.
type Wrong struct{ Why string }

func (w *Wrong) Error() string { return w.Why }

func wrong(format string, args ...any) error { return &Wrong{fmt.Sprintf(format, args...)} }

// Conflict is a field that is not what an edit takes it for, and what it is.
type Conflict struct {
	Entity string `json:"entity"`
	Field  string `json:"field"`
	Value  Value  `json:"value"`
}

// Conflicted is an error of an edit that others' changes are in the way of.
type Conflicted struct{ Conflicts []Conflict }

func (c *Conflicted) Error() string {
	return fmt.Sprintf("%d fields are not what this edit takes them for: somebody has changed them meanwhile", len(c.Conflicts))
}

// ErrNothing says that there is nothing to undo, or to redo.
var ErrNothing = errors.New("there is nothing left to undo, or to redo")

// Check tells by a Wrong what of an edit can never be done, whatever the facts are.
func (e Edit) Check() error {
	switch {
	case !isUUID(e.ID):
		return wrong("id must be a UUID")
	case !isName(e.By):
		return wrong("by must be the name of a browser: 1 to 64 letters, digits, dots, dashes or underscores")
	case !slices.Contains([]Kind{Do, Undo, Redo}, e.Kind):
		return wrong("kind must be do, undo or redo")
	case e.Kind != Do && len(e.Changes) > 0:
		return wrong("what an undo or a redo changes is not said, but found")
	case e.Kind == Do && (len(e.Changes) == 0 || len(e.Changes) > MostChanges):
		return wrong("an edit has 1 to %d changes", MostChanges)
	}
	seen, size := map[[2]string]bool{}, 0
	for _, c := range e.Changes {
		if size += len(c.To); size > MostBytes {
			return wrong("an edit says at most %d bytes: make several", MostBytes)
		}
		at := [2]string{c.Entity, c.Field}
		if seen[at] {
			return wrong("an edit changes %s of %s twice", c.Field, c.Entity)
		}
		seen[at] = true
		if err := c.check(); err != nil {
			return err
		}
	}
	return nil
}

// Clone is a copy of its own.
func (f Facts) Clone() Facts {
	all := make(Facts, len(f))
	for entity, fields := range f {
		all[entity] = maps.Clone(fields)
	}
	return all
}
