package ge2e

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// graph gathers the parts of an ONNX graph as they are on the wire. The numbers
// of fields and types below are those of onnx.proto.
type graph struct{ nodes, tensors []byte }

type attribute struct {
	name  string
	value int64
}

const (
	irVersion = 8
	opset     = 13

	typeFloat = 1 // TensorProto.FLOAT
	typeInt64 = 7 // TensorProto.INT64
	attrInt   = 2 // AttributeProto.INT
)

func text(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

func message(b []byte, field protowire.Number, m []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), m)
}

func number(b []byte, field protowire.Number, n int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(n))
}

// node adds an operation to NodeProto's list.
func (g *graph) node(op string, in, out []string, attributes ...attribute) {
	var n []byte
	for _, s := range in {
		n = text(n, 1, s)
	}
	for _, s := range out {
		n = text(n, 2, s)
	}
	n = text(n, 4, op)
	for _, a := range attributes {
		n = message(n, 5, number(number(text(nil, 1, a.name), 3, a.value), 20, attrInt))
	}
	g.nodes = message(g.nodes, 1, n)
}

// tensor adds constants of float32.
func (g *graph) tensor(name string, values []float32, dims ...int64) {
	raw := make([]byte, 0, 4*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	g.initializer(name, typeFloat, raw, dims)
}

// axes adds one constant of int64, as Squeeze takes it.
func (g *graph) axes(name string, axis int64) {
	g.initializer(name, typeInt64, binary.LittleEndian.AppendUint64(nil, uint64(axis)), []int64{1})
}

func (g *graph) initializer(name string, kind int64, raw []byte, dims []int64) {
	var t []byte
	for _, d := range dims {
		t = number(t, 1, d)
	}
	t = message(text(number(t, 2, kind), 8, name), 9, raw)
	g.tensors = message(g.tensors, 5, t)
}

// value describes an input or output of float32: names for free dimensions.
func value(name string, dims ...any) []byte {
	var shape []byte
	for _, d := range dims {
		switch d := d.(type) {
		case string:
			shape = message(shape, 1, text(nil, 2, d))
		case int:
			shape = message(shape, 1, number(nil, 1, int64(d)))
		}
	}
	tensor := message(number(nil, 1, typeFloat), 2, shape)
	return message(text(nil, 1, name), 2, message(nil, 1, tensor))
}

// model wraps the graph into a ModelProto.
func (g *graph) model() []byte {
	all := append([]byte(nil), g.nodes...)
	all = text(all, 2, "ge2e")
	all = append(all, g.tensors...)
	all = message(all, 11, value("mels", "time", "windows", mels))
	all = message(all, 12, value("voices", "windows", hidden))
	m := number(nil, 1, irVersion)
	m = text(m, 2, "dyade")
	m = message(m, 7, all)
	return message(m, 8, number(nil, 2, opset))
}
