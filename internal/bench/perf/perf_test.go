package perf

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dyade/internal/bench"
	"dyade/internal/testenv"
)

// report is one with the seconds of some works by dyade and others.
func report(film string, analyze bool) *bench.Report {
	r := &bench.Report{
		Schema: bench.Schema, Dyade: "1.2.3", Date: "2001-02-03", Rounds: 2, Cores: 2,
		Machine: bench.Machine{CPU: "A processor", Cores: 2, OS: "A system", FFmpeg: "5.1"},
		Film:    bench.Film{Name: film + ".mp4", SizeBytes: 120e6, DurationS: 60, Codec: "h264", Width: 1920, Height: 1080, Frames: 1800},
	}
	add := func(w bench.Work, t bench.Tool, seconds float64) *bench.Row {
		ratio, rss := seconds/10, int64(150e6)
		r.Rows = append(r.Rows, bench.Row{
			Work: w, Tool: t, Version: "1.0", Command: string(t) + " " + film, State: bench.Measured, Frames: 300,
			Seconds: &seconds, Ratio: &ratio, MaxRSSBytes: &rss,
			Runs: []bench.Run{{Seconds: seconds, CPUS: 2 * seconds}, {Seconds: seconds + 1, CPUS: 2 * seconds}},
		})
		return &r.Rows[len(r.Rows)-1]
	}
	add(bench.All, bench.FFmpeg, 10)
	if analyze {
		first := 0.9
		add(bench.Analyze, bench.Dyade, 4.5).FirstS = &first
		add(bench.Index, bench.Dyade, 0.1)
		*add(bench.Analyze, bench.SceneDetect, 0) = bench.Row{Work: bench.Analyze, Tool: bench.SceneDetect, State: bench.Missing, Command: "python3"}
		return r
	}
	add(bench.Even, bench.Dyade, 6.61)
	add(bench.Even, bench.FFmpeg, 10)
	add(bench.Keys, bench.Dyade, 0.5)
	*add(bench.Sample034, bench.Dyade, 0) = bench.Row{Work: bench.Sample034, Tool: bench.Dyade, State: bench.Failed, Why: "a\nb|c", Command: "dyade"}
	return r
}

func TestPage(t *testing.T) {
	got := page(results{"p60": report("p60", false), "p60-one-core": report("p60", false), "p600-analyze": report("p600", true)})
	testenv.Golden(t, "testdata/page.md", []byte(got))
	for _, want := range []string{
		"| 0.66 | 0.661 | **no** |",                                  // just above is not held
		"| 0.08 | 0.050 | yes |",                                     // keyframes
		"| 0.58 |  | **not measured**: dyade failed |",               // what failed does not hold
		"| 0.50 |  | not measured yet |",                             // another film
		"| 0.40 |  | **not measured**: scenedetect missing |",        // nor does what was not compared
		"| 0.45 | 0.450 | yes |", "| 0.10 | 0.090 | yes |", "150 MB", // an analysis
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestPageOfNothing(t *testing.T) {
	got := page(results{})
	if n := strings.Count(got, "not measured yet"); n != len(limits) || strings.Contains(got, plotFile) || plot(results{}) != "" {
		t.Errorf("%d limits are not measured:\n%s", n, got)
	}
}

func TestPlotIsDrawn(t *testing.T) {
	drawn := plot(results{"p60": report("p60", false), "p600-analyze": report("p600", true), "p60-analyze": report("p60", true)})
	bars := 0
	for d := xml.NewDecoder(strings.NewReader(drawn)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "rect" {
			bars++
		}
	}
	if bars != 1+4+2 { // the ground, p60 and p600-analyze
		t.Errorf("%d rectangles", bars)
	}
}

// TestNamesLead: measurements, limits and recipes name things that are there.
func TestNamesLead(t *testing.T) {
	for _, m := range measurements {
		if _, ok := filmNamed(m.film); !ok {
			t.Errorf("%s: no film %s", m.name, m.film)
		}
	}
	for _, l := range limits {
		if filmOf(l.in) == l.in {
			t.Errorf("%s: no measurement %s", l.what, l.in)
		}
	}
	for _, f := range films {
		for _, word := range strings.Fields(f.recipe) {
			if other, is := strings.CutPrefix(word, "@"); is && other != "sample" {
				if _, ok := filmNamed(other); !ok {
					t.Errorf("%s: no film %s", f.name, other)
				}
			}
		}
	}
}

// TestRun measures on a film that is there, with a script for dyade, and keeps
// what it says.
func TestRun(t *testing.T) {
	root := t.TempDir()
	doc, err := json.Marshal(report("p60", false))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"build/bench/p60.mp4": "a film", "build/bench/said.json": string(doc), "docs/images/.keep": "",
		"bin/dyade": "#!/bin/sh\necho \"$@\" >build/bench/asked\ncat build/bench/said.json\nexit 1\n",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	m := &Maker{Root: root, Rounds: 2, Date: "2001-02-03", Say: t.Logf}
	if err := m.Run(t.Context(), []string{"p60"}); err != nil {
		t.Fatal(err)
	}
	asked, err := os.ReadFile(m.dir("asked"))
	if want := "bench decode " + m.dir("p60.mp4") + " --json --lang en --date 2001-02-03 --rounds 2\n"; err != nil || string(asked) != want {
		t.Errorf("asked %q, %v", asked, err)
	}
	written, err := os.ReadFile(filepath.Join(root, "docs", "performance.md"))
	if err != nil || !strings.Contains(string(written), "| 0.66 | 0.661 | **no** |") {
		t.Errorf("%s, %v", written, err)
	}
	if _, err := os.Stat(filepath.Join(root, "docs", "images", plotFile)); err != nil {
		t.Error(err)
	}
	if err := m.Run(t.Context(), []string{"p61"}); err == nil || !strings.Contains(err.Error(), "p60") {
		t.Errorf("a name that is none: %v", err)
	}
}
