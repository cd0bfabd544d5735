package testenv

import (
	"fmt"
	"os"
	"testing"
)

// Main runs a package's tests with the checkout's models, then fails them if
// anything is left open in C memory: each check says what.
func Main(m *testing.M, checks ...func() string) {
	if err := UseShare(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	checks = append(checks, func() string {
		if n := OpenMats(); n != 0 {
			return fmt.Sprint(n, " OpenCV matrices")
		}
		return ""
	})
	for _, left := range checks {
		if s := left(); s != "" && code == 0 {
			fmt.Fprintln(os.Stderr, "left open in C memory:", s)
			code = 1
		}
	}
	os.Exit(code)
}

// Count makes a check of a number of open things.
func Count(what string, live func() int) func() string {
	return func() string {
		if n := live(); n != 0 {
			return fmt.Sprint(n, " ", what)
		}
		return ""
	}
}
