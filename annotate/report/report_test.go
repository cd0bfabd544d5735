package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dyade/annotate"
	"dyade/annotate/report"
	"dyade/annotate/timecode"
	"dyade/internal/i18n"
	"dyade/internal/schema"
	"dyade/internal/testenv"
)

// golden compares got with testdata/name.
func golden(t *testing.T, name, got string) {
	t.Helper()
	testenv.Golden(t, filepath.Join("testdata", name), []byte(got))
}

func write(t *testing.T, in report.Input) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.Write(&out, in); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// short is a visit whose golden a person can read.
func short() visit {
	v := usual()
	v.seconds, v.moments = 60, 5
	return v
}

var (
	pictures = regexp.MustCompile(`src="data:image/jpeg;base64,[A-Za-z0-9+/=&#;]+"`)
	paths    = regexp.MustCompile(`d="(M[^"]{200,})"`)
	embedded = regexp.MustCompile(`(?s)(<style>|<script>).*?(</style>|</script>)`)
	hashes   = regexp.MustCompile(`sha256-([A-Za-z0-9+/=]|&#43;)+`)
)

// structure is a page without what a person cannot read: pictures, long paths,
// and the style and script, which have files of their own.
func structure(page string) string {
	page = pictures.ReplaceAllString(page, `src="data:image/jpeg;base64,…"`)
	page = paths.ReplaceAllStringFunc(page, func(d string) string {
		return fmt.Sprintf(`d="%d points"`, strings.Count(d, "M")+strings.Count(d, "L"))
	})
	page = embedded.ReplaceAllString(page, "$1…$2")
	return hashes.ReplaceAllString(page, "sha256-…")
}

func TestWriteGolden(t *testing.T) {
	for _, l := range i18n.Langs {
		t.Run(l.String(), func(t *testing.T) {
			golden(t, "report."+l.String()+".html", structure(write(t, short().input(t, l))))
		})
	}
}

func TestWriteIsDeterministic(t *testing.T) {
	if a, b := write(t, usual().input(t, i18n.French)), write(t, usual().input(t, i18n.French)); a != b {
		t.Error("the same analysis gave two pages")
	}
}

// TestFakeIsReal holds the made-up analyses to the schema of real ones.
func TestFakeIsReal(t *testing.T) {
	for _, v := range []visit{usual(), {seconds: 40, moments: 2, sound: true, name: "a.wav"}, {seconds: 40, picture: true, name: "b.mp4"}} {
		doc, err := json.Marshal(v.input(t, i18n.French).Analysis)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate("moments", bytes.NewReader(doc)); err != nil {
			t.Error(err)
		}
	}
}

func TestWriteCases(t *testing.T) {
	soundOnly, silent, none, empty, many := usual(), usual(), usual(), usual(), usual()
	soundOnly.picture, soundOnly.name = false, "dictaphone.wav"
	silent.sound = false
	none.moments = 0
	empty.seconds, empty.moments = 0, 0
	many.moments, many.seconds = 60, 5400
	full := `<rect class="unknown" x="0.00%" width="100.00%"`
	tests := []struct {
		name   string
		visit  visit
		change func(*report.Input)
		has    []string
		lacks  []string
		count  map[string]int
	}{
		{"sound only", soundOnly, nil,
			[]string{"aucune, son seulement", "Sans image", "n’a que du son", "Voix 1, adulte"},
			[]string{"<img", `class="area"`},
			map[string]int{full: 5, "<article": 8}},
		{"silent film", silent, nil,
			[]string{"aucun, film muet", "n’a pas de son", `aria-label="Voix` + "\u00a0" + `: inconnu."`, `<rect class="unknown" x="0%" width="100%"`},
			[]string{"Voix 1", "première supposition"}, nil},
		{"no moment", none, nil,
			[]string{"Rien de clair ici", "Aucun moment clair dans", "ne répond à aucune des règles", "Cela ne dit rien de la relation"},
			[]string{"<article", "Sortes de moments"}, nil},
		{"no length", empty, func(in *report.Input) { in.Lanes = nil },
			[]string{"Rien de clair ici"}, []string{`id="lanes"`, "NaN"}, nil},
		{"sixty moments in ninety minutes", many, nil,
			[]string{"60 moments proposés dans 1\u00a0h 30\u00a0min", "1:15:00"}, nil,
			map[string]int{"<article": 60, `<a href="#moment-`: 60}},
		{"no signals given", usual(), func(in *report.Input) { in.Lanes = nil },
			nil, []string{`class="area"`}, map[string]int{full: 5}},
		{"a signal not known at all", usual(), func(in *report.Input) { clear(in.Lanes[3].Known) },
			nil, nil, map[string]int{full: 1}},
		{"figures that are no numbers", usual(), func(in *report.Input) {
			m := &in.Analysis.Moments[0]
			m.Score, m.Confidence, m.Unknown = math.NaN(), math.Inf(1), math.Inf(-1)
			in.Lanes[4].Values[7] = math.NaN()
		}, nil, []string{"NaN", "Inf"}, nil},
		{"a kind and a warning without words", usual(), func(in *report.Input) {
			in.Analysis.Moments[0].Kind, in.Analysis.Quality[0].Code = "new_kind", "new_code"
			in.Analysis.Moments[0].Evidence = nil
		}, []string{"new_kind", "(new_code)", "n’ont pas été gardés"}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := tt.visit.input(t, i18n.French)
			if tt.change != nil {
				tt.change(&in)
			}
			page := pictures.ReplaceAllString(embedded.ReplaceAllString(write(t, in), ""), "")
			for _, s := range append(tt.has, `lang="fr"`, "</html>") {
				if !strings.Contains(page, s) {
					t.Errorf("lacks %q", s)
				}
			}
			for _, s := range append(tt.lacks, "ZgotmplZ", "%!") {
				if strings.Contains(page, s) {
					i := strings.Index(page, s)
					t.Errorf("has %q: …%s…", s, page[max(0, i-60):min(len(page), i+60)])
				}
			}
			for s, n := range tt.count {
				if got := strings.Count(page, s); got != n {
					t.Errorf("%d × %q, want %d", got, s, n)
				}
			}
			for _, d := range paths.FindAllString(page, -1) {
				if n := strings.Count(d, "L"); n > 2*1200 {
					t.Errorf("a lane of %d points", n)
				}
			}
		})
	}
}

