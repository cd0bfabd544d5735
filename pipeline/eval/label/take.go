package label

import (
	"encoding/json"
	"fmt"
	"io"
)

// TakeSchema names the form of NAME.take.json.
const TakeSchema = "dyade.take/1"

// Take says what a made recording is of: it shows nobody who could be told on.
type Take struct {
	Schema     string   `json:"schema"`
	Name       string   `json:"name"`
	Split      string   `json:"split"` // of the set it belongs to: test, train…
	Seed       uint64   `json:"seed"`
	Tags       []string `json:"tags"`       // what is special about it: nothing, masked, clean…
	Identities []string `json:"identities"` // whose faces and voices
	Note       string   `json:"note"`
}

// Tags that change how a recording is compared.
const (
	TagNothing = "nothing" // nothing in it is a moment
	TagMasked  = "masked"  // no face can be seen: what needs one is not compared, for it is unknown
)

// mostTake bounds the file, in bytes.
const mostTake = 1 << 20

// ReadTake reads NAME.take.json.
func ReadTake(r io.Reader) (*Take, error) {
	var t Take
	if err := json.NewDecoder(io.LimitReader(r, mostTake)).Decode(&t); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
	}
	if t.Schema != TakeSchema {
		return nil, fmt.Errorf("%w: its schema is %q, not %s", ErrSyntax, t.Schema, TakeSchema)
	}
	return &t, nil
}
