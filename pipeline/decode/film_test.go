package decode_test

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"dyade/annotate/timecode"
	"dyade/internal/testenv"
	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
)

// films of these tests.
var films = &testenv.Films{
	Recipes: recipes, Texts: map[string]string{"words.srt": "1\n00:00:01,000 --> 00:00:02,000\nbonjour\n"},
}

// TestMain is not testenv.Main: these tests need no models, and some run this program
// where there is no checkout.
func TestMain(m *testing.M) {
	code := m.Run()
	for _, left := range []string{decode.Live(), films.Remove()} {
		if left != "" {
			fmt.Fprintln(os.Stderr, "left open:", left)
			code = 1
		}
	}
	os.Exit(code)
}

const (
	picture = "-f lavfi -i testsrc2=s=320x180:r=30:d=6 "
	sound   = "-f lavfi -i sine=d=6 "
	x264    = "-c:v libx264 -preset veryfast "
)

// recipes make each film.
var recipes = map[string]string{
	"ponly.mp4":    picture + sound + x264 + "-bf 0 -g 30 -c:a aac",
	"bframes.mp4":  picture + sound + x264 + "-bf 3 -g 30 -x264-params scenecut=0 -c:a aac",
	"opengop.mp4":  picture + sound + x264 + "-bf 3 -g 30 -x264-params open-gop=1:scenecut=0 -c:a aac",
	"longgop.mp4":  "-f lavfi -i testsrc2=s=320x180:r=30:d=24 " + x264 + "-g 300 -x264-params scenecut=0",
	"refresh.mp4":  picture + sound + x264 + "-bf 0 -g 30 -x264-params intra-refresh=1:scenecut=0 -c:a aac",
	"refresh.ts":   "-i @refresh.mp4 -c copy",
	"hevc.mp4":     picture + sound + "-c:v libx265 -preset ultrafast -x265-params keyint=30:bframes=3:log-level=none -tag:v hvc1 -c:a aac",
	"hevc10.mkv":   picture + sound + "-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params keyint=30:log-level=none -c:a aac",
	"vfr.mp4":      picture + sound + "-vf setpts=(N+mod(N\\,3)*0.4)/30/TB -vsync vfr -video_track_timescale 90000 " + x264 + "-g 30 -c:a aac",
	"rotated.mp4":  "-i @bframes.mp4 -c copy -metadata:s:v rotate=90",
	"editlist.mp4": "-ss 1.37 -i @bframes.mp4 -c copy",
	"offset.mp4":   "-itsoffset 0.5 -i @bframes.mp4 -i @bframes.mp4 -map 0:v -map 1:a -c copy",
	"late.mp4":     "-itsoffset 0.5 -i @bframes.mp4 -c copy -copyts",
	"frag.mp4":     "-i @bframes.mp4 -c copy -movflags frag_keyframe+empty_moov",
	"ts.ts":        "-i @bframes.mp4 -c copy",
	"avi.avi":      "-i @bframes.mp4 -c copy",
	"mkv.mkv":      "-i @bframes.mp4 -c copy",
	"hevc.ts":      "-i @hevc.mp4 -c copy",
	"hevc.mkv":     "-i @hevc.mp4 -c copy",
	"vfr.mkv":      "-i @vfr.mp4 -c copy",
	"vfr.ts":       "-i @vfr.mp4 -c copy",
	"editlist.mov": "-ss 2.41 -i @opengop.mp4 -c copy",
	"fields.mp4":   "-f lavfi -i testsrc2=s=320x192:r=30:d=6 -flags +ildct+ilme " + x264 + "-bf 2 -g 30 -x264-params interlaced=1:tff=1",
	"fields.ts":    "-i @fields.mp4 -c copy",
	"opengop.ts":   "-i @opengop.mp4 -c copy",
	"opengop.mkv":  "-i @opengop.mp4 -c copy",
	"vp8.webm":     picture + sound + "-c:v libvpx -deadline realtime -auto-alt-ref 1 -lag-in-frames 10 -g 30 -c:a libopus",
	"vp9.webm":     picture + sound + "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 30 -c:a libopus",
	"bpict.avi":    picture + sound + "-c:v mpeg4 -bf 2 -g 30 -c:a libmp3lame",
	"mpeg2.mpg":    picture + sound + "-c:v mpeg2video -bf 2 -g 15 -c:a mp2",
	"mpeg2.ts":     picture + sound + "-c:v mpeg2video -bf 2 -g 15 -c:a mp2",
	"bare.h264":    "-i @bframes.mp4 -c copy -an",
	"bare.hevc":    "-i @hevc.mp4 -c copy -an",
	"flv.flv":      picture + sound + x264 + "-g 30 -c:a libmp3lame -ar 44100",
	"asf.wmv":      picture + sound + "-c:v wmv2 -c:a wmav2",
	"mjpeg.avi":    picture + sound + "-c:v mjpeg -c:a pcm_s16le",
	"theora.ogv":   picture + sound + "-c:v libtheora -c:a libvorbis",
	"loop.gif":     "-f lavfi -i testsrc2=s=160x90:r=10:d=3",
	"sound.m4a":    sound + "-c:a aac",
	"sound.wav":    sound + "-c:a pcm_s16le",
	"sound.mp3":    sound + "-c:a libmp3lame",
	"sound.ogg":    sound + "-c:a libvorbis",
	"sound.flac":   sound + "-c:a flac",
	"silent.mp4":   "-i @bframes.mp4 -c copy -an",
	"cover.m4a":    "-i @sound.m4a -i @cover.png -map 0:a -map 1:v -c copy -disposition:v attached_pic",
	"cover.png":    "-f lavfi -i testsrc2=s=320x180:r=1:d=1 -frames:v 1",
	"cover.jpg":    "-f lavfi -i testsrc2=s=320x180:r=1:d=1 -frames:v 1",
	"subtitles.mkv": "-i @bframes.mp4 -i @words.srt -i @cover.png -map 0 -map 1 -map 2 -c copy -c:s srt " +
		"-disposition:v:1 attached_pic",
	"big.mp4": "-f lavfi -i testsrc2=s=1920x1080:r=30:d=10 -vf noise=alls=20:allf=t " + x264 +
		"-b:v 16M -maxrate 18M -bufsize 16M -bf 0 -g 30 -keyint_min 30 -x264-params scenecut=0",
	"two.mp4":    "-f lavfi -i testsrc2=s=160x90:r=30:d=2 -i @bframes.mp4 -map 0:v -map 1:v -map 1:a -c:v libx264 -c:a copy",
	"wide.mp4":   "-f lavfi -i testsrc2=s=320x180:r=30:d=1 -vf setsar=4/3 " + x264,
	"prores.mov": "-f lavfi -i testsrc2=s=320x180:r=30:d=1 -c:v prores",
}

