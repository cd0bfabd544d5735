package media

import (
	"context"
	"fmt"

	"dyade/annotate/timecode"
	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
)

// around is how far from the time asked for, in seconds, a picture is taken where
// that which is shown then is damaged.
const around = 5

// Still makes a JPEG of the picture that is shown at a time; nil where the film has
// none that can be had.
func Still(ctx context.Context, src *decode.Source, at timecode.Instant, width int) (still *Thumb, err error) {
	if src.Index() == nil {
		return nil, ctx.Err()
	}
	o := decode.Options{Width: width, Quality: decode.Fast}
	for _, c := range plan.At(src.Index(), at) {
		_, err = src.Frames(ctx, c, o, func(f decode.Frame) error {
			jpeg, err := encode(f)
			still = &Thumb{f.At, f.Width, f.Height, jpeg}
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("make a still: %w", err)
	}
	if still != nil {
		return still, nil
	}
	s := at.Seconds()
	list, err := Thumbs(ctx, src, []timecode.Span{{
		Start: timecode.At(max(0, s-around), timecode.Millisecond), End: timecode.At(s+around, timecode.Millisecond),
	}}, width, 1)
	if err != nil {
		return nil, err
	}
	return list[0], nil
}
