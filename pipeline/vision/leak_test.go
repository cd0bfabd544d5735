package vision_test

import (
	"testing"

	"gocv.io/x/gocv"

	"dyade/internal/testenv"
)

// The check for matrices left open can fail: an open one is counted, when gocv
// is built to count.
func TestMatsAreCounted(t *testing.T) {
	before := testenv.OpenMats()
	m := gocv.NewMat()
	defer m.Close()
	if n := testenv.OpenMats() - before; (n == 1) != testenv.MatsCounted {
		t.Errorf("%d more are counted", n)
	}
}
