package report_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"dyade/annotate"
	"dyade/annotate/report"
	"dyade/docs/schema"
	"dyade/internal/i18n"
)

func TestWhy(t *testing.T) {
	cue := func(name string, value float64, unit string) annotate.Evidence {
		return annotate.Evidence{Cue: name, Value: value, Unit: unit}
	}
	at := func(e annotate.Evidence, start, end float64) annotate.Evidence {
		e.StartS, e.EndS = start, end
		return e
	}
	tests := []struct {
		name     string
		evidence []annotate.Evidence
		fr, en   string
	}{
		{"face to face", []annotate.Evidence{cue("turned_to_each_other", 4.2, "s"), cue("distance_end", 1.64, "face_widths"), cue("speech", 12.2, "s")},
			"Tournés l’un vers l’autre 4,2\u00a0s\u00a0; à un visage et demi de distance\u00a0; 12\u00a0s de parole.",
			"Turned to each other for 4.2\u00a0s; a face and a half apart; 12\u00a0s of speech."},
		{"whose voice, and who is not seen: the note says", []annotate.Evidence{cue("turned_to_each_other", 3, "s"), cue("speech", 2, "s"), cue("child_voice", 2, "s"), cue("parent_unseen", 0.25, "share")},
			"Tournés l’un vers l’autre 3,0\u00a0s\u00a0; l’enfant parle 2,0\u00a0s.", "Turned to each other for 3.0\u00a0s; the child speaks for 2.0\u00a0s."},
		{"approach", []annotate.Evidence{at(cue("distance_start", 4, "face_widths"), 40, 40.1), at(cue("distance_end", 1.96, "face_widths"), 45.9, 46), cue("speed", 0.34, "face_widths_per_s")},
			"De quatre visages de distance à deux visages, en 6,0\u00a0s.", "From four faces apart to two faces, in 6.0\u00a0s."},
		{"approach, times not kept", []annotate.Evidence{cue("distance_start", 7.8, "face_widths"), cue("distance_end", 1, "face_widths")},
			"De 8 visages de distance à un visage.", "From 8 faces apart to one face."},
		{"start alone, with its speed", []annotate.Evidence{cue("distance_start", 2.6, "face_widths"), cue("speed", -0.5, "face_widths_per_s")},
			"Au départ à deux visages et demi de distance\u00a0; en moyenne 0,5 largeur de visage par seconde.",
			"Two and a half faces apart at first; 0.5 face widths a second on average."},
		{"together at once", []annotate.Evidence{cue("absence", 9, "s"), cue("meeting", 0, "s")}, "Hors de l’image pendant 9,0\u00a0s\u00a0; ensemble dès le retour.", "Out of the picture for 9.0\u00a0s; together as soon as they are back."},
		{"bid by voice", []annotate.Evidence{cue("bid_voice", 1, "count"), cue("response_turn", 1, "count"), cue("response_latency", 1.2, "s")},
			"L’un prend la parole\u00a0; l’autre se tourne en réponse, 1,2\u00a0s après.", "One speaks up; the other turns in response, 1.2\u00a0s later."},
		{"bid by turning, no latency", []annotate.Evidence{cue("bid_turn", 1, "count"), cue("response_turn", 1, "count")},
			"L’un se tourne vers l’autre\u00a0; l’autre se tourne en réponse.", "One turns to the other; the other turns in response."},
		{"turns", []annotate.Evidence{cue("turns", 6, "count"), cue("response_latency", 0.8, "s"), cue("overlap", 0.6, "s")},
			"6 prises de parole, l’un puis l’autre\u00a0; réponse en 0,8\u00a0s en moyenne\u00a0; voix mêlées pendant 0,6\u00a0s.",
			"6 turns of speech, one then the other; answered in 0.8\u00a0s on average; voices overlap for 0.6\u00a0s."},
		{"one turn", []annotate.Evidence{cue("turns", 1, "count")}, "1 prise de parole.", "1 turn of speech."},
		{"at once", []annotate.Evidence{cue("response_latency", 0, "s")}, "Réponse aussitôt.", "Answered at once."},
		{"one latency", []annotate.Evidence{cue("response_latency", 2, "s")}, "Réponse en 2,0\u00a0s.", "Answered in 2.0\u00a0s."},
		{"engagement", []annotate.Evidence{cue("close", 47, "s"), cue("shared_motion", 0.72, "share"), cue("motion_synchrony", 0.4, "share")},
			"Proches pendant 47\u00a0s\u00a0; des mains ou des jouets bougent entre eux les trois quarts du temps\u00a0; leurs mouvements se répondent.",
			"Close for 47\u00a0s; hands or toys move between them three quarters of the time; their movements answer each other."},
		{"comfort", []annotate.Evidence{cue("bid_turn", 1, "count"), cue("likely_contact", 4, "s"), cue("calms", 0.8, "share")},
			"L’un se tourne vers l’autre\u00a0; l’un reste tout contre l’autre 4,0\u00a0s\u00a0; puis leurs mouvements se calment.",
			"One turns to the other; one stays right beside the other for 4.0\u00a0s; then their movements calm down."},
		{"lengths add up", []annotate.Evidence{cue("parent_turned", 2, "s"), cue("child_turned", 1, "s"), cue("parent_turned", 3, "s")},
			"Le parent tourné vers l’enfant pendant 5,0\u00a0s\u00a0; l’enfant tourné vers le parent pendant 1,0\u00a0s.",
			"The parent turned to the child for 5.0\u00a0s; the child turned to the parent for 1.0\u00a0s."},
		{"a cue without words", []annotate.Evidence{cue("new\ncue", 2, "s")}, "Autre indice (new cue).", "Another cue (new cue)."},
		{"a cue in an odd unit", []annotate.Evidence{cue("close", 2, "m"), cue("bid_turn", 2, "s")}, "Autre indice (close)\u00a0; autre indice (bid_turn).", "Another cue (close); another cue (bid_turn)."},
		{"nothing", nil, "Les indices détaillés n’ont pas été gardés.", "The detailed cues were not kept."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := annotate.Moment{Evidence: tt.evidence}
			if got := report.Why(i18n.French, m); got != tt.fr {
				t.Errorf("fr %q\nwant %q", got, tt.fr)
			}
			if got := report.Why(i18n.English, m); got != tt.en {
				t.Errorf("en %q\nwant %q", got, tt.en)
			}
		})
	}
}

