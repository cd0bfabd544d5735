// Package ge2e turns the weights of a speaker encoder, as its maker publishes
// them, into a network that ONNX Runtime runs. It is pure Go: set-up uses it.
//
// The encoder is the one of Wan et al., "Generalized End-to-End Loss for
// Speaker Verification" (2018), trained by the makers of the package
// Resemblyzer (Apache-2.0): three layers of LSTM, 256 wide, over the mel powers
// of a stretch of speech, and a linear layer over what the last one holds at
// the end. Its file is one version, known by its sum, so its layout is known.
package ge2e

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrWeights is wrapped by every error of Convert.
var ErrWeights = errors.New("not the speaker encoder's weights")

// Sizes of the encoder.
const (
	mels   = 40
	hidden = 256
	layers = 3
	gates  = 4 * hidden // rows of a layer's matrices
)

// storage is a run of float32 in the file, behind its length as 64 bits.
type storage struct{ at, count int }

// Where PyTorch's file has the storages: pickles first, then one after another.
var (
	linearBias   = storage{6691, hidden}
	linearWeight = storage{7723, hidden * hidden}
	lstm         = storage{269875, gates*(mels+hidden) + (layers-1)*gates*2*hidden + layers*2*gates}
)

// Convert reads resemblyzer/pretrained.pt of Resemblyzer 0.1.4 and returns an
// ONNX model: "mels", float32 [time, windows, 40], gives "voices", float32
// [windows, 256], each of length 1. The same bytes give the same model.
func Convert(pt []byte) ([]byte, error) {
	var err error
	read := func(s storage) []float32 {
		values, e := s.read(pt)
		err = errors.Join(err, e)
		return values
	}
	bias, weight, flat := read(linearBias), read(linearWeight), read(lstm)
	if err != nil {
		return nil, err
	}
	var g graph
	layer := "mels"
	for l := range layers {
		layer = g.lstm(l, layer, flat)
	}
	g.head(weight, bias)
	return g.model(), nil
}

func (s storage) read(pt []byte) ([]float32, error) {
	data := s.at + 8
	if len(pt) < data+4*s.count {
		return nil, fmt.Errorf("%w: it ends before byte %d", ErrWeights, data+4*s.count)
	}
	if n := binary.LittleEndian.Uint64(pt[s.at:]); n != uint64(s.count) {
		return nil, fmt.Errorf("%w: %d values at byte %d instead of %d", ErrWeights, n, s.at, s.count)
	}
	values := make([]float32, s.count)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(pt[data+4*i:]))
		if math.IsNaN(float64(values[i])) || math.IsInf(float64(values[i]), 0) {
			return nil, fmt.Errorf("%w: the value at byte %d is not a number", ErrWeights, data+4*i)
		}
	}
	return values, nil
}

// lstm adds layer l. PyTorch keeps all layers' matrices in one run, input
// before recurrent, and all biases behind them.
func (g *graph) lstm(l int, in string, flat []float32) (out string) {
	width, at := mels, 0
	if l > 0 {
		width, at = hidden, gates*(mels+hidden)+(l-1)*gates*2*hidden
	}
	input := flat[at : at+gates*width]
	recurrent := flat[at+gates*width : at+gates*(width+hidden)]
	bias := flat[len(flat)-(layers-l)*2*gates:][:2*gates]
	w, r, b := fmt.Sprintf("w%d", l), fmt.Sprintf("r%d", l), fmt.Sprintf("b%d", l)
	g.tensor(w, reorder(input), 1, gates, int64(width))
	g.tensor(r, reorder(recurrent), 1, gates, hidden)
	g.tensor(b, append(reorder(bias[:gates]), reorder(bias[gates:])...), 1, 2*gates)
	all, last, out := fmt.Sprintf("all%d", l), fmt.Sprintf("last%d", l), fmt.Sprintf("out%d", l)
	g.node("LSTM", []string{in, w, r, b}, []string{all, last}, attribute{"hidden_size", hidden})
	g.axes(fmt.Sprintf("direction%d", l), 1)
	g.node("Squeeze", []string{all, fmt.Sprintf("direction%d", l)}, []string{out})
	return out
}

// head adds what comes after the last layer.
func (g *graph) head(weight, bias []float32) {
	transposed := make([]float32, len(weight))
	for i := range hidden {
		for j := range hidden {
			transposed[j*hidden+i] = weight[i*hidden+j]
		}
	}
	g.tensor("head_w", transposed, hidden, hidden)
	g.tensor("head_b", bias, hidden)
	g.axes("head_axis", 0)
	last := fmt.Sprintf("last%d", layers-1)
	g.node("Squeeze", []string{last, "head_axis"}, []string{"end"})
	g.node("MatMul", []string{"end", "head_w"}, []string{"product"})
	g.node("Add", []string{"product", "head_b"}, []string{"sum"})
	g.node("Relu", []string{"sum"}, []string{"positive"})
	g.node("LpNormalization", []string{"positive"}, []string{"voices"}, attribute{"axis", 1}, attribute{"p", 2})
}

// reorder puts PyTorch's gates (input, forget, cell, output) into ONNX's order
// (input, output, forget, cell).
func reorder(rows []float32) []float32 {
	quarter := len(rows) / 4
	out := make([]float32, 0, len(rows))
	for _, gate := range []int{0, 3, 1, 2} {
		out = append(out, rows[gate*quarter:(gate+1)*quarter]...)
	}
	return out
}
