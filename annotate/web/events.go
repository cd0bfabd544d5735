package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/shown"
	"dyade/annotate/store"
	"dyade/internal/i18n"
)

// feed numbers the changes of recordings, so that who was away is told what it
// missed, and nobody is told twice. However many listen, each change is looked up
// once; who is slow misses states that have passed, never the last.
type feed struct {
	store *store.Store
	shown func() Shown // nil: nothing is
	era   string       // places of another process' feed mean nothing here

	mu    sync.Mutex
	seen  [2]<-chan struct{} // the next change of the store and of copies at the last look
	place int64              // of the last change
	news  map[string]news    // the last of each recording
	gone  []news             // deleted ones, oldest first
	lost  int64              // the place of the last deletion that is no more known
}

// news is one change.
type news struct {
	place     int64
	recording store.Recording
	copied    shown.Copied
	gone      bool
}

// mostGone is how many deletions are remembered.
const mostGone = 1000

func newFeed(s *store.Store, shown func() Shown) *feed {
	return &feed{store: s, shown: shown, era: strings.ToLower(rand.Text()[:8]), news: map[string]news{}}
}

// look finds what has changed since the last look, and gives what is closed at the
// next change: of the store, or of copies.
func (f *feed) look(ctx context.Context) (next [2]<-chan struct{}, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	copied := func(blob.Sum) shown.Copied { return shown.CopyNone }
	next[0] = f.store.Changed()
	if s := f.shown(); s != nil {
		copied, next[1] = s.Copied, s.Changed()
	}
	if next == f.seen {
		return next, nil
	}
	all, err := f.store.Recordings(ctx)
	if err != nil {
		return next, err
	}
	there := make(map[string]bool, len(all))
	for _, x := range slices.Backward(all) { // the oldest first
		there[x.ID] = true
		now := news{recording: x, copied: copied(x.Sum)}
		if had, ok := f.news[x.ID]; !ok || had.copied != now.copied || !reflect.DeepEqual(had.recording, x) {
			f.place++
			now.place = f.place
			f.news[x.ID] = now
		}
	}
	for id := range f.news {
		if !there[id] {
			f.place++
			f.gone = append(f.gone, news{place: f.place, recording: store.Recording{ID: id}, gone: true})
			delete(f.news, id)
		}
	}
	if more := len(f.gone) - mostGone; more > 0 {
		f.lost = f.gone[more-1].place
		f.gone = slices.Delete(f.gone, 0, more)
	}
	f.seen = next
	return next, nil
}

// since gives what changed after a place, in order, up to the place now; whole says
// that it is all there is instead, since the place is not known.
func (f *feed) since(place int64) (list []news, now int64, whole bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if whole = place < f.lost || place <= 0; whole {
		place = 0
	} else {
		for _, n := range f.gone {
			if n.place > place {
				list = append(list, n)
			}
		}
	}
	for _, n := range f.news {
		if n.place > place {
			list = append(list, n)
		}
	}
	slices.SortFunc(list, func(a, b news) int { return int(a.place - b.place) })
	return list, f.place, whole
}

// after is the place that a caller was told of last; 0: none that is known here.
func (f *feed) after(r *http.Request) int64 {
	era, number, _ := strings.Cut(r.Header.Get("Last-Event-ID"), "-")
	place, err := strconv.ParseInt(number, 10, 64)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil || era != f.era || place > f.place {
		return 0
	}
	return place
}

// How often changes are told at most, and how long a listener hears nothing.
const (
	gather = 200 * time.Millisecond
	beat   = 15 * time.Second
)

// watchAll tells of all recordings at each change, until the caller goes.
func (s *Server) watchAll(w http.ResponseWriter, r *http.Request) {
	place := s.feed.after(r)
	if _, err := s.feed.look(r.Context()); err != nil {
		s.fail(w, r, err)
		return
	}
	s.listen(w, r, place, func(l *listener, list []news, whole bool) bool {
		if whole {
			l.tell("reset", l.at(place), struct{}{})
		}
		for _, n := range list {
			l.news(n)
		}
		return true
	})
}

