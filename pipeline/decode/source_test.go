package decode_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/asticode/go-astiav"

	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
)

func TestRecording(t *testing.T) {
	type want struct {
		duration, start float64
		width, height   int
		rotation, depth int
		audio           bool
	}
	for name, w := range map[string]want{
		"bframes.mp4":   {6, 0, 320, 180, 0, 8, true},
		"silent.mp4":    {6, 0, 320, 180, 0, 8, false},
		"rotated.mp4":   {6, 0, 180, 320, 270, 8, true},
		"editlist.mp4":  {4.63, 0, 320, 180, 0, 8, true},
		"offset.mp4":    {6.5, 0.5, 320, 180, 0, 8, true},
		"late.mp4":      {6.5, 0.5, 320, 180, 0, 8, true},
		"hevc10.mkv":    {6.02, 0.02, 320, 180, 0, 10, true},
		"ts.ts":         {6.02, 0.02, 320, 180, 0, 8, true},
		"mpeg2.mpg":     {6, 0.03, 320, 180, 0, 8, true},
		"bare.h264":     {6, 0, 320, 180, 0, 8, false},
		"wide.mp4":      {1, 0, 427, 180, 0, 8, false},
		"two.mp4":       {6, 0, 320, 180, 0, 8, true},
		"subtitles.mkv": {6.08, 0.07, 320, 180, 0, 8, true},
		"loop.gif":      {3, 0, 160, 90, 0, 8, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := open(t, film(t, name)).Recording()
			if r.Name != name || r.SizeBytes == 0 || r.SHA256 != "" || r.Video == nil {
				t.Fatalf("got %+v", r)
			}
			got := want{0, 0, r.Video.Width, r.Video.Height, r.Video.Rotation, r.Video.BitDepth, r.Audio != nil}
			if math.Abs(r.DurationS-w.duration) > 0.06 || math.Abs(r.Video.Start.Seconds()-w.start) > 0.03 {
				t.Errorf("lasts %v from %v, want %v from %v", r.DurationS, r.Video.Start.Seconds(), w.duration, w.start)
			}
			if w.duration, w.start = 0, 0; got != w {
				t.Errorf("got %+v, want %+v", got, w)
			}
		})
	}
}

func TestRecordingWithoutLengthInHeader(t *testing.T) {
	path := filmBy(t, "piped.webm", "-i @vp8.webm -c copy -live 1")
	if d := open(t, path).Recording().DurationS; math.Abs(d-6) > 0.05 {
		t.Errorf("lasts %v", d)
	}
	checkFilm(t, path)
}

func TestSoundAlone(t *testing.T) {
	for _, name := range []string{"sound.m4a", "sound.wav", "sound.mp3", "sound.ogg", "sound.flac", "cover.m4a"} {
		t.Run(name, func(t *testing.T) {
			s := open(t, film(t, name))
			r := s.Recording()
			if r.Video != nil || s.Index() != nil || r.Audio == nil || r.Audio.Rate != 44100 || r.Audio.Channels != 1 {
				t.Fatalf("got %+v", r)
			}
			if math.Abs(r.DurationS-6) > 0.06 {
				t.Errorf("lasts %v s", r.DurationS)
			}
			if n := len(hear(t, s)); math.Abs(float64(n)-6*decode.SampleRate) > 0.06*decode.SampleRate {
				t.Errorf("%d samples", n)
			}
			lost, err := s.Frames(context.Background(), plan.Chunk{Runs: []plan.Run{{To: 1}}}, decode.Options{}, nil)
			if lost != nil || err != nil {
				t.Errorf("pictures of sound: %v, %v", lost, err)
			}
		})
	}
}

func TestSilentFilmHasNoSound(t *testing.T) {
	if _, err := open(t, film(t, "silent.mp4")).Audio(context.Background()); !errors.Is(err, decode.ErrNoAudio) {
		t.Errorf("got %v", err)
	}
}

func TestOpenIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if s, err := decode.Open(ctx, film(t, "ponly.mp4")); !errors.Is(err, context.Canceled) {
		if err == nil {
			s.Close()
		}
		t.Errorf("got %v", err)
	}
}

