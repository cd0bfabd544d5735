package decode_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dyade/internal/testenv"
	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
)

const (
	moving  = "-f lavfi -i testsrc2=s=160x90:r=10:d=9 "
	x264all = "-c:v libx264 -preset veryfast -threads 1 -x264-params cpu-independent=1:scenecut=0" // the same on every processor
	x265all = "-c:v libx265 -preset ultrafast -x265-params keyint=10:pools=none:frame-threads=1:log-level=none"
)

// goldens are films that every machine makes alike, bit by bit, and decoders
// that decode them so.
var goldens = []struct{ name, recipe string }{
	{"g-ponly.mp4", moving + x264all + ":keyint=10:bframes=0"},
	{"g-bframes.mp4", moving + x264all + ":keyint=10:bframes=3"},
	{"g-long.mp4", moving + x264all + ":keyint=80:bframes=2"},
	{"g-opengop.ts", moving + x264all + ":keyint=10:bframes=3:open-gop=1"},
	{"g-refresh.mkv", moving + x264all + ":keyint=10:bframes=0:intra-refresh=1"},
	{"g-fields.ts", moving + "-vf scale=160:96 -flags +ildct+ilme " + x264all + ":keyint=10:interlaced=1:tff=1"},
	{"g-ten.mkv", moving + "-pix_fmt yuv422p10le " + x264all + ":keyint=10"},
	{"g-pq.mp4", moving + "-pix_fmt yuv420p10le -colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084 " + x264all + ":keyint=10"},
	{"g-vfr.mp4", moving + "-vf setpts=(N+mod(N\\,3)*0.4)/10/TB -vsync vfr -video_track_timescale 90000 " + x264all + ":keyint=10"},
	{"g-editlist.mp4", "-ss 1.37 -i @g-bframes.mp4 -c copy"},
	{"g-rotated.mp4", "-i @g-bframes.mp4 -c copy -metadata:s:v rotate=90"},
	{"g-avi.avi", "-i @g-bframes.mp4 -c copy"},
	{"g-mkv.mkv", "-i @g-bframes.mp4 -c copy"},
	{"g-hevc.mp4", moving + x265all + ":bframes=3 -tag:v hvc1"},
	{"g-hevc.ts", "-i @g-hevc.mp4 -c copy"},
}

// TestPicturesAreTheGoldenOnes holds each picture's stream, time, size and
// checksum against the golden, decoded by one worker and by three.
func TestPicturesAreTheGoldenOnes(t *testing.T) {
	for _, g := range goldens {
		t.Run(g.name, func(t *testing.T) {
			s := open(t, filmBy(t, g.name, g.recipe))
			var text strings.Builder
			for _, q := range []decode.Quality{decode.Exhaustive, decode.Fast} {
				o := decode.Options{Width: 64, Quality: q}
				lines, lost := goldenLines(t, s, plan.All(s.Index()), o, 1)
				if len(lost) > 0 {
					t.Errorf("%d lost", len(lost))
				}
				if again, _ := goldenLines(t, s, plan.All(s.Index()), o, 3); !slices.Equal(lines, again) {
					t.Error("three workers give other pictures than one")
				}
				if q == decode.Exhaustive {
					for _, l := range lines {
						fmt.Fprintln(&text, s.Recording().Video.Stream, l)
					}
				}
			}
			testenv.Golden(t, filepath.Join("testdata", "pictures", g.name+".txt"), []byte(text.String()))
		})
	}
}
