package models_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dyade/models"
	"dyade/models/manifest"
)

// TestMain finds what set-up installed when nobody says where it is: a test
// program runs elsewhere than beside share/.
func TestMain(m *testing.M) {
	if os.Getenv("DYADE_SHARE") == "" {
		dir, err := filepath.Abs("../share/dyade")
		if err == nil {
			err = os.Setenv("DYADE_SHARE", dir)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// installed gives a copy of the installed folder that the test may spoil.
func installed(t *testing.T) string {
	t.Helper()
	share, err := models.ShareDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, e := range models.Manifest() {
		copyFile(t, filepath.Join(share, e.File), filepath.Join(dir, e.File))
	}
	t.Setenv("DYADE_SHARE", dir)
	return dir
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	src, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	dst, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(dst, src); err != nil {
		t.Fatal(err)
	}
	if err := dst.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestVerify(t *testing.T) {
	dir := installed(t)
	if got := models.Verify(); got != nil {
		t.Fatalf("an untouched installation has problems: %v", got)
	}
	net := filepath.Join(dir, "centerface.onnx")
	if err := os.Truncate(net, 1000); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "silero_vad_16k_sequence.onnx")); err != nil {
		t.Fatal(err)
	}
	got := models.Verify()
	if len(got) != 2 || got[0].Entry.Name != "centerface" || got[1].Entry.Name != "silero-vad" {
		t.Fatalf("got %v", got)
	}
	for _, p := range got {
		if !strings.Contains(p.Reason, "make setup") {
			t.Errorf("no word of what repairs it: %s", p.Reason)
		}
	}
}

func TestPath(t *testing.T) {
	dir := installed(t)
	for _, e := range models.Manifest() {
		if e.Use != manifest.Run {
			t.Errorf("%s is not for the program", e.Name)
		}
		if got, err := models.Path(e.Name); err != nil || got != filepath.Join(dir, e.File) {
			t.Errorf("%s: %s, %v", e.Name, got, err)
		}
	}
	if _, err := models.Path("none"); err == nil {
		t.Error("a name that is not in the manifest has a path")
	}
	if err := os.Remove(filepath.Join(dir, "centerface.onnx")); err != nil {
		t.Fatal(err)
	}
	if _, err := models.Path("centerface"); err == nil || !strings.Contains(err.Error(), "make setup") {
		t.Errorf("a missing file: %v", err)
	}
}

func TestShareDirMissing(t *testing.T) {
	t.Setenv("DYADE_SHARE", filepath.Join(t.TempDir(), "none"))
	if _, err := models.ShareDir(); err == nil || !strings.Contains(err.Error(), "make setup") {
		t.Errorf("got %v", err)
	}
	if got := models.Verify(); len(got) != 1 || !strings.Contains(got[0].Reason, "make setup") {
		t.Errorf("got %v", got)
	}
}
