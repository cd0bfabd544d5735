package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"dyade/annotate/review"
	"dyade/annotate/store"
)

// Edit is one of a journal, as listeners are told.
type Edit struct {
	Place   int64           `json:"place"`
	ID      string          `json:"id"`
	By      string          `json:"by"`
	Changes []review.Change `json:"changes"`
}

// Reset tells that facts are gone whose removal is no edit: the review is to be asked
// for again.
type Reset struct {
	Place int64 `json:"place"`
}

// seen is the place of the last edit that a caller knows: the one that it was told of
// last, or the one that it names. What is no place here is beyond all.
func seen(r *http.Request) (place int64, ok bool) {
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		place, err := strconv.ParseInt(last, 10, 64)
		if err != nil || place < 0 {
			return math.MaxInt64, true
		}
		return place, true
	}
	after := r.URL.Query().Get("after")
	if after == "" {
		return 0, true
	}
	place, err := strconv.ParseInt(after, 10, 64)
	return place, err == nil && place >= 0
}

// watchVisit tells of each edit in a visit's journal after the last that the caller
// knows, until the caller goes, or the visit.
func (s *Server) watchVisit(w http.ResponseWriter, r *http.Request) {
	place, ok := seen(r)
	if !ok {
		s.refuse(w, http.StatusBadRequest, "after= must be the place of an edit")
		return
	}
	next := s.Store.Changed()
	edits, last, err := s.Store.EditsSince(r.Context(), r.PathValue("visit"), place, editsAtOnce)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return
	}
	s.metrics.listeners.Inc()
	defer s.metrics.listeners.Dec()
	l := &journalist{listener: listener{w: w, c: http.NewResponseController(w), lang: language(r)}, s: s, visit: r.PathValue("visit"), place: place}
	l.write(": here\n\n")
	l.follow(r.Context(), edits, last, next)
}

// journalist tells one listener of a visit.
type journalist struct {
	listener
	s     *Server
	visit string
	place int64 // of the last edit that was told
	reel  reelTold
}

// follow tells of edits, and of the reel, as they come.
func (l *journalist) follow(ctx context.Context, edits []store.Edited, last int64, next <-chan struct{}) {
	silence := time.NewTicker(beat)
	defer silence.Stop()
	for {
		l.edits(edits, last)
		if l.place >= last {
			further := l.s.further()
			if l.tellReel(ctx) != nil || l.flush() != nil || !l.next(ctx, next, further, silence.C) {
				return
			}
		}
		next = l.s.Store.Changed()
		var err error
		edits, last, err = l.s.Store.EditsSince(ctx, l.visit, l.place, editsAtOnce)
		if errors.Is(err, store.ErrMissing) {
			l.tell("deleted", "", Gone{l.visit})
			_ = l.flush() // who does not listen needs no answer
		}
		if err != nil {
			return // it went, or comes again
		}
	}
}

// editsAtOnce are looked up at a time.
const editsAtOnce = 100

// edits tells of some.
func (l *journalist) edits(list []store.Edited, last int64) {
	if l.place > last { // of a journal from before a backup was restored, or of another
		l.place = last
		l.tell("reset", strconv.FormatInt(last, 10), Reset{last})
		return
	}
	for _, e := range list {
		l.place = e.Place
		id := strconv.FormatInt(e.Place, 10)
		if e.By == "" {
			l.tell("reset", id, Reset{e.Place})
			continue
		}
		l.tell("edit", id, Edit{e.Place, e.ID, e.By, some(e.Changes)})
	}
}
