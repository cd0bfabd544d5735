package vision

import (
	"fmt"
	"math"

	"gocv.io/x/gocv"

	"dyade/annotate"
)

// Camera motion is believed when the two pictures agree at least so much once
// shifted (phase correlation's response) and the shift is at least so long.
const (
	leastResponse = 0.25
	leastShift    = 0.3  // small pixels: below it is noise
	mostShift     = 24.0 // small pixels: beyond it is a cut or chance
)

// Motion compares each look with the one before it, in order of time. Its zero
// value is ready; one goroutine at a time.
type Motion struct {
	before *Look
}

// Add fills k's Motion and Shift from the look before it, and keeps k.
func (m *Motion) Add(k *Look) error {
	if m.before != nil {
		shift, err := cameraShift(m.before, k)
		if err != nil {
			return fmt.Errorf("compare the pictures before and at %s: %w", k.At.Short(), err)
		}
		k.Shift, k.Motion = shift, change(m.before, k, shift)
	}
	m.before = k
	return nil
}

// cameraShift finds by phase correlation how far the whole picture moved, in shares of its
// sides: people move in front of a still room, so what most of the
// picture does is the camera's doing.
func cameraShift(a, b *Look) (annotate.Point, error) {
	ma, err := floats(a)
	if err != nil {
		return annotate.Point{}, err
	}
	defer ma.Close()
	mb, err := floats(b)
	if err != nil {
		return annotate.Point{}, err
	}
	defer mb.Close()
	window := gocv.NewMat()
	defer window.Close()
	shift, response := gocv.PhaseCorrelate(ma, mb, window)
	x, y := float64(shift.X), float64(shift.Y)
	length := math.Hypot(x, y)
	if !(response >= leastResponse && length >= leastShift && length <= mostShift) {
		return annotate.Point{}, nil
	}
	return annotate.Point{X: x / smallW, Y: y / smallH}, nil
}

// floats is k's small picture as OpenCV's; the caller closes it.
func floats(k *Look) (gocv.Mat, error) {
	m := gocv.NewMatWithSize(smallH, smallW, gocv.MatTypeCV32F)
	data, err := m.DataPtrFloat32()
	if err != nil {
		m.Close()
		return gocv.Mat{}, err
	}
	for i, v := range k.small {
		data[i] = float32(v)
	}
	return m, nil
}

// change is the mean absolute difference per cell once b is moved back by the
// camera's shift. Light that changes everywhere alike is not motion, so the
// mean difference of the whole picture is taken off.
func change(a, b *Look, shift annotate.Point) []uint8 {
	dx, dy := int(math.Round(shift.X*smallW)), int(math.Round(shift.Y*smallH))
	light := int(math.Round(b.Luma - a.Luma))
	grid := make([]uint8, annotate.MotionCols*annotate.MotionRows)
	const side = smallW / annotate.MotionCols
	for row := range annotate.MotionRows {
		for col := range annotate.MotionCols {
			sum, n := 0, 0
			for y := row * side; y < (row+1)*side; y++ {
				for x := col * side; x < (col+1)*side; x++ {
					u, v := x+dx, y+dy
					if u < 0 || v < 0 || u >= smallW || v >= smallH {
						continue
					}
					d := int(b.small[v*smallW+u]) - int(a.small[y*smallW+x]) - light
					sum += max(d, -d)
					n++
				}
			}
			if n > 0 {
				grid[row*annotate.MotionCols+col] = uint8(min(255, sum/n))
			}
		}
	}
	return grid
}
