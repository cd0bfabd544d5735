package eval

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dyade/internal/version"
	"dyade/pipeline"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/moment"
)

// Schema names the form of the report's JSON.
const Schema = "dyade.eval/1"

// ErrNoMedia is returned where no label has a recording.
var ErrNoMedia = errors.New("no label has a recording")

// Report holds the figures of all labelled recordings.
type Report struct {
	Schema     string      `json:"schema"`
	Dyade      string      `json:"dyade_version"`
	Recordings []Recording `json:"recordings"` // by name
	Unmatched  []string    `json:"unmatched"`  // names with labels, but without a recording
	Totals     []Measure   `json:"totals"`     // counts added up over recordings
}

// Recording holds the figures of one.
type Recording struct {
	Name     string    `json:"name"`
	Frames   int       `json:"frames"`
	Labels   []string  `json:"labels"` // the files compared with
	Measures []Measure `json:"measures"`
	Figures  []Figure  `json:"figures"`
}

// Options of an evaluation.
type Options struct {
	Media     string // folder of the recordings; empty: beside the labels and above
	AsShipped bool   // look at the pictures that an analysis looks at, not at all
	Workers   int
	Progress  func(recording string, s pipeline.Stage, done float64)
}

// labelled is a recording with its label files by their ending.
type labelled struct {
	name  string
	media string
	files map[string]string
}

// endings of label files, the longest first.
var endings = []string{".machine.rttm", ".facing.csv", ".closeness.csv", ".faces.csv", ".moments.csv", ".people.csv", ".rttm", ".csv"}

// Run analyses every recording that has labels in dir and compares.
func Run(ctx context.Context, dir string, opt Options) (*Report, error) {
	list, unmatched, err := find(dir, opt.Media)
	if err != nil {
		return nil, err
	}
	report := &Report{Schema: Schema, Dyade: version.Version, Recordings: []Recording{}, Unmatched: unmatched}
	for _, l := range list {
		r, err := l.evaluate(ctx, opt)
		if err != nil {
			return nil, fmt.Errorf("evaluate %s: %w", l.name, err)
		}
		report.Recordings = append(report.Recordings, *r)
	}
	pictures, err := countPictures(dir)
	if err != nil {
		return nil, err
	}
	report.Recordings = append(report.Recordings, pictures...)
	if len(report.Recordings) == 0 {
		return nil, ErrNoMedia
	}
	report.Totals = totals(report.Recordings)
	return report, nil
}

// find pairs the label files of dir with recordings of the same name; lost are
// the names that have none.
func find(dir, media string) (list []labelled, lost []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("read the folder of labels: %w", err)
	}
	byName := map[string]*labelled{}
	for _, e := range entries {
		for _, ending := range endings {
			if name, ok := strings.CutSuffix(e.Name(), ending); ok && !e.IsDir() {
				l := byName[name]
				if l == nil {
					l = &labelled{name: name, files: map[string]string{}}
					byName[name] = l
				}
				l.files[ending] = filepath.Join(dir, e.Name())
				break
			}
		}
	}
	films, err := recordings(dir, media)
	if err != nil {
		return nil, nil, err
	}
	lost = []string{}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		l := byName[name]
		if l.media = films[name]; l.media != "" {
			list = append(list, *l)
		} else {
			lost = append(lost, name)
		}
	}
	return list, lost, nil
}

var mediaEndings = []string{".mp4", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".m4v", ".3gp", ".wav", ".m4a", ".mp3", ".flac", ".ogg", ".gif"}

// recordings maps names without ending to files: in dir itself, else in the
// media folder, which is by default the one that holds dir, two levels deep.
func recordings(dir, media string) (map[string]string, error) {
	full, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	films := map[string]string{}
	add := func(path string) {
		ending := strings.ToLower(filepath.Ext(path))
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		if _, had := films[name]; !had && slices.Contains(mediaEndings, ending) {
			films[name] = path
		}
	}
	if media == "" {
		media = filepath.Dir(full)
	}
	for _, root := range []string{full, media} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil && path != root {
				return fs.SkipDir // someone else's folder beside the labels
			}
			if err != nil {
				return err
			}
			if rel, _ := filepath.Rel(root, path); d.IsDir() && strings.Count(rel, string(filepath.Separator)) >= 2 {
				return fs.SkipDir
			}
			if !d.IsDir() {
				add(path)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("look for recordings: %w", err)
		}
	}
	return films, nil
}

