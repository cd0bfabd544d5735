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
	leastShift    = 0.15 // small pixels: below it is noise
	mostShift     = 10.0 // small pixels: beyond it is a cut or chance
)

// apart is how far back, in seconds, a look is compared at least: motion then
// means the same however densely a film is looked at.
const apart = 0.3

// farthest is how far back, in seconds, a look is compared at most: over more,
// everything has changed, and it says nothing of when.
const farthest = 1.6

// wild is the mean change over a picture, in luma steps, above which a camera's
// movement that is not found is unknown rather than none.
const wild = 25

// Compare fills what each look says of motion, against the one before it that is
// nearest but far enough away. Looks are in order of time; those compared with
// the same one already stay as they are.
func Compare(looks []*Look) error {
	first := 0
	for i, k := range looks {
		at := k.At.Seconds()
		for first+1 < i && at-looks[first+1].At.Seconds() >= apart-1e-6 {
			first++
		}
		before := looks[first]
		if far := at - before.At.Seconds(); before == k.against || far < apart-1e-6 || far > farthest {
			continue
		}
		if err := k.compare(before); err != nil {
			return fmt.Errorf("compare the pictures at %s and %s: %w", before.At.Short(), k.At.Short(), err)
		}
		k.against = before
	}
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
	k.Shift, k.Motion = annotate.Point{}, nil
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
	for i, v := range k.Small {
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
					d := int(b.Small[v*smallW+u]) - int(a.Small[y*smallW+x]) - light
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
