package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/shown"
	"dyade/annotate/store"
	"dyade/internal/i18n"
)

// LabelPath is the page on which a film is labelled.
const LabelPath = "/label"

// Notebook keeps the labels of a film.
type Notebook interface {
	Labels() annotate.Labels
	// Keep has labels kept once it returns. The error wraps annotate.ErrLabel where they
	// cannot be, and a *Blocked where a file is in the way.
	Keep(labels annotate.Labels) error
	Dir() string     // where its files are
	Files() []string // their names
}

// Blocked says that a file was changed by another program, and is left alone.
type Blocked struct{ Path string }

func (b *Blocked) Error() string { return b.Path + " was changed by another program" }

// LabelOptions are of a Labels; all are wanted but By.
type LabelOptions struct {
	Path      string // of the film
	Recording annotate.Recording
	Sum       blob.Sum // by which Shown knows it
	Notebook  Notebook
	Shown     Shown
	By        string // who labels, as the command line says
	Token     string
	Log       *slog.Logger
}

// Labels is the door of `dyade label`, for its own page alone: one film, and what people
// write down of it. It knows nothing of what dyade finds in that film.
type Labels struct {
	LabelOptions
	door *Server
	film store.Recording

	mu sync.Mutex // from reading what is kept to keeping what follows
}

// filmID is what the only film goes by.
const filmID = "film"

// NewLabels makes a door.
func NewLabels(o LabelOptions) (*Labels, error) {
	probe, err := json.Marshal(o.Recording)
	if err != nil {
		return nil, fmt.Errorf("open the door to a film: %w", err)
	}
	l := &Labels{LabelOptions: o, film: store.Recording{
		ID: filmID, Name: o.Recording.Name, Sum: o.Sum, SizeBytes: o.Recording.SizeBytes, State: store.Done, Probe: probe,
		Duration: time.Duration(o.Recording.DurationS * float64(time.Second)),
	}}
	l.door = &Server{Options: Options{Token: o.Token, Shown: o.Shown, Log: o.Log}, pace: usual, find: l.recording}
	return l, nil
}

// Handler answers all requests.
func (l *Labels) Handler() http.Handler {
	const one = "/api/recordings/{id}"
	s := l.door
	routes := s.mux([]route{
		{"GET", "/api/label", l.show},
		{"PUT", "/api/label/labels", l.keep},
		{"GET", one + "/original", l.original},
		{"GET", one + "/thumbnail", s.showing(s.thumbnail)},
		{"GET", one + "/waveform", s.showing(s.waveform)},
		{"GET", one + "/frames", s.showing(s.frames)},
		{"GET", one + "/copy", s.showing(s.copy)},
		{"GET", one + "/clip", s.showing(s.clip)},
		{"GET", "/{$}", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, LabelPath, http.StatusSeeOther) }},
		{"GET", LabelPath, s.shell},
	})
	unmeasured := func(*http.Request, *visit, time.Time) {}
	return s.pace.keep(s.guard(routes, s.openly), unmeasured)
}

func (l *Labels) recording(_ context.Context, id string) (store.Recording, error) {
	if id != filmID {
		return store.Recording{}, store.ErrMissing
	}
	return l.film, nil
}

// original gives the film from where it lies.
func (l *Labels) original(w http.ResponseWriter, r *http.Request) {
	x, err := l.recording(r.Context(), r.PathValue("id"))
	var f *os.File
	if err == nil {
		f, err = os.Open(l.Path)
	}
	if err != nil {
		l.door.fail(w, r, err)
		return
	}
	defer f.Close()
	head(w, shown.Type(l.Recording), noPage)
	serve(w, r, f, string(x.Sum))
}

// Labelled is a film and its labels, as they are told.
type Labelled struct {
	Film   Recording       `json:"film"`
	By     string          `json:"by"` // who labels; empty: they say so on the page
	Dir    string          `json:"dir"`
	Files  []string        `json:"files"`
	Labels annotate.Labels `json:"labels"`
	Mark   string          `json:"mark"` // of these labels
}

func (l *Labels) show(w http.ResponseWriter, r *http.Request) {
	labels := l.Notebook.Labels()
	answer(w, http.StatusOK, Labelled{
		Film: form(language(r), l.film, l.door.copied(l.Sum)), By: l.By, Dir: l.Notebook.Dir(), Files: l.Notebook.Files(), Labels: labels, Mark: mark(labels),
	})
}

// Kept are labels that are to be kept, and those that they come of.
type Kept struct {
	Mark   string          `json:"mark"` // of what they come of; of what there is now, in the answer
	Labels annotate.Labels `json:"labels,omitempty"`
}

// mark names labels by what they are: the same after the server was started again.
func mark(labels annotate.Labels) string {
	text, err := json.Marshal(labels)
	if err != nil {
		return "" // times are finite, else they would not be kept
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// keep keeps labels that come of those that there are, or are those.
func (l *Labels) keep(w http.ResponseWriter, r *http.Request) {
	var asked Kept
	if !l.door.document(w, r, &asked) {
		return
	}
	labels, err := asked.Labels.Settled()
	if err != nil {
		l.door.refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now, next := mark(l.Notebook.Labels()), mark(labels)
	if asked.Mark != now && next != now {
		answer(w, http.StatusConflict, Refusal{"others have labelled meanwhile"})
		return
	}
	err = l.Notebook.Keep(labels)
	var blocked *Blocked
	switch {
	case errors.As(err, &blocked):
		l.door.Log.Error("labels cannot be kept", "error", err)
		l.door.refuse(w, http.StatusUnprocessableEntity, i18n.T(language(r), "label_changed", filepath.Base(blocked.Path)))
	case err != nil:
		l.door.fail(w, r, err)
	default:
		answer(w, http.StatusOK, Kept{Mark: next})
	}
}
