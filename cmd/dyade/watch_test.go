package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recordings lists all that the server has.
func (s *served) recordings() (all []struct{ ID, Name string }) {
	s.t.Helper()
	var told struct {
		Recordings *[]struct{ ID, Name string }
	}
	told.Recordings = &all
	if status, doc := s.ask("GET", "/api/recordings", nil); status != 200 || json.Unmarshal(doc, &told) != nil {
		s.t.Fatalf("%d %s", status, doc)
	}
	return all
}

// TestServeTakesInWhatIsCopied copies a film into a watched folder, piece by piece, and
// gets what `dyade analyze` gives; once it is deleted it stays so.
func TestServeTakesInWhatIsCopied(t *testing.T) {
	film := cutFilm(t, t.TempDir())
	folder := filepath.Join(t.TempDir(), "Emma") // it is not there yet
	s := startServe(t, filepath.Join(t.TempDir(), "data"), "--watch", folder)
	s.until("look for the folder", long, func() bool { return s.log.holds("cannot be opened") })
	below := filepath.Join(folder, "DCIM", "100APPLE")
	if err := os.MkdirAll(below, 0o700); err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(film)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.Create(filepath.Join(below, "clip.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.CopyN(to, from, 1<<20); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "Emma.jpg"), []byte("\xff\xd8\xff"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.until("look at the folder", long, func() bool { return s.log.holds("there again") })
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	s.until("recording", long, func() bool { return len(s.recordings()) == 1 })
	r := s.recordings()[0]
	if r.Name != "clip.mp4" {
		t.Errorf("it is called %q", r.Name)
	}
	s.doneAsAnalyze(r.ID, film)
	s.remove(r.ID)
	s.until("word of the rest", long, func() bool { return s.log.holds(`"files":1`) })
	s.stop()
	if strings.Contains(s.log.String(), "Emma") {
		t.Errorf("the log names a family:\n%s", &s.log)
	}

	// Another film that is taken in shows that all has been looked at.
	s = startServe(t, s.data, "--watch", folder)
	wav := append([]byte("RIFF\x24\x00\x00\x00WAVEfmt "), bytes.Repeat([]byte{1, 2, 3}, 999)...)
	if err := os.WriteFile(filepath.Join(folder, "other.wav"), wav, 0o600); err != nil {
		t.Fatal(err)
	}
	s.until("recording", long, func() bool { return len(s.recordings()) > 0 })
	if all := s.recordings(); len(all) != 1 || all[0].Name != "other.wav" {
		t.Errorf("there are %+v", all)
	}
	s.stop()
}
