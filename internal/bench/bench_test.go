package bench_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dyade/internal/bench"
	"dyade/internal/schema"
	"dyade/pipeline/decode"
)

// made is a film or sound that ffmpeg makes.
func made(t *testing.T, name, recipe string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	args := append(strings.Fields("-v error -nostdin "+recipe), path)
	if out, err := exec.Command("ffmpeg", args...).CombinedOutput(); err != nil {
		t.Fatalf("making %s: %v\n%s", name, err, out)
	}
	return path
}

// clip is 4 s of 15 pictures a second, a key each second.
func clip(t *testing.T) string {
	t.Helper()
	return made(t, "clip.mp4", "-f lavfi -i testsrc2=s=320x180:r=15:d=4 -c:v libx264 -preset ultrafast -g 15 -keyint_min 15 -bf 0")
}

// program is a shell script that stands for dyade.
func program(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "dyade")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// measured runs a benchmark and holds what it says to the schema.
func measured(t *testing.T, path string, o bench.Options) *bench.Report {
	t.Helper()
	o.Rounds = max(1, o.Rounds)
	o.Progress = func(int, bench.Work, bench.Tool) {}
	r, err := bench.Measure(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate("bench", bytes.NewReader(doc)); err != nil {
		t.Error(err)
	}
	return r
}

func row(t *testing.T, r *bench.Report, w bench.Work, tool bench.Tool) bench.Row {
	t.Helper()
	found := r.Row(w, tool)
	if found == nil {
		t.Fatalf("no row of %s by %s", w, tool)
	}
	return *found
}

func TestDoGivesWhatIsPlanned(t *testing.T) {
	film := clip(t)
	for work, want := range map[bench.Work]int{bench.Even: 20, bench.Keys: 4, bench.Keys2: 12, bench.Index: 60} {
		said, err := bench.Do(t.Context(), work, film)
		if err != nil || said.Frames != want || said.Seconds <= 0 {
			t.Errorf("%s: %+v, %v; want %d pictures", work, said, err, want)
		}
	}
	if _, err := bench.Do(t.Context(), "everything", film); !errors.Is(err, bench.ErrNoWork) {
		t.Errorf("a work that is none: %v", err)
	}
}

func TestWhatCannotBeMeasured(t *testing.T) {
	sound := made(t, "tone.wav", "-f lavfi -i sine=d=1")
	if _, err := bench.Do(t.Context(), bench.Keys, sound); !errors.Is(err, bench.ErrNoPicture) {
		t.Errorf("pictures of sound: %v", err)
	}
	if _, err := bench.Measure(t.Context(), sound, bench.Options{}); !errors.Is(err, bench.ErrNoPicture) {
		t.Errorf("a benchmark of sound: %v", err)
	}
	var unreadable *decode.Unreadable
	if _, err := bench.Measure(t.Context(), filepath.Join(t.TempDir(), "gone.mp4"), bench.Options{}); !errors.As(err, &unreadable) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestARunThatDidLessHasNoTime(t *testing.T) {
	r := measured(t, clip(t), bench.Options{Program: program(t, `echo '{"frames": 19, "seconds": 0.001}'`), Peers: t.TempDir()})
	got := row(t, r, bench.Even, bench.Dyade)
	if got.State != bench.Failed || got.Seconds != nil || got.Why != "19 pictures where 20 are the work" {
		t.Errorf("%+v", got)
	}
	if err := r.Check(); !errors.Is(err, bench.ErrFailed) {
		t.Errorf("checked: %v", err)
	}
	yardstick := row(t, r, bench.All, bench.FFmpeg)
	if yardstick.State != bench.Measured || yardstick.Frames != 60 || *yardstick.Ratio != 1 {
		t.Errorf("the yardstick: %+v", yardstick)
	}
	if got := row(t, r, bench.Even, bench.FFmpeg); got.State != bench.Measured || got.Frames != 20 {
		t.Errorf("ffmpeg: %+v", got)
	}
	if got := row(t, r, bench.Even, bench.PyAV); got.State != bench.Missing || got.Seconds != nil || len(got.Runs) != 0 {
		t.Errorf("a peer that is not installed: %+v", got)
	}
}

// A program that fails says why; it had one core and a cache of its own, which
// is gone.
func TestWhatAProgramIsGiven(t *testing.T) {
	r := measured(t, clip(t), bench.Options{Program: program(t, `echo "$(nproc) $XDG_CACHE_HOME" >&2; exit 3`), Cores: 1})
	got := row(t, r, bench.Keys, bench.Dyade)
	said, ok := strings.CutPrefix(got.Why, "exit status 3: 1 ")
	if got.State != bench.Failed || !ok {
		t.Fatalf("%+v", got)
	}
	if _, err := os.Stat(filepath.Dir(said)); !filepath.IsAbs(said) || !os.IsNotExist(err) {
		t.Errorf("its cache %q: %v", said, err)
	}
	if other := row(t, r, bench.Keys2, bench.Dyade); other.Why == got.Why {
		t.Errorf("two runs had the same cache: %s", got.Why)
	}
	if r.Row(bench.Even, bench.PyAV) != nil {
		t.Error("a peer takes part, though none is asked for")
	}
}

func TestRounds(t *testing.T) {
	var order []bench.Work
	o := bench.Options{Rounds: 2, Analyze: true, Program: program(t, `
echo '{"final": false, "frames": 2, "moments": []}'
echo '{"final": false, "frames": 4, "moments": [{}]}'
echo '{"final": true, "frames": 8, "moments": [{}]}'`)}
	o.Progress = func(_ int, w bench.Work, _ bench.Tool) { order = append(order, w) }
	r, err := bench.Measure(t.Context(), clip(t), o)
	if err != nil {
		t.Fatal(err)
	}
	got := row(t, r, bench.Analyze, bench.Dyade)
	if len(got.Runs) != 2 || got.Frames != 8 || got.FirstS == nil || *got.FirstS > *got.Seconds || got.MaxRSSBytes == nil {
		t.Errorf("%+v", got)
	}
	// The index is no ranking, so that it fails and has no second round.
	want := []bench.Work{bench.All, bench.Analyze, bench.Index, bench.Analyze, bench.All}
	if len(order) != len(want) {
		t.Fatalf("order %v", order)
	}
	for i := range want {
		if order[i] != want[i] {
			t.Fatalf("order %v, want %v", order, want)
		}
	}
}

func TestAnAnalysisThatDoesNotFinish(t *testing.T) {
	r := measured(t, clip(t), bench.Options{Analyze: true, Program: program(t, `echo '{"final": false, "frames": 2, "moments": [{}]}'`)})
	if got := row(t, r, bench.Analyze, bench.Dyade); got.State != bench.Failed || got.Why != "it ended without a result" {
		t.Errorf("%+v", got)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := bench.Options{Rounds: 1, Program: "dyade", Progress: func(int, bench.Work, bench.Tool) { cancel() }}
	if _, err := bench.Measure(ctx, clip(t), o); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
