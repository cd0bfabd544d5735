package pipeline_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dyade/internal/i18n"
	"dyade/internal/testenv"
	"dyade/models"
	"dyade/pipeline"
	"dyade/pipeline/decode"
	"dyade/pipeline/signal"
)

func TestMain(m *testing.M) {
	testenv.Main(m, decode.Live, testenv.Count("networks or tensors", models.Live))
}

// clip cuts a few seconds from the sample, without coding it anew; more is for
// ffmpeg.
func clip(t *testing.T, from, length string, more ...string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "clip.mp4")
	sample := filepath.Join(testenv.Sample(t, 1), "sample.mp4")
	args := append([]string{"-v", "error", "-ss", from, "-t", length, "-i", sample, "-c", "copy"}, more...)
	cmd := exec.Command("ffmpeg", append(args, out)...)
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	return out
}

// An independent reader, the one that R and Python use, opens the signals and
// finds the same columns, times, values and unknowns.
func TestSignalsOpenInArrow(t *testing.T) {
	r, err := pipeline.Analyze(context.Background(), clip(t, "8", "6"), pipeline.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	dir := t.TempDir()
	if err := r.Write(context.Background(), dir, i18n.English, pipeline.Options{}); err != nil {
		t.Fatal(err)
	}
	const script = `
import json, sys, pyarrow.parquet as pq
t = pq.read_table(sys.argv[1])
json.dump({"names": t.column_names, "rows": t.num_rows, "types": [str(f.type) for f in t.schema],
  "meta": {k.decode(): v.decode() for k, v in (pq.read_metadata(sys.argv[1]).metadata or {}).items()},
  "columns": {n: t.column(n).to_pylist() for n in t.column_names}}, sys.stdout)`
	cmd := exec.Command(testenv.Program(t, testenv.Python), "-c", script, filepath.Join(dir, pipeline.SignalsFile))
	cmd.Env = append(os.Environ(), "PYTHONPATH="+testenv.Tool(t, "python"))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Names   []string
		Rows    int
		Types   []string
		Meta    map[string]string
		Columns map[string][]*float64
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if got.Rows != r.Table.Steps || len(got.Names) != len(signal.Columns)+1 || got.Names[0] != "time_s" {
		t.Errorf("%d rows and columns %v", got.Rows, got.Names)
	}
	if got.Meta["dyade.schema"] != signal.ParquetSchema {
		t.Errorf("metadata %v", got.Meta)
	}
	for _, c := range signal.Columns {
		s := r.Table.Get(c.Name)
		for i, v := range got.Columns[c.Name] {
			want, known := s.At(i)
			if (v != nil) != known || v != nil && *v != want {
				t.Fatalf("%s at step %d differs", c.Name, i)
			}
		}
	}
}

// Each column of the signals stands in the formats' document, with its unit.
func TestColumnsAreDocumented(t *testing.T) {
	root, err := testenv.Root()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile(filepath.Join(root, "docs", "formats.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range signal.Columns {
		if !strings.Contains(string(doc), "`"+c.Name+"`") {
			t.Errorf("docs/formats.md lacks %s", c.Name)
		}
	}
}

func TestAnalysisStopsWhenToldTo(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	film := filepath.Join(testenv.Sample(t, 1), "sample.mp4")
	_, err := pipeline.Analyze(ctx, film, pipeline.Options{Workers: 2, Progress: func(s pipeline.Stage, done float64) {
		if s == pipeline.StageScan && done > 0 {
			cancel()
		}
	}})
	if err == nil || ctx.Err() == nil {
		t.Errorf("error %v", err)
	}
}
