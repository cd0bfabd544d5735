package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"dyade/internal/i18n"
	"dyade/pipeline/reel"
)

// outputs are the files that a command is to write. They are looked at before any work
// is done for them.
type outputs struct {
	t    *terminal
	from []string // that it is made from: none of these may be replaced
	all  map[string]bool
}

func (p *picked) outputs(t *terminal) *outputs {
	o := &outputs{t: t, from: []string{p.document}, all: map[string]bool{}}
	for _, path := range p.films {
		o.from = append(o.from, path)
	}
	return o
}

// film adds one that takes the place of a file.
func (o *outputs) film(path string) error {
	return o.add(path, reel.Place(path, o.from...))
}

// clip adds one whose name nobody chose: it takes the place of no film but such a one.
func (o *outputs) clip(path string) error {
	if err := o.film(path); err != nil {
		return err
	}
	if _, err := os.Lstat(path); err == nil && !reel.Rendered(path) {
		return wrongUse{i18n.T(o.t.lang, "reel_clip_there", path)}
	}
	return nil
}

// document adds one that may also go to a terminal or to another program.
func (o *outputs) document(path string) error {
	err := reel.Place(path, o.from...)
	if info, missing := os.Stat(path); errors.Is(err, reel.ErrNoFile) && missing == nil && !info.IsDir() {
		err = nil
	}
	return o.add(path, err)
}

func (o *outputs) add(path string, err error) error {
	full, unknown := filepath.Abs(path)
	if unknown != nil {
		return unknown
	}
	switch {
	case errors.Is(err, reel.ErrItself):
		return wrongUse{i18n.T(o.t.lang, "output_over_source", path)}
	case errors.Is(err, reel.ErrNoFile):
		return wrongUse{i18n.T(o.t.lang, "output_no_file", path)}
	case o.all[full]:
		return wrongUse{i18n.T(o.t.lang, "output_twice", path)}
	}
	o.all[full] = true
	return err
}

// clipPath is where the n-th clip goes, from 0.
func clipPath(dir string, n int) string { return filepath.Join(dir, fmt.Sprintf("%02d.mp4", n+1)) }

// writeDocument writes a file whole, or leaves it as it was.
func writeDocument(path string, doc []byte) error {
	const mode = 0o644
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return os.WriteFile(path, doc, mode)
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".dyade-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	aside := filepath.Join(dir, "document")
	if err := os.WriteFile(aside, doc, mode); err != nil {
		return err
	}
	return os.Rename(aside, path)
}
