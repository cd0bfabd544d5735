// Package web is the door of `dyade serve`: recordings come in, how far they are is
// told, and what their analysis gave goes out, over HTTP on this machine.
package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/internal/i18n"
)

// Engine does the work on recordings.
type Engine interface {
	// Submit takes in a film that the media store has and gives its recording's id.
	Submit(ctx context.Context, film store.Submission) (id string, err error)
	Cancel(ctx context.Context, id string) error
	Retry(ctx context.Context, id string) error
	Delete(ctx context.Context, id string) error
	// Hold keeps everything in the media store until it is released.
	Hold() (release func())
}

// Server answers for one data folder.
type Server struct {
	Store  *store.Store
	Media  blob.Store
	Engine Engine
	Token  string // what a caller must know
	Realm  string // of the work that workers on other machines are to do
	// Hosts are names under which it may be asked for, beside localhost and numbers.
	Hosts  []string
	Secure bool // it is reached over TLS only
	// Versions of what it is made of, for who looks after it.
	Versions []string
	Aside    string // a folder for what is not whole yet
	Shown    Shown  // nil: films are not shown, but for those that play as they are
	Log      *slog.Logger
}

// Handler answers all requests:
//
//	POST   /api/recordings?name=&queue=     takes a film in, the request's body
//	GET    /api/recordings                  lists all
//	GET    /api/recordings/{id}             tells of one
//	GET    /api/recordings/{id}/events      tells of it again at each change, as server-sent events
//	GET    /api/recordings/{id}/files/{name}  what its analysis gave
//	GET    /api/recordings/{id}/original    the film as it came, or a part of the file
//	GET    /api/recordings/{id}/thumbnail?at_ms=&width=  a JPEG of the picture shown then
//	GET    /api/recordings/{id}/waveform    a drawing of its sound
//	GET    /api/recordings/{id}/copy        the film as any browser plays it; while it is being made it cannot
//	                                        be sought in, and browsers remember that by its address
//	GET    /api/recordings/{id}/clip?from_ms=&to_ms=  a part of that
//	POST   /api/recordings/{id}/cancel      stops its analysis
//	POST   /api/recordings/{id}/retry       starts it anew
//	DELETE /api/recordings/{id}             removes it and all that came of it
//	GET    /api/realm                       tells a worker on another machine whose work it is to do
//	POST   /api/media                       takes in what a worker on another machine has made
//	GET    /api/media/{sum}                 gives it what it needs
//	GET    /api/backup                      gives all that the data folder holds, as an archive
//	GET    /api/check                       reads all of it, and tells what is wrong
//
// Each needs the header `Authorization: Bearer TOKEN`, or the cookie that a browser
// has from opening KeyPath. What they refuse is told in a document {"error": "…"}.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/recordings", s.submit)
	mux.HandleFunc("GET /api/recordings", s.list)
	mux.HandleFunc("GET /api/recordings/{id}", s.show)
	mux.HandleFunc("GET /api/recordings/{id}/events", s.events)
	mux.HandleFunc("GET /api/recordings/{id}/files/{name}", s.file)
	s.showRoutes(mux)
	mux.HandleFunc("POST /api/recordings/{id}/cancel", s.change(s.Engine.Cancel))
	mux.HandleFunc("POST /api/recordings/{id}/retry", s.change(s.Engine.Retry))
	mux.HandleFunc("DELETE /api/recordings/{id}", s.change(s.remove))
	mux.HandleFunc("GET "+RealmPath, s.realm)
	mux.HandleFunc("POST "+blob.MediaPath, s.put)
	mux.HandleFunc("GET "+blob.MediaPath+"/{sum}", s.get)
	mux.HandleFunc("GET "+BackupPath, s.backup)
	mux.HandleFunc("GET "+CheckPath, s.check)
	mux.HandleFunc("GET /{$}", s.page)
	return s.guard(mux)
}

// mostBytes of one film.
const mostBytes = 256 << 30

func (s *Server) submit(w http.ResponseWriter, r *http.Request) {
	name := filepath.Base(r.URL.Query().Get("name"))
	queue := store.Queue(r.URL.Query().Get("queue"))
	switch {
	case name == "." || name == "/" || len(name) > 255 || strings.ContainsFunc(name, func(c rune) bool { return c < ' ' }):
		s.refuse(w, http.StatusBadRequest, "name= must be the film's file name")
		return
	case queue == "":
		queue = store.Default
	case !slices.Contains([]store.Queue{store.Interactive, store.Default, store.Batch}, queue):
		s.refuse(w, http.StatusBadRequest, "queue= must be interactive, default or batch")
		return
	}
	sum, n, err := s.Media.Put(r.Context(), http.MaxBytesReader(w, r.Body, mostBytes))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	id, err := s.Engine.Submit(r.Context(), store.Submission{Sum: sum, Name: name, SizeBytes: n, Queue: queue})
	switch {
	case errors.Is(err, blob.ErrMissing):
		s.refuse(w, http.StatusConflict, "another recording of this film was deleted meanwhile; send it again")
		return
	case err != nil:
		s.fail(w, r, err)
		return
	}
	s.tell(w, r, http.StatusCreated, id)
}

