package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dyade/internal/testenv"
)

// sent submits a part of the sample.
func (s *served) sent(from, length string) (id string) {
	s.t.Helper()
	film := filepath.Join(s.t.TempDir(), "clip.mp4")
	cut := exec.Command("ffmpeg", "-v", "error", "-ss", from, "-t", length, "-i",
		filepath.Join(testenv.Sample(s.t, 1), "sample.mp4"), "-c", "copy", film)
	if msg, err := cut.CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %s", err, msg)
	}
	return s.send("from"+from+".mp4", film)
}

// results waits until a recording is done, and gives its files.
func (s *served) results(id string) map[string][]byte {
	s.t.Helper()
	var x struct {
		State, Message string
		Files          []string
	}
	s.until("a recording to be done", long, func() bool {
		_, doc := s.ask("GET", "/api/recordings/"+id, nil)
		if err := json.Unmarshal(doc, &x); err != nil || x.State == "failed" {
			s.t.Fatalf("%s, %v", doc, err)
		}
		return x.State == "done"
	})
	files := map[string][]byte{}
	for _, name := range x.Files {
		_, files[name] = s.ask("GET", "/api/recordings/"+id+"/files/"+name, nil)
	}
	return files
}

// says runs dyade, which ends with a code, and gives what it says.
func says(t *testing.T, code int, args ...string) string {
	t.Helper()
	msg, err := exec.Command("dyade", append(args, "--lang", "en")...).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == code || err == nil && code == 0 {
		return string(msg)
	}
	t.Fatalf("dyade %v: %v\n%s", args, err, msg)
	return ""
}

// TestABackupWhileAtWork backs up a server that has done one recording, is at
// another and deletes a third, restores that elsewhere, and gets there what the
// first server gives.
func TestABackupWhileAtWork(t *testing.T) {
	dir := t.TempDir()
	s := startServe(t, filepath.Join(dir, "data"))
	done := s.sent("30", "4")
	s.results(done)
	under, deleted := s.sent("8", "20"), s.sent("60", "4")
	s.until("some steps to be done", long, func() bool { return s.recording(under).StepsDone > 3 })
	file := filepath.Join(dir, "backup.tar")
	gone := make(chan int, 1)
	go func() {
		status, _ := s.ask("DELETE", "/api/recordings/"+deleted, nil)
		gone <- status
	}()
	said := says(t, 0, "backup", file, "--data", s.data)
	if status := <-gone; status != http.StatusNoContent {
		t.Errorf("delete: %d", status)
	}
	if s.recording(under).State != "working" {
		t.Error("it was done before it was backed up: the film is too short for this test")
	}
	if !strings.Contains(said, "recordings backed up") {
		t.Error(said)
	}

	to := filepath.Join(dir, "elsewhere", "data")
	if said := says(t, 0, "restore", file, "--data", to); !strings.Contains(said, "recordings are back") {
		t.Error(said)
	}
	for _, private := range []string{"token", "address", "log"} {
		if _, err := os.Stat(filepath.Join(to, private)); err == nil {
			t.Errorf("%s was in the backup", private)
		}
	}
	if said := says(t, 1, "restore", file, "--data", s.data); !strings.Contains(said, "another dyade serve") {
		t.Error(said)
	}
	r := startServe(t, to)
	for _, id := range []string{done, under} {
		want, got := s.results(id), r.results(id)
		if len(want) < 4 || len(got) != len(want) {
			t.Errorf("there are %d files, there were %d", len(got), len(want))
		}
		for name := range want {
			if !bytes.Equal(got[name], want[name]) {
				t.Errorf("%s differs: %d bytes, not %d", name, len(got[name]), len(want[name]))
			}
		}
	}
	if said := says(t, 0, "doctor", "--data", to); !strings.Contains(said, "data in "+to) {
		t.Error(said)
	}
	r.stop()
	s.stop()
}

// A server that is stopped while it gives a backup leaves none behind.
func TestABackupThatBreaksOffLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	s := startServe(t, filepath.Join(dir, "data"))
	s.sent("30", "4")
	media, err := filepath.Glob(filepath.Join(s.data, "media", "??", "*"))
	if err != nil || len(media) == 0 {
		t.Fatal(media, err)
	}
	film := slices.MaxFunc(media, func(a, b string) int { return int(size(t, a) - size(t, b)) })
	if err := os.Remove(film); err != nil { // the server fails at it
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	if err := os.Mkdir(out, 0o700); err != nil {
		t.Fatal(err)
	}
	if said := says(t, 1, "backup", filepath.Join(out, "b.tar"), "--data", s.data); !strings.Contains(said, "could not be finished") {
		t.Error(said)
	}
	if left, err := os.ReadDir(out); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	if said := says(t, 1, "doctor", "--data", s.data); !strings.Contains(said, "from30.mp4: one of its files is missing") {
		t.Error(said)
	}
	s.stop()
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
