package export_test

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"dyade/annotate"
	"dyade/annotate/export"
)

// elan is what ELAN reads of an EAF.
type elan struct {
	Slots []struct {
		ID string `xml:"TIME_SLOT_ID,attr"`
		MS int64  `xml:"TIME_VALUE,attr"`
	} `xml:"TIME_ORDER>TIME_SLOT"`
	Tiers []struct {
		ID          string `xml:"TIER_ID,attr"`
		Participant string `xml:"PARTICIPANT,attr"`
		Annotator   string `xml:"ANNOTATOR,attr"`
		Annotations []struct {
			From  string `xml:"TIME_SLOT_REF1,attr"`
			To    string `xml:"TIME_SLOT_REF2,attr"`
			Value string `xml:"ANNOTATION_VALUE"`
		} `xml:"ANNOTATION>ALIGNABLE_ANNOTATION"`
	} `xml:"TIER"`
}

func TestLabelsForELAN(t *testing.T) {
	labels, err := annotate.Labels{
		"facing": {{StartS: 1.5, EndS: 2, Label: "none"}, {StartS: 0, EndS: 1.5, Label: "mutual", Note: "both <laugh> & wait", By: "Anna"}},
		"turns":  {{StartS: 0.2, EndS: 1, Label: "child", By: "Bo"}, {StartS: 0.5, EndS: 2, Label: "parent", By: "Anna"}},
	}.Settled()
	if err != nil {
		t.Fatal(err)
	}
	var out, again bytes.Buffer
	film := export.EAFFilm{Path: "/films/jeu d'été.mp4", Name: "jeu d'été.mp4", Type: "video/mp4"}
	if err := export.EAF(&out, film, labels); err != nil {
		t.Fatal(err)
	}
	var got elan
	if err := xml.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	var said []string
	at := map[string]int64{}
	for _, s := range got.Slots {
		at[s.ID] = s.MS
	}
	for _, tier := range got.Tiers {
		said = append(said, strings.Join([]string{tier.ID, tier.Participant, tier.Annotator}, "/"))
		for _, a := range tier.Annotations {
			if at[a.From] >= at[a.To] {
				t.Errorf("%s: %q from %d to %d", tier.ID, a.Value, at[a.From], at[a.To])
			}
		}
	}
	want := []string{"facing//Anna", "facing-note//Anna", "closeness//", "turns-parent/parent/Anna", "turns-child/child/Bo", "turns-other/other/", "turns-unknown/unknown/"}
	if !slices.Equal(said, want) {
		t.Errorf("tiers %q, want %q", said, want)
	}
	if n := got.Tiers[1].Annotations; len(n) != 1 || n[0].Value != "both <laugh> & wait" || at[n[0].To] != 1500 {
		t.Errorf("a note is %+v", n)
	}
	if err := export.EAF(&again, film, labels); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Errorf("the same labels give other bytes: %v", err)
	}
	if !export.IsEAF(out.Bytes()) {
		t.Error("it does not know its own document")
	}
	for _, other := range []string{"", "<x/>", strings.Replace(out.String(), "mutual", "none", 1), strings.Replace(out.String(), "dyade:sha256", "lastUsedAnnotationId", 1)} {
		if export.IsEAF([]byte(other)) {
			t.Errorf("it takes this for its own: %.200s", other)
		}
	}
}

func TestLabelsThatCannotBe(t *testing.T) {
	for name, l := range map[string]annotate.Labels{
		"overlap":       {"facing": {{StartS: 0, EndS: 2, Label: "none"}, {StartS: 1, EndS: 3, Label: "mutual"}}},
		"same overlap":  {"turns": {{StartS: 0, EndS: 2, Label: "child"}, {StartS: 1, EndS: 3, Label: "child"}}},
		"backwards":     {"facing": {{StartS: 2, EndS: 1, Label: "none"}}},
		"before":        {"facing": {{StartS: -1, EndS: 1, Label: "none"}}},
		"word":          {"closeness": {{EndS: 1, Label: "near"}}},
		"speaker":       {"turns": {{EndS: 1, Label: "two words"}}},
		"lines":         {"turns": {{EndS: 1, Label: "child", Note: "a\nb"}}},
		"another track": {"smiles": nil},
	} {
		if _, err := l.Settled(); err == nil {
			t.Errorf("%s: it may be", name)
		}
	}
}
