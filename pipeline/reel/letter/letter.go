// Package letter draws words: lines broken where they fit, as large as there is room for.
// Pure Go.
package letter

import (
	"fmt"
	"image"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// Layout is where words are to go.
type Layout struct {
	Width, Height int     // of the room, pixels
	Size          float64 // of letters, pixels; smaller where there are too many
}

// lineHeight is how far lines are apart, in sizes of letters.
const lineHeight = 1.35

// Letters are not made smaller than leastSize: what does not fit then is left out. More
// than mostLetters nobody reads.
const (
	leastSize   = 9
	mostLetters = 1000
)

// Block is words as they fit: lines below each other, each in the middle, in a mask as
// wide as the room and as high as they are.
func Block(text string, l Layout) (*image.Alpha, error) {
	f, err := goRegular()
	if err != nil {
		return nil, fmt.Errorf("read the font: %w", err)
	}
	if letters := []rune(text); len(letters) > mostLetters {
		text = string(letters[:mostLetters])
	}
	text = known(f, norm.NFC.String(text))
	for size := l.Size; ; size *= 0.9 {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72})
		if err != nil {
			return nil, fmt.Errorf("size the font: %w", err)
		}
		lines, step := wrap(face, text, fixed.I(l.Width)), int(size*lineHeight)
		if len(lines)*step > l.Height {
			if size*0.9 >= leastSize {
				continue
			}
			lines = lines[:min(len(lines), max(1, l.Height/step))]
		}
		return draw(face, lines, l.Width, step), nil
	}
}

var goRegular = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(goregular.TTF) })

// Legible tells whether words can be read where they are drawn: the font has all their
// letters and digits, though it may leave out marks above or below them, and signs.
func Legible(text string) bool {
	f, err := goRegular()
	if err != nil {
		return true // Block tells
	}
	var b sfnt.Buffer
	signs := false
	for _, r := range norm.NFC.String(text) {
		if (unicode.IsLetter(r) || unicode.IsNumber(r)) && nearest(f, &b, r) < 0 {
			return false
		}
		signs = signs || unicode.IsSymbol(r)
	}
	return !signs || strings.TrimSpace(known(f, text)) != ""
}

// known is a text without what the font has no letters for.
func known(f *opentype.Font, text string) string {
	var b sfnt.Buffer
	return strings.Map(func(r rune) rune {
		switch r {
		case '\n':
			return r
		case '\t', '\r', '\u00a0', '\u202f':
			return ' '
		}
		return nearest(f, &b, r)
	}, text)
}

// nearest is a letter, or the one with the most of its marks that the font has; -1: none.
func nearest(f *opentype.Font, b *sfnt.Buffer, r rune) rune {
	apart := []rune(norm.NFD.String(string(r)))
	for n := len(apart); n > 0; n-- {
		letter := []rune(norm.NFC.String(string(apart[:n])))
		if g, err := f.GlyphIndex(b, letter[0]); len(letter) == 1 && err == nil && g != 0 {
			return letter[0]
		}
	}
	return -1
}

// wrap breaks lines between words, and words that are too long within.
func wrap(face font.Face, text string, width fixed.Int26_6) (lines []string) {
	space := font.MeasureString(face, " ")
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n") {
		line, long := "", fixed.Int26_6(0)
		for _, word := range strings.Fields(paragraph) {
			more := font.MeasureString(face, word)
			if line != "" && long+space+more <= width {
				line, long = line+" "+word, long+space+more
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			for more > width {
				n := fits(face, word, width)
				lines, word = append(lines, word[:n]), word[n:]
				more = font.MeasureString(face, word)
			}
			line, long = word, more
		}
		lines = append(lines, line)
	}
	return lines
}

// fits is how many bytes of a word do: one letter at least.
func fits(face font.Face, word string, width fixed.Int26_6) int {
	long := fixed.Int26_6(0)
	for i, r := range word {
		advance, _ := face.GlyphAdvance(r)
		if long += advance; i > 0 && long > width {
			return i
		}
	}
	return len(word)
}

func draw(face font.Face, lines []string, width, step int) *image.Alpha {
	mask := image.NewAlpha(image.Rect(0, 0, width, len(lines)*step))
	m := face.Metrics()
	above := (fixed.I(step) - m.Ascent - m.Descent) / 2
	for i, line := range lines {
		d := font.Drawer{Dst: mask, Src: image.Opaque, Face: face}
		d.Dot = fixed.Point26_6{X: (fixed.I(width) - d.MeasureString(line)) / 2, Y: fixed.I(i*step) + above + m.Ascent}
		d.DrawString(line)
	}
	return mask
}
