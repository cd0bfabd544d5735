// Package bench times dyade beside other programs on the same work: one file,
// one run, alternating order, each time with an empty cache, and no time without
// the pictures that it was for.
package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dyade/internal/version"
)

// Options of a benchmark.
type Options struct {
	Program string // dyade itself, run once for each time taken
	Rounds  int    // of which the shortest time counts; at least 1
	Cores   int    // that every program is held to; 0: all
	Analyze bool   // whole analyses are timed instead of decoding
	Index   bool   // making the packet index is, by dyade alone
	Peers   string // folder of the Python packages to measure against; "": against none
	Date    string // as it is to stand in the report
	// Progress is told what is about to be timed.
	Progress func(round int, work Work, tool Tool)
}

// Measure times the works on the film at path. A program that fails, or does less
// than the work, is noted in its row. Errors: a file that cannot be read
// (*decode.Unreadable) or has no picture (ErrNoPicture), a machine without room
// for what a run writes, and ctx's.
func Measure(ctx context.Context, path string, o Options) (*Report, error) {
	film, err := look(ctx, path)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "dyade-bench-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the benchmark: %w", err)
	}
	defer os.RemoveAll(dir)
	var p *peers // nil: none takes part
	if o.Peers != "" {
		if p, err = findPeers(ctx, dir, o.Peers); err != nil {
			return nil, err
		}
	}
	entries := entrants(ctx, film, o, p)
	for round := 1; round <= o.Rounds; round++ {
		for _, e := range inOrder(entries, round) {
			if e.row.State != Measured {
				continue
			}
			o.Progress(round, e.row.Work, e.row.Tool)
			if err := e.time(ctx, dir, o.Cores); err != nil {
				return nil, err
			}
		}
	}
	return report(ctx, film, o, entries), nil
}

// inOrder turns the order round each time, so that none always comes after the
// same other.
func inOrder(entries []*entrant, round int) []*entrant {
	if round%2 == 1 {
		return entries
	}
	turned := slices.Clone(entries)
	slices.Reverse(turned)
	return turned
}

// time takes one time of e, in a folder of its own with an empty cache. The error
// is ctx's, or that of the folder; what is wrong with e goes into its row.
func (e *entrant) time(ctx context.Context, dir string, cores int) error {
	aside, err := os.MkdirTemp(dir, "run-")
	if err != nil {
		return fmt.Errorf("making a folder for a run: %w", err)
	}
	defer os.RemoveAll(aside)
	argv := slices.Clone(e.argv)
	for i, a := range argv {
		if a == outFolder {
			argv[i] = filepath.Join(aside, "out")
		}
	}
	env := append(slices.Clone(e.env), "XDG_CACHE_HOME="+filepath.Join(aside, "cache"))
	run, heard, err := child(ctx, argv, env, cores, e.hear)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		e.fail(err.Error())
		return nil
	case !heard.done:
		e.fail("it ended without a result")
		return nil
	case heard.Frames < e.least || heard.Frames > e.most:
		e.fail(fmt.Sprintf("%d pictures where %s are the work", heard.Frames, between(e.least, e.most)))
		return nil
	}
	run.Frames = heard.Frames
	e.row.Runs = append(e.row.Runs, run)
	return nil
}

func between(least, most int) string {
	if least == most {
		return fmt.Sprint(least)
	}
	return fmt.Sprintf("%d to %d", least, most)
}

func (e *entrant) fail(why string) { e.row.State, e.row.Why = Failed, why }

func report(ctx context.Context, film Film, o Options, entries []*entrant) *Report {
	r := &Report{
		Schema: Schema, Dyade: version.Version, Date: o.Date, Machine: machine(ctx),
		Film: film, Rounds: o.Rounds, Cores: o.Cores, Rows: []Row{},
	}
	if r.Cores == 0 {
		r.Cores = r.Machine.Cores
	}
	for _, e := range entries {
		e.row.settle()
		r.Rows = append(r.Rows, e.row)
	}
	if y := r.Row(All, FFmpeg); y != nil && y.Seconds != nil {
		for i := range r.Rows {
			if s := r.Rows[i].Seconds; s != nil {
				ratio := *s / *y.Seconds
				r.Rows[i].Ratio = &ratio
			}
		}
	}
	return r
}

// shown is a command as a person would type it: programs and files by their own
// names.
func shown(argv []string) string {
	words := make([]string, len(argv))
	for i, a := range argv {
		if filepath.IsAbs(a) && a != os.DevNull {
			a = filepath.Base(a)
		}
		words[i] = a
	}
	return strings.Join(words, " ")
}
