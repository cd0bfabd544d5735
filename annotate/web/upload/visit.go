package upload

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"dyade/annotate/blob"
)

// visit is the answer to one request. What tusd refuses in plain text it tells as a
// document, like the rest of the door.
type visit struct {
	http.ResponseWriter
	method string
	plain  bool          // what comes of the body is tusd's own refusal
	over   chan struct{} // closed when it has been answered
	got    atomic.Int64  // bytes
	whole  atomic.Bool   // the film has come, and is being taken in

	mu    sync.Mutex // from the look at ended to what is done then
	ended bool
}

func newVisit(w http.ResponseWriter, method string) *visit {
	return &visit{ResponseWriter: w, method: method, over: make(chan struct{})}
}

// end is when the answer is no more to be touched.
func (v *visit) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ended = true
	close(v.over)
}

var errEnded = errors.New("the request has ended")

// SetReadDeadline is for http.ResponseController. Others may call it after the end,
// when there is nothing left to set it of.
func (v *visit) SetReadDeadline(t time.Time) error {
	return v.limit(t, (*http.ResponseController).SetReadDeadline)
}

// SetWriteDeadline is alike.
func (v *visit) SetWriteDeadline(t time.Time) error {
	return v.limit(t, (*http.ResponseController).SetWriteDeadline)
}

func (v *visit) limit(t time.Time, set func(*http.ResponseController, time.Time) error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ended {
		return errEnded
	}
	return set(http.NewResponseController(v.ResponseWriter), t)
}

type visitKey struct{}

// visitOf is that of a request's context, which ServeHTTP gave it; nil where there is
// no request.
func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// Unwrap lets http.ResponseController through.
func (v *visit) Unwrap() http.ResponseWriter { return v.ResponseWriter }

const kind = "application/json"

// WriteHeader begins the answer.
func (v *visit) WriteHeader(status int) {
	h := v.Header()
	if at := strings.Index(h.Get("Location"), Path); at > 0 {
		h.Set("Location", h.Get("Location")[at:]) // whatever name and scheme we are reached by
	}
	v.plain = status >= http.StatusBadRequest && h.Get("Content-Type") != kind
	if v.plain {
		h.Set("Content-Type", kind)
		h.Del("Content-Length")
	}
	v.ResponseWriter.WriteHeader(status)
}

func (v *visit) Write(p []byte) (int, error) {
	if !v.plain {
		return v.ResponseWriter.Write(p)
	}
	why := strings.TrimSpace(string(p))
	if _, words, ok := strings.Cut(why, ": "); ok { // behind a code of tusd's
		why = words
	}
	_, err := v.ResponseWriter.Write(document(why))
	return len(p), err
}

func (v *visit) refuse(status int, why string) {
	v.Header().Set("Content-Type", kind)
	v.WriteHeader(status)
	_, _ = v.Write(document(why)) // who does not listen needs no answer
}

// taken tells what recording the film is.
func (v *visit) taken(recording string) { v.Header().Set(RecordingHeader, recording) }

// yield ends a request that hangs, since another waits for it. tusd does so by
// itself when it is interrupted, but not where it had not begun to read.
func (v *visit) yield(interrupt func()) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	interrupted := false
	for had, still := int64(-1), 0; ; still++ {
		select {
		case <-v.over:
			return
		case <-tick.C:
		}
		if got := v.got.Load(); got != had {
			had, still = got, 0
		}
		if v.whole.Load() || still < mostStill {
			continue
		}
		if !interrupted {
			interrupt()
			interrupted = true
		}
		_ = v.SetReadDeadline(time.Now()) // where there is none, nothing hangs either
	}
}

// A request hangs that has brought nothing at so many looks in a row.
const (
	lookEvery = 50 * time.Millisecond
	mostStill = 20
)

// flow counts what a request brings.
type flow struct {
	io.Reader
	v *visit
}

func (f flow) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	f.v.got.Add(int64(n))
	return n, err
}

// patient lets the answer take as long as it takes.
func (v *visit) patient() {
	v.whole.Store(true)
	// Where this cannot be done, the caller asks again.
	_, _ = v.SetReadDeadline(time.Time{}), v.SetWriteDeadline(time.Time{})
}

func document(why string) []byte {
	doc, _ := json.Marshal(map[string]string{"error": why}) // strings always can
	return append(doc, '\n')
}

// refusal is an error that tusd tells as it is.
func refusal(status int, why string) handler.Error {
	return handler.Error{ErrorCode: http.StatusText(status), Message: why, HTTPResponse: handler.HTTPResponse{
		StatusCode: status, Body: string(document(why)), Header: handler.HTTPHeader{"Content-Type": kind},
	}}
}

// told is an error as the caller is told of it.
func (u *Uploads) told(err error) error {
	var known handler.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return refusal(http.StatusInsufficientStorage, "the disk of the server is full: make room, and go on")
	case errors.Is(err, blob.ErrMissing):
		return refusal(http.StatusConflict, "another recording of this film was deleted meanwhile: go on, and it is taken in again")
	case errors.As(err, &known):
		return known
	}
	u.Log.Error("an upload failed", "error", err)
	return refusal(http.StatusInternalServerError, "that failed; the log of the server says why")
}
