package web

import (
	"io"
	"net/http"

	"dyade/annotate/archive"
)

// Where the door gives, and checks, all that a data folder holds.
const (
	BackupPath = "/api/backup"
	CheckPath  = "/api/check"
)

// Soundness is the answer of CheckPath.
type Soundness struct {
	OK bool `json:"ok"`
	archive.Health
}

func (s *Server) keeper() archive.Keeper {
	return archive.Keeper{Store: s.Store, Media: s.Media, Aside: s.Aside, Hold: s.Engine.Hold}
}

// backup gives an archive. Where that fails half-way, the connection is broken, so
// that nobody takes for whole what is not.
func (s *Server) backup(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", "application/x-tar")
		return
	}
	out := &flow{Writer: w}
	w.Header().Set("Content-Type", "application/x-tar")
	err := archive.Write(r.Context(), s.keeper(), out)
	if err == nil {
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

// flow is an answer of which one wants to know whether it has begun.
type flow struct {
	io.Writer
	begun bool
}

func (f *flow) Write(p []byte) (int, error) {
	f.begun = true
	return f.Writer.Write(p)
}

func (s *Server) check(w http.ResponseWriter, r *http.Request) {
	h, err := archive.Check(r.Context(), s.keeper())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	for _, p := range h.Problems {
		s.Log.Error("the data folder is damaged", "problem", p.Code, "recording", p.Recording, "sha256", p.Sum, "detail", p.Detail)
	}
	answer(w, http.StatusOK, Soundness{len(h.Problems) == 0, h})
}
