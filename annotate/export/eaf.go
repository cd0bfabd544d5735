package export

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"net/url"
	"slices"
	"strings"

	"dyade/annotate"
)

// EAFFilm is the film that labels are of, as ELAN is told of it.
type EAFFilm struct {
	Path string // whole, where it lies
	Name string // of its file: where it is looked for beside the EAF
	Type string // its media type, such as video/mp4
}

// The EAF form of ELAN, version 3.0, as far as it is written here.
type (
	eafDocument struct {
		XMLName xml.Name      `xml:"ANNOTATION_DOCUMENT"`
		Author  string        `xml:"AUTHOR,attr"`
		Date    string        `xml:"DATE,attr"`
		Format  string        `xml:"FORMAT,attr"`
		Version string        `xml:"VERSION,attr"`
		XSI     string        `xml:"xmlns:xsi,attr"`
		Schema  string        `xml:"xsi:noNamespaceSchemaLocation,attr"`
		Header  eafHeader     `xml:"HEADER"`
		Slots   []eafSlot     `xml:"TIME_ORDER>TIME_SLOT"`
		Tiers   []eafTier     `xml:"TIER"`
		Type    eafLinguistic `xml:"LINGUISTIC_TYPE"`
	}
	eafHeader struct {
		MediaFile string      `xml:"MEDIA_FILE,attr"`
		Units     string      `xml:"TIME_UNITS,attr"`
		Media     eafMedia    `xml:"MEDIA_DESCRIPTOR"`
		Property  eafProperty `xml:"PROPERTY"`
	}
	eafMedia struct {
		URL      string `xml:"MEDIA_URL,attr"`
		Type     string `xml:"MIME_TYPE,attr"`
		Relative string `xml:"RELATIVE_MEDIA_URL,attr"`
	}
	eafProperty struct {
		Name string `xml:"NAME,attr"`
		Text string `xml:",chardata"`
	}
	eafSlot struct {
		ID string `xml:"TIME_SLOT_ID,attr"`
		MS int64  `xml:"TIME_VALUE,attr"`
	}
	eafTier struct {
		ID          string          `xml:"TIER_ID,attr"`
		Participant string          `xml:"PARTICIPANT,attr,omitempty"`
		Annotator   string          `xml:"ANNOTATOR,attr,omitempty"`
		Type        string          `xml:"LINGUISTIC_TYPE_REF,attr"`
		Annotations []eafAnnotation `xml:"ANNOTATION>ALIGNABLE_ANNOTATION"`
	}
	eafAnnotation struct {
		ID    string `xml:"ANNOTATION_ID,attr"`
		From  string `xml:"TIME_SLOT_REF1,attr"`
		To    string `xml:"TIME_SLOT_REF2,attr"`
		Value string `xml:"ANNOTATION_VALUE"`
	}
	eafLinguistic struct {
		ID    string `xml:"LINGUISTIC_TYPE_ID,attr"`
		Align bool   `xml:"TIME_ALIGNABLE,attr"`
		Graph bool   `xml:"GRAPHIC_REFERENCES,attr"`
	}
)

const (
	eafProof = "dyade:sha256" // of the document without it
	eafType  = "dyade-label"
	eafDate  = "1970-01-01T00:00:00Z" // the same labels give the same bytes
)

// EAF writes settled labels as ELAN opens them: a tier for each track, or, where
// stretches of one may overlap, for each of its words; and one beside it for notes. It
// carries a proof by which IsEAF knows it again.
func EAF(w io.Writer, film EAFFilm, labels annotate.Labels) error {
	d := eafDocument{
		Author: "dyade label", Date: eafDate, Format: "3.0", Version: "3.0",
		XSI: "http://www.w3.org/2001/XMLSchema-instance", Schema: "http://www.mpi.nl/tools/elan/EAFv3.0.xsd",
		Header: eafHeader{
			Units: "milliseconds", Property: eafProperty{Name: eafProof},
			Media: eafMedia{URL: (&url.URL{Scheme: "file", Path: film.Path}).String(), Type: film.Type, Relative: (&url.URL{Path: "./" + film.Name}).String()},
		},
		Type: eafLinguistic{ID: eafType, Align: true},
	}
	for _, t := range annotate.Tracks {
		if t.Apart {
			d.tier(t.Name, "", labels[t.Name])
			continue
		}
		for _, word := range wordsIn(t, labels[t.Name]) {
			of := slices.Collect(func(yield func(annotate.Label) bool) {
				for _, l := range labels[t.Name] {
					if l.Label == word && !yield(l) {
						return
					}
				}
			})
			who := ""
			if t.Open {
				who = word
			}
			d.tier(t.Name+"-"+word, who, of)
		}
	}
	text, err := d.text()
	if err == nil {
		sum := sha256.Sum256(text)
		d.Header.Property.Text = hex.EncodeToString(sum[:])
		text, err = d.text()
	}
	if err == nil {
		_, err = w.Write(text)
	}
	if err != nil {
		return fmt.Errorf("write labels for ELAN: %w", err)
	}
	return nil
}

// wordsIn are the words of a track that has a tier for each: its own, where it is of
// speakers; else those that there are.
func wordsIn(t annotate.Track, all []annotate.Label) []string {
	used := func(word string) bool {
		return slices.ContainsFunc(all, func(l annotate.Label) bool { return l.Label == word })
	}
	var words []string
	for _, word := range t.Words {
		if t.Open || used(word) {
			words = append(words, word)
		}
	}
	for _, l := range all {
		if !slices.Contains(words, l.Label) {
			words = append(words, l.Label)
		}
	}
	return words
}

// tier adds a tier of labels, and one of their notes where there are some.
func (d *eafDocument) tier(name, who string, all []annotate.Label) {
	said := eafTier{ID: name, Participant: who, Annotator: strings.Join(annotate.By(all), ", "), Type: eafType}
	notes := said
	notes.ID += "-note"
	for _, l := range all {
		d.add(&said, l, l.Label)
		if l.Note != "" {
			d.add(&notes, l, l.Note)
		}
	}
	d.Tiers = append(d.Tiers, said)
	if len(notes.Annotations) > 0 {
		d.Tiers = append(d.Tiers, notes)
	}
}

func (d *eafDocument) add(to *eafTier, l annotate.Label, value string) {
	n := len(d.Slots)/2 + 1
	from, until := fmt.Sprintf("ts%d", 2*n-1), fmt.Sprintf("ts%d", 2*n)
	d.Slots = append(d.Slots, eafSlot{from, milliseconds(l.StartS)}, eafSlot{until, milliseconds(l.EndS)})
	to.Annotations = append(to.Annotations, eafAnnotation{fmt.Sprintf("a%d", n), from, until, value})
}

func milliseconds(s float64) int64 { return int64(math.Round(s * 1000)) }

func (d *eafDocument) text() ([]byte, error) {
	body, err := xml.MarshalIndent(d, "", "  ")
	return append(append([]byte(xml.Header), body...), '\n'), err
}

// IsEAF tells whether a document is as EAF wrote it: nobody has changed it since.
func IsEAF(doc []byte) bool {
	open := `<PROPERTY NAME="` + eafProof + `">`
	before, rest, ok := strings.Cut(string(doc), open)
	proof, after, closed := strings.Cut(rest, "</PROPERTY>")
	sum := sha256.Sum256([]byte(before + open + "</PROPERTY>" + after))
	return ok && closed && proof == hex.EncodeToString(sum[:])
}
