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

// stillsDir is the folder of stills in a folder of labels.
const stillsDir = "stills"

// stillsOf is the job of a folder's stills, if it has any.
func stillsOf(dir string) ([]job, error) {
	dir = filepath.Join(dir, stillsDir)
	heads, err := load(filepath.Join(dir, label.HeadsFile), label.Heads)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("labels of %s: %w", label.HeadsFile, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the folder of stills: %w", err)
	}
	by := map[string][]label.Head{}
	for _, h := range heads {
		by[h.File] = append(by[h.File], h)
	}
	var names []string
	for _, e := range entries {
		if strings.EqualFold(filepath.Ext(e.Name()), ".png") {
			names = append(names, e.Name())
		}
	}
	for name := range by {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("labels of %s: the picture %s is not there", label.HeadsFile, name)
		}
	}
	return []job{{stillsDir, func(ctx context.Context, workers int) (*report.Recording, error) {
		return evaluateStills(ctx, dir, names, by, workers)
	}}}, nil
}

func evaluateStills(ctx context.Context, dir string, names []string, heads map[string][]label.Head, workers int) (r *report.Recording, err error) {
	eyes := make(chan *pipeline.Eye, workers)
	for range workers {
		eye, err := pipeline.OpenEye()
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, eye.Close()) }()
		eyes <- eye
	}
	var list []compare.Still
	err = ordered.Do(ctx, len(names), workers,
		func(_ context.Context, i int) (compare.Still, error) {
			eye := <-eyes
			defer func() { eyes <- eye }()
			g, err := eye.Look(filepath.Join(dir, names[i]))
			return compare.Still{Width: float64(g.Width), Heads: heads[names[i]], Found: g.Faces, Mirrored: g.Mirrored}, err
		},
		func(_ int, s compare.Still) error { list = append(list, s); return nil })
	if err != nil {
		return nil, err
	}
	r = &report.Recording{Name: stillsDir, Frames: len(names), Made: true, Tags: []string{}, Labels: []string{label.HeadsFile}}
	r.Add(compare.Stills(list)...)
	r.Finish()
	return r, nil
}