// filmBy makes a film of a test's own recipe.
func filmBy(tb testing.TB, name, recipe string) string {
	tb.Helper()
	return films.By(tb, name, recipe)
}

// film gives the path of a film, made when first asked for.
func film(tb testing.TB, name string) string {
	tb.Helper()
	return films.Film(tb, name)
}

// probeTimes are the times of a stream's frames as ffprobe counts them, in the
// stream's ticks; none where it knows none.
func probeTimes(tb testing.TB, path string, stream int) []int64 {
	tb.Helper()
	out, err := exec.Command("ffprobe", "-v", "quiet", "-threads", "1", "-select_streams", strconv.Itoa(stream),
		"-show_entries", "frame=best_effort_timestamp", "-of", "csv=p=0", path).Output()
	if err != nil {
		tb.Fatalf("probing %s: %v", path, err)
	}
	var times []int64
	for _, line := range strings.Fields(string(out)) {
		line, _, _ = strings.Cut(line, ",")
		if n, err := strconv.ParseInt(line, 10, 64); err == nil {
			times = append(times, n)
		}
	}
	slices.Sort(times)
	return slices.Compact(times)
}

func open(tb testing.TB, path string) *decode.Source {
	tb.Helper()
	s, err := decode.Open(context.Background(), path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return s
}

// concealed ends the line of a picture that is in part guessed.
const concealed = " concealed"

// goldenLines decodes chunks on n goroutines and writes a line per picture:
// time, size, checksum.
func goldenLines(tb testing.TB, s *decode.Source, chunks []plan.Chunk, o decode.Options, n int) (lines []string, lost []timecode.Instant) {
	tb.Helper()
	type result struct {
		lines []string
		lost  []timecode.Instant
		err   error
	}
	results := make([]result, len(chunks))
	var wg sync.WaitGroup
	todo := make(chan int)
	for range n {
		wg.Go(func() {
			for i := range todo {
				r := &results[i]
				r.lost, r.err = s.Frames(context.Background(), chunks[i], o, func(f decode.Frame) error {
					line := fmt.Sprintf("%d %dx%d %08x", f.At.Ticks, f.Width, f.Height, crc32.ChecksumIEEE(f.Pix))
					if f.Concealed {
						line += concealed
					}
					r.lines = append(r.lines, line)
					return nil
				})
			}
		})
	}
	for i := range chunks {
		todo <- i
	}
	close(todo)
	wg.Wait()
	for _, r := range results {
		if r.err != nil {
			tb.Error(r.err)
		}
		lines, lost = append(lines, r.lines...), append(lost, r.lost...)
	}
	return lines, lost
}

// hear reads all the sound.
func hear(tb testing.TB, s *decode.Source) []float32 {
	tb.Helper()
	a, err := s.Audio(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	defer a.Close()
	return read(tb, a)
}

// read reads a reader's to the end.
func read(tb testing.TB, a *decode.AudioReader) []float32 {
	tb.Helper()
	var all []float32
	buf := make([]float32, 4000)
	for {
		n, err := a.Next(context.Background(), buf)
		all = append(all, buf[:n]...)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}
