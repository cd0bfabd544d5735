package web

import (
	"net/http"

	"dyade/annotate/blob"
)

// RealmPath is where a worker learns whose work it is to do.
const RealmPath = "/api/realm"

// Realm is the answer to that.
type Realm struct {
	Realm string `json:"realm"`
}

func (s *Server) realm(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, Realm{s.Realm})
}

// put takes a blob in that a worker on another machine has made.
func (s *Server) put(w http.ResponseWriter, r *http.Request) {
	sum, n, err := s.Media.Put(r.Context(), http.MaxBytesReader(w, r.Body, mostBytes))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer(w, http.StatusCreated, blob.Receipt{Sum: sum, SizeBytes: n})
}

// get gives it a blob, or a part of it.
func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	sum, err := blob.ParseSum(r.PathValue("sum"))
	if err != nil {
		s.refuse(w, http.StatusBadRequest, "the address must end in a sha256: 64 lower-case hexadecimal digits")
		return
	}
	s.give(w, r, sum, "application/octet-stream", noPage)
}
