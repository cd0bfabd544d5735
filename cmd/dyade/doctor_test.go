package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dyade/internal/i18n"
)

// In a source checkout the doctor names what the sample and the tests lack;
// elsewhere it does not look for it.
func TestDoctorKnowsACheckout(t *testing.T) {
	root := t.TempDir()
	share := filepath.Join(root, "share", "dyade")
	if err := os.MkdirAll(share, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DYADE_SHARE", share)
	if _, ok := checkout(); ok {
		t.Error("a checkout without go.mod")
	}
	if err := os.WriteFile(filepath.Join(root, "go.mod"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	found, ok := checkout()
	if !ok || found != root {
		t.Fatalf("%q, %v", found, ok)
	}
	t.Setenv("DYADE_SHARE", filepath.Join(root, "share"))
	if _, ok := checkout(); ok {
		t.Error("a checkout whose models lie elsewhere")
	}

	wav := filepath.Join(root, "share", "sample", "pyannote", "sample.wav")
	if err := os.MkdirAll(filepath.Dir(wav), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(wav, []byte("changed"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", root)
	var out bytes.Buffer
	bad := reportForTests(&terminal{out: &out, lang: i18n.English}, root)
	for _, want := range []string{"faulty     conversation: it is not what", "missing    pyarrow: run `make setup`", "missing    ffmpeg: run `make setup`"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in %s", want, out.String())
		}
	}
	if lines := strings.Count(out.String(), "make setup"); lines != bad || bad < 10 {
		t.Errorf("%d counted, %d said", bad, lines)
	}
}
