// Package media makes small things to look at from a recording.
package media

import (
	"context"
	"fmt"

	"gocv.io/x/gocv"

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

// encode copies the picture out of OpenCV's memory as JPEG.
func encode(f decode.Frame) ([]byte, error) {
	m, err := gocv.NewMatFromBytes(f.Height, f.Width, gocv.MatTypeCV8UC3, f.Pix)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	buf, err := gocv.IMEncodeWithParams(gocv.JPEGFileExt, m, []int{gocv.IMWriteJpegQuality, quality})
	if err != nil {
		return nil, fmt.Errorf("encode the picture at %s: %w", f.At.Format(), err)
	}
	defer buf.Close()
	return append([]byte(nil), buf.GetBytes()...), nil
}
