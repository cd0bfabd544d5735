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

	"dyade/internal/setup/onnx"
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
	lstmWeights  = storage{269875, gates*(mels+hidden) + (layers-1)*gates*2*hidden + layers*2*gates}
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
	bias, weight, flat := read(linearBias), read(linearWeight), read(lstmWeights)
	if err != nil {
		return nil, err
	}
	var g onnx.Graph
	layer := "mels"
	for l := range layers {
		layer = lstm(&g, l, layer, flat)
	}
	head(&g, weight, bias)
	g.Input("mels", "time", "windows", mels)
	g.Output("voices", "windows", hidden)
	return g.Model("ge2e"), nil
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
func lstm(g *onnx.Graph, l int, in string, flat []float32) (out string) {
	width, at := mels, 0
	if l > 0 {
		width, at = hidden, gates*(mels+hidden)+(l-1)*gates*2*hidden
	}
	input := flat[at : at+gates*width]
	recurrent := flat[at+gates*width : at+gates*(width+hidden)]
	bias := flat[len(flat)-(layers-l)*2*gates:][:2*gates]
	w, r, b := fmt.Sprintf("w%d", l), fmt.Sprintf("r%d", l), fmt.Sprintf("b%d", l)
	g.Floats(w, onnx.Gates(input), 1, gates, int64(width))
	g.Floats(r, onnx.Gates(recurrent), 1, gates, hidden)
	g.Floats(b, append(onnx.Gates(bias[:gates]), onnx.Gates(bias[gates:])...), 1, 2*gates)
	all, last, out := fmt.Sprintf("all%d", l), fmt.Sprintf("last%d", l), fmt.Sprintf("out%d", l)
	g.Node("LSTM", []string{in, w, r, b}, []string{all, last}, onnx.Int("hidden_size", hidden))
	g.Integers(fmt.Sprintf("direction%d", l), 1)
	g.Node("Squeeze", []string{all, fmt.Sprintf("direction%d", l)}, []string{out})
	return out
}

// head adds what comes after the last layer.
func head(g *onnx.Graph, weight, bias []float32) {
	g.Floats("head_w", onnx.Transposed(weight, hidden, hidden), hidden, hidden)
	g.Floats("head_b", bias, hidden)
	g.Integers("head_axis", 0)
	last := fmt.Sprintf("last%d", layers-1)
	g.Node("Squeeze", []string{last, "head_axis"}, []string{"end"})
	g.Node("MatMul", []string{"end", "head_w"}, []string{"product"})
	g.Node("Add", []string{"product", "head_b"}, []string{"sum"})
	g.Node("Relu", []string{"sum"}, []string{"positive"})
	g.Node("LpNormalization", []string{"positive"}, []string{"voices"}, onnx.Int("axis", 1), onnx.Int("p", 2))
}
