// Package testenv finds, for tests, what set-up installed and what the sample's
// maker made.
package testenv

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Root is the folder of the module: the nearest above that holds go.mod.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod above the working folder")
		}
		dir = up
	}
}

// UseShare points DYADE_SHARE at the checkout's own models where it says
// nothing, so that `go test` alone works after `make setup`.
func UseShare() error {
	root, err := Root()
	if err != nil || os.Getenv("DYADE_SHARE") != "" {
		return err
	}
	return os.Setenv("DYADE_SHARE", filepath.Join(root, "share", "dyade"))
}

// Material is a file of the sample's material.
func Material(t testing.TB, name string) string {
	t.Helper()
	return there(t, "make setup", "share", "sample", name)
}

// Sample is the folder of the sample recording that was made with a seed.
func Sample(t testing.TB, seed int) string {
	t.Helper()
	return there(t, fmt.Sprintf("make sample SEED=%d", seed), "build", "sample", fmt.Sprintf("seed-%d", seed))
}

// Python is Debian's interpreter, the one that set-up fetches the tests' modules
// for; another one in the path may be of a version that cannot load them.
const Python = "/usr/bin/python3"

// Program is the path of a program that set-up installs.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%v: run `make setup`", err)
	}
	return path
}

// Tool is a folder of the tests' own tools.
func Tool(t testing.TB, name string) string {
	t.Helper()
	return there(t, "make setup", "share", "tools", name)
}

func there(t testing.TB, repair string, path ...string) string {
	t.Helper()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	full := filepath.Join(append([]string{root}, path...)...)
	if _, err := os.Stat(full); err != nil {
		t.Fatalf("%v: run `%s`", err, repair)
	}
	return full
}

// Footage is a folder of real recordings that only some machines have; the
// test is skipped on others.
func Footage(t testing.TB, path ...string) string {
	t.Helper()
	dir := os.Getenv("DYADE_FOOTAGE")
	if dir == "" {
		t.Skip("DYADE_FOOTAGE names no folder of real recordings: this machine has none")
	}
	return filepath.Join(append([]string{dir}, path...)...)
}
