package encode_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"dyade/annotate/timecode"
	"dyade/internal/testenv"
	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
	"dyade/pipeline/encode"
)

func TestMain(m *testing.M) {
	testenv.Main(m, decode.Live, testenv.Count("encoders", encode.Live), films.Remove)
}

const (
	// Bars that are white or black tell a picture's number in binary.
	bars  = "-f lavfi -i nullsrc=s=320x192:r=30:d=4,geq=lum='32+180*mod(floor(N/pow(2\\,floor(X/40)))\\,2)':cb=128:cr=128,format=yuv420p "
	click = "-f lavfi -i aevalsrc=if(lt(mod(t\\,1)\\,0.02)*gte(t\\,0.5)\\,0.8*sin(6000*t)\\,0):s=44100:d=4 "
	x264  = "-c:v libx264 -preset veryfast -g 50 "
)

var recipes = map[string]string{
	"plain.mp4":    bars + click + x264 + "-bf 3 -c:a aac",
	"vfr.mp4":      bars + click + "-vf setpts=(N+mod(N\\,3)*0.4)/30/TB -vsync vfr -video_track_timescale 90000 " + x264 + "-c:a aac",
	"rotated.mp4":  "-i @plain.mp4 -c copy -metadata:s:v rotate=90",
	"turned.mp4":   "-i @plain.mp4 -c copy -metadata:s:v rotate=180",
	"hevc.mp4":     bars + click + "-c:v libx265 -preset ultrafast -x265-params keyint=50:bframes=3:log-level=none -tag:v hvc1 -c:a aac",
	"hevc270.mp4":  "-i @hevc.mp4 -c copy -metadata:s:v rotate=270",
	"ten.mkv":      bars + click + "-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params keyint=50:log-level=none -c:a aac",
	"ts.ts":        "-i @plain.mp4 -c copy",
	"editlist.mp4": "-ss 0.87 -i @plain.mp4 -c copy",
	"late.mp4":     "-itsoffset 0.5 -i @plain.mp4 -c copy -copyts",
	"soundlate.ts": "-i @plain.mp4 -itsoffset 0.5 -i @plain.mp4 -map 0:v -map 1:a -c copy",
	"silent.mp4":   "-i @plain.mp4 -c copy -an",
	"vp9.webm":     bars + click + "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 50 -c:a libopus",
	"422.mov":      bars + click + "-c:v prores -c:a pcm_s16le",
	"jpeg.avi":     bars + click + "-c:v mjpeg -q:v 3 -c:a pcm_s16le",
	"wide.mp4":     bars + "-vf setsar=4/3 " + x264,
	"odd.mkv":      "-f lavfi -i testsrc=s=321x241:r=10:d=2 -c:v ffv1 -pix_fmt yuv444p",
	"rgb.mkv":      "-i @plain.mp4 -an -c:v ffv1 -pix_fmt bgr0",
	"slow.mp4":     "-f lavfi -i testsrc2=s=320x192:r=2/3:d=9 " + x264,
	"large.mp4":    "-f lavfi -i testsrc2=s=1920x1080:r=10:d=2 " + x264,
	"sound.m4a":    click + "-c:a aac",
	"sound.wav":    click + "-c:a pcm_s16le",
}

// films of these tests.
var films = &testenv.Films{Recipes: recipes}

func film(t *testing.T, name string) string {
	t.Helper()
	return films.Film(t, name)
}

func open(t *testing.T, path string) *decode.Source {
	t.Helper()
	s, err := decode.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// copied makes a copy and opens it.
func copied(t *testing.T, src *decode.Source, o encode.Options) *decode.Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy.mp4")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if o.Side == 0 {
		o.Side = 960
	}
	if err := errors.Join(encode.Copy(context.Background(), src, o, f), f.Close()); err != nil {
		t.Fatal(err)
	}
	return open(t, path)
}

type shot struct {
	at  float64
	pix []byte
}

