package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/shown"
	"dyade/annotate/store"
	"dyade/internal/i18n"
)

// Shown makes what browsers are shown of films. Errors wrap those of package shown.
// What it gives is closed by who got it, and followed until ctx is over.
type Shown interface {
	// Thumb is a JPEG of the picture shown at a time, whole.
	Thumb(ctx context.Context, film blob.Sum, at time.Duration, width int) (shown.Growing, error)
	// Waveform is a drawing of the sound, whole.
	Waveform(ctx context.Context, film blob.Sum) (shown.Growing, error)
	// Frames are the times at which pictures are shown, whole.
	Frames(ctx context.Context, film blob.Sum) (shown.Growing, error)
	// Copied tells how far the copy of a film is.
	Copied(film blob.Sum) shown.Copied
	// Changed is closed once another copy is begun, whole or gone.
	Changed() <-chan struct{}
	// Copy is the film by its own clock, as any browser plays it.
	Copy(ctx context.Context, film blob.Sum) (shown.Growing, error)
	// Clip is a part of it that starts at 0.
	Clip(ctx context.Context, film blob.Sum, from, to time.Duration) (shown.Growing, error)
	// Forget removes all that was made of a film.
	Forget(ctx context.Context, film blob.Sum) error
}

// copied tells how far the copy of a film is.
func (s *Server) copied(film blob.Sum) shown.Copied {
	if s.Shown == nil {
		return shown.CopyNone
	}
	return s.Shown.Copied(film)
}

// errHalf says that a copy is not whole yet.
var errHalf = errors.New("the copy is being made: ask again once the recording says that it is whole")

// playable tells whether browsers play what a probe found; nil: it is not known.
func playable(probe []byte) *bool {
	var r annotate.Recording
	if json.Unmarshal(probe, &r) != nil {
		return nil
	}
	ok := shown.Playable(r)
	return &ok
}