func TestUnknownNote(t *testing.T) {
	unseen := func(cue string, share float64) annotate.Evidence {
		return annotate.Evidence{Cue: cue, Value: share, Unit: "share"}
	}
	tests := []struct {
		moment annotate.Moment
		fr, en string
	}{
		{annotate.Moment{Kind: annotate.FaceToFace}, "", ""},
		{annotate.Moment{Kind: annotate.FaceToFace, Unknown: 0.3, Evidence: []annotate.Evidence{unseen("child_unseen", 1), unseen("parent_unseen", 0.24)}},
			"Le visage du parent est hors de vue un quart du temps\u00a0; le visage de l’enfant est hors de vue tout le temps.",
			"The parent’s face is out of sight a quarter of the time; the child’s face is out of sight all the time."},
		{annotate.Moment{Kind: annotate.FaceToFace, Unknown: 0.09},
			"Un dixième du temps, on ne sait pas\u00a0: visage caché, tourné ou hors champ.", "Not known a tenth of the time: a face hidden, turned away or out of the picture."},
		{annotate.Moment{Kind: annotate.TurnTaking, Unknown: 0.004},
			"Un bref instant, on ne sait pas\u00a0: qui parle n’est pas sûr.", "Not known for a brief instant: who speaks is not clear."},
	}
	for _, tt := range tests {
		if got := report.UnknownNote(i18n.French, tt.moment); got != tt.fr {
			t.Errorf("%q, want %q", got, tt.fr)
		}
		if got := report.UnknownNote(i18n.English, tt.moment); got != tt.en {
			t.Errorf("%q, want %q", got, tt.en)
		}
	}
}

