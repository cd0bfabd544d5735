package web

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"dyade/annotate"
	"dyade/annotate/export"
	"dyade/annotate/shown"
	"dyade/annotate/store"
	"dyade/internal/i18n"
)

// clipsForm is the form of a reel whose cuts are films, one by one.
const clipsForm = "clips"

// forms are those of files for editors, as browsers are told.
var forms = map[export.Form]string{export.OTIO: "application/json", export.EDL: "text/plain; charset=utf-8", export.LLC: "application/json"}

// export gives the reel that the facts make to who goes on from there elsewhere.
func (s *Server) export(w http.ResponseWriter, r *http.Request) {
	form, visit := r.PathValue("form"), r.PathValue("visit")
	kind, known := forms[export.Form(form)]
	if !known && form != clipsForm {
		s.refuse(w, http.StatusNotFound, "there is no such form: otio, edl, llc and clips are known")
		return
	}
	plan, err := s.plan(r.Context(), visit, language(r))
	var v store.Visit
	var films []store.Recording
	if err == nil {
		v, films, err = s.Store.Visit(r.Context(), visit)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	name := func(ending string) string {
		return mime.FormatMediaType("attachment", map[string]string{"filename": "dyade-" + v.Day + "." + ending})
	}
	if form == clipsForm {
		s.clips(w, r, plan, name("zip"))
		return
	}
	doc, of, err := s.exported(r.Context(), export.Form(form), plan, films)
	for known, key := range map[error]string{
		export.ErrEmpty: "door_export_empty", export.ErrFilms: "door_export_films", export.ErrRates: "door_export_rates",
		export.ErrPart: "door_export_part", errUnprobed: "door_export_early",
	} {
		if errors.Is(err, known) {
			s.refuse(w, http.StatusConflict, i18n.T(language(r), key))
			return
		}
	}
	if err != nil {
		s.unshown(w, r, of, err)
		return
	}
	head(w, kind, noPage)
	w.Header().Set("Content-Disposition", name(form))
	_, _ = w.Write(doc) // who does not listen needs no answer
}

// exported is a reel for editors. An error may be of one of its films.
func (s *Server) exported(ctx context.Context, form export.Form, plan annotate.Reel, all []store.Recording) (doc []byte, of store.Recording, err error) {
	cut := map[string]bool{}
	for _, p := range plan.Parts {
		if p.Cut != nil {
			cut[p.Cut.Recording] = true
		}
	}
	films := map[string]export.Film{}
	for _, x := range all {
		if !cut[string(x.Sum)] {
			continue
		}
		film, err := s.described(ctx, x)
		if err != nil {
			return nil, x, err
		}
		films[string(x.Sum)] = film
	}
	var out bytes.Buffer
	err = export.Write(&out, form, plan, films)
	return out.Bytes(), of, err
}

// errUnprobed says that a film has not been looked at yet.
var errUnprobed = errors.New("it is not known yet what a film is")

// described is a film as editors are told of it. Its name alone is told: where it lies
// is the server's own.
func (s *Server) described(ctx context.Context, x store.Recording) (f export.Film, err error) {
	var film annotate.Recording
	if json.Unmarshal(x.Probe, &film) != nil {
		return f, errUnprobed
	}
	f = export.Film{Name: x.Name, Duration: film.Duration, Sound: film.Audio != nil, Rate: export.RateOf(nil)}
	if film.Video == nil || s.Shown == nil {
		return f, nil
	}
	g, err := s.Shown.Frames(ctx, x.Sum)
	if err != nil {
		return f, err
	}
	defer g.Close()
	list, err := io.ReadAll(g)
	if err != nil {
		return f, err
	}
	times, err := shown.Times(list)
	f.Rate = export.RateOf(times)
	return f, err
}

// clips gives the cuts of a reel as films, one after another as they are rendered. Where
// that fails half-way, the connection is broken, so that nobody takes for whole what is
// not.
func (s *Server) clips(w http.ResponseWriter, r *http.Request, plan annotate.Reel, name string) {
	cuts := 0
	for _, p := range plan.Parts {
		if p.Cut != nil {
			cuts++
		}
	}
	switch {
	case cuts == 0:
		s.refuse(w, http.StatusConflict, i18n.T(language(r), "door_export_empty"))
		return
	case s.Reels == nil:
		s.unshown(w, r, store.Recording{}, shown.ErrBusy)
		return
	}
	head(w, "application/zip", noPage)
	w.Header().Set("Content-Disposition", name)
	if r.Method == http.MethodHead {
		return
	}
	out := &flow{Writer: w}
	archive := zip.NewWriter(out)
	err := s.Reels.Clips(r.Context(), plan, func(ctx context.Context, part int, film io.Reader) error {
		defer letGo(ctx, w)()
		f, err := archive.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("%02d.mp4", part+1), Method: zip.Store})
		if err == nil {
			_, err = io.Copy(f, film)
		}
		return err
	})
	if err == nil {
		err = archive.Close()
	}
	switch {
	case err == nil:
		return
	case !out.begun:
		w.Header().Del("Content-Disposition")
		s.uncut(w, r, err)
		return
	case r.Context().Err() == nil:
		s.Log.Error("clips of a reel broke off", "error", err)
	}
	panic(http.ErrAbortHandler) // what net/http has for this
}

// uncut tells why no clips come of a reel, by the words that a reel has for that.
func (s *Server) uncut(w http.ResponseWriter, r *http.Request, err error) {
	var why *shown.Uncut
	if !errors.As(err, &why) {
		s.unshown(w, r, store.Recording{}, err) // which is of no film
		return
	}
	status := http.StatusUnprocessableEntity
	switch why.Reason {
	case shown.UncutFull:
		status = http.StatusInsufficientStorage
	case shown.UncutCrash, shown.UncutFailing:
		status = http.StatusInternalServerError
	}
	s.Log.Warn("no clips were rendered", "reason", why.Reason, "part", why.Part, "error", err)
	s.refuse(w, status, whyUncut(language(r), why.Reason, why.Part))
}
