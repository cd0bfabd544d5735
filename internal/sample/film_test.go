package sample

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"dyade/internal/testenv"
)

// material is the folder of clips.
func material(t *testing.T) string {
	t.Helper()
	testenv.Program(t, "ffmpeg")
	testenv.Program(t, "ffprobe")
	return filepath.Dir(filepath.Dir(testenv.Material(t, filepath.Join("pyannote", "sample.wav"))))
}

func TestAShortFilm(t *testing.T) {
	from := material(t)
	var sums [2][32]byte
	for i := range sums {
		dir := t.TempDir()
		if err := Make(context.Background(), 7, 1.5, from, dir); err != nil {
			t.Fatal(err)
		}
		film, err := os.ReadFile(filepath.Join(dir, "sample.mp4"))
		if err != nil {
			t.Fatal(err)
		}
		sums[i] = sha256.Sum256(film)
		if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 7 {
			t.Errorf("%d files in the folder: %v", len(files), files)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, ".part-*")); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
		if i == 0 {
			probe(t, filepath.Join(dir, "sample.mp4"))
		}
	}
	if sums[0] != sums[1] {
		t.Error("two films of one seed differ")
	}
}

// probe checks the film's form with an independent reader.
func probe(t *testing.T, path string) {
	t.Helper()
	out, err := exec.Command("ffprobe", "-v", "error", "-count_packets", "-show_entries",
		"stream=codec_name,width,height,sample_rate,avg_frame_rate,nb_read_packets,start_time", "-of", "compact=p=0:nk=0", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"codec_name=h264", "width=1920", "height=1080", "avg_frame_rate=30/1", "nb_read_packets=45",
		"codec_name=aac", "sample_rate=48000", "start_time=0.000000"} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("ffprobe does not say %s: %s", want, out)
		}
	}
}

func TestMaterialThatIsMissing(t *testing.T) {
	if err := Make(context.Background(), 1, 1, t.TempDir(), t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
}

func TestACancelledFilmLeavesNothing(t *testing.T) {
	from := material(t)
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Make(ctx, 1, 1, from, dir); err == nil {
		t.Error("no error")
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
