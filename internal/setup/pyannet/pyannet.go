// Package pyannet turns the weights of a network that divides sound among those who
// speak in it, as its maker publishes them, into one that ONNX Runtime runs. It is
// pure Go: set-up uses it.
//
// The network is PyanNet (Bredin and Laurent, "End-to-end speaker segmentation for
// overlap-aware resegmentation", 2021) as pyannote's segmentation-3.0 has it (MIT):
// a bank of learned band-pass filters (SincNet, Ravanelli and Bengio 2018), two
// layers of convolution, four of bidirectional LSTM and two linear ones, over ten
// seconds of sound. Its file is one version, known by its sum.
package pyannet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"dyade/internal/setup/onnx"
)

// ErrWeights is wrapped by every error of Convert.
var ErrWeights = errors.New("not the weights of segmentation-3.0")

// Sizes of the network.
const (
	bands   = 40  // band-pass filters, each in two phases
	half    = 125 // samples on each side of a filter's middle
	taps    = 5   // of a convolution
	filters = 60
	hidden  = 128 // of an LSTM in one direction
	layers  = 4
	classes = 7 // nobody, three voices, three pairs of them

	rate    = 16000
	leastHz = 50 // of a filter's lower edge, and of its width
)

// tensors names the storages of the file, and how many values each holds.
var tensors = []struct {
	name  string
	count int
}{
	{"norm_w", 1}, {"norm_b", 1},
	{"low", bands}, {"band", bands}, {"window", half}, {"time", half},
	{"conv1_w", filters * 2 * bands * taps}, {"conv1_b", filters},
	{"conv2_w", filters * filters * taps}, {"conv2_b", filters},
	{"norm0_w", 2 * bands}, {"norm0_b", 2 * bands},
	{"norm1_w", filters}, {"norm1_b", filters},
	{"norm2_w", filters}, {"norm2_b", filters},
	{"lstm", 2*4*hidden*(filters+(layers-1)*2*hidden+layers*hidden) + 2*layers*2*4*hidden},
	{"linear0_w", hidden * 2 * hidden}, {"linear0_b", hidden},
	{"linear1_w", hidden * hidden}, {"linear1_b", hidden},
	{"class_w", classes * hidden}, {"class_b", classes},
}

// Convert reads pytorch_model.bin of segmentation-3.0 and returns an ONNX model:
// "sound", float32 [windows, 1, samples], gives "speakers", float32 [windows, frames,
// 7], log probabilities of who speaks. The same bytes give the same model.
func Convert(bin []byte) ([]byte, error) {
	w, err := read(bin)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWeights, err)
	}
	n := network{weights: w}
	n.filters()
	n.memory()
	n.answer()
	n.graph.Input("sound", "windows", 1, "samples")
	n.graph.Output("speakers", "windows", "frames", classes)
	return n.graph.Model("pyannet"), nil
}

// read gives all storages by name.
func read(bin []byte) (map[string][]float32, error) {
	z, err := zip.NewReader(bytes.NewReader(bin), int64(len(bin)))
	if err != nil {
		return nil, err
	}
	w := map[string][]float32{}
	for i, t := range tensors {
		values, err := storage(z, fmt.Sprintf("archive/data/%d", i), t.count)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		w[t.name] = values
	}
	return w, nil
}

func storage(z *zip.Reader, name string, count int) ([]float32, error) {
	f, err := z.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw := make([]byte, 4*count+1)
	if n, err := io.ReadFull(f, raw); n != 4*count {
		return nil, fmt.Errorf("it has not %d values: %w", count, err)
	}
	values := make([]float32, count)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		if math.IsNaN(float64(values[i])) || math.IsInf(float64(values[i]), 0) {
			return nil, fmt.Errorf("value %d is not a number", i)
		}
	}
	return values, nil
}

// network is the graph as far as it is built; at names what its last layer gives.
type network struct {
	weights map[string][]float32
	graph   onnx.Graph
	at      string
	steps   int
}

// add adds an operation on what the last one gave, and on constants.
func (n *network) add(op string, constants []string, attributes ...onnx.Attribute) {
	in := append([]string{n.at}, constants...)
	n.steps++
	n.at = fmt.Sprintf("step%d", n.steps)
	n.graph.Node(op, in, []string{n.at}, attributes...)
}

func (n *network) constant(name string, dims ...int64) string {
	n.graph.Floats(name, n.weights[name], dims...)
	return name
}

