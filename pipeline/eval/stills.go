package eval

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dyade/internal/ordered"
	"dyade/pipeline"
	"dyade/pipeline/eval/compare"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/report"
)

// stillEndings are those of pictures among stills.
var stillEndings = []string{".png", ".jpg", ".jpeg"}

// stillsOf are the jobs of the folders of stills within a folder of labels: those
// that hold stills.heads.csv. FOLDER.take.json beside one says what it is of.
func stillsOf(dir string) (jobs []job, err error) {
	tables, err := filepath.Glob(filepath.Join(dir, "*", label.HeadsFile))
	if err != nil {
		return nil, fmt.Errorf("look for stills: %w", err)
	}
	for _, table := range tables {
		s := stills{dir: filepath.Dir(table), tags: []string{}}
		if err := s.read(); err != nil {
			return nil, fmt.Errorf("labels of the stills in %s: %w", filepath.Base(s.dir), err)
		}
		jobs = append(jobs, job{filepath.Base(s.dir), s.evaluate})
	}
	return jobs, nil
}

// stills are pictures and who is in each.
type stills struct {
	dir   string
	made  bool // for measuring: there is FOLDER.take.json
	tags  []string
	names []string // of the pictures
	heads map[string][]label.Head
}

func (s *stills) read() error {
	take, err := load(s.dir+takeEnding, label.ReadTake)
	if err == nil {
		s.made, s.tags = true, slices.Concat(s.tags, take.Tags)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s%s: %w", filepath.Base(s.dir), takeEnding, err)
	}
	heads, err := load(filepath.Join(s.dir, label.HeadsFile), label.Heads)
	if err != nil {
		return fmt.Errorf("%s: %w", label.HeadsFile, err)
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if slices.Contains(stillEndings, strings.ToLower(filepath.Ext(e.Name()))) {
			s.names = append(s.names, e.Name())
		}
	}
	s.heads = map[string][]label.Head{}
	for _, h := range heads {
		if !slices.Contains(s.names, h.File) {
			return fmt.Errorf("the picture %s is not there", h.File)
		}
		s.heads[h.File] = append(s.heads[h.File], h)
	}
	return nil
}

// evaluate looks at every picture on its own.
func (s *stills) evaluate(ctx context.Context, workers int) (r *report.Recording, err error) {
	eyes, err := openEyes(workers)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, eyes.close()) }()
	var list []compare.Still
	err = ordered.Do(ctx, len(s.names), workers,
		func(_ context.Context, i int) (compare.Still, error) {
			eye := <-eyes
			defer func() { eyes <- eye }()
			g, err := eye.Look(filepath.Join(s.dir, s.names[i]))
			return compare.Still{Width: float64(g.Width), Heads: s.heads[s.names[i]], Found: g.Faces, Mirrored: g.Mirrored}, err
		},
		func(_ int, one compare.Still) error { list = append(list, one); return nil })
	if err != nil {
		return nil, err
	}
	r = &report.Recording{Name: filepath.Base(s.dir), Frames: len(s.names), Made: s.made, Tags: s.tags, Labels: []string{label.HeadsFile}}
	r.Add(compare.Stills(list)...)
	r.Finish()
	return r, nil
}

// eyes are as many as can look at once.
type eyes chan *pipeline.Eye

func openEyes(n int) (e eyes, err error) {
	e = make(eyes, n)
	for range n {
		eye, err := pipeline.OpenEye()
		if err != nil {
			return nil, errors.Join(err, e.close())
		}
		e <- eye
	}
	return e, nil
}

// close closes those that look at nothing: all, once the work is over.
func (e eyes) close() (err error) {
	for range len(e) {
		err = errors.Join(err, (<-e).Close())
	}
	return err
}
