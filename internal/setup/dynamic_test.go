package setup_test

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"dyade/internal/setup"
)

// The test writes ONNX's messages with the field numbers of onnx.proto.
func message(num protowire.Number, parts ...[]byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), bytes.Join(parts, nil))
}

func text(num protowire.Number, s string) []byte { return message(num, []byte(s)) }

func number(num protowire.Number, v uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, num, protowire.VarintType), v)
}

// value is a ValueInfoProto: a name, and a tensor of float32 whose dimensions
// are numbers or names.
func value(name string, dims ...any) []byte {
	var shape []byte
	for _, d := range dims {
		switch d := d.(type) {
		case int:
			shape = append(shape, message(1, number(1, uint64(d)))...)
		case string:
			shape = append(shape, message(1, text(2, d))...)
		}
	}
	return bytes.Join([][]byte{text(1, name), message(2, message(1, number(1, 1), message(2, shape)))}, nil)
}

// network has a weight, and inputs and outputs as messages of a graph.
func network(values ...[]byte) []byte {
	initializer := bytes.Join([][]byte{number(1, 4), number(2, 1), text(8, "weight"), text(9, "\x00\x01\x02\x03")}, nil)
	return bytes.Join([][]byte{
		number(1, 4), text(2, "pytorch"),
		message(7, append([][]byte{text(2, "graph"), message(5, initializer)}, values...)...),
		message(8, number(2, 9)),
	}, nil)
}

func takes(name string, dims ...any) []byte { return message(11, value(name, dims...)) }

func gives(name string, dims ...any) []byte { return message(12, value(name, dims...)) }

// TestDynamicShape: sizes are free, and a weight that is listed as an input is none.
func TestDynamicShape(t *testing.T) {
	got, err := setup.DynamicShape(network(takes("picture", 10, 3, 32, 32), takes("weight", 8, 3, 1, 1), gives("heat", 10, 1, 8, 8)))
	if err != nil {
		t.Fatal(err)
	}
	want := network(takes("picture", "batch", 3, "height", "width"), gives("heat", "batch", 1, "out_height", "out_width"))
	if !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	again, err := setup.DynamicShape(got)
	if err != nil || !bytes.Equal(again, got) {
		t.Errorf("a network that is free already changes: %v", err)
	}
}

func TestDynamicShapeLeavesOtherRanks(t *testing.T) {
	model := network(takes("sound", 1, 576), gives("state", 1, 1, 128))
	got, err := setup.DynamicShape(model)
	if err != nil || !bytes.Equal(got, model) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestDynamicShapeRefuses(t *testing.T) {
	for _, model := range []string{"", "not a network", "\x3a\x7f"} {
		if _, err := setup.DynamicShape([]byte(model)); err == nil {
			t.Errorf("%q is accepted", model)
		}
	}
}

// FuzzDynamicShape: whatever the bytes, no panic, and a second pass over what
// came out changes nothing.
func FuzzDynamicShape(f *testing.F) {
	f.Add(network(takes("picture", 10, 3, 32, 32), takes("weight", 8, 3, 1, 1), gives("heat", 10, 1, 8, 8)))
	f.Add([]byte("\x3a\x02\x5a\x00"))
	f.Fuzz(func(t *testing.T, model []byte) {
		once, err := setup.DynamicShape(model)
		if err != nil {
			return
		}
		twice, err := setup.DynamicShape(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("not settled after one pass: %v", err)
		}
	})
}
