package web

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"

	"dyade/annotate/store"
	"dyade/internal/i18n"
)

//go:embed page/page.html.tmpl
var pageText string

//go:embed page/style.css
var pageStyle []byte

//go:embed page/page.js
var pageScript []byte

var page = template.Must(template.New("page").Funcs(template.FuncMap{"t": func(string, ...any) string { return "" }}).Parse(pageText))

// view is the frame of the page for who runs the server; its script fills it through
// the API.
type view struct {
	Title  string
	Closed bool           // to who has no key
	Words  map[string]any // of the script
}

// words are what the script says.
func words(lang i18n.Lang) map[string]any {
	w := map[string]any{}
	const hole = "%s" // is for the script to fill
	for key, holes := range map[string][]any{
		"failed": nil, "away": nil, "report": nil, "cancel": nil, "retry": nil, "remove": nil,
		"sure": {hole}, "more": {hole}, "size": {hole}, "crew": {hole, hole},
	} {
		w[key] = i18n.T(lang, "page_"+key, holes...)
	}
	some := func(of, prefix string, keys ...string) {
		list := map[string]string{}
		for _, key := range keys {
			list[key] = i18n.T(lang, prefix+key)
		}
		w[of] = list
	}
	some("states", "batch_state_", string(store.Working), string(store.Done), string(store.Failed), string(store.Cancelled))
	some("queues", "page_queue_", string(store.Interactive), string(store.Default), string(store.Batch))
	some("failing", "page_failing_", failingDatabase, failingQueue, failingDisk)
	return w
}

// page tells who runs the server how its work is.
func (s *Server) page(w http.ResponseWriter, r *http.Request) {
	lang := language(r)
	s.draw(w, r, http.StatusOK, view{Title: i18n.T(lang, "page_title"), Words: words(lang)})
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
		s.fail(w, r, fmt.Errorf("draw a page: %w", err))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // who does not listen needs no answer
}

// asset is a file that anybody may have.
func asset(kind string, content []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind+"; charset=utf-8")
		_, _ = w.Write(content)
	}
}
