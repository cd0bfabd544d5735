package web

import (
	"cmp"
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
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

// markOf reads how an edit is told of: its place, a dash, and what tells it from another
// in that place, which may be left out.
func markOf(text string) (m store.Mark, ok bool) {
	place, made, exact := strings.Cut(text, "-")
	m.Place, ok = number(place, 10)
	if ok && exact {
		m.MadeMS, ok = number(made, 36)
	}
	return m, ok
}

func number(text string, base int) (n int64, ok bool) {
	n, err := strconv.ParseInt(text, base, 64)
	return n, err == nil && n >= 0
}

// told is how an edit is told of.
func told(m store.Mark) string {
	return strconv.FormatInt(m.Place, 10) + "-" + strconv.FormatInt(m.MadeMS, 36)
}

// lastSeen is the place of the last edit that a caller knows: the one that it was told of
// last, or the one that it names. What is no place here, or not that of the same edit
// any more, is beyond all.
func (s *Server) lastSeen(r *http.Request) (place int64, err error) {
	m, ok := markOf(cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after"), "0"))
	switch {
	case !ok && r.Header.Get("Last-Event-ID") == "":
		return 0, refusal("after= must be the place of an edit")
	case !ok:
		return math.MaxInt64, nil
	case m.MadeMS == 0:
		return m.Place, nil
	}
	has, err := s.Store.HasEdit(r.Context(), r.PathValue("visit"), m)
	if !has {
		return math.MaxInt64, err
	}
	return m.Place, err
}

// watchVisit tells of each edit in a visit's journal after the last that the caller
// knows, until the caller goes, or the visit.
func (s *Server) watchVisit(w http.ResponseWriter, r *http.Request) {
	next := s.Store.Changed()
	place, err := s.lastSeen(r)
	var edits []store.Edited
	var last store.Mark
	if err == nil {
		edits, last, err = s.Store.EditsSince(r.Context(), r.PathValue("visit"), place, editsAtOnce)
	}
	if err != nil {
		s.unshown(w, r, store.Recording{}, err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return
	}
	s.metrics.listeners.Inc()
	defer s.metrics.listeners.Dec()
	l := &journalist{listener: listener{w: w, c: http.NewResponseController(w), lang: language(r)}, s: s, visit: r.PathValue("visit"), place: place}
	l.write(": here\n")
	if place == last.Place { // by which a browser that is told nothing goes on after it
		l.write("id: " + told(last) + "\n")
	}
	l.write("\n")
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
func (l *journalist) follow(ctx context.Context, edits []store.Edited, last store.Mark, next <-chan struct{}) {
	silence := time.NewTicker(beat)
	defer silence.Stop()
	for {
		l.edits(edits, last)
		if l.place >= last.Place {
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
func (l *journalist) edits(list []store.Edited, last store.Mark) {
	if l.place > last.Place { // of a journal from before a backup was restored, or of another
		l.place = last.Place
		l.tell("reset", told(last), Reset{last.Place})
		return
	}
	for _, e := range list {
		l.place = e.Place
		if e.By == "" {
			l.tell("reset", told(e.Mark), Reset{e.Place})
			continue
		}
		l.tell("edit", told(e.Mark), Edit{e.Place, e.ID, e.By, some(e.Changes)})
	}
}
