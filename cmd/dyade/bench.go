package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"text/tabwriter"

	"dyade/internal/bench"
	"dyade/internal/i18n"
)

// benchmark is `dyade bench decode` and `dyade bench work`.
func benchmark(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("bench")
	asJSON := f.Bool("json", false, "")
	analyze := f.Bool("analyze", false, "")
	index := f.Bool("index", false, "")
	rounds := f.Int("rounds", 3, "")
	cores := f.Int("cores", 0, "")
	peers := f.String("peers", "build/peers", "")
	date := f.String("date", "", "")
	quiet := f.Bool("quiet", false, "")
	lang := f.String("lang", "", "")
	operands := 2
	if len(args) > 0 && args[0] == "work" {
		operands = 3
	}
	if err := t.parse(f, args, operands); err != nil {
		return err
	}
	if err := t.speak(*lang); err != nil {
		return err
	}
	switch {
	case f.Arg(0) == "work":
		return t.benchWork(ctx, f.Arg(1), f.Arg(2))
	case f.Arg(0) != "decode" || *rounds < 1 || *cores < 0 || *analyze && *index:
		return wrongUse{i18n.T(t.lang, "cli_help_bench")}
	}
	program, err := self()
	if err != nil {
		return err
	}
	report, err := bench.Measure(ctx, f.Arg(1), bench.Options{
		Program: program, Rounds: *rounds, Cores: *cores, Analyze: *analyze, Index: *index, Peers: *peers, Date: *date,
		Progress: func(round int, w bench.Work, tool bench.Tool) {
			if !*quiet {
				t.say("bench_round", round, *rounds, string(w), string(tool))
			}
		},
	})
	if errors.Is(err, bench.ErrNoPicture) {
		return errors.New(i18n.T(t.lang, "bench_no_picture", f.Arg(1)))
	}
	if err != nil {
		return err
	}
	if err := t.benchmarked(report, *asJSON); err != nil {
		return err
	}
	return report.Check()
}

// benchWork does one work by dyade alone and says what it did, in JSON.
func (t *terminal) benchWork(ctx context.Context, work, path string) error {
	said, err := bench.Do(ctx, bench.Work(work), path)
	if errors.Is(err, bench.ErrNoWork) {
		return wrongUse{i18n.T(t.lang, "cli_help_bench")}
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(t.out).Encode(said)
}

// self is this program, as it was started.
func self() (string, error) {
	program, err := exec.LookPath(os.Args[0])
	if err != nil {
		return "", fmt.Errorf("finding this program to run it again: %w", err)
	}
	return program, nil
}

func (t *terminal) benchmarked(r *bench.Report, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(t.out)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	m := r.Machine
	fmt.Fprintln(t.out, i18n.T(t.lang, "bench_machine", m.CPU, r.Cores, m.Cores, m.OS, m.FFmpeg))
	fmt.Fprintln(t.out, i18n.T(t.lang, "bench_film", r.Film.Name, r.Film.Codec, r.Film.Width, r.Film.Height, r.Film.Frames, i18n.Duration(t.lang, r.Film.DurationS)))
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	var head []string
	for _, column := range []string{"work", "tool", "seconds", "first", "ratio", "pictures", "memory", "command"} {
		head = append(head, i18n.T(t.lang, "bench_column_"+column))
	}
	fmt.Fprintln(w, strings.Join(head, "\t"))
	for _, row := range r.Rows {
		fmt.Fprintln(w, strings.Join(t.benchRow(row), "\t"))
	}
	return w.Flush()
}

func (t *terminal) benchRow(row bench.Row) []string {
	cells := []string{i18n.T(t.lang, "bench_work_"+string(row.Work)), strings.TrimSpace(string(row.Tool) + " " + row.Version)}
	what := row.Command
	switch row.State {
	case bench.Missing:
		what = i18n.T(t.lang, "bench_missing")
	case bench.Failed:
		what = i18n.T(t.lang, "bench_failed", row.Why, row.Command)
	}
	memory, pictures := "", ""
	if row.MaxRSSBytes != nil {
		memory = i18n.T(t.lang, "bench_megabytes", float64(*row.MaxRSSBytes)/1e6)
		pictures = strconv.Itoa(row.Frames)
	}
	return append(cells, t.figure(row.Seconds), t.figure(row.FirstS), t.figure(row.Ratio), pictures, memory, what)
}

// figure writes a number, and nothing where there is none.
func (t *terminal) figure(v *float64) string {
	if v == nil {
		return ""
	}
	return i18n.T(t.lang, "bench_figure", *v)
}
