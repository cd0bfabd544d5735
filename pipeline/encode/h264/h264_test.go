package h264_test

import (
	"bytes"
	"encoding/hex"
	"math/rand/v2"
	"testing"

	"dyade/pipeline/encode/h264"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestForms reads what x264 writes of pictures of many kinds.
func TestForms(t *testing.T) {
	for name, c := range map[string]struct {
		set  string
		want h264.Form
	}{
		"full HD":     {"67640028acd940780227e5c044000003000400000300c83c60c658", h264.Form{Width: 1920, Height: 1080, Plain: true}},
		"10 bits":     {"676e000da6cd94141fb011000003000100000300320f142996", h264.Form{}},
		"4:2:2":       {"677a000dbcd94141fb011000000300100000030320f1429960", h264.Form{}},
		"4:4:4":       {"67f4000d919b28283f6022000003000200000300641e28532c", h264.Form{}},
		"fields":      {"67640015acd941410fcb808800000300080000030190f8a14cb0", h264.Form{Width: 320, Height: 240}},
		"wide pixels": {"6764000dacd94141fb0e1000000300100000030320f1429960", h264.Form{Width: 320, Height: 240}},
		"baseline, with its buffer": {
			"6742c014d90141fb01100000030010000003032604000f424001e84a4c30078a1524",
			h264.Form{Width: 320, Height: 240, Plain: true},
		},
		"scaled, cropped, of another id": {
			"6764000d22cd94150878888c0440000003004000000c83c50a6580",
			h264.Form{ID: 3, Width: 322, Height: 242, Plain: true},
		},
	} {
		got, err := h264.ReadForm(unhex(t, c.set))
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.want)
		}
	}
	for _, set := range []string{"", "67", "68ebe3cb", "6764", "676400", "67640028acd940"} {
		if f, err := h264.ReadForm(unhex(t, set)); err == nil {
			t.Errorf("%s is %+v", set, f)
		}
	}
}

func TestNames(t *testing.T) {
	for set, want := range map[string][2]int{"68ef8fcb": {0, 0}, "68212be3cb3002c0": {3, 3}} {
		id, sequence, err := h264.Names(unhex(t, set))
		if err != nil || [2]int{id, sequence} != want {
			t.Errorf("%s names %d of %d, %v", set, id, sequence, err)
		}
	}
	for _, set := range []string{"", "68", "6800000000", "67ef8fcb"} {
		if _, _, err := h264.Names(unhex(t, set)); err == nil {
			t.Errorf("%q has a name", set)
		}
	}
}

// Units of a picture: a delimiter, both sets, supplemental information, a slice.
var units = [][]byte{{9, 0xf0}, {0x67, 100, 0, 40, 1}, {0x68, 0xef, 0x8f}, {6, 5, 1}, {0x65, 0x88, 0, 0, 3, 0, 1}}

func behindLengths(prefix int) (data []byte) {
	for _, u := range units {
		for b := prefix - 1; b >= 0; b-- {
			data = append(data, byte(len(u)>>(8*b)))
		}
		data = append(data, u...)
	}
	return data
}

func TestUnits(t *testing.T) {
	stream := []byte{0}
	for i, u := range units {
		stream = append(stream, []byte{0, 0, 0, 1}[i%2:]...)
		stream = append(stream, u...)
	}
	packed := []byte{0, 0, 0, 3, 6, 5, 1, 0, 0, 0, 7, 0x65, 0x88, 0, 0, 3, 0, 1}
	for prefix, data := range map[int][]byte{0: stream, 1: behindLengths(1), 2: behindLengths(2), 4: behindLengths(4)} {
		got, err := h264.Units(data, prefix)
		if err != nil || len(got) != len(units) {
			t.Fatalf("%d: %x, %v", prefix, got, err)
		}
		for i := range got {
			if !bytes.Equal(got[i], units[i]) {
				t.Errorf("%d: unit %d is %x", prefix, i, got[i])
			}
		}
		if p := h264.Pack(got); !bytes.Equal(p, packed) {
			t.Errorf("%d: packed as %x", prefix, p)
		}
		if prefix > 0 {
			if _, err := h264.Units(data[:len(data)-1], prefix); err == nil {
				t.Errorf("%d: a torn picture has units", prefix)
			}
		}
	}
}

func TestSets(t *testing.T) {
	header := []byte{1, 100, 0, 40, 0xff, 0xe1, 0, 5, 0x67, 100, 0, 40, 1, 1, 0, 3, 0x68, 0xef, 0x8f, 0xfd, 0xf8, 0xf8, 0}
	s, err := h264.ReadSets(header)
	if err != nil || s.Prefix != 4 || len(s.Sequences) != 1 || !bytes.Equal(s.Sequences[0], units[1]) || len(s.Pictures) != 1 || !bytes.Equal(s.Pictures[0], units[2]) {
		t.Errorf("%+v, %v", s, err)
	}
	s, err = h264.ReadSets([]byte{0, 0, 0, 1, 0x67, 100, 0, 40, 1, 0, 0, 1, 0x68, 0xef, 0x8f})
	if err != nil || s.Prefix != 0 || len(s.Sequences) != 1 || len(s.Pictures) != 1 {
		t.Errorf("%+v, %v", s, err)
	}
	for n := range 19 {
		if s, err := h264.ReadSets(header[:n]); err == nil {
			t.Errorf("%d bytes of a header are %+v", n, s)
		}
	}
}

// FuzzSets: nothing that a film's header holds takes the process down.
func FuzzSets(f *testing.F) {
	f.Add([]byte{1, 100, 0, 40, 0xff, 0xe1, 0, 5, 0x67, 100, 0, 40, 1, 1, 0, 3, 0x68, 0xef, 0x8f})
	f.Add(unhex(f, "6764000d22cd94150878888c0440000003004000000c83c50a6580"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s, err := h264.ReadSets(data); err == nil && (len(s.Sequences) == 0 || len(s.Pictures) == 0) {
			t.Error("sets without any")
		}
		if form, err := h264.ReadForm(data); err == nil && form.Plain && (form.Width <= 0 || form.Height <= 0) {
			t.Errorf("%+v", form)
		}
		_, _, _ = h264.Names(data)
		for prefix := range 5 {
			if all, err := h264.Units(data, prefix); err == nil {
				h264.Pack(all)
			}
		}
	})
}

// TestChangedSets reads sets of which bits were changed.
func TestChangedSets(t *testing.T) {
	luck := rand.New(rand.NewPCG(1, 2))
	set := unhex(t, "6742c014d90141fb01100000030010000003032604000f424001e84a4c30078a1524")
	for range 20_000 {
		b := bytes.Clone(set)
		for range 1 + luck.IntN(6) {
			b[1+luck.IntN(len(b)-1)] ^= 1 << luck.IntN(8)
		}
		if f, err := h264.ReadForm(b); err == nil && (f.Width > 1<<16 || f.Height > 1<<17) {
			t.Errorf("%x is %+v", b, f)
		}
	}
}