func (l labelled) evaluate(ctx context.Context, opt Options) (*Recording, error) {
	popt := pipeline.Options{Workers: opt.Workers, Exhaustive: !opt.AsShipped}
	if opt.Progress != nil {
		popt.Progress = func(s pipeline.Stage, done float64) { opt.Progress(l.name, s, done) }
	}
	result, err := pipeline.Analyze(ctx, l.media, popt)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	r := &Recording{Name: l.name, Frames: len(result.Sightings), Labels: []string{}, Measures: []Measure{}, Figures: []Figure{}}
	for _, ending := range endings {
		path, ok := l.files[ending]
		if !ok {
			continue
		}
		if err := r.compare(ending, path, result); err != nil {
			return nil, fmt.Errorf("labels of %s: %w", filepath.Base(path), err)
		}
		r.Labels = append(r.Labels, filepath.Base(path))
	}
	return r, nil
}

// compare reads one label file and adds its measures.
func (r *Recording) compare(ending, path string, got *pipeline.Result) error {
	a := &got.Analysis
	switch ending {
	case ".rttm", ".machine.rttm":
		truth, err := load(path, label.RTTM)
		if err != nil {
			return err
		}
		if ending == ".machine.rttm" {
			r.machine(truth, a.Speech, a.Recording.DurationS)
			return nil
		}
		r.add(Speech(truth, a.Speech, a.Recording.DurationS), Changes(truth, a.Speech))
	case ".csv":
		truth, err := load(path, label.Speakers)
		if err != nil {
			return err
		}
		r.add(Changes(truth, a.Speech))
	case ".facing.csv":
		truth, err := load(path, label.Facings)
		if err != nil {
			return err
		}
		r.add(Facing(truth, got.Table)...)
	case ".closeness.csv":
		truth, err := load(path, label.Closenesses)
		if err != nil {
			return err
		}
		r.add(Close(truth, got.Table))
	case ".faces.csv":
		truth, err := load(path, label.Faces)
		if err != nil {
			return err
		}
		if a.Recording.Video == nil {
			return errors.New("it counts faces, but the recording has no picture")
		}
		r.add(FaceCounts(truth, got.Frames()))
	case ".moments.csv":
		truth, err := load(path, label.Moments)
		if err != nil {
			return err
		}
		r.add(Moments(truth, a.Moments, moment.Kinds)...)
	case ".people.csv":
		truth, err := load(path, label.People)
		if err != nil {
			return err
		}
		m, figures := People(truth, got.Sightings, got.People)
		r.add(m)
		r.Figures = append(r.Figures, figures...)
	}
	return nil
}

func (r *Recording) add(m ...Measure) { r.Measures = append(r.Measures, m...) }

func load[T any](path string, read func(io.Reader) (T, error)) (T, error) {
	f, err := os.Open(path)
	if err != nil {
		var none T
		return none, err
	}
	defer f.Close()
	return read(f)
}

// totals adds up the counts of measures of the same name.
func totals(list []Recording) []Measure {
	var names []string
	sums := map[string]Measure{}
	for _, r := range list {
		for _, m := range r.Measures {
			had, ok := sums[m.Name]
			if !ok {
				names = append(names, m.Name)
			}
			had.Name, had.Unit = m.Name, m.Unit
			had.Truth, had.Found, had.Hits = had.Truth+m.Truth, had.Found+m.Found, had.Hits+m.Hits
			had.Unknown = (had.Unknown*float64(had.Labelled) + m.Unknown*float64(m.Labelled)) / float64(max(1, had.Labelled+m.Labelled))
			had.Labelled += m.Labelled
			sums[m.Name] = had
		}
	}
	out := make([]Measure, 0, len(names))
	for _, n := range names {
		s := sums[n]
		m := measure(n, s.Unit, s.Truth, s.Found, s.Hits)
		m.Labelled, m.Unknown = s.Labelled, math.Round(s.Unknown*1e4)/1e4
		out = append(out, m)
	}
	return out
}
