package web

import (
	"crypto/sha256"
	"encoding/hex"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"

	"dyade/annotate/web/ui"
)

// shellText is what a browser is given at each address of the practitioner's page: the
// script that is linked asks the API for all that is shown.
var shellText = template.Must(template.New("shell").Parse(`<!doctype html>
<html lang="{{.}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>dyade</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/ui/app.css">
<script src="/ui/app.js" type="module"></script>
</head>
<body>
<div id="app"></div>
<noscript>{{if eq . "fr"}}Cette page a besoin de JavaScript.{{else}}This page needs JavaScript.{{end}}</noscript>
</body>
</html>
`))

func (s *Server) shell(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = shellText.Execute(w, language(r).String()) // who does not listen needs no answer
}

// part is one file that the page is made of.
type part struct {
	kind, tag string
	content   []byte
}

// parts of the page, as they were bundled, by their paths.
var parts = readParts(ui.Files())

func readParts(files fs.FS) map[string]part {
	all := map[string]part{}
	names, err := fs.Glob(files, "*.*")
	for _, name := range names {
		var content []byte
		if content, err = fs.ReadFile(files, name); err != nil {
			break
		}
		sum := sha256.Sum256(content)
		kind := mime.TypeByExtension(path.Ext(name))
		if path.Ext(name) == ".woff2" {
			kind = "font/woff2"
		}
		all["/ui/"+name] = part{kind, `"` + hex.EncodeToString(sum[:8]) + `"`, content}
	}
	if err != nil {
		panic(err) // what is embedded can be read
	}
	return all
}

// pageParts are the routes to them: anybody may have them, there is nothing of a
// recording in them.
func pageParts() (routes []route) {
	for at, p := range parts {
		routes = append(routes, route{"GET", at, p.serve})
	}
	return routes
}

func (p part) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", p.kind)
	w.Header().Set("Cache-Control", "no-cache") // asked for again, and given where it changed
	w.Header().Set("ETag", p.tag)
	if r.Header.Get("If-None-Match") == p.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(p.content) // who does not listen needs no answer
}
