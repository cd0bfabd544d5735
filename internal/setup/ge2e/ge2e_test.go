package ge2e_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"dyade/internal/setup/ge2e"
	"dyade/internal/setup/onnx/onnxtest"
)

// weights makes a file of the published layout, filled with small numbers.
func weights() []byte {
	pt := make([]byte, 5_701_200)
	for _, s := range []struct{ at, count int }{{6691, 256}, {7723, 65536}, {269875, 1357824}} {
		binary.LittleEndian.PutUint64(pt[s.at:], uint64(s.count))
	}
	return pt
}

func TestConvertGivesTheSameModelEachTime(t *testing.T) {
	onnxtest.Check(t, ge2e.Convert, weights(), 1357824+65536+256)
}

func TestConvertRefusesOtherFiles(t *testing.T) {
	wrong := weights()
	binary.LittleEndian.PutUint64(wrong[7723:], 12)
	nan := weights()
	binary.LittleEndian.PutUint32(nan[269875+8+400:], 0x7fc00000)
	for name, pt := range map[string][]byte{
		"empty":          nil,
		"text":           []byte("not a model"),
		"cut":            weights()[:400_000],
		"another layout": wrong,
		"not a number":   nan,
	} {
		if model, err := ge2e.Convert(pt); !errors.Is(err, ge2e.ErrWeights) || model != nil {
			t.Errorf("%s: got %d bytes and error %v", name, len(model), err)
		}
	}
}

func FuzzConvert(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte("\x80\x02\x8a\x0a"))
	f.Add(weights()[:8000])
	f.Fuzz(func(t *testing.T, pt []byte) {
		if model, err := ge2e.Convert(pt); (err == nil) == (model == nil) {
			t.Fatal("neither a model nor an error")
		}
	})
}