func TestWriteHostileTexts(t *testing.T) {
	v := usual()
	v.name = `"><script>alert(1)</script><img src=x onerror=alert(2)>` + "\u202egnp.exe\u0000\n{{.}}.mp4"
	in := v.input(t, i18n.French)
	a := in.Analysis
	a.Moments[0].ID = `x" onclick="alert(3)`
	a.Moments[0].Evidence[0].Cue = "</p><script>alert(4)</script>"
	a.Quality[0].Code = "<b>"
	a.Models[0].Name = "</code><script>"
	a.Recording.Video.Codec = "<svg onload=alert(5)>"
	in.Thumbs[a.Moments[1].ID][0].Alt = `" onerror="alert(6)`
	page := embedded.ReplaceAllString(write(t, in), "")
	for _, bad := range []string{"<script>", "<img src=x", `onclick="`, `onerror="`, "<b>)", "<svg onload", "<SVG", "\u202e", "\x00"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.Contains(page, "<bdi>&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Error("the name is not shown as it is")
	}
}

// TestWriteKeepsBrief: three tenths of a second face to face still show in the
// overview of ninety minutes, where a point of the page is 4.5 s.
func TestWriteKeepsBrief(t *testing.T) {
	v := usual()
	v.seconds = 5400
	in := v.input(t, i18n.French)
	n := 54000
	facing := annotate.Lane{Name: "lane_facing", Step: timecode.Grid, Values: make([]float64, n), Known: make([]bool, n)}
	for i := range n {
		facing.Known[i] = true
	}
	for i := 27000; i < 27003; i++ {
		facing.Values[i] = 1
	}
	in.Lanes = []annotate.Lane{facing}
	page := write(t, in)
	if want := `<rect class="run " x="50.00%" width="0.08%"`; strings.Count(page, want) != 1 {
		t.Errorf("no %s", want)
	}
	if want := "Face à face\u00a0: 1\u00a0% ; inconnu"; strings.Contains(page, want) {
		t.Error("nothing of it is unknown")
	}
}

func TestWriteRefusesPictures(t *testing.T) {
	for name, thumb := range map[string]report.Thumb{
		"empty":   {AtS: 1, Width: 320, Height: 180},
		"a PNG":   {AtS: 1, Width: 320, Height: 180, JPEG: []byte("\x89PNG\r\n")},
		"no size": {AtS: 1, JPEG: []byte("\xff\xd8\xff\xe0")},
	} {
		t.Run(name, func(t *testing.T) {
			in := short().input(t, i18n.French)
			in.Thumbs[in.Analysis.Moments[2].ID][1] = thumb
			var out bytes.Buffer
			if err := report.Write(&out, in); err == nil || out.Len() > 0 {
				t.Errorf("error %v, %d bytes written", err, out.Len())
			}
		})
	}
}

type fullDisk struct{}

var errFull = errors.New("no space left")

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriteFullDisk(t *testing.T) {
	in := short().input(t, i18n.French)
	if err := report.Write(fullDisk{}, in); !errors.Is(err, errFull) {
		t.Errorf("Write: %v", err)
	}
	if err := report.WriteVTT(fullDisk{}, i18n.French, in.Analysis); !errors.Is(err, errFull) {
		t.Errorf("WriteVTT: %v", err)
	}
}
