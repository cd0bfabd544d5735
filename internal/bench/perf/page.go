package perf

import (
	"fmt"
	"strings"

	"dyade/internal/bench"
)

// page writes docs/performance.md.
func page(found results) string {
	var b strings.Builder
	b.WriteString(intro)
	writeMachine(&b, found)
	if drawn := plot(found); drawn != "" {
		fmt.Fprintf(&b, "![How long each program takes, to ffmpeg decoding all of the film](images/%s)\n\n", plotFile)
	}
	b.WriteString("## Limits\n\n| work | film | at most | measured | holds |\n|---|---|---|---|---|\n")
	for _, l := range limits {
		measured, holds := l.cells(found)
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", l.what, filmOf(l.in), l.formatLimit(), measured, holds)
	}
	if len(found) > 0 {
		b.WriteString("\n## Against length and cores\n\n")
		writeCosts(&b, found)
		b.WriteString("## All figures\n\n")
	}
	for _, m := range measurements {
		if r := found[m.name]; r != nil {
			writeTable(&b, m, r)
		}
	}
	b.WriteString("\n## Films\n\nMade once, from the sample recording, in build/bench. `@NAME` is another film, `@sample` the recording.\n\n")
	b.WriteString("| film | what | ffmpeg's arguments |\n|---|---|---|\n")
	for _, f := range films {
		fmt.Fprintf(&b, "| %s | %s | `%s` |\n", f.name, f.about, strings.TrimSpace(f.recipe))
	}
	return b.String()
}

const intro = `# Performance

How long dyade takes beside other programs, on the same film and at the same work. ` + "`make bench`" + ` writes this page, films and all; ` + "`make bench BENCH=\"p60 b60\"`" + ` measures anew for some of it; ` + "`bin/dyade bench decode FILE`" + ` measures on any film. The figures are also in build/bench/results, as [JSON](formats.md#dyade-bench-decode---json).

- One run holds all programs of a table: each is timed once in a round, in an order that turns round every time, and the shortest of the rounds counts. Every time is taken with an empty cache and by a new process.
- A program that gives fewer pictures than the work asks for has no time. dyade's are exactly those planned; of others one more or less is let pass, since they round times their own way.
- The clock of dyade's decoding and of the Python modules runs from opening the file to the last picture: their start and imports do not count. That of ` + "`ffmpeg`, of `dyade analyze`" + ` and of all memory is the whole process.
- dyade leaves out the deblocking of H.264 and HEVC, as an analysis does; the others decode fully, as they do by default.
- PyAV, OpenCV, decord and PySceneDetect are of the versions in [peers.txt](../internal/bench/peers.txt), and do [this](../internal/bench/peers.py).

`

// writeMachine names where and when it was measured, once where it is the same
// for all.
func writeMachine(b *strings.Builder, found results) {
	said := map[string]bool{}
	for _, m := range measurements {
		r := found[m.name]
		if r == nil {
			continue
		}
		x := r.Machine
		line := fmt.Sprintf("Measured on %s by dyade %s: %s, %d cores, %s, FFmpeg %s.", r.Date, r.Dyade, x.CPU, x.Cores, x.OS, x.FFmpeg)
		if !said[line] {
			said[line] = true
			b.WriteString(line + "\n\n")
		}
	}
}

func filmOf(name string) string {
	for _, m := range measurements {
		if m.name == name {
			f, _ := filmNamed(m.film)
			return f.about
		}
	}
	return name
}

