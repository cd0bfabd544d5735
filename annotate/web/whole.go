package web

import (
	"net/http"
	"time"

	"dyade/annotate/archive"
)

// Where the door gives, and checks, all that a data folder holds.
const (
	BackupPath = "/api/backup"
	CheckPath  = "/api/check"
)

// Health is the answer of CheckPath.
type Health struct {
	OK bool `json:"ok"`
	archive.Health
}

func (s *Server) keeper() archive.Keeper {
	return archive.Keeper{Store: s.Store, Media: s.Media, Aside: s.Aside, Hold: s.Engine.Hold}
}

// backup gives an archive. Where that fails half-way, the connection is broken, so
// that nobody takes for whole what is not.
func (s *Server) backup(w http.ResponseWriter, r *http.Request) {
	out := &flow{w: w, c: http.NewResponseController(w)}
	w.Header().Set("Content-Type", "application/x-tar")
	err := archive.Write(r.Context(), s.keeper(), out)
	if err == nil {
		out.limit(time.Time{})
		return
	}
	if !out.begun {
		s.fail(w, r, err)
		return
	}
	if r.Context().Err() == nil {
		s.Log.Error("a backup failed", "error", err)
	}
	panic(http.ErrAbortHandler) // what net/http has for this
}

// mostStill is how long a reader of a backup may take nothing: while it goes on,
// nothing that is deleted goes away.
const mostStill = 5 * time.Minute

// flow is an answer that must go on flowing.
type flow struct {
	w     http.ResponseWriter
	c     *http.ResponseController
	begun bool
}

func (f *flow) Write(p []byte) (int, error) {
	f.begun = true
	f.limit(time.Now().Add(mostStill))
	return f.w.Write(p)
}

func (f *flow) limit(t time.Time) { _ = f.c.SetWriteDeadline(t) } // one without is as good

func (s *Server) check(w http.ResponseWriter, r *http.Request) {
	h, err := archive.Check(r.Context(), s.keeper())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	for _, p := range h.Problems {
		s.Log.Error("the data folder is damaged", "problem", p.Code, "recording", p.Recording, "sha256", p.Sum, "detail", p.Detail)
	}
	answer(w, http.StatusOK, Health{len(h.Problems) == 0, h})
}
