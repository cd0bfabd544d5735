//go:build matprofile

package testenv

import (
	"os"

	"gocv.io/x/gocv"
)

// MatsCounted tells whether OpenMats counts.
const MatsCounted = true

// OpenMats is the number of OpenCV matrices not closed; where each was made
// goes to standard error. Only gocv built with the tag matprofile counts them.
func OpenMats() int {
	n := gocv.MatProfile.Count()
	if n != 0 {
		_ = gocv.MatProfile.WriteTo(os.Stderr, 1) // what fails is the count
	}
	return n
}