// watchOne tells of one recording at each change until its work has ended.
func (s *Server) watchOne(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	place := s.feed.after(r)
	x, err := s.Store.Recording(r.Context(), id)
	if err == nil {
		_, err = s.feed.look(r.Context())
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if place > 0 && x.State != store.Working && !s.feed.knows(id, place) {
		w.WriteHeader(http.StatusNoContent) // by which a browser knows that it need not ask again
		return
	}
	s.listen(w, r, place, func(l *listener, list []news, whole bool) bool {
		for _, n := range list {
			if n.recording.ID == id {
				l.news(n)
				return !n.gone && n.recording.State == store.Working
			}
		}
		if whole { // it was deleted as it was looked for
			l.tell("deleted", l.at(place), Gone{id})
		}
		return !whole
	})
}

// knows tells whether there is news of a recording after a place.
func (f *feed) knows(id string, place int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.news[id].place > place
}

// listen hands a listener what is new, until there is no more or the caller goes.
func (s *Server) listen(w http.ResponseWriter, r *http.Request, place int64, tell func(l *listener, list []news, whole bool) (more bool)) {
	w.Header().Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return
	}
	s.metrics.listeners.Inc()
	defer s.metrics.listeners.Dec()
	l := &listener{w: w, c: http.NewResponseController(w), era: s.feed.era, lang: language(r)}
	silence := time.NewTicker(beat)
	defer silence.Stop()
	for first := true; ; first = false {
		next, err := s.feed.look(r.Context())
		if err != nil {
			return // it went, or comes again
		}
		list, now, whole := s.feed.since(place)
		whole = whole && (first || place > 0)
		place = now
		if len(list) > 0 || first {
			more := tell(l, list, whole)
			if err := l.flush(); err != nil || !more {
				return
			}
		}
		if !l.wait(r.Context(), next, silence.C) {
			return
		}
	}
}

// listener is one who is told.
type listener struct {
	w    http.ResponseWriter
	c    *http.ResponseController
	era  string
	lang i18n.Lang
	err  error
}

// wait waits for the next change and for what follows it closely; false where the
// caller goes first.
func (l *listener) wait(ctx context.Context, next [2]<-chan struct{}, silence <-chan time.Time) bool {
	if !l.next(ctx, next[0], next[1], silence) {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(gather):
		return true
	}
}

// next waits for the next change of one or another; false where the caller goes first.
func (l *listener) next(ctx context.Context, one, other <-chan struct{}, silence <-chan time.Time) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-silence:
			if l.write(": still here\n\n"); l.flush() != nil {
				return false
			}
		case <-one:
			return true
		case <-other:
			return true
		}
	}
}

// Gone tells of a recording that was deleted.
type Gone struct {
	ID string `json:"id"`
}

func (l *listener) news(n news) {
	if n.gone {
		l.tell("deleted", l.at(n.place), Gone{n.recording.ID})
		return
	}
	l.tell("recording", l.at(n.place), form(l.lang, n.recording, n.copied))
}

// at is how a place of the feed is told.
func (l *listener) at(place int64) string { return fmt.Sprintf("%s-%d", l.era, place) }

// tell tells of an event; without an id it is none to go on after.
func (l *listener) tell(event, id string, v any) {
	doc, err := json.Marshal(v)
	if err != nil {
		l.err = err
		return
	}
	if id != "" {
		id = "id: " + id + "\n"
	}
	l.write(fmt.Sprintf("event: %s\n%sdata: %s\n\n", event, id, doc))
}

func (l *listener) write(text string) {
	if l.err == nil {
		_, l.err = l.w.Write([]byte(text))
	}
}

func (l *listener) flush() error {
	if l.err == nil {
		l.err = l.c.Flush()
	}
	return l.err
}
