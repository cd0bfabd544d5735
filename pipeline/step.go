package pipeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"dyade/annotate"
	"dyade/pipeline/signal"
)

// Step is a piece of the work on one recording that takes long. What it gives
// depends on nothing but the recording's content, the step and this program, so
// it may be done anywhere, in any order, and need be done once.
type Step struct {
	Name  string          `json:"name"`
	Input json.RawMessage `json:"input"`
}

// Names of steps.
const (
	HearStep = "heard" // listen to the sound: gives signal.Heard
	LookStep = "look"  // look at some pictures
)

// versions are raised when what a step gives changes.
var versions = map[string]int{HearStep: 4, LookStep: 5}

// newStep is the step of that name and input.
func newStep[Input any](name string, in Input) (Step, error) {
	doc, err := json.Marshal(in)
	if err != nil {
		return Step{}, fmt.Errorf("describe a step: %w", err)
	}
	return Step{name, doc}, nil
}

// Key tells steps of one recording apart: by name, version and input.
func (s Step) Key() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", versions[s.Name], s.Input))
	return s.Name + "-" + hex.EncodeToString(sum[:16])
}

// Film is how many seconds of film lie between the pictures of each of its tasks,
// for who measures how fast it is; 0 where it looks at none.
func (s Step) Film() (seconds float64) {
	var tasks []task
	if s.Name != LookStep || json.Unmarshal(s.Input, &tasks) != nil {
		return 0
	}
	for _, t := range tasks {
		if n := len(t.Ways); n > 1 {
			seconds += t.Ways[n-1].At.Seconds() - t.Ways[0].At.Seconds()
		}
	}
	return seconds
}

// ErrNoStep says that this program does not know a step.
var ErrNoStep = errors.New("this program knows no such step")

// do does a step and gives its result's form on the way to another process.
func (f *Film) do(ctx context.Context, s Step) ([]byte, error) {
	switch s.Name {
	case HearStep:
		return packed(listen(ctx, f.source, f.opt, nil))
	case LookStep:
		var tasks []task
		if err := json.Unmarshal(s.Input, &tasks); err != nil {
			return nil, fmt.Errorf("read the step %s: %w", s.Key(), err)
		}
		scanner, err := f.scanner()
		if err != nil {
			return nil, err
		}
		return packed(scanner.doAll(ctx, tasks))
	}
	return nil, fmt.Errorf("%q: %w", s.Name, ErrNoStep)
}

func packed[Out any](v Out, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	err = gob.NewEncoder(&buf).Encode(v)
	return buf.Bytes(), err
}

// Types are described in gob's streams by numbers, given in the order in which a
// process meets them: all meet them in this one.
func init() {
	_, _ = packed(signal.Heard{}, nil)
	_, _ = packed([]looked{}, nil)
}

// Given are results of steps, by their keys.
type Given func(key string) (result []byte, ok bool)

// Missing is Assemble's error where results are missing.
type Missing struct {
	Steps   []Step
	First   int               // of these, in their order, are all that the next ranking needs; 0: it needs all
	Ranking *annotate.Ranking // of what is there; nil: none can be made yet
}

func (m *Missing) Error() string { return fmt.Sprintf("%d steps are to be done first", len(m.Steps)) }

// errMissing stops an analysis that lacks results.
var errMissing = errors.New("the results of some steps are missing")

// elsewhere has the results of steps that are done elsewhere, and notes those
// that it lacks.
type elsewhere struct {
	given   Given
	mu      sync.Mutex
	missing []Step
	first   int // of those missing that the first ranking needs
}

// take gives a step's result, or errMissing.
func (e *elsewhere) take(s Step, into any) error {
	data, ok := e.given(s.Key())
	if !ok {
		return e.lack(s)
	}
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(into); err != nil {
		return fmt.Errorf("read the result of the step %s: %w", s.Key(), err)
	}
	return nil
}

// ask gives errMissing where a step's result is missing.
func (e *elsewhere) ask(s Step) error {
	if _, ok := e.given(s.Key()); !ok {
		return e.lack(s)
	}
	return nil
}

func (e *elsewhere) lack(s Step) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.missing = append(e.missing, s)
	return errMissing
}

// wanted lists what was missing, the longest steps first.
func (e *elsewhere) wanted() *Missing {
	slices.SortStableFunc(e.missing, func(a, b Step) int { return strings.Compare(a.Name, b.Name) })
	m := &Missing{Steps: e.missing}
	if e.first < len(e.missing) {
		m.First = e.first
	}
	return m
}

// enough notes that what was missing so far is all that the first ranking needs.
func (e *elsewhere) enough() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.first = len(e.missing)
}
