package decode_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
)

// patches are colours side by side: greys, and skins from dark to light.
var patches = [][3]int{{0x30, 0x30, 0x30}, {0x80, 0x80, 0x80}, {0xC0, 0xC0, 0xC0}, {0x60, 0x40, 0x30}, {0xA0, 0x70, 0x58}, {0xE0, 0xB0, 0x98}}

// TestHighDynamicRangeIsToned has the ffmpeg program make films of high dynamic
// range from patches of ordinary range, whose white is that of paper: they come
// back near what they were.
func TestHighDynamicRangeIsToned(t *testing.T) {
	var sources, labels strings.Builder
	for i, p := range patches {
		fmt.Fprintf(&sources, "-f lavfi -i color=0x%02X%02X%02X:s=64x128:r=10:d=1,format=gbrp ", p[0], p[1], p[2])
		fmt.Fprintf(&labels, "[%d]", i)
	}
	for _, transfer := range []string{"smpte2084", "arib-std-b67"} {
		s := open(t, filmBy(t, transfer+".mp4", sources.String()+"-filter_complex "+labels.String()+
			fmt.Sprintf("hstack=%d,setparams=color_trc=bt709:color_primaries=bt709:colorspace=gbr:range=pc,", len(patches))+
			"zscale=transfer="+transfer+":primaries=bt2020:matrix=bt2020nc:range=limited:npl=203,format=yuv420p10le "+
			x264+"-qp 8 -colorspace bt2020nc -color_primaries bt2020 -color_trc "+transfer))
		firstPicture(t, s, 192, func(f decode.Frame) {
			for i, want := range patches {
				p := f.Pix[3*(32*f.Width+32*i+16):]
				for c, got := range []byte{p[2], p[1], p[0]} {
					// Light colours are pressed to make room for brighter ones.
					if d := int(got) - want[c]; d > 6 || d < -6-max(0, want[c]-0xC0)/2 {
						t.Errorf("%s: patch %v is shown as R, G, B %d %d %d", transfer, want, p[2], p[1], p[0])
						break
					}
				}
			}
		})
	}
}

func firstPicture(t *testing.T, s *decode.Source, width int, see func(decode.Frame)) {
	t.Helper()
	seen := false
	_, err := s.Frames(context.Background(), plan.Keys(s.Index(), 0)[0], decode.Options{Width: width}, func(f decode.Frame) error {
		if !seen {
			see(f)
		}
		seen = true
		return nil
	})
	if err != nil || !seen {
		t.Errorf("no picture: %v", err)
	}
}