// Recording is one as it is told.
type Recording struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	SHA256    blob.Sum        `json:"sha256"`
	SizeBytes int64           `json:"size_bytes"`
	Queue     store.Queue     `json:"queue"`
	State     store.State     `json:"state"`
	Failure   string          `json:"failure,omitempty"` // a code
	Message   string          `json:"message,omitempty"` // the failure for people, in the caller's language
	Probe     json.RawMessage `json:"recording,omitempty"`
	Playable  *bool           `json:"playable,omitempty"` // browsers play the original; not known yet where it is missing
	StepsDone int             `json:"steps_done"`
	Steps     int             `json:"steps"` // known so far
	Submitted time.Time       `json:"submitted"`
	Changed   time.Time       `json:"changed"`
	Files     []string        `json:"files,omitempty"`
}

func (s *Server) form(r *http.Request, x store.Recording) Recording {
	f := Recording{
		ID: x.ID, Name: x.Name, SHA256: x.Sum, SizeBytes: x.SizeBytes, Queue: x.Queue, State: x.State, Failure: x.Failure,
		Probe: x.Probe, Playable: playable(x.Probe), StepsDone: x.StepsDone, Steps: x.Steps, Submitted: x.Submitted.UTC(), Changed: x.Changed.UTC(),
	}
	if x.Failure != "" {
		f.Message = i18n.T(language(r), "unreadable_"+x.Failure, x.Name)
	}
	return f
}

// language is the first of ours that the caller names; French where none is.
func language(r *http.Request) i18n.Lang {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		tag, _, _ = strings.Cut(tag, "-")
		if l, err := i18n.Parse(tag); err == nil {
			return l
		}
	}
	return i18n.French
}

func (s *Server) tell(w http.ResponseWriter, r *http.Request, status int, id string) {
	x, err := s.Store.Recording(r.Context(), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	f := s.form(r, x)
	files, err := s.Store.Files(r.Context(), id)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	for name := range files {
		f.Files = append(f.Files, name)
	}
	slices.Sort(f.Files)
	answer(w, status, f)
}

func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	s.tell(w, r, http.StatusOK, r.PathValue("id"))
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	all, err := s.Store.Recordings(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	forms := make([]Recording, len(all))
	for i, x := range all {
		forms[i] = s.form(r, x)
	}
	answer(w, http.StatusOK, map[string]any{"recordings": forms})
}

// changesEvery is how often changes are looked for on behalf of who waits for them.
const changesEvery = 250 * time.Millisecond

// events tells of a recording at each change until its work has ended.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	x, err := s.Store.Recording(r.Context(), r.PathValue("id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	tick := time.NewTicker(changesEvery)
	defer tick.Stop()
	last := ""
	for {
		doc, err := json.Marshal(s.form(r, x))
		if err != nil {
			s.Log.Error("cannot tell of a recording", "error", err)
			return
		}
		if string(doc) != last {
			last = string(doc)
			if _, err := fmt.Fprintf(w, "event: recording\ndata: %s\n\n", doc); err != nil || out.Flush() != nil {
				return
			}
		}
		if x.State != store.Working {
			return
		}
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
		if x, err = s.Store.Recording(r.Context(), x.ID); err != nil {
			return // it was deleted
		}
	}
}

func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	files, err := s.Store.Files(r.Context(), r.PathValue("id"))
	name := r.PathValue("name")
	sum, ok := files[name]
	if err == nil && !ok {
		err = store.ErrMissing
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	f, err := s.Media.Open(r.Context(), sum)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer f.Close()
	kind := mime.TypeByExtension(filepath.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox") // it is no page of ours
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	http.ServeContent(w, r, "", time.Time{}, f)
}

// change does something to a recording that has no answer but that it was done.
func (s *Server) change(do func(ctx context.Context, id string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(r.Context(), r.PathValue("id")); err != nil {
			s.fail(w, r, err)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
}

// RealmPath is where a worker learns whose work it is to do.
const RealmPath = "/api/realm"

// Realm is the answer to that.
type Realm struct {
	Realm string `json:"realm"`
}

func (s *Server) realm(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, Realm{s.Realm})
}

// put takes a blob in.
func (s *Server) put(w http.ResponseWriter, r *http.Request) {
	sum, n, err := s.Media.Put(r.Context(), http.MaxBytesReader(w, r.Body, mostBytes))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer(w, http.StatusCreated, blob.Receipt{Sum: sum, SizeBytes: n})
}

// get gives a blob, or a part of it.
func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	sum, err := blob.ParseSum(r.PathValue("sum"))
	if err != nil {
		s.refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	f, err := s.Media.Open(r.Context(), sum)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer f.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, f)
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		s.refuse(w, http.StatusRequestEntityTooLarge, "that is too large")
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		s.refuse(w, http.StatusInsufficientStorage, "the disk of the server is full: make room, and send it again")
	case errors.Is(err, store.ErrMissing), errors.Is(err, blob.ErrMissing):
		s.refuse(w, http.StatusNotFound, "there is no such thing")
	case r.Context().Err() != nil:
		// Nobody listens any more.
	case errors.Is(err, io.ErrUnexpectedEOF):
		s.refuse(w, http.StatusBadRequest, "the film was cut off on its way; send it again")
	default:
		s.Log.Error("a request failed", "method", r.Method, "route", r.Pattern, "error", err)
		s.refuse(w, http.StatusInternalServerError, "that failed; the log of the server says why")
	}
}

func (s *Server) refuse(w http.ResponseWriter, status int, why string) {
	answer(w, status, map[string]string{"error": why})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who does not listen needs no answer
}
