package setup

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Field numbers of ONNX's onnx.proto that lead to the shape of a network's
// inputs and outputs.
const (
	modelGraph       = 7  // ModelProto.graph
	graphInitializer = 5  // GraphProto.initializer
	graphInput       = 11 // GraphProto.input
	graphOutput      = 12 // GraphProto.output
	tensorName       = 8  // TensorProto.name
	valueName        = 1  // ValueInfoProto.name
	valueType        = 2  // ValueInfoProto.type
	typeTensor       = 1  // TypeProto.tensor_type
	tensorShape      = 2  // TypeProto.Tensor.shape
	shapeDim         = 1  // TensorShapeProto.dim
	dimParam         = 2  // TensorShapeProto.Dimension.dim_param
)

// freeDims names the dimensions of a picture [batch, channels, height, width]
// that take any size; the channels stay as they are.
var (
	freeInput  = map[int]string{0: "batch", 2: "height", 3: "width"}
	freeOutput = map[int]string{0: "batch", 2: "out_height", 3: "out_width"}
)

// dynamicShape frees batch, height and width of every picture that the ONNX
// network in model takes or gives. CenterFace was exported with 10×3×32×32
// written down, yet all its layers take any size. Weights are no longer among
// the inputs, where old networks list them too: since they might be given anew
// with each picture, ONNX Runtime lays none of them out for the processor, and
// takes twice as long. Everything else stays byte for byte as it was.
func dynamicShape(model []byte) ([]byte, error) {
	found := 0
	out, err := edit(model, func(num protowire.Number, graph []byte) ([]byte, error) {
		if num != modelGraph {
			return graph, nil
		}
		weights, err := initializers(graph)
		if err != nil {
			return nil, err
		}
		return edit(graph, func(num protowire.Number, value []byte) ([]byte, error) {
			free := freeInput
			if num == graphOutput {
				free = freeOutput
			} else if num != graphInput {
				return value, nil
			}
			name, err := stringField(value, valueName)
			if err != nil {
				return nil, err
			}
			if num == graphInput && weights[name] {
				return dropped, nil
			}
			freed, err := freeValue(value, free)
			if err == nil {
				found++
			}
			return freed, err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("free the network's picture size: %w", err)
	}
	if found == 0 {
		return nil, errors.New("free the network's picture size: the file holds no network with inputs")
	}
	return out, nil
}

// freeValue rewrites the dimensions of one input or output that has four.
func freeValue(value []byte, free map[int]string) ([]byte, error) {
	return editAt(value, []protowire.Number{valueType, typeTensor, tensorShape}, func(shape []byte) ([]byte, error) {
		rank := 0
		if _, err := edit(shape, func(num protowire.Number, dim []byte) ([]byte, error) {
			if num == shapeDim {
				rank++
			}
			return dim, nil
		}); err != nil || rank != 4 {
			return shape, err
		}
		at := -1
		return edit(shape, func(num protowire.Number, dim []byte) ([]byte, error) {
			if num != shapeDim {
				return dim, nil
			}
			at++
			name, ok := free[at]
			if !ok {
				return dim, nil
			}
			named := protowire.AppendTag(nil, dimParam, protowire.BytesType)
			return protowire.AppendString(named, name), nil
		})
	})
}

// initializers are the names of a graph's weights.
func initializers(graph []byte) (map[string]bool, error) {
	names := map[string]bool{}
	_, err := edit(graph, func(num protowire.Number, tensor []byte) ([]byte, error) {
		if num != graphInitializer {
			return tensor, nil
		}
		name, err := stringField(tensor, tensorName)
		names[name] = true
		return tensor, err
	})
	return names, err
}

// stringField reads one string of a message, "" where it is not set.
func stringField(msg []byte, want protowire.Number) (string, error) {
	text := ""
	_, err := edit(msg, func(num protowire.Number, field []byte) ([]byte, error) {
		if num == want {
			text = string(field)
		}
		return field, nil
	})
	return text, err
}

// editAt edits the message that lies at the end of a path of fields.
func editAt(msg []byte, path []protowire.Number, change func([]byte) ([]byte, error)) ([]byte, error) {
	if len(path) == 0 {
		return change(msg)
	}
	return edit(msg, func(num protowire.Number, field []byte) ([]byte, error) {
		if num != path[0] {
			return field, nil
		}
		return editAt(field, path[1:], change)
	})
}

// dropped is what edit leaves out.
var dropped []byte

// edit passes each length-delimited field of a protobuf message to change and
// gives the message with what came back; all other fields are copied.
func edit(msg []byte, change func(protowire.Number, []byte) ([]byte, error)) ([]byte, error) {
	out := make([]byte, 0, len(msg)+64)
	for len(msg) > 0 {
		num, kind, head := protowire.ConsumeTag(msg)
		if head < 0 {
			return nil, protowire.ParseError(head)
		}
		body := protowire.ConsumeFieldValue(num, kind, msg[head:])
		if body < 0 {
			return nil, protowire.ParseError(body)
		}
		if kind != protowire.BytesType {
			out = append(out, msg[:head+body]...)
			msg = msg[head+body:]
			continue
		}
		field, _ := protowire.ConsumeBytes(msg[head:])
		changed, err := change(num, field)
		if err != nil {
			return nil, err
		}
		if changed != nil {
			out = append(out, msg[:head]...)
			out = protowire.AppendBytes(out, changed)
		}
		msg = msg[head+body:]
	}
	return out, nil
}
