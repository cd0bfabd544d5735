package export

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/url"

	"dyade/annotate"
	"dyade/annotate/timecode"
)

// OpenTimelineIO is JSON of nested objects with the names of their schemas. Times of
// films whose pictures come evenly are in pictures; of others in ticks of their clock,
// so that they are exact there too. Cards are gaps with a marker, captions markers;
// fades and loudness are metadata.

type object = map[string]any

func writeOTIO(w io.Writer, r annotate.Reel, films map[string]Film) error {
	var pictures, sounds []any
	for _, x := range events(r) {
		v, a := otioItems(x, r, films)
		pictures, sounds = append(pictures, v), append(sounds, a)
	}
	track := func(kind, name string, children []any) object {
		return object{"OTIO_SCHEMA": "Track.1", "kind": kind, "name": name, "children": children, "source_range": nil,
			"effects": []any{}, "markers": []any{}, "metadata": object{}}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(object{
		"OTIO_SCHEMA": "Timeline.1", "name": r.Title, "global_start_time": nil,
		"metadata": object{"dyade": object{"schema": r.Schema, "evened": r.Evened, "faded": r.Faded, "lang": r.Lang}},
		"tracks": object{
			"OTIO_SCHEMA": "Stack.1", "name": "tracks", "source_range": nil, "effects": []any{}, "markers": []any{}, "metadata": object{},
			"children": []any{track("Video", "V1", pictures), track("Audio", "A1", sounds)},
		},
	})
}

// clock is in what a film's times are told.
type clock struct {
	num, den int64 // ticks a second
}

func clockOf(f Film, t timecode.Instant) clock {
	if r := f.Rate; r.Num > 0 && r.Den > 0 && !r.Variable {
		return clock{r.Num, r.Den}
	}
	return clock{t.Base.Den, t.Base.Num}
}

func (c clock) rate() float64 { return float64(c.num) / float64(c.den) }

func (c clock) at(seconds float64) object {
	return object{"OTIO_SCHEMA": "RationalTime.1", "rate": c.rate(), "value": math.Round(seconds * c.rate())}
}

func (c clock) span(start, seconds float64) object {
	return object{"OTIO_SCHEMA": "TimeRange.1", "start_time": c.at(start), "duration": c.at(seconds)}
}

// otioItems are an event's in the tracks of pictures and of sound.
func otioItems(x event, r annotate.Reel, films map[string]Film) (picture, sound object) {
	if x.cut == nil {
		c := clock{25, 1}
		text := r.Parts[x.part].Card.Text
		return otioGap(c, x.seconds, text), otioGap(c, x.seconds, "")
	}
	f := films[x.cut.Recording]
	c := clockOf(f, x.start)
	effects, markers := []any{}, []any{}
	switch {
	case x.rate == 0:
		effects = append(effects, object{"OTIO_SCHEMA": "FreezeFrame.1", "name": "", "effect_name": "FreezeFrame", "time_scalar": 0.0, "metadata": object{}})
	case x.rate != 1:
		effects = append(effects, object{"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "effect_name": "LinearTimeWarp", "time_scalar": x.rate, "metadata": object{}})
	}
	if x.cut.Caption != "" {
		markers = append(markers, otioMarker(c.span(x.start.Seconds(), x.seconds), x.cut.Caption))
	}
	clip := object{
		"OTIO_SCHEMA": "Clip.1", "name": line(x.cut.Title, f.Name), "source_range": c.span(x.start.Seconds(), x.seconds),
		"effects": effects, "markers": markers,
		"media_reference": object{
			"OTIO_SCHEMA": "ExternalReference.1", "name": f.Name, "target_url": address(f), "available_range": c.span(0, f.Duration.Seconds()),
			"metadata": object{"dyade": object{"sha256": x.cut.Recording}},
		},
		"metadata": object{"dyade": object{"part": r.Parts[x.part].ID, "start": x.start, "end": x.end}},
	}
	if !f.Sound || x.rate == 0 {
		return clip, otioGap(c, x.seconds, "")
	}
	heard := object{}
	for k, v := range clip {
		heard[k] = v
	}
	heard["markers"] = []any{}
	return clip, heard
}

func otioGap(c clock, seconds float64, text string) object {
	markers := []any{}
	if text != "" {
		markers = append(markers, otioMarker(c.span(0, seconds), text))
	}
	return object{"OTIO_SCHEMA": "Gap.1", "name": "", "source_range": c.span(0, seconds), "effects": []any{}, "markers": markers, "metadata": object{}}
}

func otioMarker(span object, text string) object {
	return object{"OTIO_SCHEMA": "Marker.2", "name": text, "color": "GREEN", "marked_range": span, "metadata": object{}}
}

// address is where a film lies, as editors take it.
func address(f Film) string {
	if f.Path == "" {
		return fmt.Sprint(&url.URL{Path: f.Name})
	}
	return fmt.Sprint(&url.URL{Scheme: "file", Path: f.Path})
}
