package eval

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"dyade/pipeline/eval/label"
)

// truth is what the label files of one recording say; what has no file is empty.
type truth struct {
	take      *label.Take // nil: it is nobody's made recording
	speech    []label.Speech
	machine   []label.Speech
	speakers  []label.Speech
	facing    []label.State
	closeness []label.State
	faces     []int
	moments   []label.Moment
	people    []label.Person
}

// read reads them all.
func (l labelled) read() (*truth, error) {
	t := &truth{}
	for _, ending := range endings {
		path, ok := l.files[ending]
		if !ok {
			continue
		}
		if err := t.read(ending, path); err != nil {
			return nil, fmt.Errorf("labels of %s: %w", filepath.Base(path), err)
		}
	}
	return t, nil
}

func (t *truth) read(ending, path string) (err error) {
	switch ending {
	case takeEnding:
		t.take, err = load(path, label.ReadTake)
	case ".rttm":
		t.speech, err = load(path, label.RTTM)
	case ".machine.rttm":
		t.machine, err = load(path, label.RTTM)
	case ".csv":
		t.speakers, err = load(path, label.Speakers)
	case ".facing.csv":
		t.facing, err = load(path, label.Facings)
	case ".closeness.csv":
		t.closeness, err = load(path, label.Closenesses)
	case ".faces.csv":
		t.faces, err = load(path, label.Faces)
	case ".moments.csv":
		t.moments, err = load(path, label.Moments)
	case ".people.csv":
		t.people, err = load(path, label.People)
	}
	return err
}

func load[T any](path string, read func(io.Reader) (T, error)) (T, error) {
	f, err := os.Open(path)
	if err != nil {
		var none T
		return none, err
	}
	defer f.Close()
	return read(f)
}

// tags of the recording; none where it has no take.json.
func (t *truth) tags() []string {
	if t.take == nil || t.take.Tags == nil {
		return []string{}
	}
	return t.take.Tags
}
