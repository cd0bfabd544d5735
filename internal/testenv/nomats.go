//go:build !matprofile

package testenv

// MatsCounted tells whether OpenMats counts.
const MatsCounted = false

// OpenMats counts nothing without the tag matprofile.
func OpenMats() int { return 0 }
