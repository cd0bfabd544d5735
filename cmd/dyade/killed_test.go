package main

import (
	"cmp"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dyade/internal/testenv"
)

const kills = 10

// TestKilledAnalysisGoesOn kills an analysis ten times, each time a little
// further on, and lets the eleventh end. It finds what an analysis that is left
// alone does, and what had been finished at a kill is not done again.
//
// The film is the sample. A longer one and a built program are tried by hand so:
//
//	DYADE_KILL_FILM=/films/ninety.mp4 DYADE_KILL_COMMAND=$PWD/bin/dyade \
//		go test ./cmd/dyade -run TestKilledAnalysisGoesOn -v -count=1 -timeout 3h
func TestKilledAnalysisGoesOn(t *testing.T) {
	if err := testenv.UseShare(); err != nil {
		t.Fatal(err)
	}
	film := os.Getenv("DYADE_KILL_FILM")
	if film == "" {
		film = filepath.Join(testenv.Sample(t, 1), "sample.mp4")
	}
	dir := t.TempDir()
	run := func(out string, more ...string) *exec.Cmd {
		args := append([]string{"analyze", film, "--out", filepath.Join(dir, out), "--workers", "2", "--quiet"}, more...)
		cmd := exec.Command(cmp.Or(os.Getenv("DYADE_KILL_COMMAND"), "dyade"), args...)
		cmd.Env = append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "DYADE_HWACCEL=none", "LC_ALL=en_CA.UTF-8")
		return cmd
	}
	finish(t, run("alone", "--no-cache"))
	perKill := length(t, filepath.Join(dir, "alone")) * piecesPerSecond / kills
	random := rand.New(rand.NewPCG(4, 4))
	var before map[string]os.FileInfo
	for n := range kills {
		enough := max(len(before)+1, int(perKill*(float64(n)+random.Float64())))
		killAt(t, run("killed"), filepath.Join(dir, "cache"), enough)
		now := finished(t, filepath.Join(dir, "cache"))
		unchanged(t, before, now)
		t.Logf("kill %d: %d pieces of work were finished", n+1, len(now))
		before = now
	}
	if _, err := os.Stat(filepath.Join(dir, "killed")); err == nil {
		t.Error("an analysis that was killed left results")
	}
	finish(t, run("killed"))
	after := finished(t, filepath.Join(dir, "cache"))
	unchanged(t, before, after)
	t.Logf("at the end: %d pieces of work", len(after))
	for _, file := range []string{"moments.json", "signals.parquet"} {
		want, err := os.ReadFile(filepath.Join(dir, "alone", file))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "killed", file)); err != nil || string(got) != string(want) {
			t.Errorf("%s differs from that of an analysis left alone: %d bytes for %d, %v", file, len(got), len(want), err)
		}
	}
}

// piecesPerSecond is fewer than an analysis makes of a second of film: the kills
// lie within it.
const piecesPerSecond = 0.75

// length is the analysed film's, in seconds.
func length(t *testing.T, out string) float64 {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(out, "moments.json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Recording struct {
			Duration float64 `json:"duration_s"`
		} `json:"recording"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Recording.Duration
}

func finish(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// killAt starts cmd and kills it as soon as the cache holds so many finished
// pieces of work.
func killAt(t *testing.T, cmd *exec.Cmd, cache string, enough int) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	deadline := time.After(30 * time.Minute)
	for tick := time.Tick(2 * time.Millisecond); len(finished(t, cache)) < enough; {
		select {
		case <-tick:
		case err := <-ended:
			t.Fatalf("it ended before %d pieces of work were finished: %v", enough, err)
		case <-deadline:
			t.Errorf("after half an hour fewer than %d pieces of work are finished", enough)
			enough = 0
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("it ended by itself")
	}
}

// finished lists the pieces of work that the cache holds.
func finished(t *testing.T, cache string) map[string]os.FileInfo {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(cache, "dyade", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]os.FileInfo{}
	for _, file := range files {
		if strings.HasPrefix(filepath.Base(file), ".") {
			continue // not yet one
		}
		if list[file], err = os.Stat(file); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// unchanged checks that what was finished is not done again: an entry that is
// put anew is another file.
func unchanged(t *testing.T, before, after map[string]os.FileInfo) {
	t.Helper()
	for file, info := range before {
		if again, ok := after[file]; !ok || !os.SameFile(info, again) || !info.ModTime().Equal(again.ModTime()) {
			t.Errorf("%s was done again", filepath.Base(file))
		}
	}
}