func TestFramesAreCancelled(t *testing.T) {
	s := open(t, film(t, "longgop.mp4"))
	ctx, cancel := context.WithCancel(context.Background())
	given := 0 // of 720
	_, err := s.Frames(ctx, plan.All(s.Index())[0], decode.Options{}, func(decode.Frame) error {
		if given++; given == 10 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || given > 10 {
		t.Errorf("%d pictures, %v", given, err)
	}
}

func TestFramesPassOnYieldsError(t *testing.T) {
	s := open(t, film(t, "bframes.mp4"))
	stop := errors.New("enough")
	if _, err := s.Frames(context.Background(), plan.All(s.Index())[0], decode.Options{}, func(decode.Frame) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v", err)
	}
}

func TestFramesTellThatTheFileIsGone(t *testing.T) {
	whole, err := os.ReadFile(film(t, "bframes.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "film.mp4")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	// One reader still has the file open, a second one at the same time has not.
	c := plan.All(s.Index())[0]
	_, err = s.Frames(context.Background(), c, decode.Options{Width: 64}, func(decode.Frame) error {
		_, err := s.Frames(context.Background(), c, decode.Options{Width: 64}, func(decode.Frame) error { return nil })
		return err
	})
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

// TestNativePointers holds go-astiav's structs to what native relies on: their
// first field is the pointer to the C struct.
func TestNativePointers(t *testing.T) {
	for _, v := range []any{astiav.FormatContext{}, astiav.CodecContext{}, astiav.Stream{}, astiav.Packet{}, astiav.HardwareDeviceContext{}} {
		f := reflect.TypeOf(v).Field(0)
		if f.Name != "c" || f.Type.Kind() != reflect.Pointer || f.Offset != 0 {
			t.Errorf("%T begins with %s %s", v, f.Name, f.Type)
		}
	}
}

// corners are the mean colours of a picture's corners, as letters: the largest
// channel, or k and w.
func corners(f decode.Frame) string {
	at := func(x, y int) byte {
		p := f.Pix[3*(y*f.Width+x):]
		b, g, r := int(p[0]), int(p[1]), int(p[2])
		switch {
		case b+g+r < 120:
			return 'k'
		case b+g+r > 600:
			return 'w'
		case r > g && r > b:
			return 'r'
		case g > b:
			return 'g'
		}
		return 'b'
	}
	m := 8
	return string([]byte{at(m, m), at(f.Width-1-m, m), at(m, f.Height-1-m), at(f.Width-1-m, f.Height-1-m)})
}

// quarters is a picture with red, green, blue and white corners.
const quarters = "-f lavfi -i color=red:s=320x180:r=10:d=1 -vf " +
	"drawbox=x=160:w=160:h=90:c=lime:t=fill,drawbox=y=90:w=160:h=90:c=blue:t=fill,drawbox=x=160:y=90:w=160:h=90:c=white:t=fill "

func TestFramesAreUpright(t *testing.T) {
	filmBy(t, "quarters.mp4", quarters+x264+"-pix_fmt yuv420p")
	// This ffmpeg's "rotate" is anticlockwise.
	want := map[string]string{"0": "rgbw", "90": "gwrb", "180": "wbgr", "270": "brwg"}
	for angle, shown := range want {
		s := open(t, filmBy(t, "turned"+angle+".mp4", "-i @quarters.mp4 -c copy -metadata:s:v rotate="+angle))
		var got string
		_, err := s.Frames(context.Background(), plan.Keys(s.Index(), 0)[0], decode.Options{Width: 96}, func(f decode.Frame) error {
			got = corners(f)
			return nil
		})
		if err != nil || got != shown {
			t.Errorf("%s (rotation %d): corners %s, want %s (%v)", angle, s.Recording().Video.Rotation, got, shown, err)
		}
	}
}

func TestFramesKeepColours(t *testing.T) {
	for name, how := range map[string]string{
		"bt601.mp4":  "scale=out_color_matrix=bt601:out_range=tv,format=yuv420p -colorspace smpte170m",
		"bt709.mp4":  "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p -colorspace bt709",
		"full.mp4":   "scale=out_color_matrix=bt709:out_range=pc,format=yuv420p -colorspace bt709 -color_range pc",
		"ten.mp4":    "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p10le -colorspace bt709",
		"bt2020.mp4": "scale=out_color_matrix=bt2020:out_range=tv,format=yuv420p10le -colorspace bt2020nc",
	} {
		s := open(t, filmBy(t, name, "-f lavfi -i color=0xC08040:s=320x180:r=10:d=1,format=gbrp -vf "+how+" "+x264))
		_, err := s.Frames(context.Background(), plan.Keys(s.Index(), 0)[0], decode.Options{Width: 96}, func(f decode.Frame) error {
			p := f.Pix[3*(20*f.Width+20):]
			for i, want := range []int{0x40, 0x80, 0xC0} {
				if d := int(p[i]) - want; d < -4 || d > 4 {
					t.Errorf("%s: B, G, R are %v", name, p[:3])
					break
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestFrameSizes(t *testing.T) {
	s := open(t, film(t, "wide.mp4"))
	for width, want := range map[int][2]int{0: {426, 180}, 1000: {426, 180}, 213: {212, 90}, 1: {2, 2}} {
		_, err := s.Frames(context.Background(), plan.Keys(s.Index(), 0)[0], decode.Options{Width: width}, func(f decode.Frame) error {
			if f.Width != want[0] || f.Height != want[1] || len(f.Pix) != 3*f.Width*f.Height {
				t.Errorf("width %d gives %d×%d in %d bytes, want %v", width, f.Width, f.Height, len(f.Pix), want)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestOpenPicture(t *testing.T) {
	for _, name := range []string{"cover.png", "cover.jpg"} {
		f, err := decode.OpenPicture(film(t, name), 160)
		if err != nil || f.Width != 160 || f.Height != 90 || len(f.Pix) != 160*90*3 {
			t.Errorf("%s: %d×%d, %v", name, f.Width, f.Height, err)
		}
	}
	for _, name := range []string{"ponly.mp4", "words.srt"} {
		if f, err := decode.OpenPicture(film(t, name), 160); err == nil {
			t.Errorf("%s was opened: %d×%d", name, f.Width, f.Height)
		}
	}
}