// filters are the layers over sound: 270 samples to a frame.
func (n *network) filters() {
	n.at = "sound"
	n.add("InstanceNormalization", []string{n.constant("norm_w", 1), n.constant("norm_b", 1)})
	n.graph.Floats("sinc", n.bandPass(), 2*bands, 1, 2*half+1)
	n.add("Conv", []string{"sinc"}, onnx.Ints("strides", 10))
	n.add("Abs", nil)
	n.pool("norm0", 2*bands)
	n.add("Conv", []string{n.constant("conv1_w", filters, 2*bands, taps), n.constant("conv1_b", filters)})
	n.pool("norm1", filters)
	n.add("Conv", []string{n.constant("conv2_w", filters, filters, taps), n.constant("conv2_b", filters)})
	n.pool("norm2", filters)
}

func (n *network) pool(norm string, channels int64) {
	n.add("MaxPool", nil, onnx.Ints("kernel_shape", 3), onnx.Ints("strides", 3))
	n.add("InstanceNormalization", []string{n.constant(norm+"_w", channels), n.constant(norm+"_b", channels)})
	n.add("LeakyRelu", nil)
}

// bandPass computes the filters from their edges: differences of two low-pass filters
// (sinc functions) under half a Hamming window, in cosine and in sine phase.
func (n *network) bandPass() []float32 {
	out := make([]float32, 0, 2*bands*(2*half+1))
	for phase := range 2 {
		for b := range bands {
			low := leastHz + math.Abs(float64(n.weights["low"][b]))
			high := math.Min(low+leastHz+math.Abs(float64(n.weights["band"][b])), rate/2)
			left := make([]float32, half)
			for i := range left {
				t := float64(n.weights["time"][i])
				v := math.Sin(high*t) - math.Sin(low*t)
				if phase == 1 {
					v = math.Cos(low*t) - math.Cos(high*t)
				}
				left[i] = float32(v / (t / 2) * float64(n.weights["window"][i]) / (2 * (high - low)))
			}
			middle, mirror := float32(1), float32(1)
			if phase == 1 {
				middle, mirror = 0, -1
			}
			out = append(append(out, left...), middle)
			for i := range left {
				out = append(out, mirror*left[half-1-i])
			}
		}
	}
	return out
}

// memory are the LSTMs, both directions of a layer side by side.
func (n *network) memory() {
	n.add("Transpose", nil, onnx.Ints("perm", 2, 0, 1))
	n.graph.Integers("both", 0, 0, 2*hidden)
	const gates = 4 * hidden
	flat := n.weights["lstm"]
	biases := flat[len(flat)-2*layers*2*gates:]
	width := filters
	for l := range layers {
		var input, recurrent, bias []float32
		for range 2 {
			input = append(input, onnx.Gates(flat[:gates*width])...)
			recurrent = append(recurrent, onnx.Gates(flat[gates*width:gates*(width+hidden)])...)
			bias = append(append(bias, onnx.Gates(biases[:gates])...), onnx.Gates(biases[gates:2*gates])...)
			flat, biases = flat[gates*(width+hidden):], biases[2*gates:]
		}
		names := []string{fmt.Sprintf("lstm%d_w", l), fmt.Sprintf("lstm%d_r", l), fmt.Sprintf("lstm%d_b", l)}
		n.graph.Floats(names[0], input, 2, gates, int64(width))
		n.graph.Floats(names[1], recurrent, 2, gates, hidden)
		n.graph.Floats(names[2], bias, 2, 2*gates)
		n.add("LSTM", names, onnx.Int("hidden_size", hidden), onnx.String("direction", "bidirectional"))
		n.add("Transpose", nil, onnx.Ints("perm", 0, 2, 1, 3))
		n.add("Reshape", []string{"both"})
		width = 2 * hidden
	}
}

// answer are the linear layers: for each frame who speaks.
func (n *network) answer() {
	n.linear("linear0", 2*hidden, hidden)
	n.add("LeakyRelu", nil)
	n.linear("linear1", hidden, hidden)
	n.add("LeakyRelu", nil)
	n.linear("class", hidden, classes)
	n.add("LogSoftmax", nil, onnx.Int("axis", 2))
	n.graph.Node("Transpose", []string{n.at}, []string{"speakers"}, onnx.Ints("perm", 1, 0, 2))
}

func (n *network) linear(name string, in, out int) {
	n.graph.Floats(name+"_t", onnx.Transposed(n.weights[name+"_w"], out, in), int64(in), int64(out))
	n.add("MatMul", []string{name + "_t"})
	n.add("Add", []string{n.constant(name+"_b", int64(out))})
}
