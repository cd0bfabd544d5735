// Package media makes small things to look at from a recording.
package media

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"

	"dyade/annotate/timecode"
	"dyade/internal/ordered"
	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
)

// Thumb is a small JPEG of one picture.
type Thumb struct {
	At            timecode.Instant // the picture's own time
	Width, Height int
	JPEG          []byte
}

// quality of JPEGs, 0 to 100: at this one faces stay recognisable at 320 pixels.
const quality = 78

// Thumbs makes one thumbnail of each span, from the picture in it that is
// cheapest to reach; nil where none could be had. Several spans may share one.
func Thumbs(ctx context.Context, src *decode.Source, spans []timecode.Span, width, workers int) ([]*Thumb, error) {
	chunks, times := plan.Near(src.Index(), spans)
	made := map[timecode.Instant]*Thumb{}
	err := ordered.Do(ctx, len(chunks), workers,
		func(ctx context.Context, i int) (list []*Thumb, err error) {
			_, err = src.Frames(ctx, chunks[i], decode.Options{Width: width, Quality: decode.Fast}, func(f decode.Frame) error {
				jpeg, err := encode(f)
				list = append(list, &Thumb{f.At, f.Width, f.Height, jpeg})
				return err
			})
			return list, err
		},
		func(_ int, list []*Thumb) error {
			for _, t := range list {
				made[t.At] = t
			}
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("make thumbnails: %w", err)
	}
	list := make([]*Thumb, len(spans))
	for i, at := range times {
		list[i] = made[at]
	}
	return list, nil
}

func encode(f decode.Frame) ([]byte, error) {
	m := image.NewRGBA(image.Rect(0, 0, f.Width, f.Height))
	for i, o := 0, 0; i < len(f.Pix); i, o = i+3, o+4 {
		m.Pix[o], m.Pix[o+1], m.Pix[o+2], m.Pix[o+3] = f.Pix[i+2], f.Pix[i+1], f.Pix[i], 255
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		return nil, fmt.Errorf("encode the picture at %s: %w", f.At.Format(), err)
	}
	return b.Bytes(), nil
}