// writeCosts shows what a minute of film costs, by the film's length and by the
// cores.
func writeCosts(b *strings.Builder, found results) {
	b.WriteString("Whole analysis of the P-only film. Seconds, of which until the first ranked moments; to `ffmpeg -f null` on the same cores; a minute of film.\n\n")
	b.WriteString("| length | cores | seconds | first moments | × ffmpeg | seconds a minute | memory |\n|---|---|---|---|---|---|---|\n")
	for _, name := range []string{"p60-analyze-one-core", "p60-analyze", "p600-analyze", "p5400-analyze"} {
		r := found[name]
		if r == nil {
			continue
		}
		row := r.Row(bench.Analyze, bench.Dyade)
		if row == nil || row.Seconds == nil || row.MaxRSSBytes == nil {
			continue
		}
		fmt.Fprintf(b, "| %.0f min | %d | %s | %s | %s | %.2f | %.0f MB |\n", r.Film.DurationS/60, r.Cores,
			figure(row.Seconds), figure(row.FirstS), figure(row.Ratio), *row.Seconds/r.Film.DurationS*60, float64(*row.MaxRSSBytes)/1e6)
	}
	one, all := found["p60-one-core"], found["p60"]
	if one != nil && all != nil {
		b.WriteString("\nDecoding a minute of the P-only film, in seconds, by the cores.\n\n| work | program | one core | all cores | one to all |\n|---|---|---|---|---|\n")
		for _, row := range one.Rows {
			other := all.Row(row.Work, row.Tool)
			if row.Seconds == nil || other == nil || other.Seconds == nil {
				continue
			}
			fmt.Fprintf(b, "| %s | %s | %s | %s | %.2f |\n", works[row.Work], row.Tool, figure(row.Seconds), figure(other.Seconds), *row.Seconds / *other.Seconds)
		}
	}
	b.WriteString("\n")
}

// works names what was done.
var works = map[bench.Work]string{
	bench.All: "decode all", bench.Even: "5 frames/s evenly", bench.Sample034: "5 a second, gaps of 0.34 s", bench.Sample075: "2 a second, gaps of 0.75 s",
	bench.Keys2: "keyframes and 2 more", bench.Keys: "keyframes", bench.Index: "packet index", bench.Analyze: "whole analysis",
}

func writeTable(b *strings.Builder, m measurement, r *bench.Report) {
	f, _ := filmNamed(m.film)
	title := f.about
	if m.about != "" {
		title += ": " + m.about
	}
	fmt.Fprintf(b, "### %s\n\n%d × %d, %d frames, %.0f s, %.1f Mb/s; cores: %d, rounds: %d. `bin/dyade bench decode build/bench/%s.mp4 %s`\n\n",
		title, r.Film.Width, r.Film.Height, r.Film.Frames, r.Film.DurationS, float64(r.Film.SizeBytes)*8/1e6/r.Film.DurationS,
		r.Cores, r.Rounds, m.film, strings.Join(append(quoted(m.flags), "--rounds", fmt.Sprint(r.Rounds)), " "))
	b.WriteString("| work | program | seconds | × ffmpeg | CPU seconds | frames | memory | rounds | command |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, row := range r.Rows {
		if row.State != bench.Measured || row.MaxRSSBytes == nil {
			fmt.Fprintf(b, "| %s | %s %s | %s %s | | | | | | `%s` |\n", works[row.Work], row.Tool, row.Version, row.State, oneLine(row.Why), row.Command)
			continue
		}
		fmt.Fprintf(b, "| %s | %s %s | %s | %s | %s | %d | %.0f MB | %s | `%s` |\n", works[row.Work], row.Tool, row.Version,
			figure(row.Seconds), figure(row.Ratio), leastCPU(row), row.Frames, float64(*row.MaxRSSBytes)/1e6, rounds(row), row.Command)
	}
	b.WriteString("\n")
}

// quoted are flags as a shell takes them.
func quoted(flags []string) (all []string) {
	for _, f := range flags {
		if f == "" {
			f = "''"
		}
		all = append(all, f)
	}
	return all
}

// oneLine keeps a message inside its cell.
func oneLine(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), "|", "/")
}

func figure(v *float64) string {
	if v == nil {
		return ""
	}
	return fmt.Sprintf("%.3f", *v)
}

func rounds(row bench.Row) string {
	var all []string
	for _, run := range row.Runs {
		all = append(all, fmt.Sprintf("%.2f", run.Seconds))
	}
	return strings.Join(all, ", ")
}

func leastCPU(row bench.Row) string {
	var best *float64
	for _, run := range row.Runs {
		if best == nil || run.CPUS < *best {
			best = &run.CPUS
		}
	}
	return figure(best)
}
