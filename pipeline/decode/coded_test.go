package decode_test

import (
	"bytes"
	"context"
	"os"
	"testing"

	"dyade/annotate/timecode"
	"dyade/pipeline/decode"
)

// TestPacketsAreAsTheyLieInTheFile: each is what the file has where the index says.
func TestPacketsAreAsTheyLieInTheFile(t *testing.T) {
	for _, name := range []string{"bframes.mp4", "editlist.mp4", "frag.mp4", "hevc.mp4"} {
		path := films.Film(t, name)
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		src, err := decode.Open(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		packets, n := src.Index().Packets, 0
		for _, span := range [][2]int{{0, len(packets)}, {33, 61}, {len(packets) - 1, len(packets)}} {
			next := span[0]
			err := src.Packets(context.Background(), span[0], span[1], func(i int, data []byte) error {
				if p := packets[i]; i != next || !bytes.Equal(data, file[p.Pos:int(p.Pos)+p.Size]) {
					t.Errorf("%s: packet %d is not that of the file", name, i)
				}
				next, n = i+1, n+1
				return nil
			})
			if err != nil || next != span[1] {
				t.Errorf("%s: packets from %d to %d, %v", name, span[0], next, err)
			}
		}
		src.Close()
	}
}

// TestPacketsAreTheSameInEveryBox: a film that was put into another gives the same.
func TestPacketsAreTheSameInEveryBox(t *testing.T) {
	sizes := map[string]int{}
	for _, name := range []string{"bframes.mp4", "mkv.mkv", "avi.avi", "ts.ts"} {
		src, err := decode.Open(context.Background(), films.Film(t, name))
		if err != nil {
			t.Fatal(err)
		}
		err = src.Packets(context.Background(), 30, 60, func(_ int, data []byte) error {
			sizes[name] += len(data)
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c := src.Coded(); c.Codec != "h264" || len(c.Header) == 0 || !c.AsShown {
			t.Errorf("%s: %+v", name, c)
		}
		src.Close()
	}
	want := sizes["bframes.mp4"]
	if d := sizes["ts.ts"] - want; sizes["mkv.mkv"] != want || d < 0 || d > 30*100 { // with headers and delimiters
		t.Errorf("thirty packets are %v bytes", sizes)
	}
}

func TestCodedPicturesThatAreShownOtherwise(t *testing.T) {
	for name, want := range map[string]bool{"bframes.mp4": true, "rotated.mp4": false, "wide.mp4": false, "hevc.mp4": true} {
		src, err := decode.Open(context.Background(), films.Film(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if c := src.Coded(); c.AsShown != want {
			t.Errorf("%s: %v", name, c.AsShown)
		}
		src.Close()
	}
}

// TestCleanKeys: the first pictures of closed groups are known, and no others.
func TestCleanKeys(t *testing.T) {
	for name, want := range map[string]int{"bframes.mp4": 6, "ts.ts": 6, "mkv.mkv": 6, "opengop.mp4": 1, "opengop.ts": 1, "refresh.mp4": 1, "hevc.mp4": 0} {
		src, err := decode.Open(context.Background(), films.Film(t, name))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, p := range src.Index().Packets {
			if p.Clean {
				n++
			}
			if p.Clean && !p.Key {
				t.Errorf("%s: a picture that needs nothing before it is no key", name)
			}
		}
		if n != want {
			t.Errorf("%s: %d pictures need nothing before them, want %d", name, n, want)
		}
		src.Close()
	}
}

// TestPlayingAtAnySize: larger, and of another shape, and in plain colours.
func TestPlayingAtAnySize(t *testing.T) {
	src, err := decode.Open(context.Background(), films.Film(t, "rotated.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	to := timecode.Instant{Ticks: 500, Base: timecode.Millisecond}
	for _, o := range []decode.PlayOptions{{To: to, Width: 400, Height: 640}, {To: to, Width: 100, Height: 40, Plain: true}, {To: to, Side: 64, Plain: true}} {
		n := 0
		err := src.Play(context.Background(), o, func(p decode.Picture) error {
			n++
			w, h := o.Width, o.Height
			if w == 0 {
				w, h = decode.Within(180, 320, o.Side)
			}
			if p.Width != w || p.Height != h || len(p.Planes) != w*h*3/2 {
				t.Errorf("%+v: %d×%d, %d bytes", o, p.Width, p.Height, len(p.Planes))
			}
			if o.Plain && p.Colours != decode.BT709 {
				t.Errorf("%+v: colours are %+v", o, p.Colours)
			}
			return nil
		})
		if err != nil || n != 15 {
			t.Errorf("%+v: %d pictures, %v", o, n, err)
		}
	}
}
