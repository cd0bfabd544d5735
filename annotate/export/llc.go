package export

import (
	"encoding/json"
	"io"

	"dyade/annotate"
)

// A project of LosslessCut is a film and stretches of it, in seconds. It knows no slow
// motion, nothing that stands still, no cards, no captions: those are left out.

type llcProject struct {
	Version  int          `json:"version"`
	Media    string       `json:"mediaFileName"`
	Segments []llcSegment `json:"cutSegments"`
}

type llcSegment struct {
	Start float64 `json:"start"`
	End   float64 `json:"end"`
	Name  string  `json:"name"`
}

func writeLLC(w io.Writer, r annotate.Reel, films map[string]Film) error {
	p := llcProject{Version: 1, Segments: []llcSegment{}}
	film := ""
	for _, part := range r.Parts {
		c := part.Cut
		if c == nil {
			continue
		}
		if film != "" && film != c.Recording {
			return ErrFilms
		}
		film = c.Recording
		p.Media = films[film].Name
		p.Segments = append(p.Segments, llcSegment{c.Start.Seconds(), c.End.Seconds(), c.Title})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(p)
}
