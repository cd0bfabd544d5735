package web

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"dyade/annotate/store"
	"dyade/internal/i18n"
)

//go:embed page/page.html.tmpl
var pageText string

//go:embed page/style.css
var pageStyle []byte

var page = template.Must(template.New("page").Funcs(template.FuncMap{"t": func(string, ...any) string { return "" }}).Parse(pageText))

// view is what the page for who runs the server shows.
type view struct {
	Title                string
	Closed               bool // to who has no key
	Again                int  // seconds after which it is to be asked for again
	Working, Done, Ended int
	Free                 string // room on the disk
	Tight                bool   // that is little
	Recordings           []row
	More                 int // recordings that are not listed
	Versions             []string
}

type row struct {
	Name, State, Message string
	Share                int // per cent done, where it is under way
	Since                time.Time
}

const (
	mostRows   = 100
	pageEvery  = 5       // seconds
	littleRoom = 5 << 30 // bytes, some hours of film
)

// page tells who runs the server how its work is.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	all, err := s.Store.Recordings(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	lang := language(r)
	v := view{Title: i18n.T(lang, "page_title"), Again: pageEvery, Versions: s.Versions}
	slices.SortStableFunc(all, func(a, b store.Recording) int { return b.Submitted.Compare(a.Submitted) })
	for _, x := range all {
		switch x.State {
		case store.Working:
			v.Working++
		case store.Done:
			v.Done++
		default:
			v.Ended++
		}
		if len(v.Recordings) == mostRows {
			v.More++
			continue
		}
		f := s.form(r, x)
		line := row{Name: x.Name, State: i18n.T(lang, "batch_state_"+string(x.State)), Message: f.Message, Since: x.Submitted}
		if x.State == store.Working {
			line.Share = max(1, 100*x.StepsDone/max(1, x.Steps))
		}
		v.Recordings = append(v.Recordings, line)
	}
	var disk syscall.Statfs_t
	if syscall.Statfs(filepath.Dir(s.Aside), &disk) == nil {
		free := int64(disk.Bavail) * disk.Bsize
		v.Free, v.Tight = i18n.T(lang, "page_disk_size", float64(free)/1e9), free < littleRoom
	}
	s.draw(w, r, http.StatusOK, v)
}

// closed tells who has no key where it is.
func (s *Server) closed(w http.ResponseWriter, r *http.Request) {
	s.draw(w, r, http.StatusUnauthorized, view{Title: i18n.T(language(r), "page_closed"), Closed: true})
}

func (s *Server) draw(w http.ResponseWriter, r *http.Request, status int, v view) {
	bound, err := page.Clone()
	var out bytes.Buffer
	if err == nil {
		err = bound.Funcs(template.FuncMap{
			"t": func(key string, args ...any) string { return i18n.T(language(r), key, args...) },
		}).Execute(&out, v)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // who does not listen needs no answer
}

const stylePath = "/style.css" // anybody may have it

func style(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write(pageStyle)
}
