// Package onnx writes networks in the form that ONNX Runtime reads. It has what
// set-up needs for weights that their makers publish in another form, and no more.
// It is pure Go.
package onnx

import (
	"encoding/binary"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// Graph gathers the parts of a graph as they are on the wire; the zero value is
// empty. The numbers of fields and types below are those of onnx.proto.
type Graph struct{ nodes, tensors, values []byte }

const (
	irVersion = 8
	opset     = 13

	typeFloat = 1 // TensorProto.FLOAT
	typeInt64 = 7 // TensorProto.INT64

	attrInt    = 2 // AttributeProto.INT
	attrString = 3 // AttributeProto.STRING
	attrInts   = 7 // AttributeProto.INTS

	fieldInput  = 11 // of GraphProto
	fieldOutput = 12
)

// Attribute of an operation.
type Attribute []byte

// Int is an attribute of one whole number.
func Int(name string, value int64) Attribute {
	return number(number(text(nil, 1, name), 3, value), 20, attrInt)
}

// Ints is an attribute of several whole numbers.
func Ints(name string, values ...int64) Attribute {
	a := text(nil, 1, name)
	for _, v := range values {
		a = number(a, 8, v)
	}
	return number(a, 20, attrInts)
}

// String is an attribute of a word.
func String(name, value string) Attribute {
	return number(text(text(nil, 1, name), 4, value), 20, attrString)
}

func text(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

func message(b []byte, field protowire.Number, m []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), m)
}

func number(b []byte, field protowire.Number, n int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(n))
}

// Node adds an operation; each follows those that make what it takes.
func (g *Graph) Node(op string, in, out []string, attributes ...Attribute) {
	var n []byte
	for _, s := range in {
		n = text(n, 1, s)
	}
	for _, s := range out {
		n = text(n, 2, s)
	}
	n = text(n, 4, op)
	for _, a := range attributes {
		n = message(n, 5, a)
	}
	g.nodes = message(g.nodes, 1, n)
}

// Floats adds constants, row by row.
func (g *Graph) Floats(name string, values []float32, dims ...int64) {
	raw := make([]byte, 0, 4*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	g.initializer(name, typeFloat, raw, dims)
}

// Integers adds a list of constants, as axes and shapes are given.
func (g *Graph) Integers(name string, values ...int64) {
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
	}
	g.initializer(name, typeInt64, raw, []int64{int64(len(values))})
}

func (g *Graph) initializer(name string, kind int64, raw []byte, dims []int64) {
	var t []byte
	for _, d := range dims {
		t = number(t, 1, d)
	}
	t = message(text(number(t, 2, kind), 8, name), 9, raw)
	g.tensors = message(g.tensors, 5, t)
}

// Input declares what the network takes, of float32: a dimension is a number, or the
// name of one that is free.
func (g *Graph) Input(name string, dims ...any) { g.value(fieldInput, name, dims) }

// Output declares what the network gives, as Input.
func (g *Graph) Output(name string, dims ...any) { g.value(fieldOutput, name, dims) }

func (g *Graph) value(field protowire.Number, name string, dims []any) {
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
	g.values = message(g.values, field, message(text(nil, 1, name), 2, message(nil, 1, tensor)))
}

// Model is the whole file.
func (g *Graph) Model(name string) []byte {
	all := append([]byte(nil), g.nodes...)
	all = text(all, 2, name)
	all = append(all, g.tensors...)
	all = append(all, g.values...)
	m := number(nil, 1, irVersion)
	m = text(m, 2, "dyade")
	m = message(m, 7, all)
	return message(m, 8, number(nil, 2, opset))
}

// Gates puts the rows of an LSTM's gates as PyTorch has them (input, forget, cell,
// output) into ONNX's order (input, output, forget, cell).
func Gates(rows []float32) []float32 {
	quarter := len(rows) / 4
	out := make([]float32, 0, len(rows))
	for _, gate := range []int{0, 3, 1, 2} {
		out = append(out, rows[gate*quarter:(gate+1)*quarter]...)
	}
	return out
}

// Transposed turns rows × columns into columns × rows, as MatMul takes the weights of
// a linear layer.
func Transposed(m []float32, rows, columns int) []float32 {
	out := make([]float32, len(m))
	for i := range rows {
		for j := range columns {
			out[j*rows+i] = m[i*columns+j]
		}
	}
	return out
}
