package review

import (
	"cmp"
	"slices"
	"strings"

	"dyade/annotate"
	"dyade/annotate/timecode"
)

// Wording is what a reel needs beside the facts.
type Wording struct {
	Lang  string                                // of what is worded for it
	Title func(kind annotate.MomentKind) string // of a chapter; an empty kind: a person's own segment
	Film  func(recording string) (sha256 string, ok bool)
}

// Plan is the reel that the facts make: segments and cards in one order.
func (f Facts) Plan(w Wording) annotate.Reel {
	main := f[reel+"/main"]
	title, _ := read[string](main["title"])
	r := annotate.Reel{
		Schema: annotate.ReelSchema, Title: title, Lang: w.Lang, Evened: main["evened"] == "true", Faded: main["faded"] == "true",
		Parts: []annotate.Part{},
	}
	for _, name := range f.inOrder() {
		kind, id, _ := strings.Cut(name, "/")
		p := annotate.Part{ID: id}
		if kind == card {
			p.Card = cardOf(f[name])
		} else if p.Cut = cutOf(f[name], w); p.Cut == nil {
			continue
		}
		r.Parts = append(r.Parts, p)
	}
	return r
}

// inOrder lists the segments and cards.
func (f Facts) inOrder() (names []string) {
	for name := range f {
		if strings.HasPrefix(name, segment+"/") || strings.HasPrefix(name, card+"/") {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		first, _ := read[string](f[a]["order"])
		second, _ := read[string](f[b]["order"])
		return cmp.Or(cmp.Compare(first, second), cmp.Compare(a, b))
	})
	return names
}

func cardOf(fields map[string]Value) *annotate.Card {
	words, _ := read[string](fields["text"])
	seconds, _ := read[float64](fields["seconds"])
	return &annotate.Card{Text: words, Seconds: seconds}
}

// cutOf is a segment as it is cut; nil where it is of no film that there is.
func cutOf(fields map[string]Value, w Wording) *annotate.Cut {
	recording, _ := read[string](fields[Recording])
	film, ok := w.Film(recording)
	if !ok {
		return nil
	}
	start, _ := read[timecode.Instant](fields["start"])
	end, _ := read[timecode.Instant](fields["end"])
	kind, _ := read[string](fields["kind"])
	c := &annotate.Cut{Recording: film, Start: start, End: end, Title: w.Title(annotate.MomentKind(kind))}
	if fields["caption"] == "true" {
		c.Caption, _ = read[string](fields["question"])
	}
	// Trimming may have left them outside.
	if s, ok := read[slow](fields["slow"]); ok && s.Start.Compare(end) < 0 && start.Compare(s.End) < 0 {
		c.Slow = &annotate.Slow{Start: later(s.Start, start), End: earlier(s.End, end), Rate: s.Rate}
	}
	if f, ok := read[freeze](fields["freeze"]); ok && start.Compare(f.At) <= 0 && f.At.Compare(end) < 0 {
		c.Freeze = &annotate.Freeze{At: f.At, Seconds: f.Seconds}
	}
	return c
}

func later(a, b timecode.Instant) timecode.Instant {
	if a.Compare(b) < 0 {
		return b
	}
	return a
}

func earlier(a, b timecode.Instant) timecode.Instant {
	if a.Compare(b) < 0 {
		return a
	}
	return b
}
