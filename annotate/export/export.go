// Package export writes reels as programs that edit films read them: what of which film
// is shown when, for who goes on from there. It writes no picture and no sound.
package export

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"dyade/annotate"
	"dyade/annotate/timecode"
)

// Form is one that a program reads.
type Form string

// Forms.
const (
	OTIO Form = "otio" // OpenTimelineIO: Kdenlive, DaVinci Resolve, Premiere by plug-in
	EDL  Form = "edl"  // CMX 3600: nearly every editor
	LLC  Form = "llc"  // a project of LosslessCut
)

// Forms lists them.
func Forms() []Form { return []Form{OTIO, EDL, LLC} }

// Film is what an editor is told of one.
type Film struct {
	Name     string // of the file
	Path     string // where it lies; empty: only its name is told
	Rate     Rate
	Duration timecode.Instant
	Sound    bool
}

// Errors that Write wraps.
var (
	ErrForm  = errors.New("there is no such form")
	ErrFilm  = errors.New("nothing is known of a film of the reel")
	ErrRates = errors.New("this form counts the pictures of all films alike, and these have different rates")
	ErrFilms = errors.New("this form is of one film, and the reel shows several")
	ErrEmpty = errors.New("there is no cut in the reel")
	ErrPart  = errors.New("a part of the reel cannot be")
)

// Write writes a reel of films that go by their sha256.
func Write(w io.Writer, form Form, r annotate.Reel, films map[string]Film) error {
	writers := map[Form]func(io.Writer, annotate.Reel, map[string]Film) error{OTIO: writeOTIO, EDL: writeEDL, LLC: writeLLC}
	write, ok := writers[form]
	if !ok {
		return fmt.Errorf("write a reel as %q: %w", form, ErrForm)
	}
	cuts := 0
	for i, p := range r.Parts {
		if fault := p.Fault(); fault != "" {
			return fmt.Errorf("write a reel as %s: %w: number %d: %s", form, ErrPart, i+1, fault)
		}
		if p.Cut == nil {
			continue
		}
		cuts++
		if _, ok := films[p.Cut.Recording]; !ok {
			return fmt.Errorf("write a reel as %s: %w: %s", form, ErrFilm, p.Cut.Recording)
		}
	}
	if cuts == 0 {
		return fmt.Errorf("write a reel as %s: %w", form, ErrEmpty)
	}
	if err := write(w, r, films); err != nil {
		return fmt.Errorf("write a reel as %s: %w", form, err)
	}
	return nil
}

// Rate is how many pictures a film has a second.
type Rate struct {
	Num, Den int64 // 30000/1001
	Variable bool  // that is but the nearest: pictures come unevenly
}

// FPS is the rate as a number.
func (r Rate) FPS() float64 { return float64(r.Num) / float64(max(r.Den, 1)) }

// usual rates, of cameras and of broadcasts.
var usual = []Rate{{Num: 24000, Den: 1001}, {Num: 24, Den: 1}, {Num: 25, Den: 1}, {Num: 30000, Den: 1001}, {Num: 30, Den: 1}, {Num: 48, Den: 1},
	{Num: 50, Den: 1}, {Num: 60000, Den: 1001}, {Num: 60, Den: 1}, {Num: 120, Den: 1}, {Num: 240, Den: 1}}

// RateOf finds the rate of pictures that are shown at ascending times.
func RateOf(times []timecode.Instant) Rate {
	n := len(times) - 1
	if n < 1 {
		return Rate{Num: 25, Den: 1, Variable: true}
	}
	first, tick := times[0].Seconds(), float64(times[0].Base.Num)/float64(times[0].Base.Den)
	fps := float64(n) / max(times[n].Seconds()-first, tick)
	best := slices.MinFunc(usual, func(a, b Rate) int {
		return int(math.Copysign(1, math.Abs(a.FPS()-fps)-math.Abs(b.FPS()-fps)))
	})
	// Even pictures are where the rate says, by the film's clock, to the end.
	for k, t := range times {
		if math.Abs(t.Seconds()-first-float64(k)/best.FPS()) > max(1.5*tick, 0.1/best.FPS()) {
			best.Variable = true
			break
		}
	}
	return best
}

// event is a stretch of a film, or nothing, as it is shown: a cut of which some is slow
// or stands still becomes several.
type event struct {
	part       int
	cut        *annotate.Cut // nil: of a card
	start, end timecode.Instant
	rate       float64 // at which it is shown; 0: the picture at start stands still
	seconds    float64 // for which it is shown
}

// events are those of a reel.
func events(r annotate.Reel) (all []event) {
	for i, p := range r.Parts {
		if p.Cut != nil {
			all = append(all, cutEvents(i, p.Cut)...)
		} else {
			all = append(all, event{part: i, seconds: p.Card.Seconds})
		}
	}
	return all
}

func cutEvents(part int, c *annotate.Cut) (all []event) {
	within := func(t timecode.Instant) bool { return c.Start.Compare(t) < 0 && t.Compare(c.End) < 0 }
	turns := []timecode.Instant{c.Start, c.End}
	if s := c.Slow; s != nil {
		turns = append(turns, s.Start, s.End)
	}
	if f := c.Freeze; f != nil {
		turns = append(turns, f.At)
	}
	turns = slices.DeleteFunc(turns, func(t timecode.Instant) bool { return t != c.Start && t != c.End && !within(t) })
	slices.SortFunc(turns, timecode.Instant.Compare)
	turns = slices.CompactFunc(turns, func(a, b timecode.Instant) bool { return a.Compare(b) == 0 })
	for k := 1; k < len(turns); k++ {
		e := event{part: part, cut: c, start: turns[k-1], end: turns[k], rate: 1}
		if f := c.Freeze; f != nil && f.At.Compare(e.start) == 0 {
			all = append(all, event{part: part, cut: c, start: e.start, end: e.start, seconds: f.Seconds})
		}
		if s := c.Slow; s != nil && s.Start.Compare(e.start) <= 0 && e.end.Compare(s.End) <= 0 && s.Rate > 0 {
			e.rate = s.Rate
		}
		e.seconds = (e.end.Seconds() - e.start.Seconds()) / e.rate
		all = append(all, e)
	}
	return all
}
