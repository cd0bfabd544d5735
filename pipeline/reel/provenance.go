package reel

import (
	"dyade/annotate/timecode"
	"dyade/internal/version"
)

// ProvenanceSchema names the form of a Provenance's JSON.
const ProvenanceSchema = "dyade.provenance/1"

// Provenance tells of each picture of a rendered reel where it is from.
type Provenance struct {
	Schema  string  `json:"schema"`
	Version string  `json:"dyade_version"`
	Film    Film    `json:"film"`
	Ranges  []Range `json:"ranges"` // all its pictures, in order
	Lost    []Loss  `json:"lost"`   // pictures of films that could not be decoded
}

// Film is the reel as it was rendered.
type Film struct {
	SHA256    string           `json:"sha256"`
	SizeBytes int64            `json:"size_bytes"`
	Width     int              `json:"width"`
	Height    int              `json:"height"`
	Frames    int              `json:"frames"`
	DurationS float64          `json:"duration_s"`
	Duration  timecode.Instant `json:"duration"`
}

// Made is how pictures of a reel were made.
type Made string

// Ways of making them.
const (
	Copied  Made = "copied"  // bit for bit from the film
	Encoded Made = "encoded" // decoded, and coded anew
	Held    Made = "held"    // a picture of the film that stands still
	Drawn   Made = "drawn"   // a card, or dark where a film has but sound
)

// Range is pictures of a reel that follow each other.
type Range struct {
	First int              `json:"first_frame"` // from 0
	Last  int              `json:"last_frame"`
	Start timecode.Instant `json:"start"` // media time of the reel
	End   timecode.Instant `json:"end"`
	Part  string           `json:"part"` // its id
	Made  Made             `json:"made"`
	From  *Origin          `json:"from"` // nil: of none
}

// Origin is the pictures of a film that a range is of.
type Origin struct {
	Recording string           `json:"recording"` // sha256
	First     timecode.Instant `json:"first"`     // media time of the first picture, in its film's ticks
	Last      timecode.Instant `json:"last"`
}

// Loss is a picture that could not be decoded: the one before is shown longer.
type Loss struct {
	Part      string           `json:"part"`
	Recording string           `json:"recording"`
	At        timecode.Instant `json:"at"`
}

func newProvenance() Provenance {
	return Provenance{Schema: ProvenanceSchema, Version: version.Version, Ranges: []Range{}, Lost: []Loss{}}
}

// note notes the next picture.
func (m *maker) note(x *piece, s shot, copied bool) {
	frame, at := len(m.shown), s.at
	if frame == 0 {
		at = 0 // also where those that were to come before it could not be decoded
	}
	m.shown = append(m.shown, at)
	start := timecode.Instant{Ticks: at, Base: m.p.base()}
	r := Range{First: frame, Last: frame, Start: start, Part: x.part.ID, Made: Encoded}
	switch {
	case s.packet < 0:
		r.Made = Drawn
	case copied:
		r.Made = Copied
	case s.held:
		r.Made = Held
	}
	if s.packet >= 0 {
		t := x.film.src.Index().Time(s.packet)
		r.From = &Origin{x.film.sum, t, t}
	}
	if n := len(m.told.Ranges); n > 0 {
		last := &m.told.Ranges[n-1]
		if last.Part == r.Part && last.Made == r.Made && m.last == x {
			last.Last = frame
			if r.From != nil {
				last.From.Last = r.From.Last
			}
			return
		}
		last.End = start
	}
	m.last = x
	m.told.Ranges = append(m.told.Ranges, r)
}

// missed notes a picture that is lost.
func (m *maker) missed(x *piece, s shot) {
	if !s.held {
		m.told.Lost = append(m.told.Lost, Loss{x.part.ID, x.film.sum, x.film.src.Index().Time(s.packet)})
	}
}
