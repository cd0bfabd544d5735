package letter_test

import (
	"bytes"
	"image"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"dyade/pipeline/reel/letter"
)

func block(t *testing.T, text string, l letter.Layout) *image.Alpha {
	t.Helper()
	mask, err := letter.Block(text, l)
	if err != nil {
		t.Fatal(err)
	}
	if w, h := mask.Rect.Dx(), mask.Rect.Dy(); w != l.Width || h > l.Height && h > int(l.Size*2) {
		t.Errorf("%.20q is %d×%d in %d×%d", text, w, h, l.Width, l.Height)
	}
	return mask
}

// inked tells how many pixels are drawn on, and how far from the left edge the first and
// the last are.
func inked(m *image.Alpha) (n, left, right int) {
	left = m.Rect.Dx()
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			if m.AlphaAt(x, y).A > 64 {
				n, left, right = n+1, min(left, x), max(right, x)
			}
		}
	}
	return n, left, right
}

var room = letter.Layout{Width: 400, Height: 200, Size: 30}

func TestWordsAreInTheMiddleAndBrokenIntoLines(t *testing.T) {
	one := block(t, "Où ça ?", room)
	n, left, right := inked(one)
	if n < 300 || left < 100 || right > 300 || left-(400-right) > 6 || (400-right)-left > 6 {
		t.Errorf("%d pixels from %d to %d", n, left, right)
	}
	long := block(t, "Que voyez-vous quand il vous tend l’éléphant de l’autre côté ?", room)
	if long.Rect.Dy() < 2*one.Rect.Dy() {
		t.Errorf("a long text is %d high, a short one %d", long.Rect.Dy(), one.Rect.Dy())
	}
	if _, left, right := inked(long); left == 0 || right == 399 {
		t.Errorf("a line goes from %d to %d", left, right)
	}
	if two := block(t, "Où\nça ?", room); two.Rect.Dy() != 2*one.Rect.Dy() {
		t.Errorf("two lines are %d high, one %d", two.Rect.Dy(), one.Rect.Dy())
	}
}

func TestWhatDoesNotFitIsSmallerOrLeftOut(t *testing.T) {
	small := block(t, strings.Repeat("beaucoup de mots ", 20), room)
	if n, _, _ := inked(small); n < 1000 {
		t.Errorf("%d pixels", n)
	}
	for name, text := range map[string]string{
		"very much": strings.Repeat("beaucoup de mots ", 500), "one word": strings.Repeat("anticonstitutionnellement", 200),
		"nothing": "", "spaces": " \n\n ", "no letters": "🐘\x00\u202e",
	} {
		if n, _, _ := inked(block(t, text, room)); n == 0 && len(text) > 20 {
			t.Errorf("%s: nothing is drawn", name)
		}
		block(t, text, letter.Layout{Width: 3, Height: 3, Size: 12})
	}
}

// TestLettersAreTheSameHoweverTheyAreWritten: with their accents in one or apart.
func TestLettersAreTheSameHoweverTheyAreWritten(t *testing.T) {
	const text = "À l’été, où ça ? Noël, œuf, naïve"
	one, other := block(t, text, room), block(t, norm.NFD.String(text), room)
	if !bytes.Equal(one.Pix, other.Pix) {
		t.Error("accents apart are drawn otherwise")
	}
	plain := block(t, "A l’ete, ou ca ? Noel, œuf, naive", room)
	if a, _, _ := inked(one); a <= len(plain.Pix)/1000 || bytes.Equal(one.Pix, plain.Pix) {
		t.Error("there are no accents")
	}
	if with, without := block(t, "oui 🐘", room), block(t, "oui", room); !bytes.Equal(with.Pix, without.Pix) {
		t.Error("what the font has no letters for leaves a trace")
	}
}

// TestLegible: words are drawn or said not to be, never left out in silence.
func TestLegible(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, " \n": true, "Où ça ? 2 × 3 = 6": true, "Ωραία": true, "Хорошо": true, "Bravo 🎉": true, "Nguyễn Thị Lệ": true,
		"مرحبا": false, "ᐊᐃ": false, "好": false, "Bonjour, مرحبا": false, "٣": false, "🎉": false,
	} {
		if got := letter.Legible(text); got != want {
			t.Errorf("%q is legible: %v", text, got)
		}
	}
	if with, without := block(t, "Nguyễn", room), block(t, "Nguyên", room); !bytes.Equal(with.Pix, without.Pix) {
		t.Error("a letter of two marks is not drawn with the one that the font has")
	}
}
