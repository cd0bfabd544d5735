// Package onnxtest checks what turns weights into networks.
package onnxtest

import (
	"bytes"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// Check converts the same weights twice: both models must be the same, a protobuf
// message, and large enough to hold so many weights.
func Check(t *testing.T, convert func(weights []byte) ([]byte, error), weights []byte, count int) {
	t.Helper()
	a, err := convert(weights)
	if err != nil {
		t.Fatal(err)
	}
	b, err := convert(weights)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("two runs gave different models")
	}
	if len(a) < 4*count {
		t.Errorf("a model of %d bytes cannot hold all weights", len(a))
	}
	for len(a) > 0 {
		_, _, n := protowire.ConsumeField(a)
		if n < 0 {
			t.Fatalf("not a protobuf message: %v", protowire.ParseError(n))
		}
		a = a[n:]
	}
}
