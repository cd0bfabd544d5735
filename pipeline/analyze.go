// Package pipeline composes the stages, from a file to ranked moments. It holds
// no algorithm: each stage is a package of its own that takes and gives plain
// values.
package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/internal/version"
	"dyade/models"
	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
	"dyade/pipeline/moment"
	"dyade/pipeline/signal"
	"dyade/pipeline/speech"
	"dyade/pipeline/vision/track"
)

// Stage is a part of the work, for progress.
type Stage string

// Stages in the order in which they begin.
const (
	StageProbe   Stage = "probe"
	StageScan    Stage = "scan"
	StageAudio   Stage = "audio"
	StageMoments Stage = "moments"
	StageMedia   Stage = "media"
	StageWrite   Stage = "write"
)

// The longest time in seconds between two pictures looked at. A turn of the
// head takes 0.3 to 0.6 s; in a long film some precision at a moment's ends is
// given for time.
const (
	closeGap = 0.34
	wideGap  = 0.5
	longFilm = 300.0 // seconds from which wideGap serves
)

func maxGap(duration float64) float64 {
	if duration >= longFilm {
		return wideGap
	}
	return closeGap
}

// Options of an analysis; the zero value is the usual one.
type Options struct {
	Workers    int  // 0: one
	Exhaustive bool // every picture, fully decoded
	// Progress is told how far a stage is, 0 to 1; from several goroutines,
	// one at a time.
	Progress func(s Stage, done float64)
}

// Result of an analysis.
type Result struct {
	Analysis  annotate.Analysis
	Table     *signal.Table
	Sightings []annotate.Sighting
	People    []annotate.Person
	Plan      []plan.Chunk // what was decoded
	Source    *decode.Source
}

// Frames gives the sightings by the number of their frame in the film, in the
// order in which frames are shown.
func (r *Result) Frames() map[int]annotate.Sighting {
	number := map[timecode.Instant]int{}
	ix := r.Source.Index()
	for n, packet := range ix.Shown() {
		number[ix.Time(packet)] = n
	}
	byNumber := map[int]annotate.Sighting{}
	for _, s := range r.Sightings {
		if n, ok := number[s.At]; ok {
			byNumber[n] = s
		}
	}
	return byNumber
}

// Close gives back what the result keeps of the file.
func (r *Result) Close() { r.Source.Close() }

// Analyze reads the file at path and proposes moments. The error wraps
// *decode.Unreadable where the file is not one that can be analysed. The same
// file and versions give the same result, whatever the number of workers.
func Analyze(ctx context.Context, path string, opt Options) (*Result, error) {
	opt = opt.filled()
	opt.Progress(StageProbe, 0)
	src, err := decode.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	r, err := analyze(ctx, path, src, opt)
	if err != nil {
		src.Close()
		return nil, err
	}
	return r, nil
}

func (o Options) filled() Options {
	o.Workers = max(1, o.Workers)
	if tell := o.Progress; tell == nil {
		o.Progress = func(Stage, float64) {}
	} else {
		o.Progress = oneAtATime(tell)
	}
	return o
}

// oneAtATime lets stages that run side by side share one listener.
func oneAtATime(tell func(Stage, float64)) func(Stage, float64) {
	gate := make(chan struct{}, 1)
	return func(s Stage, done float64) {
		gate <- struct{}{}
		tell(s, done)
		<-gate
	}
}

func analyze(ctx context.Context, path string, src *decode.Source, opt Options) (*Result, error) {
	r := &Result{Source: src, Analysis: annotate.Analysis{
		Schema: annotate.AnalysisSchema, Dyade: version.Version, Models: used(), Recording: src.Recording(),
	}}
	opt.Progress(StageProbe, 1)
	var heard signal.Heard
	var sum string
	rec := r.Analysis.Recording
	group, gctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		sum, err = fingerprint(gctx, path)
		return err
	})
	group.Go(func() (err error) {
		heard, err = listen(gctx, src, rec, opt)
		return err
	})
	group.Go(func() error { return r.look(gctx, opt) })
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("analyse %s: %w", filepath.Base(path), err)
	}
	r.Analysis.Recording.SHA256 = sum
	opt.Progress(StageMoments, 0)
	r.propose(heard)
	opt.Progress(StageMoments, 1)
	return r, nil
}

