package decode_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
)

// fuzzFilms are what FuzzOpen mutates: a fraction of a second of each container.
var fuzzFilms = []struct{ name, recipe string }{
	{"f0.mp4", "-f lavfi -i testsrc2=s=64x48:r=10:d=1 -f lavfi -i sine=d=1 " + x264 + "-bf 2 -g 5 -c:a aac"},
	{"f1.mkv", "-i @f0.mp4 -c copy"},
	{"f2.ts", "-i @f0.mp4 -c copy"},
	{"f3.avi", "-i @f0.mp4 -c copy"},
	{"f4.mp4", "-i @f0.mp4 -c copy -movflags frag_keyframe+empty_moov"},
	{"f5.mpg", "-f lavfi -i testsrc2=s=64x48:r=25:d=1 -c:v mpeg2video -bf 2"},
	{"f6.h264", "-i @f0.mp4 -c copy -an"},
	{"f7.ogg", "-f lavfi -i sine=d=1 -c:a libvorbis"},
	{"f8.wav", "-f lavfi -i sine=d=1 -c:a adpcm_ms"},
	{"f9.mp4", "-f lavfi -i testsrc2=s=64x48:r=10:d=1 -c:v libx265 -preset ultrafast -x265-params log-level=none -tag:v hvc1"},
	{"f10.webm", "-f lavfi -i testsrc2=s=64x48:r=10:d=1 -c:v libvpx -deadline realtime"},
	{"f11.flv", "-f lavfi -i testsrc2=s=64x48:r=10:d=1 -c:v flv"},
	{"f12.gif", "-f lavfi -i testsrc2=s=64x48:r=10:d=1"},
	{"f13.mp4", "-f lavfi -i testsrc2=s=64x48:r=10:d=1 -pix_fmt yuv420p10le -color_trc smpte2084 -colorspace bt2020nc " + x264},
	{"f14.mkv", "-f lavfi -i testsrc2=s=64x64:r=10:d=1 -flags +ildct+ilme " + x264 + "-x264-params interlaced=1:open-gop=1:keyint=4"},
}

// mutate overwrites film by edits of six bytes each: two or three for the place,
// what to write, how long.
func mutate(film, edits []byte) []byte {
	out := append([]byte{}, film...)
	for ; len(edits) >= 6 && len(out) > 0; edits = edits[6:] {
		at := int(binary.LittleEndian.Uint32(edits)) % len(out)
		switch n := int(edits[5] & 31); edits[5] >> 6 {
		case 0:
			out[at] = edits[4]
		case 1:
			for i := at; i < min(at+n, len(out)); i++ {
				out[i] = edits[4]
			}
		case 2:
			out = append(out[:at], out[min(at+n, len(out)):]...)
		default:
			if n < 4 {
				out = out[:at]
			} else {
				out[at] ^= 1 << (n & 7)
			}
		}
	}
	return out
}

// hang is how long an input may take before it counts as one that never ends;
// so long that a busy machine cannot make it so.
const hang = 10 * time.Minute

// FuzzOpen opens mutated films and reads the first chunk and some sound: no
// crash, no leak, no runaway, and every error is of a kind that callers know.
func FuzzOpen(f *testing.F) {
	var whole [][]byte
	for _, c := range fuzzFilms {
		b, err := os.ReadFile(filmBy(f, c.name, c.recipe))
		if err != nil {
			f.Fatal(err)
		}
		whole = append(whole, b)
	}
	for n := range whole {
		f.Add(byte(n), []byte{})
		f.Add(byte(n), []byte{40, 0, 0, 0, 255, 8, 200, 1, 0, 0, 7, 80, 90, 3, 0, 0, 1, 190})
		f.Add(byte(n), []byte{0, 8, 0, 0, 0, 0xc0})
	}
	f.Add(byte('"'), []byte("\x00\b\x00\x10\x00\x00\x00\x10")) // a track of fragments without a number
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, which byte, edits []byte) {
		n := int(which) % len(whole)
		path := filepath.Join(dir, fuzzFilms[n].name)
		if err := os.WriteFile(path, mutate(whole[n], edits), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), hang)
		defer cancel()
		useAll(ctx, t, path)
		if ctx.Err() != nil {
			t.Error("it did not end")
		}
		if open := decode.Live(); open != "" {
			t.Errorf("left open: %s", open)
		}
	})
}

func useAll(ctx context.Context, t *testing.T, path string) {
	s, err := decode.Open(ctx, path)
	if err != nil {
		var u *decode.Unreadable
		if !errors.As(err, &u) && ctx.Err() == nil {
			t.Errorf("%v", err)
		}
		return
	}
	defer s.Close()
	if ix := s.Index(); ix != nil {
		first := plan.All(ix)[:1]
		for _, c := range slices.Concat(first, plan.Keys(ix, 1), plan.Sample(ix, 0.5)) {
			given, last := 0, int64(-1<<62)
			lost, err := s.Frames(ctx, c, decode.Options{Width: 32}, func(f decode.Frame) error {
				if f.At.Ticks <= last {
					t.Errorf("times do not ascend: %d after %d", f.At.Ticks, last)
				}
				last = f.At.Ticks
				if given++; len(f.Pix) != 3*f.Width*f.Height || f.Width > 32 && f.Width > s.Recording().Video.Width {
					t.Errorf("%d bytes for %d×%d", len(f.Pix), f.Width, f.Height)
				}
				return nil
			})
			if err == nil && given+len(lost) != c.Wanted() {
				t.Errorf("%d given, %d lost of %d", given, len(lost), c.Wanted())
			}
		}
	}
	a, err := s.Audio(ctx)
	if err != nil {
		return
	}
	defer a.Close()
	buf := make([]float32, 1<<14)
	for range 50 {
		if n, err := a.Next(ctx, buf); errors.Is(err, io.EOF) || n == 0 {
			return
		}
	}
}
