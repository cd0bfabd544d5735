package decode_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os/exec"
	"testing"

	"dyade/pipeline/decode"
)

// TestShrinkingIsFaithful holds pictures of all forms and sizes against swscale's,
// as the ffmpeg program gives them.
func TestShrinkingIsFaithful(t *testing.T) {
	filmBy(t, "shapes.mkv", "-f lavfi -i testsrc2=s=642x362:r=10:d=0.2,format=yuv444p -c:v ffv1")
	for _, c := range [][3]string{
		{"yuv420p", "ffv1", "mkv"}, {"yuv422p", "ffv1", "mkv"}, {"yuv444p", "ffv1", "mkv"}, {"yuva420p", "ffv1", "mkv"},
		{"yuv420p10le", "ffv1", "mkv"}, {"yuv422p12le", "ffv1", "mkv"}, {"yuvj420p", "mjpeg", "avi"},
		{"nv12", "rawvideo", "avi"}, {"nv21", "rawvideo", "avi"}, {"p010le", "rawvideo", "avi"},
		{"gray", "ffv1", "mkv"}, {"yuv411p", "ffv1", "mkv"}, // by swscale
	} {
		form := c[0]
		path := filmBy(t, "form."+form+"."+c[2], "-i @shapes.mkv -vf format="+form+" -c:v "+c[1]+" -q:v 2")
		s := open(t, path)
		for _, width := range []int{642, 640, 320, 214, 100, 30} {
			firstPicture(t, s, width, func(f decode.Frame) {
				want, err := exec.Command("ffmpeg", "-v", "error", "-nostdin", "-i", path, "-frames:v", "1", "-vf",
					fmt.Sprintf("scale=%d:%d:flags=bilinear+accurate_rnd", f.Width, f.Height), "-f", "rawvideo", "-pix_fmt", "bgr24", "-").Output()
				if err != nil || len(want) != len(f.Pix) {
					t.Fatal(len(want), err)
				}
				if db := likeness(f.Pix, want); db < 36 {
					t.Errorf("%s at %d×%d: %.1f dB", form, f.Width, f.Height, db)
				}
			})
		}
	}
}

// likeness is the peak signal-to-noise ratio in dB.
func likeness(a, b []byte) float64 {
	sum := 0.0
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	return 10 * math.Log10(255*255*float64(len(a))/math.Max(sum, 1e-9))
}

// jumping is the film of a bar that jumps from one field to the next, and where it is in
// the first.
func jumping(t *testing.T, first string) (path string, lit int) {
	const jump = "-f lavfi -i color=black:s=640x360:r=50:d=1,drawbox=x=100:w=100:h=360:c=white:t=fill:enable='not(mod(n\\,2))'," +
		"drawbox=x=400:w=100:h=360:c=white:t=fill:enable='mod(n\\,2)' -vf tinterlace=interleave_top,setfield="
	top, lit := "1", 150
	if first == "bff" {
		top, lit = "0", 450
	}
	return filmBy(t, "field."+first+".mpg", jump+first+" -c:v mpeg2video -q:v 2 -flags +ilme+ildct -top "+top), lit
}

// TestInterlacedPicturesAreShrunkFromOneField: a bar that jumps from one field to the
// next stands at one place.
func TestInterlacedPicturesAreShrunkFromOneField(t *testing.T) {
	for _, first := range []string{"tff", "bff"} {
		path, lit := jumping(t, first)
		firstPicture(t, open(t, path), 320, func(f decode.Frame) {
			for _, x := range []int{150, 450} {
				want := 0
				if x == lit {
					want = 255
				}
				p := f.Pix[3*(90*f.Width+x/2):]
				if d := int(p[1]) - want; d > 10 || d < -10 {
					t.Errorf("%s: at %d it is %d, want %d", first, x, p[1], want)
				}
			}
		})
	}
}

// TestInterlacedPicturesAreShownFromOneField, in their own size and larger.
func TestInterlacedPicturesAreShownFromOneField(t *testing.T) {
	for _, first := range []string{"tff", "bff"} {
		path, lit := jumping(t, first)
		for _, o := range []decode.PlayOptions{{}, {Plain: true}, {Width: 960, Height: 540}} {
			err := open(t, path).Play(context.Background(), o, func(p decode.Picture) error {
				for _, x := range []int{150, 450} {
					for y := 20; y < 24; y++ { // lines of both fields
						want := 16
						if x == lit {
							want = 235
						}
						if got := int(p.Planes[y*p.Width+x*p.Width/640]); got < want-10 || got > want+10 {
							t.Errorf("%s, %+v: at %d, %d it is %d, want %d", first, o, x, y, got, want)
						}
					}
				}
				return errEnough
			})
			if !errors.Is(err, errEnough) {
				t.Error(err)
			}
		}
	}
}

var errEnough = errors.New("enough")
