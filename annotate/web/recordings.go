package web

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/shown"
	"dyade/annotate/store"
	"dyade/internal/i18n"
)

// Recording is one as it is told.
type Recording struct {
	ID        string          `json:"id"`
	Visit     string          `json:"visit"`
	Name      string          `json:"name"`
	SHA256    blob.Sum        `json:"sha256"`
	SizeBytes int64           `json:"size_bytes"`
	Queue     store.Queue     `json:"queue"`
	State     store.State     `json:"state"`
	Failure   string          `json:"failure,omitempty"` // a code
	Message   string          `json:"message,omitempty"` // the failure for people, in the caller's language
	Probe     json.RawMessage `json:"recording,omitempty"`
	Playable  *bool           `json:"playable,omitempty"` // browsers play the original; not known yet where it is missing
	Copy      shown.Copied    `json:"copy"`
	StepsDone int             `json:"steps_done"`
	Steps     int             `json:"steps"`             // known so far
	Ranking   int             `json:"ranking,omitempty"` // the pass of the best there is; 0: none, or the analysis is done
	Submitted time.Time       `json:"submitted"`
	Changed   time.Time       `json:"changed"`
	Files     []string        `json:"files,omitempty"`
}

func form(lang i18n.Lang, x store.Recording, copied shown.Copied) Recording {
	f := Recording{
		ID: x.ID, Visit: x.Visit, Name: x.Name, SHA256: x.Sum, SizeBytes: x.SizeBytes, Queue: x.Queue, State: x.State, Failure: x.Failure,
		Probe: x.Probe, Playable: playable(x.Probe), Copy: copied, StepsDone: x.StepsDone, Steps: x.Steps, Ranking: x.Ranked, Submitted: x.Submitted.UTC(), Changed: x.Changed.UTC(),
	}
	if x.Failure != "" {
		f.Message = i18n.T(lang, "unreadable_"+x.Failure, x.Name)
	}
	return f
}

// language is the first of ours that the caller names; French where none is.
func language(r *http.Request) i18n.Lang {
	if l, err := i18n.Parse(r.URL.Query().Get("lang")); err == nil {
		return l
	}
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		tag, _, _ = strings.Cut(tag, "-")
		if l, err := i18n.Parse(tag); err == nil {
			return l
		}
	}
	return i18n.French
}

func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	x, err := s.Store.Recording(r.Context(), r.PathValue("id"))
	var files map[string]blob.Sum
	if err == nil {
		files, err = s.Store.Files(r.Context(), x.ID)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	f := form(language(r), x, s.copied(x.Sum))
	for name := range files {
		f.Files = append(f.Files, name)
	}
	slices.Sort(f.Files)
	answer(w, http.StatusOK, f)
}

// Recordings is the list of all.
type Recordings struct {
	Recordings []Recording `json:"recordings"`
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	all, err := s.Store.Recordings(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	forms, lang := make([]Recording, len(all)), language(r)
	for i, x := range all {
		forms[i] = form(lang, x, s.copied(x.Sum))
	}
	answer(w, http.StatusOK, Recordings{forms})
}

// MomentsFile is what an analysis gives under that name.
const (
	MomentsFile = "moments.json"
	signalsFile = "signals.parquet"
	reportFile  = "report.html"
)

func (s *Server) moments(w http.ResponseWriter, r *http.Request) {
	r.SetPathValue("name", MomentsFile)
	s.file(w, r)
}

// ranking gives the moments so far of an analysis under way.
func (s *Server) ranking(w http.ResponseWriter, r *http.Request) {
	sum, err := s.Store.Ranking(r.Context(), r.PathValue("id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.give(w, r, sum, "application/json", noPage)
}

// found is a file that an analysis gave.
func (s *Server) found(ctx context.Context, id, name string) (blob.Sum, error) {
	if _, err := s.Store.Recording(ctx, id); err != nil {
		return "", err
	}
	files, err := s.Store.Files(ctx, id)
	if err != nil {
		return "", err
	}
	sum, ok := files[name]
	if !ok {
		return "", store.ErrMissing
	}
	return sum, nil
}

func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	sum, err := s.found(r.Context(), r.PathValue("id"), name)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	kind := mime.TypeByExtension(filepath.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	way, may := "attachment", noPage
	if name == reportFile {
		way, may = "inline", reportPolicy
	}
	w.Header().Set("Content-Disposition", mime.FormatMediaType(way, map[string]string{"filename": name}))
	s.give(w, r, sum, kind, may)
}

// reportPolicy lets a report show and print itself. It is of no origin, and reaches
// nothing; which script it may run it says itself, by its sum.
const reportPolicy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts allow-modals"

// change does something to a recording that has no answer but that it was done. It is
// done whether the caller waits for that or not: half of it could not be asked for again.
func (s *Server) change(do func(ctx context.Context, id string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(context.WithoutCancel(r.Context()), r.PathValue("id")); err != nil {
			s.fail(w, r, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// Delete removes a recording, all that was made of it, and that uploads became it.
func (s *Server) Delete(ctx context.Context, id string) error {
	x, err := s.Store.Recording(ctx, id)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	// Once it is not known any more nobody can ask for the rest.
	err = errors.Join(s.Engine.Delete(ctx, id), s.uploads.Forget(id))
	if s.Shown != nil {
		err = errors.Join(err, s.Shown.Forget(ctx, x.Sum))
	}
	if s.Reels != nil {
		err = errors.Join(err, s.Reels.Forget(ctx, x.Sum))
	}
	return err
}
