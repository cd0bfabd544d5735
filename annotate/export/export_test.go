package export_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"dyade/annotate"
	"dyade/annotate/export"
	"dyade/annotate/timecode"
	"dyade/internal/testenv"
)

var fine = timecode.Base{Num: 1, Den: 15360}

func at(seconds float64) timecode.Instant { return timecode.At(seconds, fine) }

// reel shows all that a reel can have, of two films.
func reel() annotate.Reel {
	return annotate.Reel{
		Schema: annotate.ReelSchema, Title: "Séance du 3 mars", Lang: "fr", Evened: true,
		Parts: []annotate.Part{
			{ID: "a", Card: &annotate.Card{Text: "Jouer\nensemble", Seconds: 3}},
			{ID: "b", Cut: &annotate.Cut{Recording: "one", Start: at(12.5), End: at(20.5), Title: "Face-à-face", Caption: "Que\nvoyez-vous ?"}},
			{ID: "c", Cut: &annotate.Cut{
				Recording: "one", Start: at(61), End: at(70), Title: "Tours de parole",
				Slow:   &annotate.Slow{Start: at(63), End: at(65), Rate: 0.5},
				Freeze: &annotate.Freeze{At: at(65), Seconds: 2.5},
			}},
			{ID: "d", Cut: &annotate.Cut{Recording: "two", Start: at(0), End: at(4)}},
		},
	}
}

func films() map[string]export.Film {
	return map[string]export.Film{
		"one": {Name: "séance 1.mp4", Path: "/films/séance 1.mp4", Rate: export.Rate{Num: 30, Den: 1}, Duration: at(600), Sound: true},
		"two": {Name: "two.mov", Rate: export.Rate{Num: 30, Den: 1}, Duration: at(8)},
	}
}

func written(t *testing.T, form export.Form, r annotate.Reel, f map[string]export.Film) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := export.Write(&b, form, r, f); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGoldens(t *testing.T) {
	testenv.Golden(t, "testdata/reel.otio", written(t, export.OTIO, reel(), films()))
	testenv.Golden(t, "testdata/reel.edl", written(t, export.EDL, reel(), films()))
	one := reel()
	one.Parts = one.Parts[:3]
	testenv.Golden(t, "testdata/reel.llc", written(t, export.LLC, one, films()))
	uneven := films()
	for k, f := range uneven {
		f.Rate = export.Rate{Num: 30000, Den: 1001, Variable: true}
		uneven[k] = f
	}
	testenv.Golden(t, "testdata/uneven.otio", written(t, export.OTIO, reel(), uneven))
	testenv.Golden(t, "testdata/uneven.edl", written(t, export.EDL, reel(), uneven))
}

// TestOTIOLastsAsLongAsTheReel adds up what the tracks hold.
func TestOTIOLastsAsLongAsTheReel(t *testing.T) {
	var doc struct {
		Tracks struct {
			Children []struct {
				Kind     string
				Children []struct {
					Schema string `json:"OTIO_SCHEMA"`
					Range  struct {
						Duration struct{ Rate, Value float64 }
					} `json:"source_range"`
				}
			}
		}
	}
	if err := json.Unmarshal(written(t, export.OTIO, reel(), films()), &doc); err != nil {
		t.Fatal(err)
	}
	for _, track := range doc.Tracks.Children {
		sum := 0.0
		for _, c := range track.Children {
			sum += c.Range.Duration.Value / c.Range.Duration.Rate
		}
		if want := 3 + 8 + 9 + 2 + 2.5 + 4; math.Abs(sum-want) > 1e-6 {
			t.Errorf("%s lasts %.3f s, want %.3f s", track.Kind, sum, want)
		}
	}
}

func TestWhatAFormCannotSay(t *testing.T) {
	two, other := reel(), films()
	other["two"] = export.Film{Name: "two.mov", Rate: export.Rate{Num: 25, Den: 1}, Duration: at(8)}
	backwards, timeless := reel(), reel()
	backwards.Parts[1].Cut.Start, backwards.Parts[1].Cut.End = backwards.Parts[1].Cut.End, backwards.Parts[1].Cut.Start
	timeless.Parts[1].Cut.Start.Base = timecode.Base{}
	cards := annotate.Reel{Parts: []annotate.Part{{ID: "a", Card: &annotate.Card{Text: "a", Seconds: 1}}}}
	for _, c := range []struct {
		form  export.Form
		reel  annotate.Reel
		films map[string]export.Film
		want  error
	}{
		{export.LLC, two, films(), export.ErrFilms},
		{export.EDL, two, other, export.ErrRates},
		{export.OTIO, two, nil, export.ErrFilm},
		{export.OTIO, cards, nil, export.ErrEmpty},
		{"doc", two, films(), export.ErrForm},
		{export.OTIO, backwards, films(), export.ErrPart},
		{export.EDL, timeless, films(), export.ErrPart},
		{export.LLC, backwards, films(), export.ErrPart},
	} {
		var b bytes.Buffer
		if err := export.Write(&b, c.form, c.reel, c.films); !errors.Is(err, c.want) || b.Len() > 0 {
			t.Errorf("%s: %v, want %v; %d bytes", c.form, err, c.want, b.Len())
		}
	}
	if doc := written(t, export.OTIO, two, other); !bytes.Contains(doc, []byte(`"rate": 25`)) {
		t.Error("OpenTimelineIO has each film's own rate")
	}
}

// TestEDLIsLines: nothing in a text breaks out of its line.
func TestEDLIsLines(t *testing.T) {
	r := reel()
	r.Title, r.Parts[1].Cut.Title = "a\nFCM: DROP FRAME", "b\r\n001  AX"
	for _, l := range strings.Split(string(written(t, export.EDL, r, films())), "\n") {
		if strings.HasPrefix(l, "FCM: DROP") || strings.HasPrefix(l, "001  AX       ") && len(l) < 60 {
			t.Errorf("a line of its own: %q", l)
		}
	}
}

func TestRates(t *testing.T) {
	times := func(n int, at func(k int) float64) (all []timecode.Instant) {
		for k := range n {
			all = append(all, timecode.At(at(k), timecode.Base{Num: 1, Den: 90000}))
		}
		return all
	}
	for name, c := range map[string]struct {
		times []timecode.Instant
		want  export.Rate
	}{
		"30":            {times(300, func(k int) float64 { return float64(k) / 30 }), export.Rate{Num: 30, Den: 1}},
		"29.97":         {times(3000, func(k int) float64 { return float64(k) * 1001 / 30000 }), export.Rate{Num: 30000, Den: 1001}},
		"25, late":      {times(300, func(k int) float64 { return 0.4 + float64(k)/25 }), export.Rate{Num: 25, Den: 1}},
		"a phone's":     {times(300, func(k int) float64 { return float64(k)/30 + 0.01*float64(k%3) }), export.Rate{Num: 30000, Den: 1001, Variable: true}},
		"odd":           {times(300, func(k int) float64 { return float64(k) / 17 }), export.Rate{Num: 24000, Den: 1001, Variable: true}},
		"one picture":   {times(1, func(int) float64 { return 0 }), export.Rate{Num: 25, Den: 1, Variable: true}},
		"milliseconds":  {times(300, func(k int) float64 { return math.Round(float64(k)/0.06) / 1000 }), export.Rate{Num: 60, Den: 1}},
		"one is missed": {times(300, func(k int) float64 { return float64(k+k/150) / 30 }), export.Rate{Num: 30000, Den: 1001, Variable: true}},
	} {
		if got := export.RateOf(c.times); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