func TestCounsel(t *testing.T) {
	warn := func(code string, share float64) annotate.Warning {
		return annotate.Warning{Code: code, Share: share}
	}
	a := &annotate.Analysis{
		Coach:   []annotate.Warning{warn("too_dark", 1), warn("faces_too_small", 0.5)},
		Quality: []annotate.Warning{warn("cut", 0), warn("too_dark", 0.4), warn("blurred", 0.3), warn("new", 0.2)},
	}
	got := report.Counsel(i18n.English, a)
	want := []report.Saying{
		{Warning: warn("too_dark", 0.4), Text: "Switch on a lamp, and place the camera with its back to the window rather than facing it: the picture is too dark."},
		{Warning: warn("faces_too_small", 0), Text: "Bring the camera closer, so that parent, child and their game fill the picture: the faces are too small in the picture."},
		{Warning: warn("cut", 0), Text: "Copy the file again from the camera, stop the recording before switching it off, and keep room on the card: the file stops before its announced end, and the end of the film is missing."},
		{Warning: warn("blurred", 0.3), Text: "The picture is blurred."},
		{Warning: warn("new", 0.2), Text: "Something limits what can be seen or heard (new)."},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if said := report.Counsel(i18n.French, a)[3].Text; said != "L’image est floue." {
		t.Errorf("in French %q", said)
	}
	if got := report.Counsel(i18n.English, &annotate.Analysis{}); len(got) != 0 {
		t.Errorf("all is well, and said is %+v", got)
	}
}

func TestNothing(t *testing.T) {
	silent := &annotate.Analysis{Recording: annotate.Recording{Audio: &annotate.Audio{}}, Quality: []annotate.Warning{{Code: "too_dark", Share: 0.9}, {Code: "no_face", Share: 1}}}
	u := report.Nothing(i18n.French, silent)
	want := []string{"l’image est trop sombre (90\u00a0% de la durée)", "aucun visage, ou presque, n’a été vu", "aucune parole n’a été entendue", "ce qui a pu être vu et entendu ne répond à aucune des règles"}
	if u == nil || u.Title != "Rien de clair ici, parce que\u00a0:" || !slices.Equal(u.Because, want) || !strings.Contains(u.Next, "marquez vous-même") {
		t.Errorf("%+v", u)
	}
	silent.Coach = []annotate.Warning{{Code: "too_dark", Share: 1}, {Code: "blurred", Share: 0.5}} // in its first half minute
	if u := report.Nothing(i18n.French, silent); u == nil || !slices.Equal(u.Because, want) {
		t.Errorf("blurred in the beginning: %+v", u)
	}
	silent.Speech = []annotate.Utterance{{Voice: annotate.BackgroundVoice}} // a television is nobody who speaks
	if u := report.Nothing(i18n.French, silent); u == nil || !slices.Equal(u.Because, want) {
		t.Errorf("beside a television: %+v", u)
	}
	faint := &annotate.Analysis{Moments: []annotate.Moment{{Confidence: 0.3}, {Confidence: 0.35}}}
	if u := report.Nothing(i18n.English, faint); u == nil || u.Title != "Nothing sure here, because:" || !slices.Equal(u.Because, []string{"what could be seen and heard is uncertain"}) {
		t.Errorf("%+v", u)
	}
	faint.Moments[1].Confidence = 0.4
	if u := report.Nothing(i18n.English, faint); u != nil {
		t.Errorf("a clear moment, and %+v", u)
	}
}

// TestEveryCueHasWords: in the units in which moments.json gives them, a cue of the
// schema is said in words, and none is without them.
func TestEveryCueHasWords(t *testing.T) {
	data, err := schema.Files.ReadFile("moments.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var root struct {
		Defs struct {
			Evidence struct {
				Properties struct{ Cue, Unit struct{ Enum []string } }
			}
		} `json:"$defs"`
	}
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	of := root.Defs.Evidence.Properties
	for _, cue := range of.Cue.Enum {
		words := 0
		for _, unit := range of.Unit.Enum {
			m := annotate.Moment{Evidence: []annotate.Evidence{{Cue: cue, Value: 0.5, Unit: unit}}}
			if said := report.Why(i18n.French, m) + report.UnknownNote(i18n.French, m); !strings.Contains(said, cue) && !strings.Contains(said, "%!") {
				words++
			}
		}
		if words == 0 {
			t.Errorf("no words for %s", cue)
		}
	}
}
