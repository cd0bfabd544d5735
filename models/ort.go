package models

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	ort "github.com/yalue/onnxruntime_go"
)

// Tensor is a dense array of float32, row by row.
type Tensor struct {
	Shape []int64
	Data  []float32
}

// Session runs one network on the CPU. It is not for several goroutines at
// once: open one for each. Close it.
type Session struct {
	name    string
	session *ort.DynamicAdvancedSession
	outputs int
}

var (
	startOnce sync.Once
	startErr  error
	live      atomic.Int64 // sessions and tensors open in C memory
)

// Live counts what this package holds in C memory now, for leak checks.
func Live() int { return int(live.Load()) }

// start loads the ONNX Runtime library once for the process: it can be loaded
// neither twice nor from two places.
func start() error {
	startOnce.Do(func() {
		lib, err := Path("onnxruntime")
		if err != nil {
			startErr = err
			return
		}
		// Before it can be told to be silent, ONNX Runtime makes a number for this
		// machine and a file of what it would report, unless it finds this.
		if err := os.Setenv("ORT_DISABLE_TELEMETRY", "1"); err != nil {
			startErr = fmt.Errorf("switch off ONNX Runtime's telemetry: %w", err)
			return
		}
		ort.SetSharedLibraryPath(lib)
		if err := ort.InitializeEnvironment(ort.WithLogLevelError()); err != nil {
			startErr = fmt.Errorf("start ONNX Runtime from %s (%s): %w", lib, repair, err)
			return
		}
		if err := ort.DisableTelemetry(); err != nil {
			startErr = fmt.Errorf("switch off ONNX Runtime's telemetry: %w", err)
		}
	})
	return startErr
}

// Open loads the network called name in the manifest, to run on the given
// number of threads. One thread gives the same bits on every run. What a run needed is
// held for the next one.
func Open(name string, threads int) (*Session, error) { return load(name, threads, true) }

// OpenSparing is Open for a network that needs much and runs seldom: it gives back what
// a run needed.
func OpenSparing(name string, threads int) (*Session, error) { return load(name, threads, false) }

func load(name string, threads int, hold bool) (*Session, error) {
	if err := start(); err != nil {
		return nil, err
	}
	path, err := Path(name)
	if err != nil {
		return nil, err
	}
	s, err := open(path, threads, hold)
	if err != nil {
		return nil, fmt.Errorf("open the network %s at %s: %w", name, path, err)
	}
	s.name = name
	return s, nil
}

func open(path string, threads int, hold bool) (s *Session, err error) {
	opts, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, opts.Destroy()) }()
	// Patterns of memory are kept for each shape of input, of which there are
	// many here: without them 30 MB less are held, and nothing takes longer.
	if err := errors.Join(
		opts.SetMemPattern(false),
		opts.SetCpuMemArena(hold),
		opts.SetIntraOpNumThreads(threads),
		opts.SetInterOpNumThreads(1),
		opts.SetGraphOptimizationLevel(ort.GraphOptimizationLevelEnableAll),
	); err != nil {
		return nil, err
	}
	in, out, err := ort.GetInputOutputInfo(path)
	if err != nil {
		return nil, err
	}
	session, err := ort.NewDynamicAdvancedSession(path, names(in), names(out), opts)
	if err != nil {
		return nil, err
	}
	live.Add(1)
	return &Session{session: session, outputs: len(out)}, nil
}

func names(infos []ort.InputOutputInfo) []string {
	list := make([]string, len(infos))
	for i, x := range infos {
		list[i] = x.Name
	}
	return list
}

// Run gives the network its inputs, in the order of its graph, and returns its
// outputs in the same manner, copied into Go memory.
func (s *Session) Run(inputs ...Tensor) ([]Tensor, error) {
	in := make([]ort.Value, 0, len(inputs))
	out := make([]ort.Value, s.outputs)
	defer func() { destroy(in); destroy(out) }()
	for _, x := range inputs {
		t, err := ort.NewTensor(ort.NewShape(x.Shape...), x.Data)
		if err != nil {
			return nil, fmt.Errorf("run %s: make an input of shape %v: %w", s.name, x.Shape, err)
		}
		live.Add(1)
		in = append(in, t)
	}
	if err := s.session.Run(in, out); err != nil {
		return nil, fmt.Errorf("run %s: %w", s.name, err)
	}
	live.Add(int64(len(out)))
	result := make([]Tensor, len(out))
	for i, v := range out {
		t, ok := v.(*ort.Tensor[float32])
		if !ok {
			return nil, fmt.Errorf("run %s: output %d is not of float32", s.name, i)
		}
		result[i] = Tensor{Shape: t.GetShape().Clone(), Data: append([]float32(nil), t.GetData()...)}
	}
	return result, nil
}

func destroy(values []ort.Value) {
	for _, v := range values {
		if v != nil && v.Destroy() == nil {
			live.Add(-1)
		}
	}
}

// Close frees the network.
func (s *Session) Close() error {
	if s.session == nil {
		return nil
	}
	err := s.session.Destroy()
	s.session = nil
	live.Add(-1)
	return err
}
