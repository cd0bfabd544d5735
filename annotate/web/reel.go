package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"time"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/internal/i18n"
)

// Reels renders what the store says is asked for.
type Reels interface {
	// At tells how far the rendering of a visit's reel is, in seconds of the reel, and how
	// long it takes still; 0 where that is not known yet. It is not begun while others go
	// before.
	At(visit string) (done, of float64, left time.Duration, begun bool)
	// Changed is closed once a rendering is further.
	Changed() <-chan struct{}
	// Clips renders each cut of a reel by itself and hands it over, with the number of its
	// part from 0, to one who lets go once ctx is over; an error wraps shown.ErrBusy where
	// something else is rendered.
	Clips(ctx context.Context, plan annotate.Reel, take func(ctx context.Context, part int, film io.Reader) error) error
	// Forget ends what is rendered of a film that was deleted.
	Forget(ctx context.Context, film blob.Sum) error
}

// further is closed once a rendering is further.
func (s *Server) further() <-chan struct{} {
	if s.Reels == nil {
		return nil
	}
	return s.Reels.Changed()
}

// Reel tells of a visit's reel.
type Reel struct {
	State       string   `json:"state"` // none, waiting, rendering, done, failed
	Done        float64  `json:"done"`  // seconds of it
	Of          float64  `json:"of"`
	SecondsLeft *float64 `json:"seconds_left,omitempty"` // while that is known
	Film        bool     `json:"film"`                   // one was rendered; while another is, it is still there
	Current     bool     `json:"current"`                // it shows what the facts are now
	Message     string   `json:"message,omitempty"`      // why it failed, or what it lacks, in the caller's language
}

// States of a reel.
const (
	reelNone      = "none"
	reelWaiting   = "waiting"
	reelRendering = "rendering"
	reelDone      = "done"
	reelFailed    = "failed"
)

// reelState tells of a reel, all but whether it is current.
func (s *Server) reelState(visit string, lang i18n.Lang, r store.Reel) (t Reel) {
	t.State, t.Film = reelNone, r.Film != ""
	switch {
	case r.Job != "":
		t.State = reelWaiting
		if s.Reels == nil {
			break
		}
		if done, of, left, begun := s.Reels.At(visit); begun {
			t.State, t.Done, t.Of = reelRendering, done, of
			if seconds := left.Seconds(); left > 0 {
				t.SecondsLeft = &seconds
			}
		}
	case r.Failure != "":
		t.State, t.Message = reelFailed, whyUncut(lang, r.Failure, r.FailedPart)
	case t.Film:
		t.State = reelDone
	}
	return t
}

// whyUncut says for a reason why no film comes of a reel, and which part is at fault,
// where one is.
func whyUncut(lang i18n.Lang, reason string, part int) string {
	key := "reel_failed_" + reason
	if !i18n.Has(key) { // one of the many for which a film cannot be read
		key = "reel_failed_film"
	}
	why := i18n.T(lang, key)
	if part > 0 {
		why = i18n.T(lang, "reel_failed_part", why, part)
	}
	return why
}

// isCurrent tells whether the film shows what the facts are now.
func (s *Server) isCurrent(ctx context.Context, visit string, r store.Reel) (bool, error) {
	if r.Film == "" {
		return false, nil
	}
	var shows annotate.Reel
	if err := json.Unmarshal(r.Shows, &shows); err != nil {
		return false, fmt.Errorf("read what a reel shows: %w", err)
	}
	lang, err := i18n.Parse(shows.Lang)
	if err != nil {
		return false, err
	}
	plan, err := s.plan(ctx, visit, lang)
	if err != nil {
		return false, err
	}
	doc, err := json.Marshal(plan)
	return bytes.Equal(doc, r.Shows), err
}

func (s *Server) reelNow(ctx context.Context, visit string, lang i18n.Lang) (Reel, error) {
	r, err := s.Store.Reel(ctx, visit)
	if err != nil {
		return Reel{}, err
	}
	t := s.reelState(visit, lang, r)
	if t.Current, err = s.isCurrent(ctx, visit, r); err != nil {
		return Reel{}, err
	}
	lost, err := s.lost(ctx, r)
	t.lacks(lang, lost)
	return t, err
}

