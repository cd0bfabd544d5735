package media_test

import (
	"context"
	"encoding/binary"
	"path/filepath"
	"slices"
	"testing"

	"dyade/annotate/shown"
	"dyade/annotate/timecode"
	"dyade/internal/testenv"
	"dyade/pipeline/decode"
	"dyade/pipeline/media"
)

const (
	picture = "-f lavfi -i testsrc2=s=320x180:r=30:d=3 "
	x264    = "-c:v libx264 -preset veryfast "
)

var films = testenv.Films{Recipes: map[string]string{
	"bframes.mp4":  picture + x264 + "-bf 3 -g 30 -x264-params open-gop=1:scenecut=0",
	"hevc.mp4":     picture + "-c:v libx265 -preset ultrafast -x265-params keyint=30:bframes=3:log-level=none",
	"vfr.mp4":      picture + "-vf setpts=(N+mod(N\\,3)*0.4)/30/TB -vsync vfr -video_track_timescale 90000 " + x264,
	"ntsc.mkv":     "-f lavfi -i testsrc2=s=320x180:r=30000/1001:d=3 " + x264,
	"rotated.mp4":  "-i @bframes.mp4 -c copy -metadata:s:v rotate=90",
	"editlist.mp4": "-ss 0.37 -i @bframes.mp4 -c copy",
	"late.mp4":     "-itsoffset 0.5 -i @bframes.mp4 -c copy -copyts",
	"ts.ts":        "-i @bframes.mp4 -c copy",
	"sound.m4a":    "-f lavfi -i sine=d=1 -c:a aac",
}}

// TestFramesAreThoseThatArePlayed of films whose clocks run in many ways.
func TestFramesAreThoseThatArePlayed(t *testing.T) {
	for name := range films.Recipes {
		src, err := decode.Open(context.Background(), films.Film(t, name))
		if err != nil {
			t.Fatal(err)
		}
		compare(t, name, src)
		src.Close()
	}
}

func TestFramesOfFootage(t *testing.T) {
	list, err := filepath.Glob(testenv.Footage(t, "robust", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, film := range list {
		src, err := decode.Open(context.Background(), film)
		if err != nil {
			continue // it is damaged beyond reading
		}
		compare(t, filepath.Base(film), src)
		src.Close()
	}
}

func compare(t *testing.T, name string, src *decode.Source) {
	t.Helper()
	data := media.Frames(src)
	if data == nil {
		if src.Index() != nil {
			t.Errorf("%s: nothing is told", name)
		}
		return
	}
	told, err := shown.Times(data)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	end := int64(binary.LittleEndian.Uint64(data[24:]))
	if len(told) != src.Recording().Video.Frames || told[len(told)-1].Ticks >= end {
		t.Errorf("%s: %d times, to %d", name, len(told), end)
	}
	last := end // of one whose last pictures are damaged
	err = src.Play(context.Background(), decode.PlayOptions{Side: 64}, func(p decode.Picture) error {
		if _, ok := slices.BinarySearchFunc(told, p.At, timecode.Instant.Compare); !ok || p.At.Base != told[0].Base {
			t.Errorf("%s: %v is not told", name, p.At)
		}
		last = p.Until.Ticks
		return nil
	})
	if err != nil || last != end {
		t.Errorf("%s: it ends at %d, not %d, %v", name, last, end, err)
	}
}
