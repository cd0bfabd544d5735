package web

import (
	"io"
	"net/http"
	"strconv"
	"time"

	"dyade/annotate/blob"
)

// noPage is the policy of what may come from anybody, and is no page of ours.
const noPage = "default-src 'none'; sandbox"

// give gives a blob, or a part of it, which may do what a policy says.
func (s *Server) give(w http.ResponseWriter, r *http.Request, sum blob.Sum, kind, policy string) {
	f, err := s.Media.Open(r.Context(), sum)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer f.Close()
	head(w, kind, policy)
	serve(w, r, f, string(sum))
}

// serve gives what is whole, or a part of it. The tag tells it from all else that is,
// or was, at its address.
func serve(w http.ResponseWriter, r *http.Request, f io.ReadSeeker, tag string) {
	w.Header().Set("ETag", strconv.Quote(tag))
	http.ServeContent(w, r, "", time.Time{}, f)
}

func head(w http.ResponseWriter, kind, policy string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Security-Policy", policy)
}
