package report_test

import (
	"testing"

	"dyade/annotate"
	"dyade/annotate/report"
	"dyade/internal/i18n"
)

func TestWhy(t *testing.T) {
	cue := func(name string, value float64) annotate.Evidence { return annotate.Evidence{Cue: name, Value: value} }
	at := func(e annotate.Evidence, start, end float64) annotate.Evidence {
		e.StartS, e.EndS = start, end
		return e
	}
	tests := []struct {
		name     string
		evidence []annotate.Evidence
		fr, en   string
	}{
		{"face to face", []annotate.Evidence{cue("turned_to_each_other", 3.5), cue("distance_end", 1.84), cue("speech", 12.2)},
			"Tournés l’un vers l’autre pendant 3,5\u00a0s\u00a0; à 1,8 largeur de visage l’un de l’autre\u00a0; 12\u00a0s de parole.",
			"Turned to each other for 3.5\u00a0s; 1.8 face widths apart; 12\u00a0s of speech."},
		{"approach", []annotate.Evidence{at(cue("distance_start", 4), 40, 40.1), at(cue("distance_end", 1.96), 45.9, 46), cue("speed", 0.34)},
			"De 4,0 à 2,0 largeurs de visage, en 6,0\u00a0s.", "From 4.0 to 2.0 face widths apart, in 6.0\u00a0s."},
		{"approach, times not kept", []annotate.Evidence{cue("distance_start", 4), cue("distance_end", 1)},
			"De 4,0 à 1,0 largeur de visage.", "From 4.0 to 1.0 face width apart."},
		{"start alone, with its speed", []annotate.Evidence{cue("distance_start", 4), cue("speed", -0.5)},
			"Au départ à 4,0 largeurs de visage\u00a0; en moyenne 0,5 largeur de visage par seconde.",
			"4.0 face widths apart at first; 0.5 face widths a second on average."},
		{"bid by voice", []annotate.Evidence{cue("bid_voice", 1), cue("response_turn", 1), cue("response_latency", 1.2)},
			"L’un prend la parole\u00a0; l’autre se tourne en réponse, 1,2\u00a0s après.", "One speaks up; the other turns in response, 1.2\u00a0s later."},
		{"bid by turning, no latency", []annotate.Evidence{cue("bid_turn", 1), cue("response_turn", 1)},
			"L’un se tourne vers l’autre\u00a0; l’autre se tourne en réponse.", "One turns to the other; the other turns in response."},
		{"turns", []annotate.Evidence{cue("turns", 6), cue("response_latency", 0.8), cue("overlap", 0.6)},
			"6 prises de parole, l’un puis l’autre\u00a0; réponse en 0,8\u00a0s en moyenne\u00a0; voix mêlées pendant 0,6\u00a0s.",
			"6 turns of speech, one then the other; answered in 0.8\u00a0s on average; voices overlap for 0.6\u00a0s."},
		{"at once", []annotate.Evidence{cue("response_latency", 0)}, "Réponse aussitôt.", "Answered at once."},
		{"one latency", []annotate.Evidence{cue("response_latency", 2)}, "Réponse en 2,0\u00a0s.", "Answered in 2.0\u00a0s."},
		{"engagement", []annotate.Evidence{cue("close", 47), cue("shared_motion", 0.72), cue("motion_synchrony", 0.4)},
			"Proches pendant 47\u00a0s\u00a0; mains ou jouets en mouvement entre eux 72\u00a0% du temps\u00a0; leurs mouvements se répondent.",
			"Close for 47\u00a0s; hands or toys moving between them 72% of the time; their movements answer each other."},
		{"lengths add up", []annotate.Evidence{cue("parent_turned", 2), cue("child_turned", 1), cue("parent_turned", 3)},
			"Le parent tourné vers l’enfant pendant 5,0\u00a0s\u00a0; l’enfant tourné vers le parent pendant 1,0\u00a0s.",
			"The parent turned to the child for 5.0\u00a0s; the child turned to the parent for 1.0\u00a0s."},
		{"a cue without words", []annotate.Evidence{cue("new\ncue", 2)}, "Autre indice (new cue).", "Another cue (new cue)."},
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
	tests := []struct {
		kind    annotate.MomentKind
		unknown float64
		want    string
	}{
		{annotate.FaceToFace, 0, ""},
		{annotate.FaceToFace, 0.09, "On ne sait pas pour 9\u00a0% de ce temps\u00a0: visage caché, tourné ou hors champ."},
		{annotate.TurnTaking, 0.004, "On ne sait pas pour 1\u00a0% de ce temps\u00a0: qui parle n’est pas sûr."},
	}
	for _, tt := range tests {
		if got := report.UnknownNote(i18n.French, annotate.Moment{Kind: tt.kind, Unknown: tt.unknown}); got != tt.want {
			t.Errorf("%s %v: %q, want %q", tt.kind, tt.unknown, got, tt.want)
		}
	}
}