// original gives the film as it came.
func (s *Server) original(w http.ResponseWriter, r *http.Request) {
	x, err := s.Store.Recording(r.Context(), r.PathValue("id"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	kind := "application/octet-stream"
	var probe annotate.Recording
	if json.Unmarshal(x.Probe, &probe) == nil {
		kind = shown.Type(probe)
	}
	s.give(w, r, x.Sum, kind, noPage)
}

// thing is one that is made for browsers.
type thing struct {
	kind string // as browsers are told
	name string // what tells it from others of the same film
	shown.Growing
}

// refusal is a request that cannot be right, and why.
type refusal string

func (r refusal) Error() string { return string(r) }

// showing answers with a thing that is made of a recording.
func (s *Server) showing(get func(*http.Request, store.Recording) (thing, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		x, err := s.find(r.Context(), r.PathValue("id"))
		if err == nil && s.Shown == nil {
			err = shown.ErrAbsent
		}
		var t thing
		if err == nil {
			t, err = get(r, x)
		}
		if err != nil {
			s.unshown(w, r, x, err)
			return
		}
		defer t.Close()
		head(w, t.kind, noPage)
		if t.Whole() {
			serve(w, r, t, string(x.Sum)+"-"+t.name+"-"+shown.Edition)
			return
		}
		s.follow(w, r, t)
	}
}

// unshown tells why a thing was not made.
func (s *Server) unshown(w http.ResponseWriter, r *http.Request, x store.Recording, err error) {
	var wrong refusal
	var unreadable *shown.Unreadable
	switch {
	case errors.As(err, &wrong):
		s.refuse(w, http.StatusBadRequest, wrong.Error())
	case errors.As(err, &unreadable):
		s.refuse(w, http.StatusUnprocessableEntity, i18n.T(language(r), "unreadable_"+unreadable.Reason, x.Name))
	case errors.Is(err, shown.ErrAbsent):
		s.refuse(w, http.StatusNotFound, "there is no such thing in this film")
	case errors.Is(err, errHalf):
		s.refuse(w, http.StatusConflict, errHalf.Error())
	case errors.Is(err, shown.ErrBusy):
		w.Header().Set("Retry-After", "3")
		s.refuse(w, http.StatusServiceUnavailable, "too much is being made at once: ask again in a moment")
	default:
		s.fail(w, r, err)
	}
}

// follow gives what is being made, as it comes. Where that fails half-way, the
// connection is broken, so that nobody takes for whole what is not.
func (s *Server) follow(w http.ResponseWriter, r *http.Request, t thing) {
	w.Header().Set("Accept-Ranges", "none")
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	out := http.NewResponseController(w)
	buf := make([]byte, 256<<10)
	for {
		n, err := t.Read(buf)
		if n > 0 {
			if _, err := w.Write(buf[:n]); err != nil || out.Flush() != nil {
				return // nobody listens any more
			}
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			if r.Context().Err() == nil {
				s.Log.Error("what a browser was shown broke off", "error", err)
			}
			panic(http.ErrAbortHandler) // what net/http has for this
		}
	}
}

func (s *Server) thumbnail(r *http.Request, x store.Recording) (t thing, err error) {
	at, err := moment(r, "at_ms", x)
	if err != nil {
		return t, err
	}
	width, err := strconv.Atoi(r.URL.Query().Get("width"))
	if err != nil || width < shown.LeastWidth || width > shown.MostWidth {
		return t, refusal(fmt.Sprintf("width= must be %d to %d pixels", shown.LeastWidth, shown.MostWidth))
	}
	t.kind, t.name = "image/jpeg", fmt.Sprintf("thumbnail-%d-%d", at.Milliseconds(), width)
	t.Growing, err = s.Shown.Thumb(r.Context(), x.Sum, at, width)
	return t, err
}

func (s *Server) waveform(r *http.Request, x store.Recording) (t thing, err error) {
	t.kind, t.name = "application/octet-stream", "waveform"
	t.Growing, err = s.Shown.Waveform(r.Context(), x.Sum)
	return t, err
}

func (s *Server) frames(r *http.Request, x store.Recording) (t thing, err error) {
	t.kind, t.name = "application/octet-stream", "frames"
	t.Growing, err = s.Shown.Frames(r.Context(), x.Sum)
	return t, err
}

func (s *Server) copy(r *http.Request, x store.Recording) (t thing, err error) {
	t.kind, t.name = "video/mp4", "copy"
	whole := r.URL.Query().Has("whole")
	switch c := s.Shown.Copied(x.Sum); {
	case whole && c == shown.CopyNone:
		return t, shown.ErrAbsent
	case whole && c == shown.CopyMaking:
		return t, errHalf
	}
	t.Growing, err = s.Shown.Copy(r.Context(), x.Sum)
	if err == nil && whole && !t.Whole() { // what there was gave way to other things, and is made again
		t.Close()
		return t, errHalf
	}
	return t, err
}

func (s *Server) clip(r *http.Request, x store.Recording) (t thing, err error) {
	from, err := moment(r, "from_ms", x)
	if err != nil {
		return t, err
	}
	ms, err := strconv.ParseInt(r.URL.Query().Get("to_ms"), 10, 64)
	to := time.Duration(ms) * time.Millisecond
	if err != nil || ms > mostMS || to <= from || to-from > shown.MostClip {
		return t, refusal(fmt.Sprintf("to_ms= must be after from_ms=, by %d minutes at most", int(shown.MostClip.Minutes())))
	}
	t.kind, t.name = "video/mp4", fmt.Sprintf("clip-%d-%d", from.Milliseconds(), ms)
	t.Growing, err = s.Shown.Clip(r.Context(), x.Sum, from, to)
	return t, err
}

// mostMS is longer than any film: two days.
const mostMS = 48 * 3600 * 1000

// moment is a time in the film that a request names.
func moment(r *http.Request, name string, x store.Recording) (time.Duration, error) {
	ms, err := strconv.ParseInt(r.URL.Query().Get(name), 10, 64)
	at := time.Duration(ms) * time.Millisecond
	if err != nil || ms < 0 || ms > mostMS || x.Duration > 0 && at >= x.Duration {
		return 0, refusal(name + "= must be a time in the film, in milliseconds")
	}
	return at, nil
}
