package eval_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"dyade/internal/testenv"
	"dyade/pipeline/eval"
	"dyade/pipeline/eval/tally"
)

// seeds of the sample that shortcuts are measured on: one with the other tests, as many
// as DYADE_THOROUGH says elsewhere (make thorough).
func seeds(t *testing.T) int {
	t.Helper()
	said := os.Getenv("DYADE_THOROUGH")
	if said == "" {
		return 1
	}
	n, err := strconv.Atoi(said)
	if err != nil || n < 1 {
		t.Fatalf("DYADE_THOROUGH is %q, and is to be a number of samples", said)
	}
	return n
}

// What the shortcuts of an analysis cost in faces and in moments, on the sample.
func TestShortcutsKeepFacesAndMoments(t *testing.T) {
	var faces, moments tally.Measure
	for seed := 1; seed <= seeds(t); seed++ {
		measureShortcuts(t, filepath.Join(testenv.Sample(t, seed), "sample.mp4"), &faces, &moments)
	}
	if faces.Truth < 300*seeds(t) {
		t.Errorf("only %d faces of 16 to 64 pixels to keep", faces.Truth)
	}
	check(t, faces, moments)
}

// The same on real play.
func TestFootageShortcuts(t *testing.T) {
	films, err := filepath.Glob(testenv.Footage(t, "play", "*"))
	if err != nil || len(films) == 0 {
		t.Fatalf("%d films, %v", len(films), err)
	}
	var faces, moments tally.Measure
	for _, film := range films {
		measureShortcuts(t, film, &faces, &moments)
	}
	check(t, faces, moments)
}

// Faces small and smaller in the picture: the sample seen from farther away.
func TestShortcutsKeepSmallFaces(t *testing.T) {
	sample := filepath.Join(testenv.Sample(t, 1), "sample.mp4")
	var faces, moments tally.Measure
	for _, share := range []float64{0.35, 0.6} {
		film := filepath.Join(t.TempDir(), "far.mp4")
		filter := fmt.Sprintf("scale=trunc(iw*%g/2)*2:-2,pad=1920:1080:(ow-iw)/2:(oh-ih)/2:gray,noise=alls=4:allf=t", share)
		cmd := exec.Command("ffmpeg", "-v", "error", "-y", "-ss", "30", "-t", "20", "-i", sample, "-an", "-vf", filter,
			"-c:v", "libx264", "-preset", "superfast", "-bf", "0", "-g", "30", "-sc_threshold", "0", "-b:v", "8M", film)
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, msg)
		}
		measureShortcuts(t, film, &faces, &moments)
	}
	if faces.Truth < 80 || faces.Recall < 0.99 {
		t.Errorf("%d of %d faces kept, %.4f", faces.Hits, faces.Truth, faces.Recall)
	}
}

func measureShortcuts(t *testing.T, film string, faces, moments *tally.Measure) {
	t.Helper()
	kept, err := eval.Shortcuts(context.Background(), film, runtime.GOMAXPROCS(0), false)
	if err != nil {
		t.Fatal(err)
	}
	f, m := kept[0].Measure(), kept[1].Measure()
	t.Logf("%s: %d of %d faces of 16 to 64 pixels; moments: %d true, %d found, %d the same",
		filepath.Base(filepath.Dir(film)), f.Hits, f.Truth, m.Truth, m.Found, m.Hits)
	add(faces, f)
	add(moments, m)
}

// add adds up counts, and the shares that come of them.
func add(sum *tally.Measure, m tally.Measure) {
	sum.Truth, sum.Found, sum.Hits = sum.Truth+m.Truth, sum.Found+m.Found, sum.Hits+m.Hits
	sum.Recall = float64(sum.Hits) / float64(max(1, sum.Truth))
	sum.F1 = 2 * float64(sum.Hits) / float64(max(1, sum.Truth+sum.Found))
}

func check(t *testing.T, faces, moments tally.Measure) {
	t.Helper()
	t.Logf("in all: %.4f of the faces, F1 of moments %.3f", faces.Recall, moments.F1)
	if faces.Truth > 0 && faces.Recall < 0.99 {
		t.Errorf("%d of %d faces kept", faces.Hits, faces.Truth)
	}
	if moments.Truth == 0 || moments.F1 < 0.95 {
		t.Errorf("moments: %+v, want F1 of 0.95", moments)
	}
}
