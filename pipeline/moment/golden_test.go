package moment_test

import (
	"encoding/json"
	"testing"

	"dyade/internal/scene"
	"dyade/internal/testenv"
)

// The whole of what is proposed for a scripted play, evidence included.
func TestGolden(t *testing.T) {
	const file = "testdata/play.golden.json"
	got, err := json.MarshalIndent(play(scene.Play()), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	testenv.Golden(t, file, got)
}
