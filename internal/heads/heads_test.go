package heads_test

import (
	"image/color"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dyade/internal/heads"
	"dyade/internal/testenv"
)

func TestSheet(t *testing.T) {
	film := filepath.Join(t.TempDir(), "short.mp4")
	cut := exec.Command("ffmpeg", "-v", "error", "-ss", "20", "-t", "8", "-i", filepath.Join(testenv.Sample(t, 1), "sample.mp4"), "-c", "copy", film)
	if out, err := cut.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	sheet, err := heads.Sheet(t.Context(), []string{film, film}, 2)
	if err != nil {
		t.Fatal(err)
	}
	// Each film has a row, with the same heads in it, and the line that each has.
	size := sheet.Bounds()
	half := size.Dy() / 2
	red, other := 0, 0
	for y := range half {
		for x := range size.Dx() {
			a, b := sheet.At(x, y), sheet.At(x, y+half)
			if a != b {
				t.Fatalf("the rows of one film differ at %d, %d", x, y)
			}
			switch a.(color.RGBA) {
			case color.RGBA{R: 230, G: 40, B: 40, A: 255}:
				red++
			case color.RGBA{R: 255, G: 255, B: 255, A: 255}:
			default:
				other++
			}
		}
	}
	if red < 100 || other < 144*144 {
		t.Errorf("%d pixels of lines, %d of pictures", red, other)
	}
}

func TestSheetOfWhatIsNoFilm(t *testing.T) {
	if _, err := heads.Sheet(t.Context(), []string{"heads_test.go"}, 1); err == nil || !strings.Contains(err.Error(), "heads_test.go") {
		t.Errorf("got %v", err)
	}
}
