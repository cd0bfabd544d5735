package perf

import (
	"fmt"

	"dyade/internal/bench"
)

// limit is something that is to hold. A limit is at most so much.
type limit struct {
	what   string
	in     string // measurement
	most   float64
	unit   string // "×", "MB", "s"
	figure func(r *bench.Report) *float64
}

// over is dyade's time for a work to another's, for that or another work.
func over(w, of bench.Work, tool bench.Tool) func(r *bench.Report) *float64 {
	return func(r *bench.Report) *float64 {
		a, b := r.Row(w, bench.Dyade), r.Row(of, tool)
		if a == nil || b == nil || a.Seconds == nil || b.Seconds == nil {
			return nil
		}
		ratio := *a.Seconds / *b.Seconds
		return &ratio
	}
}

func againstAll(w bench.Work) func(r *bench.Report) *float64 {
	return over(w, bench.All, bench.FFmpeg)
}

func firstMoments(r *bench.Report) *float64 {
	a, b := r.Row(bench.Analyze, bench.Dyade), r.Row(bench.All, bench.FFmpeg)
	if a == nil || b == nil || a.FirstS == nil || b.Seconds == nil {
		return nil
	}
	ratio := *a.FirstS / *b.Seconds
	return &ratio
}

func memory(r *bench.Report) *float64 {
	a := r.Row(bench.Analyze, bench.Dyade)
	if a == nil || a.MaxRSSBytes == nil {
		return nil
	}
	mb := float64(*a.MaxRSSBytes) / 1e6
	return &mb
}

func indexing(r *bench.Report) *float64 {
	if a := r.Row(bench.Index, bench.Dyade); a != nil {
		return a.Seconds
	}
	return nil
}

const (
	even     = "5 frames/s evenly at 640 px, in order, against `ffmpeg -vf fps=5,scale=640:-2` to bgr24"
	keys2    = "every keyframe and the two frames after it, against `ffmpeg -f null`"
	keys     = "every keyframe at 640 px, against `ffmpeg -f null`"
	whole    = "whole `analyze` of 10 min, against `ffmpeg -f null`"
	firsts   = "first ranked moments on the stream of 10 min, against `ffmpeg -f null`"
	scenes   = "whole `analyze` of 10 min, against PySceneDetect's content detector"
	resident = "memory resident in a whole `analyze`"
)

var limits = []limit{
	{even, "p60", 0.66, "×", over(bench.Even, bench.Even, bench.FFmpeg)},
	{even, "b60", 0.50, "×", over(bench.Even, bench.Even, bench.FFmpeg)},
	{even, "hevc60", 0.80, "×", over(bench.Even, bench.Even, bench.FFmpeg)},
	{"5 in each second at best positions, largest gap 0.34 s, against `ffmpeg -f null`", "p60", 0.58, "×", againstAll(bench.Sample034)},
	{"2 in each second at best positions, largest gap 0.75 s, against `ffmpeg -f null`", "p60", 0.30, "×", againstAll(bench.Sample075)},
	{keys2, "p60", 0.14, "×", againstAll(bench.Keys2)},
	{keys2, "dear60", 0.14, "×", againstAll(bench.Keys2)},
	{keys, "p60", 0.08, "×", againstAll(bench.Keys)},
	{keys, "dear60", 0.08, "×", againstAll(bench.Keys)},
	{keys, "b60", 0.09, "×", againstAll(bench.Keys)},
	{keys, "hevc60", 0.10, "×", againstAll(bench.Keys)},
	{whole, "p600-analyze", 0.45, "×", againstAll(bench.Analyze)},
	{whole, "b600-analyze", 0.35, "×", againstAll(bench.Analyze)},
	{firsts, "p600-analyze", 0.10, "×", firstMoments},
	{firsts, "b600-analyze", 0.10, "×", firstMoments},
	{scenes, "p600-analyze", 0.40, "×", over(bench.Analyze, bench.Analyze, bench.SceneDetect)},
	{scenes, "b600-analyze", 0.40, "×", over(bench.Analyze, bench.Analyze, bench.SceneDetect)},
	{resident, "p600-analyze", 400, "MB", memory},
	{resident, "p5400-analyze", 400, "MB", memory},
	{resident, "hevc4k20-analyze", 700, "MB", memory},
	{"packet index of 90 min (3 s for 2 h)", "p5400-index", 2.25, "s", indexing},
}

// cells are the limit's row of the page.
func (l limit) cells(found results) (measured, holds string) {
	r := found[l.in]
	if r == nil {
		return "", "not measured yet"
	}
	v := l.figure(r)
	switch {
	case v == nil:
		return "", "**not measured**: " + l.whyNot(r)
	case *v <= l.most:
		return l.format(*v), "yes"
	}
	return l.format(*v), "**no**"
}

func (l limit) whyNot(r *bench.Report) string {
	for _, row := range r.Rows {
		if row.State != bench.Measured {
			return fmt.Sprintf("%s %s", row.Tool, row.State)
		}
	}
	return "no moments were ranked"
}

// format gives ratios one digit more than their limits have, so that what is
// just above one does not look as if it held.
func (l limit) format(v float64) string {
	switch l.unit {
	case "×":
		return fmt.Sprintf("%.3f", v)
	case "MB":
		return fmt.Sprintf("%.0f MB", v)
	}
	return fmt.Sprintf("%.2f %s", v, l.unit)
}

// formatLimit writes the limit itself.
func (l limit) formatLimit() string {
	if l.unit == "×" {
		return fmt.Sprintf("%.2f", l.most)
	}
	return fmt.Sprintf("%g %s", l.most, l.unit)
}
