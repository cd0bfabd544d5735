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

// apart is how far back, in seconds, a look is compared at least: motion then
// means the same however densely a film is looked at.
const apart = 0.3

// wild is the mean change over a picture, in luma steps, above which a camera's
// movement that is not found is unknown rather than none.
const wild = 25

// Motion compares each look with one shortly before it, in order of time. Its
// zero value is ready; one goroutine at a time.
type Motion struct {
	past []*Look // the newest last
}

// Add fills what k says of motion, and keeps k.
func (m *Motion) Add(k *Look) error {
	at := k.At.Seconds()
	for len(m.past) > 1 && at-m.past[1].At.Seconds() >= apart-1e-6 {
		m.past = m.past[1:]
	}
	if len(m.past) > 0 && at-m.past[0].At.Seconds() >= apart-1e-6 {
		if err := k.compare(m.past[0]); err != nil {
			return fmt.Errorf("compare the pictures at %s and %s: %w", m.past[0].At.Short(), k.At.Short(), err)
		}
	}
	m.past = append(m.past, k)
	return nil
}

// compare fills k's motion against an earlier look.
func (k *Look) compare(before *Look) error {
	shift, found, err := cameraShift(before, k)
	if err != nil {
		return err
	}
	k.MotionS = k.At.Seconds() - before.At.Seconds()
	grid := change(before, k, shift)
	k.ShiftKnown = found || mean(grid) <= wild
	if k.ShiftKnown {
		k.Shift, k.Motion = shift, grid
	}
	return nil
}

func mean(grid []uint8) int {
	sum := 0
	for _, v := range grid {
		sum += int(v)
	}
	return sum / len(grid)
}

// cameraShift finds by phase correlation how far the whole picture moved, in
// shares of its sides: people move in front of a still room, so what most of
// the picture does is the camera's doing. found is false where it cannot be
// told from chance.
func cameraShift(a, b *Look) (shift annotate.Point, found bool, err error) {
	ma, err := floats(a)
	if err != nil {
		return annotate.Point{}, false, err
	}
	defer ma.Close()
	mb, err := floats(b)
	if err != nil {
		return annotate.Point{}, false, err
	}
	defer mb.Close()
	window := gocv.NewMat()
	defer window.Close()
	moved, response := gocv.PhaseCorrelate(ma, mb, window)
	x, y := float64(moved.X), float64(moved.Y)
	length := math.Hypot(x, y)
	if !(response >= leastResponse && length <= mostShift) {
		return annotate.Point{}, false, nil
	}
	if length < leastShift {
		return annotate.Point{}, true, nil
	}
	return annotate.Point{X: x / smallW, Y: y / smallH}, true, nil
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
