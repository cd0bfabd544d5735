// Package eval compares what dyade finds with what labels say.
package eval

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"dyade/internal/ordered"
	"dyade/internal/version"
	"dyade/pipeline/eval/report"
)

// ErrNoMedia is returned where no label has a recording.
var ErrNoMedia = errors.New("no label has a recording")

// Options of an evaluation.
type Options struct {
	Media     string   // folder of the recordings; empty: beside the labels and above
	AsShipped bool     // look at the pictures that an analysis looks at, not at all
	Shortcuts []string // names of recordings on which to measure what shortcuts cost
	Workers   int      // recordings that are evaluated at once
	// Progress is told how many are done, and which was the last of them.
	Progress func(done, of int, name string)
}

// Run analyses every recording that has labels in one of the folders, and compares.
func Run(ctx context.Context, dirs []string, opt Options) (*report.Report, error) {
	out := &report.Report{Schema: report.Schema, Dyade: version.Version, AsShipped: opt.AsShipped, Recordings: []report.Recording{}, Unmatched: []string{}}
	var jobs []job
	for _, dir := range dirs {
		list, lost, err := find(dir, opt.Media)
		if err != nil {
			return nil, err
		}
		out.Unmatched = append(out.Unmatched, lost...)
		more, err := jobsOf(dir, list, opt)
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, more...)
	}
	if len(jobs) == 0 {
		return nil, ErrNoMedia
	}
	if err := known(jobs, opt.Shortcuts); err != nil {
		return nil, err
	}
	err := evaluate(ctx, jobs, opt, func(r *report.Recording) { out.Recordings = append(out.Recordings, *r) })
	if err != nil {
		return nil, err
	}
	out.Sum()
	return out, nil
}

// job is one thing to evaluate: a recording, stills, a picture.
type job struct {
	name string
	do   func(ctx context.Context, workers int) (*report.Recording, error)
}

// jobsOf reads all that a folder holds of labels, so that a fault in one is known
// before hours of work. Stills come first: one worker looks at all of a folder, and none
// is to wait for that at the end.
func jobsOf(dir string, list []labelled, opt Options) (jobs []job, err error) {
	if jobs, err = stillsOf(dir); err != nil {
		return nil, err
	}
	for _, l := range list {
		truth, err := l.read()
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, job{l.name, func(ctx context.Context, workers int) (*report.Recording, error) {
			return l.evaluate(ctx, truth, opt.AsShipped, slices.Contains(opt.Shortcuts, l.name), workers)
		}})
	}
	pictures, err := countPictures(dir)
	return append(jobs, pictures...), err
}

// known tells of names that are asked for and that no recording has.
func known(jobs []job, names []string) error {
	for _, name := range names {
		if !slices.ContainsFunc(jobs, func(j job) bool { return j.name == name }) {
			return fmt.Errorf("measure shortcuts on %q: no recording of that name has labels", name)
		}
	}
	return nil
}

// evaluate does the jobs and hands what they give on in order.
func evaluate(ctx context.Context, jobs []job, opt Options, take func(*report.Recording)) error {
	atOnce := max(1, min(opt.Workers, len(jobs)))
	return ordered.Do(ctx, len(jobs), atOnce,
		func(ctx context.Context, i int) (*report.Recording, error) {
			r, err := jobs[i].do(ctx, max(1, opt.Workers/atOnce))
			if err != nil {
				return nil, fmt.Errorf("evaluate %s: %w", jobs[i].name, err)
			}
			return r, nil
		},
		func(i int, r *report.Recording) error {
			take(r)
			if opt.Progress != nil {
				opt.Progress(i+1, len(jobs), jobs[i].name)
			}
			return nil
		})
}
