package moment_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"dyade/internal/scene"
)

var update = flag.Bool("update", false, "write the golden anew")

// The whole of what is proposed for a scripted play, evidence included.
func TestGolden(t *testing.T) {
	const file = "testdata/play.golden.json"
	got, err := json.MarshalIndent(play(scene.Play()), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what is proposed now:\n%s\nif that is right, run: go test ./pipeline/moment -update", file, got)
	}
}
