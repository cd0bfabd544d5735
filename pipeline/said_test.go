package pipeline_test

import (
	"testing"

	"dyade/annotate"
	"dyade/pipeline"
)

// Where nobody but faces in pictures and on screens is seen, what is heard is theirs;
// where a film has no faces at all it may be dark, and people may talk.
func TestScreensTalk(t *testing.T) {
	spoken := []annotate.Utterance{{Speaker: 1, Voice: annotate.AdultVoice, Confidence: 0.9}, {Speaker: 2, Voice: annotate.UnknownVoice, Confidence: 0.8}}
	person, screen := annotate.Person{ID: "p1", Role: annotate.Parent}, annotate.Person{ID: "p2", Role: annotate.Picture}
	for name, c := range map[string]struct {
		people []annotate.Person
		of     int // utterances of people
	}{
		"nobody is seen":          {nil, 2},
		"a screen":                {[]annotate.Person{screen}, 0},
		"a screen and a parent":   {[]annotate.Person{screen, person}, 2},
		"a parent":                {[]annotate.Person{person}, 2},
		"a screen with two faces": {[]annotate.Person{screen, screen}, 0},
	} {
		got := pipeline.Said(spoken, c.people)
		if n := len(annotate.Spoken(got)); n != c.of || len(got) != len(spoken) {
			t.Errorf("%s: %d of %d utterances are people's, want %d of 2", name, n, len(got), c.of)
		}
		for _, u := range got {
			if u.Voice == annotate.BackgroundVoice && u.Speaker != 0 {
				t.Errorf("%s: a background voice is speaker %d's", name, u.Speaker)
			}
		}
	}
	if spoken[0].Speaker != 1 {
		t.Error("what was heard was changed")
	}
}
