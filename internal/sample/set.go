package sample

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// TakeSchema names the form of NAME.take.json.
const TakeSchema = "dyade.take/1"

// Set says which part of the measuring set is to be made, and where.
type Set struct {
	Split    string // Tuning or Test
	Only     string // the one take to make; empty: all
	Material string // folder of clips and conversation
	Out      string
	Made     func(name string, took time.Duration) // told of each take; took is 0 where it was there
}

// takeFile is NAME.take.json. It is written last: a take that has it is whole.
type takeFile struct {
	Schema     string   `json:"schema"`
	Name       string   `json:"name"`
	Split      string   `json:"split"`
	Seed       uint64   `json:"seed"`
	Tags       []string `json:"tags"`
	Identities []string `json:"identities"` // clips of the faces in it
	Note       string   `json:"note"`
}

// ErrNoTake is returned for a split or the name of a take that there is not.
var ErrNoTake = errors.New("there is no such take")

// Make makes the takes that are not there yet. The same split gives the same
// bytes with the same build of ffmpeg.
func (s Set) Make(ctx context.Context) error {
	if s.Split != Tuning && s.Split != Test {
		return fmt.Errorf("making the measuring set: %w: a split is %s or %s, not %q", ErrNoTake, Tuning, Test, s.Split)
	}
	if err := os.MkdirAll(s.Out, 0o755); err != nil {
		return fmt.Errorf("making the measuring set's folder: %w", err)
	}
	w, known := &wardrobe{material: s.Material}, false
	for _, t := range takesOf(s.Split) {
		if s.Only != "" && s.Only != t.name {
			continue
		}
		known = true
		if err := s.one(ctx, w, t); err != nil {
			return fmt.Errorf("making the take %s: %w", t.name, err)
		}
	}
	if !known {
		return fmt.Errorf("making the measuring set: %w: %q is not one of %s's", ErrNoTake, s.Only, s.Split)
	}
	return nil
}

// one makes a take aside, in a folder of its name, and moves it into place.
func (s Set) one(ctx context.Context, w *wardrobe, t take) error {
	began, mark := time.Now(), filepath.Join(s.Out, t.name+".take.json")
	if _, err := os.Stat(mark); err == nil {
		s.Made(t.name, 0)
		return nil
	}
	aside := filepath.Join(s.Out, ".part-"+t.name)
	if err := os.RemoveAll(aside); err != nil { // of a run that was killed
		return err
	}
	if err := os.Mkdir(aside, 0o755); err != nil {
		return err
	}
	defer os.RemoveAll(aside)
	identities, err := t.make(ctx, w, filepath.Join(aside, t.name))
	if err != nil {
		return err
	}
	made, err := os.ReadDir(aside)
	if err != nil {
		return err
	}
	for _, f := range made {
		to := filepath.Join(s.Out, f.Name())
		if err := os.RemoveAll(to); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(aside, f.Name()), to); err != nil {
			return err
		}
	}
	err = writeFile(mark, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(takeFile{TakeSchema, t.name, s.Split, t.seed, t.tags, identities, t.note})
	})
	if err == nil {
		s.Made(t.name, time.Since(began))
	}
	return err
}
