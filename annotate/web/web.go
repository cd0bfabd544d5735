// Package web is the door of `dyade serve`: recordings come in, how far they are is
// told, and what their analysis gave goes out, over HTTP.
package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/annotate/web/upload"
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
	// Crew counts who is there to do the work, and who of them is at it; an error: it
	// cannot be given out.
	Crew(ctx context.Context) (all, busy int, err error)
}

// Options of a Server; all are wanted but Hosts, Secure, Realm, Shown, Reels and Versions.
type Options struct {
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
	Uploads  string // a folder of its own, for films that come
	Aside    string // a folder beside it for what is not whole yet
	Shown    Shown  // nil: films are not shown, but for those that play as they are
	Reels    Reels  // nil: no reel is rendered
	Metrics  *prometheus.Registry
	Log      *slog.Logger
}

// Server answers for one data folder.
type Server struct {
	Options
	uploads *upload.Uploads
	feed    *feed
	metrics *metrics
	find    func(ctx context.Context, id string) (store.Recording, error) // a recording of which something is shown
	started time.Time
	pace    pace
	busy    sync.Mutex    // with a backup or a check
	reading chan struct{} // signals, each of which takes memory

	look   sync.Mutex // at the health
	seen   Health
	looked time.Time
}

// Limits of what comes in.
const (
	mostBytes   = 256 << 30 // of one film
	mostUploads = 64        // at once
	mostReading = 2         // of signals at once
)

// New makes a server; Run is to run beside its Handler.
func New(o Options) (*Server, error) {
	s := &Server{Options: o, started: time.Now().UTC(), pace: usual, reading: make(chan struct{}, mostReading), find: o.Store.Recording}
	s.feed = newFeed(o.Store, func() Shown { return s.Shown }) // it is known later
	var err error
	s.uploads, err = upload.New(upload.Options{
		Dir: o.Uploads, Take: s.take, MostBytes: mostBytes, MostOpen: mostUploads, Room: s.room, Log: o.Log,
	})
	if err == nil {
		s.metrics, err = newMetrics(s, o.Metrics)
	}
	if err != nil {
		return nil, fmt.Errorf("open the door: %w", err)
	}
	return s, nil
}

// Handler answers all requests, as openapi.yaml says.
func (s *Server) Handler() http.Handler {
	return s.pace.keep(s.guard(s.mux(s.routes()), s.freely), s.metrics.watch)
}

// How long an upload is kept that nobody goes on with, and how often that is looked
// for.
const (
	uploadTime = 7 * 24 * time.Hour
	sweepEvery = time.Hour
)

// Run tidies up until ctx is over.
func (s *Server) Run(ctx context.Context) {
	if err := s.uploads.Finish(ctx); err != nil {
		s.Log.Warn("cannot take in films that had come", "error", err)
	}
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := s.uploads.Sweep(ctx, time.Now().Add(-uploadTime)); err != nil && ctx.Err() == nil {
			s.Log.Warn("cannot remove uploads that were given up", "error", err)
		}
		if err := s.Store.ForgetVisits(ctx, time.Now().Add(-uploadTime)); err != nil && ctx.Err() == nil {
			s.Log.Warn("cannot forget visits to which no film came", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// take makes a film that has come a recording.
func (s *Server) take(ctx context.Context, film upload.Film) (string, error) {
	sum, n, err := s.Media.Adopt(ctx, film.Path)
	if err != nil {
		return "", err
	}
	return s.Engine.Submit(ctx, store.Submission{Sum: sum, Name: film.Name, SizeBytes: n, Queue: film.Queue, Visit: film.Visit})
}

// Refusal is what is said of a request that is refused.
type Refusal struct {
	Error string `json:"error"`
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
	case errors.Is(err, store.ErrReviewed):
		s.refuse(w, http.StatusConflict, "people have decided about it in its visit: it stays there")
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.refuse(w, http.StatusRequestTimeout, "nothing came for too long: send it again")
	case r.Context().Err() != nil:
		// Nobody listens any more.
	case errors.Is(err, io.ErrUnexpectedEOF):
		s.refuse(w, http.StatusBadRequest, "it was cut off on its way; send it again")
	default:
		s.Log.Error("a request failed", "method", r.Method, "route", r.Pattern, "error", err)
		s.refuse(w, http.StatusInternalServerError, "that failed; the log of the server says why")
	}
}

func (s *Server) refuse(w http.ResponseWriter, status int, why string) {
	answer(w, status, Refusal{why})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who does not listen needs no answer
}
