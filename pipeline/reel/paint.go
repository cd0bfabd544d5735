package reel

import (
	"fmt"
	"image"

	"dyade/pipeline/decode"
	"dyade/pipeline/reel/letter"
)

// painter makes the reel's pictures: planes of brightness and both colour differences,
// these half as wide and high.
type painter struct {
	width, height int
	black, white  float64 // brightness
	canvas        []byte  // a picture that does not fill the reel's
	dimmed        []byte
	caption       *image.Alpha
	worded        string // what it says
	shade         [256]byte
}

// How words look: light grey on dark grey, and captions on what is left of the picture
// behind them.
const (
	dark     = 0.09
	light    = 0.93
	shadeBy  = 0.72     // of what is behind a caption, is taken away
	cardSize = 1.0 / 11 // of letters, to the shorter side
	noteSize = 1.0 / 19
	cardRoom = 0.8 // of the width and height
	noteRoom = 0.9
	noteHigh = 0.4
)

func newPainter(p *plan) *painter {
	b := &painter{width: p.width, height: p.height, black: 16, white: 235}
	if p.colours.Full {
		b.black, b.white = 0, 255
	}
	for i := range b.shade {
		b.shade[i] = byte(float64(i)*(1-shadeBy) + b.grey(dark)*shadeBy)
	}
	return b
}

// grey is the brightness of a share of white.
func (b *painter) grey(share float64) float64 { return b.black + share*(b.white-b.black) }

const noColour = 128

// plain is a picture of one grey.
func (b *painter) plain(share float64) []byte {
	n := b.width * b.height
	planes := make([]byte, n*3/2)
	for i := range planes {
		planes[i] = noColour
		if i < n {
			planes[i] = byte(b.grey(share))
		}
	}
	return planes
}

// card is a picture of words.
func (b *painter) card(text string) ([]byte, error) {
	planes := b.plain(dark)
	wide, high := int(cardRoom*float64(b.width)), int(cardRoom*float64(b.height))
	mask, err := letter.Block(text, letter.Layout{Width: wide, Height: high, Size: cardSize * float64(min(b.width, b.height))})
	if err != nil {
		return nil, fmt.Errorf("draw a card: %w", err)
	}
	b.words(planes, mask, (b.width-wide)/2, (b.height-mask.Rect.Dy())/2)
	return planes, nil
}

// words puts light words onto a picture.
func (b *painter) words(planes []byte, mask *image.Alpha, left, top int) {
	white := int(b.grey(light))
	for y := range mask.Rect.Dy() {
		row := planes[(top+y)*b.width+left:]
		for x, a := range mask.Pix[y*mask.Stride:][:mask.Rect.Dx()] {
			if a > 0 {
				row[x] = byte((int(row[x])*(255-int(a)) + white*int(a)) / 255)
			}
		}
	}
}

// note writes a caption onto a picture.
func (b *painter) note(planes []byte, text string) error {
	if b.caption == nil || b.worded != text {
		mask, err := letter.Block(text, letter.Layout{
			Width: int(noteRoom * float64(b.width)), Height: int(noteHigh * float64(b.height)), Size: noteSize * float64(min(b.width, b.height)),
		})
		if err != nil {
			return fmt.Errorf("draw a caption: %w", err)
		}
		b.caption, b.worded = mask, text
	}
	margin := int(noteSize * float64(min(b.width, b.height)) / 2)
	high := min(b.caption.Rect.Dy()+2*margin+1, b.height) &^ 1
	top := b.height - high
	for i, v := range planes[top*b.width : b.width*b.height] {
		planes[top*b.width+i] = b.shade[v]
	}
	quarter := b.width * b.height / 4
	for plane := range 2 {
		start := b.width*b.height + plane*quarter
		behind := planes[start+top/2*(b.width/2) : start+quarter]
		for i, v := range behind {
			behind[i] = byte(noColour + (int(v)-noColour)*(100-int(100*shadeBy))/100)
		}
	}
	b.words(planes, b.caption, (b.width-b.caption.Rect.Dx())/2, top+margin)
	return nil
}

// placed is a picture that fills the reel's, with black beside it where it has another
// shape.
func (b *painter) placed(pic decode.Picture) []byte {
	if pic.Width == b.width && pic.Height == b.height {
		return pic.Planes
	}
	if b.canvas == nil {
		b.canvas = b.plain(0)
	}
	left, top := (b.width-pic.Width)/2&^1, (b.height-pic.Height)/2&^1
	src, dst := pic.Planes, b.canvas
	for plane := range 3 {
		half := min(plane, 1)
		w, h, wide := pic.Width>>half, pic.Height>>half, b.width>>half
		dark := byte(noColour)
		if plane == 0 {
			dark = byte(b.black)
		}
		n := wide * (b.height >> half)
		for i := range dst[:n] {
			dst[i] = dark
		}
		for y := range h {
			copy(dst[(top>>half+y)*wide+left>>half:], src[y*w:(y+1)*w])
		}
		src, dst = src[w*h:], dst[n:]
	}
	return b.canvas
}

// dim is a picture in a share of its light; the picture itself stays as it is.
func (b *painter) dim(planes []byte, share float32) []byte {
	if share >= 1 {
		return planes
	}
	if len(b.dimmed) < len(planes) {
		b.dimmed = make([]byte, len(planes))
	}
	n := b.width * b.height
	for _, half := range []struct {
		from, to int
		dark     float64
	}{{0, n, b.black}, {n, len(planes), noColour}} {
		var table [256]byte
		for i := range table {
			table[i] = byte(half.dark + (float64(i)-half.dark)*float64(share) + 0.5)
		}
		for i, v := range planes[half.from:half.to] {
			b.dimmed[half.from+i] = table[v]
		}
	}
	return b.dimmed
}

// fit is the size, even both ways, at which a film's pictures are in the reel's.
func (p *plan) fit(f *film) (w, h int) {
	v := f.src.Recording().Video
	scale := min(float64(p.width)/float64(v.Width), float64(p.height)/float64(v.Height))
	w, h = int(float64(v.Width)*scale+0.5)&^1, int(float64(v.Height)*scale+0.5)&^1
	if f.width == p.width && f.height == p.height {
		w, h = p.width, p.height
	}
	return max(2, min(w, p.width)), max(2, min(h, p.height))
}
