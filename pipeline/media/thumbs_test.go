package media_test

import (
	"bytes"
	"context"
	"image/jpeg"
	"path/filepath"
	"testing"

	"dyade/annotate/timecode"
	"dyade/internal/testenv"
	"dyade/pipeline/decode"
	"dyade/pipeline/media"
)

func TestMain(m *testing.M) { testenv.Main(m, decode.Live, films.Remove) }

func span(from, to float64) timecode.Span {
	return timecode.Span{Start: timecode.At(from, timecode.Millisecond), End: timecode.At(to, timecode.Millisecond)}
}

func TestThumbsLieInTheirSpans(t *testing.T) {
	ctx := context.Background()
	src, err := decode.Open(ctx, filepath.Join(testenv.Sample(t, 1), "sample.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	spans := []timecode.Span{span(50, 53), span(10, 11.5), span(3, 3.4)}
	thumbs, err := media.Thumbs(ctx, src, spans, 320, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i, thumb := range thumbs {
		if thumb == nil {
			t.Fatalf("no thumbnail of %v", spans[i])
		}
		if at := thumb.At.Seconds(); at < spans[i].Start.Seconds() || at >= spans[i].End.Seconds() {
			t.Errorf("thumbnail at %.2f s for %v", at, spans[i])
		}
		picture, err := jpeg.Decode(bytes.NewReader(thumb.JPEG))
		if err != nil {
			t.Fatal(err)
		}
		if b := picture.Bounds(); b.Dx() != 320 || b.Dy() != 180 || thumb.Width != 320 || thumb.Height != 180 {
			t.Errorf("thumbnail of %v, said to be %d×%d", b, thumb.Width, thumb.Height)
		}
	}
}

func TestNoSpansNoThumbs(t *testing.T) {
	ctx := context.Background()
	src, err := decode.Open(ctx, testenv.Material(t, "pyfeat/single_face.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if thumbs, err := media.Thumbs(ctx, src, nil, 320, 2); err != nil || len(thumbs) != 0 {
		t.Errorf("%d thumbnails, %v", len(thumbs), err)
	}
}
