package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"dyade/annotate"
	"dyade/annotate/report"
	"dyade/annotate/timecode"
	"dyade/internal/i18n"
	"dyade/pipeline/media"
	"dyade/pipeline/signal"
)

// Names of the files that an analysis writes.
const (
	MomentsFile = "moments.json"
	SignalsFile = "signals.parquet"
	TrackFile   = "moments.vtt"
	ReportFile  = "report.html"
)

// Thumbnails of a moment in the report.
const (
	thumbsEach = 4
	thumbWidth = 320
	mostThumbs = 24 // moments that have them: a page stays one that opens
)

// Document is the content of moments.json.
func (r *Result) Document() ([]byte, error) {
	doc, err := json.MarshalIndent(r.Analysis, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", MomentsFile, err)
	}
	return append(doc, '\n'), nil
}

// Write puts the analysis' files into dir, which it makes if need be. Each is
// written aside and renamed once all are whole; an error leaves dir's files as
// they were.
func (r *Result) Write(ctx context.Context, dir string, lang i18n.Lang, opt Options) error {
	opt = opt.filled()
	opt.Progress(StageMedia, 0)
	thumbs, err := r.thumbs(ctx, opt.Workers)
	if err != nil {
		return err
	}
	opt.Progress(StageWrite, 0)
	doc, err := r.Document()
	if err != nil {
		return err
	}
	err = writeAll(ctx, dir, []file{
		{MomentsFile, func(w io.Writer) error { _, err := io.Copy(w, bytes.NewReader(doc)); return err }},
		{SignalsFile, func(w io.Writer) error { return signal.WriteParquet(w, r.Table) }},
		{TrackFile, func(w io.Writer) error { return report.WriteVTT(w, lang, &r.Analysis) }},
		{ReportFile, func(w io.Writer) error {
			return report.Write(w, report.Input{Lang: lang, Analysis: &r.Analysis, Lanes: r.Lanes(), Thumbs: thumbs})
		}},
	})
	if err == nil {
		opt.Progress(StageWrite, 1)
	}
	return err
}

// thumbs makes a strip of pictures for each of the best moments.
func (r *Result) thumbs(ctx context.Context, workers int) (map[string][]report.Thumb, error) {
	strips := map[string][]report.Thumb{}
	if r.Analysis.Recording.Video == nil {
		return strips, nil
	}
	moments := r.Analysis.Moments[:min(mostThumbs, len(r.Analysis.Moments))]
	var spans []timecode.Span
	for _, m := range moments {
		for k := range thumbsEach {
			part := (m.EndS - m.StartS) / thumbsEach
			spans = append(spans, timecode.Span{
				Start: timecode.At(m.StartS+float64(k)*part, timecode.Millisecond),
				End:   timecode.At(m.StartS+float64(k+1)*part, timecode.Millisecond),
			})
		}
	}
	made, err := media.Thumbs(ctx, r.Source, spans, thumbWidth, workers)
	if err != nil {
		return nil, err
	}
	for i, t := range made {
		id := moments[i/thumbsEach].ID
		if n := len(strips[id]); t == nil || n > 0 && strips[id][n-1].AtS == t.At.Seconds() {
			continue
		}
		strips[id] = append(strips[id], report.Thumb{AtS: t.At.Seconds(), Width: t.Width, Height: t.Height, JPEG: t.JPEG})
	}
	return strips, nil
}

// Lanes are the signals drawn in the report, each scaled to 0 to 1.
func (r *Result) Lanes() []annotate.Lane {
	plain := func(v float64) float64 { return v }
	lanes := []struct {
		name, column string
		scale        func(v float64) float64
	}{
		{"lane_parent_seen", "parent_seen", plain},
		{"lane_child_seen", "child_seen", plain},
		{"lane_facing", "facing", plain},
		{"lane_closeness", "distance", func(d float64) float64 { return max(0, min(1, (6-d)/5)) }},
		{"lane_motion", "shared_motion", func(v float64) float64 { return min(1, v/40) }},
	}
	list := make([]annotate.Lane, len(lanes))
	for i, l := range lanes {
		s := r.Table.Get(l.column)
		lane := annotate.Lane{Name: l.name, Step: r.Table.Step, Known: make([]bool, r.Table.Steps), Values: make([]float64, r.Table.Steps)}
		for k := range r.Table.Steps {
			if v, known := s.At(k); known {
				lane.Known[k], lane.Values[k] = true, l.scale(v)
			}
		}
		list[i] = lane
	}
	return list
}

// file is one of those that an analysis writes.
type file struct {
	name  string
	write func(w io.Writer) error
}

// writeAll writes the files into a hidden folder inside dir, then renames them
// into place: within one file system, so that a rename cannot fail for space.
func writeAll(ctx context.Context, dir string, files []file) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder for the results (choose another with --out): %w", err)
	}
	aside, err := os.MkdirTemp(dir, ".dyade-*")
	if err != nil {
		return fmt.Errorf("write results into %s (choose another folder with --out): %w", dir, err)
	}
	defer os.RemoveAll(aside)
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := writeFile(filepath.Join(aside, f.name), f.write); err != nil {
			return fmt.Errorf("write %s (is the disk full? choose another folder with --out): %w", filepath.Join(dir, f.name), err)
		}
	}
	for _, f := range files {
		if err := os.Rename(filepath.Join(aside, f.name), filepath.Join(dir, f.name)); err != nil {
			return fmt.Errorf("put %s into place: %w", f.name, err)
		}
	}
	return nil
}

func writeFile(path string, write func(w io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
