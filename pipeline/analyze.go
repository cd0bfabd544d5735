// Package pipeline composes the stages, from a file to ranked moments. It holds
// no algorithm: each stage is a package of its own that takes and gives plain
// values.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/timecode"
	"dyade/internal/version"
	"dyade/models"
	"dyade/pipeline/cache"
	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
	"dyade/pipeline/focus"
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

// Options of an analysis; the zero value is the usual one.
type Options struct {
	Workers int // 0: one
	// Without names shortcuts that are not taken: what they cost is measured so.
	// Without FewPictures all are looked at, or Evenly so many a second.
	Without Shortcut
	Evenly  float64
	// Cache keeps finished pieces of work, so that an analysis that was stopped
	// goes on from there; nil: nothing is kept.
	Cache *cache.Cache
	// Hardware decodes pictures where it is clearly faster and gives the same; nil:
	// software does.
	Hardware *decode.Hardware
	// Ranked is told the moments found so far after each pass, the last time
	// with what Analyze returns; the slice is its own to keep.
	Ranked func(annotate.Ranking)
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
	Plan      []plan.Chunk // what was decoded, pass after pass
	Source    *decode.Source
	heard     signal.Heard
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
// file and versions give the same result, whatever the number of workers, and
// whatever of it an earlier run had done already.
func Analyze(ctx context.Context, path string, opt Options) (*Result, error) {
	opt = opt.filled()
	opt.Progress(StageProbe, 0)
	src, err := decode.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	opt.Progress(StageProbe, 1)
	r, err := analyzeKept(ctx, path, src, opt)
	if err != nil {
		src.Close()
		return nil, fmt.Errorf("analyse %s: %w", filepath.Base(path), err)
	}
	return r, nil
}

// analyzeKept goes on from what is kept of the recording. Where that turns out to
// be another's it is thrown away, and the analysis starts afresh; where it does so
// again, another process is at that other one, and nothing is kept.
func analyzeKept(ctx context.Context, path string, src *decode.Source, opt Options) (*Result, error) {
	kept, err := remember(ctx, opt.Cache, path, src)
	if err != nil {
		return nil, err
	}
	defer kept.close()
	sum := func(ctx context.Context) (string, error) { return fingerprint(ctx, path) }
	r, err := analyze(ctx, sum, src, opt, kept)
	if errors.Is(err, errOther) {
		kept.empty()
		r, err = analyze(ctx, sum, src, opt, kept)
	}
	if errors.Is(err, errOther) {
		r, err = analyze(ctx, sum, src, opt, nil)
	}
	return r, err
}

func (o Options) filled() Options {
	o.Workers = max(1, min(o.Workers, runtime.GOMAXPROCS(0))) // more would wait for each other
	if o.Ranked == nil {
		o.Ranked = func(annotate.Ranking) {}
	}
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

// analyze watches and listens at the same time, and after the first pass over
// the film goes closer. sum gives the sha256 of the file.
func analyze(ctx context.Context, sum func(context.Context) (string, error), src *decode.Source, opt Options, kept *memory) (r *Result, err error) {
	r = &Result{Source: src, Analysis: annotate.Analysis{
		Schema: annotate.AnalysisSchema, Dyade: version.Version, Models: used(), Recording: src.Recording(),
	}}
	rec := &r.Analysis.Recording
	var w *watcher
	defer func() { err = errors.Join(err, w.close()) }()
	group, gctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		if rec.SHA256, err = sum(gctx); err != nil {
			return err
		}
		return kept.confirm(rec.SHA256)
	})
	group.Go(func() (err error) {
		r.heard, err = recall(kept, HearStep, "", func() (signal.Heard, error) { return listen(gctx, src, opt, kept) })
		return err
	})
	group.Go(func() (err error) {
		w, err = openWatcher(gctx, src, opt, kept)
		if err == nil {
			err = w.first(gctx)
		}
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if err := r.rank(ctx, w, opt); err != nil {
		return nil, err
	}
	return r, nil
}

// rank proposes moments and goes closer, until the film asks for nothing more or
// the moments no longer change.
func (r *Result) rank(ctx context.Context, w *watcher, opt Options) error {
	for {
		before := r.Analysis.Moments
		r.propose(w)
		settled := w.closeUps > 0 && alike(before, r.Analysis.Moments)
		more, share := w.closer(focus.Input{
			Sightings: r.Sightings, People: r.People, Moments: r.Analysis.Moments, Utterances: r.heard.Utterances,
			Motion: w.motion,
		}, settled)
		w.ranked++
		opt.Ranked(annotate.Ranking{
			Schema: annotate.RankingSchema, Pass: w.ranked, Final: len(more) == 0,
			Frames: r.Analysis.Sampling.Frames, LargestGap: r.Analysis.Sampling.LargestGap, Moments: r.Analysis.Moments,
		})
		if len(more) == 0 {
			if w.scanner != nil {
				opt.Progress(StageScan, 1)
			}
			opt.Progress(StageMoments, 1)
			return ctx.Err()
		}
		if err := w.pass(ctx, more, share); err != nil {
			return err
		}
	}
}

// fingerprint is the sha256 of the file's content.
func fingerprint(ctx context.Context, path string) (string, error) {
	sum, err := blob.OfFile(ctx, path)
	return string(sum), err
}

func used() []annotate.ModelUsed {
	list := []annotate.ModelUsed{}
	for _, e := range models.Manifest() {
		list = append(list, annotate.ModelUsed{Name: e.Name, Version: e.Package.Version, SHA256: e.SHA256})
	}
	return list
}

// listen hears the sound track; without one, what was said is unknown.
func listen(ctx context.Context, src *decode.Source, opt Options, kept *memory) (signal.Heard, error) {
	rec := src.Recording()
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
	h, err := speech.Listen(ctx, next, kept.ofSound())
	if errors.Is(err, speech.ErrOtherSound) {
		return signal.Heard{}, fmt.Errorf("%w: %w", errOther, err)
	}
	if err != nil {
		return signal.Heard{}, fmt.Errorf("listen to the sound: %w", err)
	}
	return signal.Heard{Known: true, Utterances: h.Utterances, Activity: h.Activity, Level: h.Level}, nil
}

// propose turns what was seen and heard so far into signals and moments.
func (r *Result) propose(w *watcher) {
	a := &r.Analysis
	r.Sightings, r.People, r.Table = nil, nil, nil
	runtime.GC() // the old ones are large, 40 MB of 90 minutes: they go before the new ones come
	r.Sightings, r.Plan = w.sightings(), w.plan
	a.Sampling = w.sampling()
	r.People = track.People(r.Sightings)
	heard := r.heard
	heard.Utterances = said(heard.Utterances, r.People)
	r.Table = signal.Build(signal.Input{
		Recording: a.Recording, Sightings: r.Sightings, People: r.People, Heard: heard, LookGap: w.lookGap(),
		Unsure: w.unsure(r.Sightings, r.People),
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
		SHA256: a.Recording.SHA256, DurationS: a.Recording.DurationS, Width: a.Recording.Width(), Table: r.Table,
		Utterances: heard.Utterances, People: r.People,
	}, moment.DefaultRules())
	judge(r.Table, a, r.Source.Cut())
}

// said is what was heard, as far as who is seen tells whose it is: where there are only
// faces in pictures and on screens, it is the screen that talks.
func said(utterances []annotate.Utterance, people []annotate.Person) []annotate.Utterance {
	if len(people) == 0 || slices.ContainsFunc(people, func(p annotate.Person) bool { return p.Role != annotate.Picture }) {
		return utterances
	}
	list := slices.Clone(utterances)
	for i := range list {
		list[i].Speaker, list[i].Voice, list[i].Confidence = 0, annotate.BackgroundVoice, 0
	}
	return list
}

// sameTime is how far, in seconds, the ends of two moments may lie apart that are
// one to whoever looks at the list.
const sameTime = 0.25

// alike tells whether two rankings show the same moments in the same order.
func alike(a, b []annotate.Moment) bool {
	return slices.EqualFunc(a, b, func(m, n annotate.Moment) bool {
		return m.Kind == n.Kind && math.Abs(m.StartS-n.StartS) <= sameTime && math.Abs(m.EndS-n.EndS) <= sameTime
	})
}
