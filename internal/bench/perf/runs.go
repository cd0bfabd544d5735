package perf

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"dyade/internal/bench"
)

// measurement is one run of `dyade bench decode`.
type measurement struct {
	name   string
	film   string
	about  string
	flags  []string
	rounds int // fewer than asked for; 0: as many
}

func (m measurement) analyzes() bool { return slices.Contains(m.flags, "--analyze") }

// measurements in the order in which the page shows them. The last two take long
// and 10 GB.
var measurements = []measurement{
	{"p60", "p60", "", nil, 0},
	{"b60", "b60", "", nil, 0},
	{"hevc60", "hevc60", "", nil, 0},
	{"long60", "long60", "", nil, 0},
	{"dear60", "dear60", "", nil, 0},
	{"hevc4k20", "hevc4k20", "", nil, 0},
	{"p60-one-core", "p60", "on one core", []string{"--cores", "1"}, 0},
	{"p600-analyze", "p600", "whole analysis", []string{"--analyze"}, 0},
	{"b600-analyze", "b600", "whole analysis", []string{"--analyze"}, 0},
	{"p60-analyze", "p60", "whole analysis", []string{"--analyze"}, 0},
	{"p60-analyze-one-core", "p60", "whole analysis on one core", []string{"--analyze", "--cores", "1"}, 0},
	{"hevc4k20-analyze", "hevc4k20", "whole analysis", []string{"--analyze"}, 0},
	{"p5400-analyze", "p5400", "whole analysis", []string{"--analyze", "--peers", ""}, 1},
	{"p5400-index", "p5400", "packet index", []string{"--index", "--peers", ""}, 0},
}

// Maker makes the page.
type Maker struct {
	Root   string // the project's folder
	Rounds int
	Date   string
	Say    func(format string, args ...any)
}

func (m *Maker) dir(parts ...string) string {
	return filepath.Join(append([]string{m.Root, "build", "bench"}, parts...)...)
}

// Names lists the measurements.
func Names() (names []string) {
	for _, x := range measurements {
		names = append(names, x.name)
	}
	return names
}

// Run makes the measurements of those names, all where there are none, and
// writes the page from these and from what earlier runs have left.
func (m *Maker) Run(ctx context.Context, names []string) error {
	for _, n := range names {
		if !slices.Contains(Names(), n) {
			return fmt.Errorf("there is no measurement %q: choose from %s", n, strings.Join(Names(), " "))
		}
	}
	if err := os.MkdirAll(m.dir("results"), 0o755); err != nil {
		return fmt.Errorf("making a folder for the results: %w", err)
	}
	for _, x := range measurements {
		if len(names) > 0 && !slices.Contains(names, x.name) {
			continue
		}
		if err := m.measure(ctx, x); err != nil {
			return err
		}
	}
	return m.Write()
}

// measure runs the program as a person would and keeps what it says. A failure
// of dyade's stays in the report, for the page to show.
func (m *Maker) measure(ctx context.Context, x measurement) error {
	path, err := m.Film(ctx, x.film)
	if err != nil {
		return err
	}
	m.Say("measuring %s", x.name)
	rounds := m.Rounds
	if x.rounds > 0 {
		rounds = min(rounds, x.rounds)
	}
	args := []string{"bench", "decode", path, "--json", "--lang", "en", "--date", m.Date, "--rounds", strconv.Itoa(rounds)}
	cmd := exec.CommandContext(ctx, filepath.Join(m.Root, "bin", "dyade"), append(args, x.flags...)...)
	cmd.Dir, cmd.Stderr = m.Root, os.Stderr
	out, err := cmd.Output()
	if !json.Valid(out) {
		return fmt.Errorf("measuring %s: %w", x.name, err)
	}
	if err := os.WriteFile(m.dir("results", x.name+".json"), out, 0o644); err != nil {
		return fmt.Errorf("keeping the result of %s: %w", x.name, err)
	}
	return nil
}

// Write makes the page and its plot from the results that are there.
func (m *Maker) Write() error {
	found := results{}
	for _, x := range measurements {
		r, err := read(m.dir("results", x.name+".json"))
		switch {
		case err == nil:
			found[x.name] = r
		case !errors.Is(err, fs.ErrNotExist): // what was not measured is no error
			return err
		}
	}
	docs := filepath.Join(m.Root, "docs")
	if drawn := plot(found); drawn != "" {
		if err := os.WriteFile(filepath.Join(docs, "images", plotFile), []byte(drawn), 0o644); err != nil {
			return fmt.Errorf("writing the plot: %w", err)
		}
	}
	if err := os.WriteFile(filepath.Join(docs, "performance.md"), []byte(page(found)), 0o644); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// results are the reports by the measurement's name.
type results map[string]*bench.Report

// read gives a result; the error wraps fs.ErrNotExist where there is none.
func read(file string) (*bench.Report, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading a result: %w", err)
	}
	var r bench.Report
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("reading %s: %w; remove it, and run `make bench` again", file, err)
	}
	return &r, nil
}
