package main

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"dyade/internal/testenv"
)

// tree makes a folder of recordings: two films, one of them twice, notes that call
// themselves a film, and what a batch is to pass by.
func tree(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "étude")
	for _, sub := range []string{"visite 1", "visite 2", ".hidden"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	sample := filepath.Join(testenv.Sample(t, 1), "sample.mp4")
	for name, from := range map[string]string{"visite 1/jeu.mp4": "8", "visite 2/repas.MP4": "40"} {
		cut := exec.Command("ffmpeg", "-v", "error", "-ss", from, "-t", "6", "-i", sample, "-c", "copy", filepath.Join(dir, name))
		if msg, err := cut.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, msg)
		}
	}
	film, err := os.ReadFile(filepath.Join(dir, "visite 1", "jeu.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	for name, doc := range map[string][]byte{
		"copie.mp4": film, "notes.mp4": []byte("these are notes"), "notes.txt": []byte("more"), ".hidden/jeu.mp4": film,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), doc, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// runBatch runs `dyade batch` and gives what it said.
func runBatch(t *testing.T, dir, data string, more ...string) (out, said string, code int) {
	t.Helper()
	cmd := exec.Command("dyade", append([]string{"batch", dir, "--data", data, "--lang", "en"}, more...)...)
	var o, e bytes.Buffer
	cmd.Stdout, cmd.Stderr = &o, &e
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return o.String(), e.String(), cmd.ProcessState.ExitCode()
}

// wantBatch checks what a batch of tree wrote.
func wantBatch(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "dyade", "summary.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows[1:] {
		got = append(got, strings.Join(r[:3], " "))
	}
	want := "copie.mp4 done |notes.mp4 failed not_media|visite 1/jeu.mp4 done |visite 2/repas.MP4 done "
	if strings.Join(got, "|") != want {
		t.Errorf("summary %q", got)
	}
	for _, name := range []string{"copie.mp4", "visite 1/jeu.mp4", "visite 2/repas.MP4"} {
		for _, file := range []string{"report.html", "moments.json", "signals.parquet", "moments.vtt"} {
			if _, err := os.Stat(filepath.Join(dir, "dyade", name, file)); err != nil {
				t.Error(err)
			}
		}
	}
	alone := exec.Command("dyade", "analyze", filepath.Join(dir, "visite 2", "repas.MP4"), "--json", "--no-cache", "--quiet")
	alone.Env = append(os.Environ(), "DYADE_HWACCEL=none")
	doc, err := alone.Output()
	if err != nil {
		t.Fatal(err)
	}
	wrote, err := os.ReadFile(filepath.Join(dir, "dyade", "visite 2", "repas.MP4", "moments.json"))
	if err != nil || !bytes.Equal(wrote, doc) {
		t.Errorf("%v: it wrote %d bytes, analyze gives %d", err, len(wrote), len(doc))
	}
}

// TestBatchGoesOn stops a batch in the midst, has it go on, and once more when all
// is done: without a server, and by one that is running.
func TestBatchGoesOn(t *testing.T) {
	if err := testenv.UseShare(); err != nil {
		t.Fatal(err)
	}
	dir, data := tree(t), filepath.Join(t.TempDir(), "data")
	first := exec.Command("dyade", "batch", dir, "--data", data, "--lang", "en")
	var said record
	first.Stderr = &said
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	s := &served{t: t, data: data}
	s.until("something to be under way", long, func() bool { return said.holds("under way") || said.holds("done, moments") })
	if err := first.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	if code := first.ProcessState.ExitCode(); code != exitInterrupted || !said.holds("the same command goes on") {
		t.Errorf("stopped, it ends with %d: %s", code, said.String())
	}
	if left := s.alive(); len(left) > 0 {
		t.Errorf("left running: %v", left)
	}
	out, words, code := runBatch(t, dir, data)
	if code != exitFailed || !strings.Contains(words, "done: 3; failed or cancelled: 1") || !strings.Contains(out, "notes.mp4") {
		t.Errorf("%d: %s%s", code, out, words)
	}
	wantBatch(t, dir)
	if err := os.RemoveAll(filepath.Join(dir, "dyade")); err != nil {
		t.Fatal(err)
	}
	s = startServe(t, data)
	if _, words, code := runBatch(t, dir, data, "--retry"); code != exitFailed {
		t.Errorf("by a server that runs: %d: %s", code, words)
	}
	wantBatch(t, dir)
	s.stop()
}

func TestBatchOfNothing(t *testing.T) {
	dir := t.TempDir()
	_, said, code := runBatch(t, dir, filepath.Join(dir, "data"))
	if code != exitFailed || !strings.Contains(said, "has no recording in it") {
		t.Errorf("%d: %s", code, said)
	}
	_, said, code = runBatch(t, filepath.Join(dir, "nowhere"), filepath.Join(dir, "data"))
	if code != exitFailed || !strings.Contains(said, "nowhere") {
		t.Errorf("%d: %s", code, said)
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err == nil {
		t.Error("a data folder was made for nothing")
	}
}
