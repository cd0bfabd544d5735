package pyannet_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"testing"

	"dyade/internal/setup/onnx/onnxtest"
	"dyade/internal/setup/pyannet"
)

// counts are the numbers of values in the storages of the published file.
var counts = []int{
	1, 1, 40, 40, 125, 125, 24000, 60, 18000, 60, 80, 80, 60, 60, 60, 60, 1380352,
	32768, 128, 16384, 128, 896, 7,
}

// weights makes a file of the published layout, all of one value; change may spoil a
// storage.
func weights(t testing.TB, change func(storage int, raw []byte) []byte) []byte {
	t.Helper()
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	for i, n := range counts {
		raw := make([]byte, 4*n)
		for at := 0; at < len(raw); at += 4 {
			binary.LittleEndian.PutUint32(raw[at:], math.Float32bits(0.25))
		}
		if change != nil {
			raw = change(i, raw)
		}
		if raw == nil {
			continue
		}
		w, err := z.Create(fmt.Sprintf("archive/data/%d", i))
		if err == nil {
			_, err = w.Write(raw)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestConvertGivesTheSameModelEachTime(t *testing.T) {
	onnxtest.Check(t, pyannet.Convert, weights(t, nil), 1380352+24000+18000+32768+16384+80*251)
}

func TestConvertRefusesOtherFiles(t *testing.T) {
	only := func(storage int, spoil func(raw []byte) []byte) []byte {
		return weights(t, func(i int, raw []byte) []byte {
			if i == storage {
				return spoil(raw)
			}
			return raw
		})
	}
	for name, bin := range map[string][]byte{
		"empty":     nil,
		"text":      []byte("not a model"),
		"cut":       weights(t, nil)[:1<<10],
		"too few":   only(16, func(raw []byte) []byte { return raw[:400] }),
		"too many":  only(21, func(raw []byte) []byte { return append(raw, 0, 0, 0, 0) }),
		"a missing": only(12, func([]byte) []byte { return nil }),
		"not a number": only(8, func(raw []byte) []byte {
			binary.LittleEndian.PutUint32(raw[400:], 0x7fc00000)
			return raw
		}),
	} {
		if model, err := pyannet.Convert(bin); !errors.Is(err, pyannet.ErrWeights) || model != nil {
			t.Errorf("%s: got %d bytes and error %v", name, len(model), err)
		}
	}
}

func FuzzConvert(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte("PK\x03\x04"))
	f.Add(weights(f, func(_ int, raw []byte) []byte { return raw[:min(len(raw), 4)] }))
	f.Fuzz(func(t *testing.T, bin []byte) {
		if model, err := pyannet.Convert(bin); (err == nil) == (model == nil) {
			t.Fatal("neither a model nor an error")
		}
	})
}