func shots(t *testing.T, s *decode.Source) (all []shot) {
	t.Helper()
	if s.Index() == nil {
		return nil
	}
	for _, c := range plan.All(s.Index()) {
		_, err := s.Frames(context.Background(), c, decode.Options{}, func(f decode.Frame) error {
			all = append(all, shot{f.At.Seconds(), append([]byte(nil), f.Pix...)})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// apart is how much two pictures differ: the mean of their numbers'.
func apart(a, b []byte) float64 {
	if len(a) != len(b) {
		return math.Inf(1)
	}
	sum := 0
	for i := range a {
		d := int(a[i]) - int(b[i])
		sum += max(d, -d)
	}
	return float64(sum) / float64(len(a))
}

// alike is what coding may change; between neighbours bars change by 20 or more.
const alike = 9

func onsets(t *testing.T, s *decode.Source) (at []float64) {
	t.Helper()
	a, err := s.Audio(context.Background())
	if errors.Is(err, decode.ErrNoAudio) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	quiet, k, buf := decode.SampleRate, 0, make([]float32, 4000)
	for {
		n, err := a.Next(context.Background(), buf)
		for _, v := range buf[:n] {
			if math.Abs(float64(v)) < 0.05 {
				quiet++
			} else {
				if quiet > decode.SampleRate/5 {
					at = append(at, float64(k)/decode.SampleRate)
				}
				quiet = 0
			}
			k++
		}
		if errors.Is(err, io.EOF) {
			return at
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// inStep fails where sounds begin at other times than wanted.
func inStep(t *testing.T, got, want []float64) {
	t.Helper()
	ok := len(got) == len(want)
	for i := range min(len(got), len(want)) {
		ok = ok && math.Abs(got[i]-want[i]) < 0.01
	}
	if !ok {
		t.Errorf("sounds begin at %.3f, want %.3f", got, want)
	}
}

// keysEverywhere fails where playing cannot start within keyEvery, unless the film
// itself has no picture there.
func keysEverywhere(t *testing.T, s *decode.Source) {
	t.Helper()
	ix := s.Index()
	last := 0.0
	for n, i := range ix.Shown() {
		at := ix.Time(i).Seconds()
		switch {
		case n == 0 && !ix.Packets[i].Key:
			t.Error("the first picture is no key")
		case n > 0 && !ix.Packets[i].Key && at-last > 0.5+1e-6:
			t.Errorf("no key from %.3f s to %.3f s", last, at)
		}
		if ix.Packets[i].Key {
			last = at
		}
	}
}

func TestACopyIsTheFilmAtEveryTime(t *testing.T) {
	for _, name := range []string{
		"plain.mp4", "vfr.mp4", "rotated.mp4", "turned.mp4", "hevc.mp4", "hevc270.mp4", "ten.mkv", "ts.ts", "editlist.mp4", "late.mp4",
		"soundlate.ts", "silent.mp4", "vp9.webm", "422.mov", "jpeg.avi", "wide.mp4", "rgb.mkv", "slow.mp4", "sound.m4a", "sound.wav",
	} {
		t.Run(name, func(t *testing.T) {
			src := open(t, film(t, name))
			c := copied(t, src, encode.Options{})
			want, got := shots(t, src), shots(t, c)
			if len(got) != len(want) {
				t.Fatalf("%d pictures, want %d", len(got), len(want))
			}
			for k := range want {
				if math.Abs(got[k].at-want[k].at) > 1e-6 {
					t.Fatalf("picture %d at %.6f s, want %.6f s", k, got[k].at, want[k].at)
				}
				if d := apart(got[k].pix, want[k].pix); d > alike {
					t.Fatalf("picture %d differs by %.1f", k, d)
				}
			}
			if len(want) > 0 {
				keysEverywhere(t, c)
			}
			inStep(t, onsets(t, c), onsets(t, src))
			r, w := c.Recording(), src.Recording()
			// FFmpeg does not say how long the last picture of a fragmented film is shown.
			if d := r.DurationS - w.DurationS; (d < -0.05 || d > 0.05) && name != "slow.mp4" {
				t.Errorf("it lasts %.3f s, the film %.3f s", r.DurationS, w.DurationS)
			}
			if v := r.Video; v != nil && (v.Codec != "h264" || v.BitDepth != 8 || v.Rotation != 0) {
				t.Errorf("pictures are %+v", v)
			}
		})
	}
}

func TestSizes(t *testing.T) {
	for _, c := range []struct {
		film          string
		width, height int
	}{{"large.mp4", 960, 540}, {"odd.mkv", 320, 242}, {"rotated.mp4", 192, 320}, {"wide.mp4", 426, 192}} {
		v := copied(t, open(t, film(t, c.film)), encode.Options{}).Recording().Video
		if v.Width != c.width || v.Height != c.height {
			t.Errorf("%s becomes %d×%d, want %d×%d", c.film, v.Width, v.Height, c.width, c.height)
		}
	}
}

func ms(n int64) timecode.Instant { return timecode.Instant{Ticks: n, Base: timecode.Millisecond} }

func TestAClipStartsWithThePictureShownThen(t *testing.T) {
	for _, name := range []string{"plain.mp4", "vfr.mp4", "hevc270.mp4", "ten.mkv", "ts.ts", "editlist.mp4", "late.mp4", "vp9.webm", "silent.mp4", "sound.m4a"} {
		for _, span := range [][2]int64{{0, 700}, {1234, 2900}, {2300, 2400}, {2733, 9000}} {
			t.Run(fmt.Sprint(name, span), func(t *testing.T) {
				src := open(t, film(t, name))
				from, to := float64(span[0])/1000, min(float64(span[1])/1000, src.Recording().DurationS)
				c := copied(t, src, encode.Options{From: ms(span[0]), To: ms(span[1])})
				var want []shot
				for _, s := range shots(t, src) {
					if s.at <= from {
						want = nil
					}
					if s.at < to {
						want = append(want, shot{max(0, s.at-from), s.pix})
					}
				}
				got := shots(t, c)
				if len(got) != len(want) {
					t.Fatalf("%d pictures, want %d", len(got), len(want))
				}
				for k := range want {
					if math.Abs(got[k].at-want[k].at) > 1e-3 {
						t.Errorf("picture %d at %.6f s, want %.6f s", k, got[k].at, want[k].at)
					}
					if d := apart(got[k].pix, want[k].pix); d > alike {
						t.Errorf("picture %d differs by %.1f", k, d)
					}
				}
				var sounds []float64
				for _, at := range onsets(t, src) {
					if at >= from && at < to {
						sounds = append(sounds, at-from)
					}
				}
				inStep(t, onsets(t, c), sounds)
				if d := c.Recording().DurationS - (to - from); d < -0.05 || d > 0.05 {
					t.Errorf("it lasts %.3f s, want %.3f s", c.Recording().DurationS, to-from)
				}
			})
		}
	}
}

// TestItPlaysWhileItIsWritten: whatever has been written after a piece is a film up
// to where it says.
func TestItPlaysWhileItIsWritten(t *testing.T) {
	src := open(t, film(t, "plain.mp4"))
	var out bytes.Buffer
	pieces, last := 0, 0.0
	err := encode.Copy(context.Background(), src, encode.Options{Side: 160, Wrote: func(n int64, seconds float64) error {
		if n != int64(out.Len()) {
			t.Errorf("%d bytes are said to be there, %d are", n, out.Len())
		}
		if seconds-last > 0.5+0.04 {
			t.Errorf("a piece from %.3f s to %.3f s", last, seconds)
		}
		pieces, last = pieces+1, seconds
		path := filepath.Join(t.TempDir(), "part.mp4")
		if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
			return err
		}
		v := open(t, path).Recording().Video
		if want := int(math.Round(seconds * 30)); v == nil || v.Frames != want {
			t.Errorf("pictures up to %.3f s are %+v, want %d", seconds, v, want)
		}
		return nil
	}}, &out)
	if err != nil || pieces < 8 {
		t.Errorf("%d pieces, %v", pieces, err)
	}
}

func TestCancelled(t *testing.T) {
	src := open(t, film(t, "plain.mp4"))
	ctx, cancel := context.WithCancel(context.Background())
	pieces := 0
	err := encode.Copy(ctx, src, encode.Options{Side: 160, Wrote: func(int64, float64) error {
		pieces++
		cancel()
		return nil
	}}, io.Discard)
	if !errors.Is(err, context.Canceled) || pieces != 1 {
		t.Errorf("%d pieces, %v", pieces, err)
	}
}

var errFull = errors.New("the disk is full")

type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestADiskThatIsFull(t *testing.T) {
	for _, room := range []int{0, 2000, 5000} {
		if err := encode.Copy(context.Background(), open(t, film(t, "plain.mp4")), encode.Options{Side: 160}, &full{room}); !errors.Is(err, errFull) {
			t.Errorf("room for %d bytes: %v", room, err)
		}
	}
}

func TestNothingToCopy(t *testing.T) {
	src := open(t, film(t, "plain.mp4"))
	for _, span := range [][2]int64{{5000, 6000}, {2000, 2000}, {2000, 1000}} {
		if err := encode.Copy(context.Background(), src, encode.Options{From: ms(span[0]), To: ms(span[1])}, io.Discard); err == nil {
			t.Errorf("%v is copied", span)
		}
	}
}

// TestDamagedPicturesAreLeftOut: a film with a hole in it is copied around it.
func TestDamagedPicturesAreLeftOut(t *testing.T) {
	whole, err := os.ReadFile(film(t, "plain.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	src := open(t, film(t, "plain.mp4"))
	packets := src.Index().Packets
	for _, p := range packets[len(packets)/3 : len(packets)/2] {
		clear(whole[p.Pos+4 : int(p.Pos)+p.Size])
	}
	path := filepath.Join(t.TempDir(), "hole.mp4")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	c := copied(t, open(t, path), encode.Options{})
	if got := len(shots(t, c)); got < len(packets)/2 || got > len(packets) {
		t.Errorf("%d pictures of %d", got, len(packets))
	}
	inStep(t, onsets(t, c), onsets(t, src))
}
