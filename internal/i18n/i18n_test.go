package i18n

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"dyade/annotate"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]Lang{
		"fr": French, "fr_CA.UTF-8": French, "fr-FR": French, "FR": French, "fr_BE@euro": French,
		"en": English, "en_US.UTF-8": English, "en-CA": English,
	} {
		if got, err := Parse(in); err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "de", "C", "POSIX", "french", "en\x00"} {
		if _, err := Parse(in); !errors.Is(err, ErrLang) {
			t.Errorf("Parse(%q): error %v, want ErrLang", in, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"fr_CA.UTF-8", "en", "", "@.-_"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := Parse(s)
		if err != nil {
			return
		}
		if again, err := Parse(l.String()); err != nil || again != l {
			t.Errorf("Parse(%q) = %v, which reads back as %v, %v", s, l, again, err)
		}
	})
}

func TestFromEnv(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want Lang
	}{
		{"nothing said", nil, French},
		{"plain C", map[string]string{"LANG": "C.UTF-8"}, French},
		{"not in the catalogue", map[string]string{"LANG": "de_DE.UTF-8"}, French},
		{"LANG", map[string]string{"LANG": "en_CA.UTF-8"}, English},
		{"LC_MESSAGES before LANG", map[string]string{"LC_MESSAGES": "fr_CA", "LANG": "en_CA"}, French},
		{"LC_ALL before all", map[string]string{"LC_ALL": "en_GB", "LC_MESSAGES": "fr_CA", "LANG": "fr_CA"}, English},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fromEnv(func(k string) string { return tt.env[k] }); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestT(t *testing.T) {
	tests := []struct {
		lang Lang
		key  string
		args []any
		want string
	}{
		{French, "kind_face_to_face", nil, "Face-à-face"},
		{English, "kind_face_to_face", nil, "Face to face"},
		{French, "cue_speed", []any{1.5}, "en moyenne 1,5 largeur de visage par seconde"},
		{French, "cue_speed", []any{2.0}, "en moyenne 2,0 largeurs de visage par seconde"},
		{English, "cue_speed", []any{1.0}, "1.0 face width a second on average"},
		{English, "cue_speed", []any{1.5}, "1.5 face widths a second on average"},
		{French, "cue_turns", []any{1}, "1 prise de parole"},
		{French, "unit_percent", []any{9.0}, "9\u00a0%"},
		{English, "unit_percent", []any{9.0}, "9%"},
		{French, "counsel_do", []any{"Allumez", "il fait sombre"}, "Allumez\u00a0: il fait sombre."},
		{French, "no such key", []any{1}, "no such key"},
	}
	for _, tt := range tests {
		if got := T(tt.lang, tt.key, tt.args...); got != tt.want {
			t.Errorf("T(%v, %q, %v) = %q, want %q", tt.lang, tt.key, tt.args, got, tt.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	tests := []struct{ got, want string }{
		{Count(French, 23141), "23\u00a0141"},
		{Count(English, 1234567), "1,234,567"},
		{Count(French, 999), "999"},
		{Count(English, -1000), "-1,000"},
		{Percent(French, 0), "0\u00a0%"},
		{Percent(English, 0.0004), "1%"},
		{Percent(English, 0.9999), "99%"},
		{Percent(English, 1), "100%"},
		{Fraction(French, 0.01), "un bref instant"},
		{Fraction(French, 0.26), "un quart du temps"},
		{Fraction(English, 0.5), "half of the time"},
		{Fraction(French, 0.99), "presque tout le temps"},
		{Fraction(English, 1), "all the time"},
		{Faces(French, 0.2), "un demi-visage"},
		{Faces(French, 1.1), "un visage"},
		{Faces(French, 1.6), "un visage et demi"},
		{Faces(English, 2.74), "two and a half faces"},
		{Faces(English, 2.76), "three faces"},
		{Faces(French, 6.49), "six visages"},
		{Faces(French, 11.6), "12 visages"},
		{Duration(French, 3.46), "3,5\u00a0s"},
		{Duration(English, 9.97), "10\u00a0s"},
		{Duration(French, 29.4), "29\u00a0s"},
		{Duration(French, 59.6), "1\u00a0min"},
		{Duration(French, 754.2), "12\u00a0min 34\u00a0s"},
		{Duration(English, 5400), "1\u00a0h 30\u00a0min"},
		{Clock(242.99), "4:02"},
		{Clock(3842), "1:04:02"},
		{Clock(-1), "0:00"},
	}
	for i, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("case %d: %q, want %q", i, tt.got, tt.want)
		}
	}
}

var verb = regexp.MustCompile(`%[-+#.0-9]*(\[\d+\])?[a-zA-Z]|%%`)

// verbs lists the verbs of a text that take an argument, in the order of the
// arguments where the text names them, else of the text.
func verbs(s string) []string {
	var out []string
	indexed := false
	for _, v := range verb.FindAllString(s, -1) {
		if v == "%%" {
			continue
		}
		indexed = indexed || strings.Contains(v, "[")
		out = append(out, v)
	}
	if indexed {
		slices.Sort(out)
	}
	return out
}

// TestCatalogue holds the two languages to each other: every form there, the
// same verbs in each, no space left that French typography wants unbroken.
func TestCatalogue(t *testing.T) {
	for key, in := range catalogue() {
		want := verbs(in[French].other)
		for _, l := range Langs {
			for _, form := range []string{in[l].one, in[l].other} {
				if form == "" {
					continue
				}
				if got := verbs(form); !slices.Equal(got, want) {
					t.Errorf("%s: %v has verbs %v, French %v", key, l, got, want)
				}
				if strings.Contains(verb.ReplaceAllString(form, ""), "%") {
					t.Errorf("%s: %v has a lone %%: %q", key, l, form)
				}
			}
			if in[l].other == "" {
				t.Errorf("%s: no text in %v", key, l)
			}
		}
		if m := regexp.MustCompile(`[^\x{a0}h][;:!?»] | [;:!?»]|« `).FindString(strings.ReplaceAll(in[French].other, "http:", "")); m != "" {
			t.Errorf("%s: French typography at %q in %q", key, m, in[French].other)
		}
	}
}

// TestNouns checks that every value of annotate that people read has words.
func TestNouns(t *testing.T) {
	var keys []string
	for _, k := range []annotate.MomentKind{annotate.FaceToFace, annotate.JointAttention, annotate.TurnTaking, annotate.BidResponse, annotate.Approach, annotate.SharedEngagement, annotate.Reunion} {
		keys = append(keys, "kind_"+string(k), "kind_"+string(k)+"_about")
	}
	for _, r := range []annotate.Role{annotate.Parent, annotate.Child, annotate.Other, annotate.RoleUnknown} {
		keys = append(keys, "role_"+string(r))
	}
	for _, v := range []annotate.Voice{annotate.AdultVoice, annotate.ChildVoice, annotate.UnknownVoice} {
		keys = append(keys, "voice_"+string(v))
	}
	for key := range catalogue() {
		if strings.HasPrefix(key, "quality_") && !strings.HasSuffix(key, "_advice") && Has(key+"_advice") == (key == "quality_unnamed") {
			t.Errorf("%s: advice there = %v", key, Has(key+"_advice"))
		}
	}
	for _, key := range keys {
		if !Has(key) {
			t.Errorf("no text %s", key)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, file := range map[string]string{
		"one language":   `{"a": {"fr": "x"}}`,
		"empty text":     `{"a": {"fr": "x", "en": ""}}`,
		"twice":          `{"a": {"fr": "x", "en": "y"}, "a": {"fr": "x", "en": "y"}}`,
		"half a plural":  `{"a": {"fr": {"one": "x"}, "en": "y"}}`,
		"other language": `{"a": {"fr": "x", "en": "y", "de": "z"}}`,
		"a list":         `[]`,
		"cut short":      `{"a": {"fr": "x", "en": "y"}`,
		"a second value": `{} {}`,
		"a number":       `{"a": 3}`,
	} {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{"text/a.json": &fstest.MapFile{Data: []byte(file), Mode: fs.ModePerm}}
			if _, err := load(fsys); err == nil {
				t.Error("read without an error")
			}
		})
	}
}

func ExampleT() {
	fmt.Println(T(English, "cue_turns", 4))
	// Output: 4 turns of speech, one then the other
}