// fingerprint is the sha256 of the file's content.
func fingerprint(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("fingerprint the file: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		switch _, err := io.CopyN(sum, f, 16<<20); {
		case errors.Is(err, io.EOF):
			return hex.EncodeToString(sum.Sum(nil)), nil
		case err != nil:
			return "", fmt.Errorf("fingerprint the file: %w", err)
		}
	}
}

func used() []annotate.ModelUsed {
	list := []annotate.ModelUsed{}
	for _, e := range models.Manifest() {
		list = append(list, annotate.ModelUsed{Name: e.Name, Version: e.Package.Version, SHA256: e.SHA256})
	}
	return list
}

// listen hears the sound track; without one, what was said is unknown.
func listen(ctx context.Context, src *decode.Source, rec annotate.Recording, opt Options) (signal.Heard, error) {
	if rec.Audio == nil {
		return signal.Heard{}, nil
	}
	opt.Progress(StageAudio, 0)
	sound, err := src.Audio(ctx)
	if err != nil {
		return signal.Heard{}, fmt.Errorf("open the sound: %w", err)
	}
	defer sound.Close()
	samples := 0
	next := func(ctx context.Context, buf []float32) (int, error) {
		n, err := sound.Next(ctx, buf)
		samples += n
		opt.Progress(StageAudio, min(1, float64(samples)/16000/max(0.1, rec.DurationS)))
		return n, err
	}
	h, err := speech.Listen(ctx, next)
	if err != nil {
		return signal.Heard{}, fmt.Errorf("listen to the sound: %w", err)
	}
	return signal.Heard{Known: true, Utterances: h.Utterances, Activity: h.Activity, Level: h.Level}, nil
}

// look scans the pictures; without any, what was to be seen is unknown.
func (r *Result) look(ctx context.Context, opt Options) (err error) {
	rec := r.Analysis.Recording
	r.Analysis.Sampling.Damaged = []annotate.Range{}
	if rec.Video == nil {
		return nil
	}
	ix := r.Source.Index()
	quality := decode.Fast
	if opt.Exhaustive {
		quality = decode.Exhaustive
	}
	s, err := newScanner(r.Source, *rec.Video, opt.Workers, quality)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	opt.Progress(StageScan, 0)
	width, err := s.width(ctx, ix, rec.DurationS)
	if err != nil {
		return err
	}
	chunks := plan.Sample(ix, maxGap(rec.DurationS))
	if opt.Exhaustive {
		chunks = plan.All(ix)
	}
	sightings, lost, err := s.scan(ctx, chunks, width, func(done float64) { opt.Progress(StageScan, done) })
	if err != nil {
		return err
	}
	r.Sightings, r.Plan = sightings, chunks
	r.Analysis.Sampling = annotate.Sampling{
		Frames: len(sightings), OfFrames: rec.Video.Frames, InputWidth: width,
		LargestGap: round3(plan.LargestGap(ix, chunks)), Damaged: stretches(lost, maxGap(rec.DurationS)),
	}
	return nil
}

// propose turns what was seen and heard into signals and moments.
func (r *Result) propose(heard signal.Heard) {
	a := &r.Analysis
	r.People = track.People(r.Sightings)
	r.Table = signal.Build(signal.Input{
		Recording: a.Recording, Sightings: r.Sightings, People: r.People, Heard: heard,
	})
	a.People = r.People
	if a.People == nil {
		a.People = []annotate.Person{}
	}
	a.Speech = heard.Utterances
	if a.Speech == nil {
		a.Speech = []annotate.Utterance{}
	}
	a.Moments = moment.Find(moment.Input{
		SHA256: a.Recording.SHA256, DurationS: a.Recording.DurationS, Table: r.Table, Utterances: heard.Utterances, People: r.People,
	}, moment.DefaultRules())
	a.Quality = warnings(r.Table, *a, r.Source.Cut())
}
