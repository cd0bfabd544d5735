// Package models finds the networks and the library that runs them, checks
// them against the manifest, and opens them.
package models

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"dyade/models/manifest"
)

// repair ends each sentence about something that set-up installs.
const repair = "run `make setup` in dyade's source folder, or install the package dyade again"

// Entry is one thing of the manifest.
type Entry = manifest.Entry

// Manifest lists what the program needs when it runs.
func Manifest() []Entry {
	var run []Entry
	for _, e := range manifest.Entries() {
		if e.Use == manifest.Run {
			run = append(run, e)
		}
	}
	return run
}

// Find gives the entry called name.
func Find(name string) (Entry, error) {
	for _, e := range Manifest() {
		if e.Name == name {
			return e, nil
		}
	}
	return Entry{}, fmt.Errorf("nothing in the manifest of models is called %q", name)
}

// ErrAbsent is what errors are that a model's file, or their folder, is not there:
// of no film's fault.
var ErrAbsent = errors.New("a model is not installed")

type absent string

func (a absent) Error() string      { return string(a) }
func (absent) Is(target error) bool { return target == ErrAbsent }

// ShareDir is the folder of what the program needs: $DYADE_SHARE, or
// ../share/dyade beside the executable.
func ShareDir() (string, error) {
	dir, from := os.Getenv("DYADE_SHARE"), "$DYADE_SHARE"
	if dir == "" {
		exe, err := os.Executable()
		if err != nil {
			return "", fmt.Errorf("find the program's own folder (set DYADE_SHARE to the folder of models): %w", err)
		}
		if exe, err = filepath.EvalSymlinks(exe); err != nil {
			return "", fmt.Errorf("find the program's own folder (set DYADE_SHARE to the folder of models): %w", err)
		}
		dir, from = filepath.Join(filepath.Dir(exe), "..", "share", "dyade"), "the folder of models"
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", absent(fmt.Sprintf("%s, %s, is not there: %s, or set DYADE_SHARE to where it is", from, dir, repair))
	}
	return dir, nil
}

// Path of the installed file of the entry called name.
func Path(name string) (string, error) {
	e, err := Find(name)
	if err != nil {
		return "", err
	}
	dir, err := ShareDir()
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, filepath.FromSlash(e.File))
	if _, err := os.Stat(file); err != nil {
		return "", absent(fmt.Sprintf("%s is missing in %s: %s", e.File, dir, repair))
	}
	return file, nil
}

// Problem is one thing of the manifest that is not as it should be.
type Problem struct {
	Entry  Entry
	Reason string // a sentence with what repairs it
}

// Verify compares every installed file with the manifest; no problem means
// that all are there and unchanged.
func Verify() []Problem {
	dir, err := ShareDir()
	if err != nil {
		return []Problem{{Reason: err.Error()}}
	}
	var problems []Problem
	for _, e := range Manifest() {
		if reason := verify(dir, e); reason != "" {
			problems = append(problems, Problem{e, reason})
		}
	}
	return problems
}

// verify gives the sentence about one file, "" where it is as it should be.
func verify(dir string, e Entry) string {
	sum, err := manifest.Sum(filepath.Join(dir, filepath.FromSlash(e.File)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("%s is missing in %s: %s", e.File, dir, repair)
	case err != nil:
		return fmt.Sprintf("%s cannot be read (%v): %s", e.File, err, repair)
	case sum != e.SHA256:
		return fmt.Sprintf("%s in %s is not the file that the manifest names (%s %s): %s",
			e.File, dir, e.Package.Name, e.Package.Version, repair)
	}
	return ""
}