// lost counts the pictures of films that could not be decoded for the reel that was
// rendered last.
func (s *Server) lost(ctx context.Context, r store.Reel) (int, error) {
	if r.Provenance == "" {
		return 0, nil
	}
	doc, err := blob.Bytes(ctx, s.Media, r.Provenance)
	if errors.Is(err, blob.ErrMissing) {
		return 0, nil // doctor tells of that
	}
	if err != nil {
		return 0, fmt.Errorf("read where a reel comes from: %w", err)
	}
	var origin struct {
		Lost []json.RawMessage `json:"lost"`
	}
	if err := json.Unmarshal(doc, &origin); err != nil {
		return 0, fmt.Errorf("read where a reel comes from: %w", err)
	}
	return len(origin.Lost), nil
}

// lacks tells of pictures that are not in a film that is done.
func (t *Reel) lacks(lang i18n.Lang, lost int) {
	if t.State == reelDone && lost > 0 {
		t.Message = i18n.T(lang, "reel_lost", lost)
	}
}

func (s *Server) reel(w http.ResponseWriter, r *http.Request) { s.tellReel(w, r, http.StatusOK) }

func (s *Server) tellReel(w http.ResponseWriter, r *http.Request, status int) {
	t, err := s.reelNow(r.Context(), r.PathValue("visit"), language(r))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer(w, status, t)
}

// askReel asks for the reel that the facts make now. One that is there is not rendered
// again.
func (s *Server) askReel(w http.ResponseWriter, r *http.Request) {
	var want struct {
		Lang string `json:"lang"`
	}
	if !s.document(w, r, &want) {
		return
	}
	lang, err := i18n.Parse(want.Lang)
	if err != nil || lang.String() != want.Lang {
		s.refuse(w, http.StatusBadRequest, "lang must be fr or en")
		return
	}
	ctx, visit := r.Context(), r.PathValue("visit")
	plan, err := s.plan(ctx, visit, lang)
	switch {
	case err != nil:
		s.fail(w, r, err)
		return
	case s.Reels == nil:
		s.refuse(w, http.StatusServiceUnavailable, "no reel is rendered here")
		return
	case len(plan.Parts) == 0:
		s.refuse(w, http.StatusConflict, "there is nothing in the reel yet: keep a moment, or add a card")
		return
	}
	if err := s.ask(ctx, visit, plan); err != nil {
		s.fail(w, r, err)
		return
	}
	s.tellReel(w, r, http.StatusAccepted)
}

func (s *Server) ask(ctx context.Context, visit string, plan annotate.Reel) error {
	doc, err := json.Marshal(plan)
	if err != nil {
		return fmt.Errorf("plan a reel: %w", err)
	}
	had, err := s.Store.Reel(ctx, visit)
	switch {
	case err != nil:
		return err
	case had.Film != "" && bytes.Equal(had.Shows, doc): // and nothing else is wanted any more
		return s.Store.CancelReel(ctx, visit)
	}
	return s.Store.AskReel(ctx, visit, doc)
}

func (s *Server) cancelReel(w http.ResponseWriter, r *http.Request) {
	if err := s.Store.CancelReel(r.Context(), r.PathValue("visit")); err != nil {
		s.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// reelFile gives one of the files of what was rendered last.
func (s *Server) reelFile(kind string, of func(store.Reel) blob.Sum) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		x, err := s.Store.Reel(r.Context(), r.PathValue("visit"))
		if err == nil && x.Film == "" {
			err = store.ErrMissing
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		s.give(w, r, of(x), kind, noPage)
	}
}

// reelTold is what a listener knows of a reel.
type reelTold struct {
	told    Reel
	place   int64  // of the edit after which the film was
	shows   string // what it shows, and was
	current bool
	film    blob.Sum
	lost    int // pictures, of that film
}

// tellReel tells of the reel where that is news. Whether the film is current is looked
// up after edits alone.
func (l *journalist) tellReel(ctx context.Context) error {
	r, err := l.s.Store.Reel(ctx, l.visit)
	if errors.Is(err, store.ErrMissing) {
		return nil // it was deleted: that is told next
	}
	if err != nil {
		return err
	}
	t, had := l.s.reelState(l.visit, l.lang, r), &l.reel
	if l.place != had.place || string(r.Shows) != had.shows {
		if had.current, err = l.s.isCurrent(ctx, l.visit, r); err != nil {
			return err
		}
		had.place, had.shows = l.place, string(r.Shows)
	}
	if r.Film != had.film {
		if had.lost, err = l.s.lost(ctx, r); err != nil {
			return err
		}
		had.film = r.Film
	}
	t.lacks(l.lang, had.lost)
	if t.Current = had.current; t.State == reelNone && had.told.State == "" || reflect.DeepEqual(t, had.told) {
		return nil
	}
	had.told = t
	l.tell("reel", "", t)
	return nil
}
