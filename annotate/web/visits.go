package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"dyade/annotate/store"
)

// Visit is one as it is told.
type Visit struct {
	ID         string      `json:"id"`
	Day        string      `json:"day"`
	Recordings []Recording `json:"recordings"` // in the order of their submission
}

// mostDocument is how large a document may be that comes: an edit of so many changes
// from one long text to another.
const mostDocument = 8 << 20

// document reads what a request brings; false where it was refused.
func (s *Server) document(w http.ResponseWriter, r *http.Request, into any) bool {
	doc, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostDocument))
	if err != nil {
		s.fail(w, r, err)
		return false
	}
	d := json.NewDecoder(bytes.NewReader(doc))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil || d.More() {
		s.refuse(w, http.StatusBadRequest, "the body of the request must be the JSON document that is described for it")
		return false
	}
	return true
}

// addVisit makes a visit.
func (s *Server) addVisit(w http.ResponseWriter, r *http.Request) {
	var want struct {
		Day string `json:"day"`
	}
	if !s.document(w, r, &want) {
		return
	}
	if _, err := time.Parse(time.DateOnly, want.Day); err != nil {
		s.refuse(w, http.StatusBadRequest, "day must be one like 2026-11-22")
		return
	}
	v, err := s.Store.CreateVisit(r.Context(), "", want.Day)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer(w, http.StatusCreated, Visit{v.ID, v.Day, []Recording{}})
}

func (s *Server) showVisit(w http.ResponseWriter, r *http.Request) {
	v, films, err := s.Store.Visit(r.Context(), r.PathValue("visit"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	told, lang := Visit{v.ID, v.Day, make([]Recording, len(films))}, language(r)
	for i, x := range films {
		told.Recordings[i] = form(lang, x, s.copied(x.Sum))
	}
	answer(w, http.StatusOK, told)
}

// moveRecording makes a recording one of another visit.
func (s *Server) moveRecording(w http.ResponseWriter, r *http.Request) {
	var want struct {
		Visit string `json:"visit"`
	}
	if !s.document(w, r, &want) {
		return
	}
	err := s.Store.MoveRecording(r.Context(), r.PathValue("id"), want.Visit)
	if errors.Is(err, store.ErrMissing) {
		s.refuse(w, http.StatusNotFound, "there is no such recording, or no such visit")
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
