package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// pace is for how long a caller may send, and take, nothing before it is let go; and how
// long it may take what others wait for, and wait for it.
type pace struct{ silent, still, taking, turn time.Duration }

// usual is the pace of people: one that looks at a film pauses it.
var usual = pace{silent: time.Minute, still: 5 * time.Minute, taking: time.Minute, turn: 10 * time.Second}

// visit is one request's answer, at the pace of its caller: there is no limit to how
// long it takes, but to how long it stands still.
type visit struct {
	http.ResponseWriter
	c      *http.ResponseController
	pace   pace
	status int       // of the answer; 0: there is none yet
	begun  time.Time // the answer

	mu   sync.Mutex
	over bool // nothing more is written
}

// Unwrap lets http.ResponseController through.
func (v *visit) Unwrap() http.ResponseWriter { return v.ResponseWriter }

// WriteHeader begins the answer.
func (v *visit) WriteHeader(status int) {
	if status >= http.StatusOK && v.status == 0 {
		v.status, v.begun = status, time.Now()
	}
	v.limit()
	v.ResponseWriter.WriteHeader(status)
}

func (v *visit) Write(p []byte) (int, error) {
	if v.status == 0 {
		v.status, v.begun = http.StatusOK, time.Now()
	}
	v.limit()
	return v.ResponseWriter.Write(p)
}

// limit is for what is written next. Where there is none, nothing is lost but time.
func (v *visit) limit() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.over {
		_ = v.c.SetWriteDeadline(time.Now().Add(v.pace.still))
	}
}

// SetWriteDeadline is for http.ResponseController: one that has passed stays.
func (v *visit) SetWriteDeadline(t time.Time) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.over = !t.IsZero() && !t.After(time.Now())
	return v.c.SetWriteDeadline(t)
}

// letGo breaks an answer off once ctx is over, also where the caller takes nothing; until
// the function that it gives is called.
func letGo(ctx context.Context, w http.ResponseWriter) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = http.NewResponseController(w).SetWriteDeadline(time.Now()) })
}

// body is what a caller sends, at its pace.
type body struct {
	io.ReadCloser
	c    *http.ResponseController
	most time.Duration // that nothing may come
}

func (b *body) Read(p []byte) (int, error) {
	_ = b.c.SetReadDeadline(time.Now().Add(b.most))
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		_ = b.c.SetReadDeadline(time.Time{}) // what comes after it is not awaited
	}
	return n, err
}

// keep lets go who stands still, and tells watch of each answer.
func (p pace) keep(next http.Handler, watch func(r *http.Request, v *visit, asked time.Time)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := time.Now()
		v := &visit{ResponseWriter: w, c: http.NewResponseController(w), pace: p}
		if r.ContentLength != 0 {
			r.Body = &body{r.Body, v.c, p.silent}
			defer func() { _ = v.c.SetReadDeadline(time.Now().Add(p.silent)) }() // for what was not read
		}
		defer func() { watch(r, v, asked) }()
		next.ServeHTTP(v, r)
	})
}
