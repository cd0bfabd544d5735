package decode_test

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dyade/internal/testenv"
	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
)

// filmed lists the recipes that have pictures.
func filmed() []string {
	var names []string
	for name := range recipes {
		if !strings.HasPrefix(name, "sound.") && !strings.HasPrefix(name, "cover.") && name != "big.mp4" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func ticksOf(tb testing.TB, lines []string) []int64 {
	tb.Helper()
	var times []int64
	for _, l := range lines {
		n, err := strconv.ParseInt(l[:strings.IndexByte(l, ' ')], 10, 64)
		if err != nil {
			tb.Fatal(err)
		}
		times = append(times, n)
	}
	return times
}

// checkFilm decodes a film in all ways and holds it against ffprobe and itself.
func checkFilm(t *testing.T, path string) {
	damaged := filepath.Base(path) == "decord_corrupted.mp4" // what is concealed depends on the pictures left out before
	s := open(t, path)
	ix := s.Index()
	want := probeTimes(t, path, s.Recording().Video.Stream)
	all, lost := goldenLines(t, s, plan.All(ix), decode.Options{Width: 160}, 1)
	times := ticksOf(t, all)
	for i := range times {
		times[i] += ix.Origin
	}
	if untimed := len(times) - len(want); untimed > 0 && untimed <= 2 && len(want) > 0 && len(lost) <= 1 {
		// Where the container gives no presentation times ffprobe knows none for
		// the last pictures: they follow on at the step before.
		for range untimed {
			want = append(want, 2*want[len(want)-1]-want[len(want)-2])
		}
	}
	if len(want) > 0 && !slices.Equal(times, want) {
		t.Errorf("times\n got %d %v\nwant %d %v", len(times), times, len(want), want)
	}
	if len(times)+len(lost) != len(ix.Shown()) {
		t.Errorf("%d given and %d lost of %d", len(times), len(lost), len(ix.Shown()))
	}
	if len(lost) > 0 {
		t.Logf("%d lost: first at %v", len(lost), lost[0].Seconds())
	}
	again, _ := goldenLines(t, s, plan.All(ix), decode.Options{Width: 160}, 3)
	if !slices.Equal(all, again) {
		t.Error("3 goroutines give other pictures than one")
	}
	among := all
	if damaged || len(lost) > 0 {
		among = nil
	}
	for following := range 3 {
		checkPlan(t, s, plan.Keys(ix, following), among, false)
	}
	checkPlan(t, s, plan.Even(ix, 5), among, false)
	for _, gap := range []float64{0.1, 0.34, 1.5} {
		checkPlan(t, s, plan.Sample(ix, gap), among, true)
	}
}

// checkPlan decodes what a plan wants: each picture is given at its time, or told
// to be lost, and is the one that is among all unless that is nil: then, the film
// is damaged, and a tenth may be lost. Concealed pictures are held against all
// only where guessed is set: what is guessed depends on the pictures left out before.
func checkPlan(t *testing.T, s *decode.Source, chunks []plan.Chunk, all []string, guessed bool) {
	t.Helper()
	lines, lost := goldenLines(t, s, chunks, decode.Options{Width: 160}, 2)
	var want, missing []int64
	for _, at := range s.Index().Times(chunks) {
		want = append(want, at.Ticks)
	}
	for _, at := range lost {
		missing = append(missing, at.Ticks)
	}
	want = slices.DeleteFunc(want, func(at int64) bool { return slices.Contains(missing, at) })
	if got := ticksOf(t, lines); !slices.Equal(got, want) || len(missing) > len(want)/10 || all != nil && len(missing) > 0 {
		t.Errorf("planned %v, lost %v, given %v", want, missing, got)
	}
	for _, l := range lines {
		if all != nil && (guessed || !strings.HasSuffix(l, concealed)) && !slices.Contains(all, l) {
			t.Errorf("%s is not among all pictures", l)
			break
		}
	}
}

func TestFilms(t *testing.T) {
	for _, name := range filmed() {
		t.Run(name, func(t *testing.T) {
			checkFilm(t, film(t, name))
		})
	}
}

func TestRealFilms(t *testing.T) {
	dir := testenv.Footage(t)
	refused := map[string]bool{"mp4parse_chunk_out_of_range.mp4": true, "mp4parse_zero_empty_stsc.mp4": true}
	paths, err := filepath.Glob(filepath.Join(dir, "[pr]*", "*.*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no films in %s: %v", dir, err)
	}
	for _, path := range paths {
		if name := filepath.Base(path); !refused[name] {
			t.Run(name, func(t *testing.T) { checkFilm(t, path) })
		}
	}
}

// TestFramesAreThePictures holds the pictures themselves against the ffmpeg
// program's, one by one.
func TestFramesAreThePictures(t *testing.T) {
	for _, name := range []string{"bframes.mp4", "opengop.ts", "hevc10.mkv", "vfr.mp4", "avi.avi", "editlist.mp4", "rotated.mp4", "mpeg2.ts", "vp9.webm"} {
		t.Run(name, func(t *testing.T) {
			path := film(t, name)
			s := open(t, path)
			w, h, limit := 160, 90, 2.0
			if s.Recording().Video.Rotation%180 != 0 {
				w, h, limit = 90, 160, 8 // ffmpeg turns before it scales
			}
			want, err := exec.Command("ffmpeg", "-v", "error", "-nostdin", "-i", path, "-map", "0:v:0", "-vsync", "passthrough",
				"-vf", fmt.Sprintf("scale=%d:%d:flags=bilinear", w, h), "-f", "rawvideo", "-pix_fmt", "bgr24", "-").Output()
			if err != nil {
				t.Fatal(err)
			}
			if got := len(want) / (w * h * 3); got != s.Recording().Video.Frames {
				t.Fatalf("ffmpeg gives %d pictures, the index has %d", got, s.Recording().Video.Frames)
			}
			for _, c := range plan.All(s.Index()) {
				_, err := s.Frames(context.Background(), c, decode.Options{Width: w}, func(f decode.Frame) error {
					if d := difference(f.Pix, want[:len(f.Pix)]); d > limit {
						t.Errorf("the picture at %v differs by %v", f.At.Seconds(), d)
					}
					want = want[len(f.Pix):]
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// difference is the mean absolute difference of two pictures.
func difference(a, b []byte) float64 {
	sum := 0
	for i := range a {
		sum += max(int(a[i])-int(b[i]), int(b[i])-int(a[i]))
	}
	return float64(sum) / float64(len(a))
}
