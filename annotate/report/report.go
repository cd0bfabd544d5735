// Package report writes an analysis for people: report.html, one page that a
// supervisor can be handed, and moments.vtt, the moments as a text track.
package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"

	"dyade/annotate"
	"dyade/internal/i18n"
)

// Input is what a page is made from.
type Input struct {
	Lang     i18n.Lang
	Analysis *annotate.Analysis
	// Lanes are the signals to draw: lane_parent_seen, lane_child_seen,
	// lane_facing, lane_closeness, lane_motion. One that is missing is drawn
	// as unknown; others are left out. Voices are drawn from Analysis.Speech.
	Lanes []annotate.Lane
	// Thumbs are a moment's pictures, by the moment's id, in time order.
	Thumbs map[string][]Thumb
}

// Thumb is one picture of a moment.
type Thumb struct {
	AtS           float64 // media time, seconds
	Width, Height int     // pixels, as shown
	JPEG          []byte
	Alt           string // what it shows; empty: only its time is said
}

//go:embed page/page.html.tmpl
var pageText string

//go:embed page/page.css
var pageStyle string

//go:embed page/page.js
var pageScript string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"t": func(string) (string, error) { return "", fmt.Errorf("no language bound") },
}).Parse(pageText))

// Write makes the page: HTML that loads nothing, runs without its script and
// allows, by its own policy, nothing but its own style, script and pictures.
func Write(w io.Writer, in Input) error {
	view, err := newPage(in)
	if err != nil {
		return fmt.Errorf("writing the report on %q: %w", in.Analysis.Recording.Name, err)
	}
	bound, err := page.Clone()
	if err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	bound.Funcs(template.FuncMap{
		"t": func(key string, args ...any) string { return i18n.T(in.Lang, key, args...) },
	})
	var out bytes.Buffer
	if err := bound.Execute(&out, view); err != nil {
		return fmt.Errorf("writing the report on %q: %w", in.Analysis.Recording.Name, err)
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

// policy is the page's content security policy: its own style and script by
// their hash, pictures that it carries itself, nothing else.
func policy() string {
	return fmt.Sprintf("default-src 'none'; img-src data:; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'",
		hash(pageStyle), hash(pageScript))
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
