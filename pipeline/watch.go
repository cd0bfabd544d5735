package pipeline

import (
	"context"
	"errors"
	"slices"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
	"dyade/pipeline/focus"
	"dyade/pipeline/vision"
	"dyade/pipeline/vision/track"
)

// A film is looked at in passes. The first sees one key every spreadGap seconds;
// each of the next halves that, until keys are seen twice a second or there are no
// more; then what lies between is looked at, fineGap seconds apart, where the
// signals ask for it.
const (
	spreadGap = 4.0
	fineGap   = 0.34
	wideGap   = 0.5 // instead of fineGap in films of longFilm and more
	longFilm  = 300.0
	// keyGap is the longest time between two keys that tell enough by
	// themselves, as faces are followed from one to the next; where they lie
	// further apart a film is looked at fineGap seconds apart throughout.
	keyGap = track.MaxGap
	// closest is how near to each other keys are looked at.
	closest = 0.5
)

func closeGap(duration float64) float64 {
	if duration >= longFilm {
		return wideGap
	}
	return fineGap
}

// budget is the share of a long film's bytes that may be decoded to look closer:
// a restless film then takes no longer than others.
const budget = 0.27

// watcher looks at a film in passes and keeps what it has seen.
type watcher struct {
	*scanner // nil: there are no pictures to look at
	opt      Options
	index    *plan.Index
	motion   *plan.Motion
	length   float64                  // of the film, seconds
	size     int                      // width of the pictures looked at
	gap      float64                  // seconds between keys looked at in the last pass over all of them
	closeUps int                      // passes that looked at what lies between keys
	ranked   int                      // rankings made of what was seen
	had      map[int]bool             // packets looked at, or found damaged
	seen     map[int]*vision.Look     // by packet
	at       map[timecode.Instant]int // packets by their time
	order    []int                    // packets seen, by time
	lost     []timecode.Instant       // by time
	plan     []plan.Chunk             // of all passes, by time within each
	told     float64                  // share of the watching that is done
}

func openWatcher(ctx context.Context, src *decode.Source, opt Options, kept *memory) (*watcher, error) {
	rec := src.Recording()
	w := &watcher{
		opt: opt, index: src.Index(), length: rec.DurationS, gap: spreadGap,
		had: map[int]bool{}, seen: map[int]*vision.Look{}, at: map[timecode.Instant]int{},
	}
	if rec.Video == nil {
		return w, nil
	}
	opt.Progress(StageScan, 0)
	var err error
	if w.scanner, err = newScanner(src, *rec.Video, opt, kept); err != nil {
		return w, err
	}
	w.motion = plan.NewMotion(w.index)
	w.size = widthAt(largeSide, *rec.Video)
	if opt.Without.has(SmallPictures) {
		return w, nil
	}
	if w.size, err = w.width(ctx, w.index, w.length); err != nil {
		return w, err
	}
	// The networks keep the memory that the largest picture took.
	err = w.close()
	w.scanner = nil
	if err == nil {
		w.scanner, err = newScanner(src, *rec.Video, opt, kept)
	}
	return w, err
}

func (w *watcher) close() error {
	if w == nil || w.scanner == nil {
		return nil
	}
	return w.scanner.close()
}

// first sees a few keys spread over the film; all there is to see where that
// shortcut is not taken.
func (w *watcher) first(ctx context.Context) error {
	switch all := w.opt.Without.has(FewPictures); {
	case w.scanner == nil:
		return nil
	case all && w.opt.Evenly > 0:
		return w.pass(ctx, plan.Even(w.index, w.opt.Evenly), 1)
	case all:
		return w.pass(ctx, plan.All(w.index), 1)
	}
	return w.pass(ctx, plan.Spread(w.index, w.gap, w.had), 0.2/w.gap)
}

// closer plans the next pass, if there is anything more to see: keys first,
// then what asks for it, unless the ranking has settled. The pass takes the
// film's watching to a share of it.
func (w *watcher) closer(in focus.Input, settled bool) (chunks []plan.Chunk, share float64) {
	if w.scanner == nil || w.opt.Without.has(FewPictures) {
		return nil, 1
	}
	for w.gap > closest {
		w.gap /= 2
		if chunks = plan.Spread(w.index, w.gap, w.had); len(chunks) > 0 {
			return chunks, 0.2 / w.gap
		}
	}
	if w.closeUps++; w.closeUps == 1 {
		chunks = plan.Refine(w.index, plan.LongGroups(w.index, keyGap), closeGap(w.length), w.had, 0)
		if len(chunks) == 0 {
			return w.closer(in, settled)
		}
	} else if w.closeUps <= mostCloseUps+1 && !settled {
		chunks = plan.Refine(w.index, focus.Where(in, closeGap(w.length)), closeGap(w.length), w.had, w.left())
	}
	return chunks, 0.6 + 0.4*float64(w.closeUps)/(mostCloseUps+1)
}

// mostCloseUps is how often it is asked again where to look closer.
const mostCloseUps = 4

// left is what remains of the budget in bytes, at least one; 0 where there is no
// limit.
func (w *watcher) left() int64 {
	if w.length < longFilm {
		return 0
	}
	c := plan.CostOf(w.index, w.plan)
	return max(1, int64(budget*float64(c.OfBytes))-c.Bytes)
}

// lookGap is the longest time between two sightings of those who are taken to
// have been there all the while.
func (w *watcher) lookGap() float64 {
	if w.opt.Without.has(FewPictures) {
		return 0
	}
	return keyGap * max(1, w.gap)
}

// unsure lists the times between two sightings that differ, and those of lost
// pictures: what was between is not known there.
func (w *watcher) unsure(sightings []annotate.Sighting, people []annotate.Person) []timecode.Span {
	var list []timecode.Span
	for _, s := range focus.Where(focus.Input{Sightings: sightings, People: people}, closeGap(w.length)) {
		list = append(list, s.Span)
	}
	for _, at := range w.lost {
		list = append(list, timecode.Span{Start: at, End: timecode.Instant{Ticks: at.Ticks + 1, Base: at.Base}})
	}
	slices.SortFunc(list, func(a, b timecode.Span) int { return a.Start.Compare(b.Start) })
	return list
}

func (w *watcher) sampling() annotate.Sampling {
	s := annotate.Sampling{Damaged: []annotate.Range{}}
	if w.scanner != nil {
		s.Frames, s.OfFrames, s.InputWidth = len(w.order), w.video.Frames, w.size
		s.LargestGap = round3(plan.LargestGap(w.index, w.plan))
		s.Damaged = stretches(w.lost, closeGap(w.length))
	}
	return s
}

// pass looks at chunks; it takes the film's watching to the given share of it.
func (w *watcher) pass(ctx context.Context, chunks []plan.Chunk, share float64) error {
	if len(chunks) == 0 {
		return ctx.Err()
	}
	tasks := w.tasks(chunks, w.size, w.way)
	for _, t := range tasks {
		for _, way := range t.Ways {
			w.had[w.at[way.At]] = true
		}
	}
	from := w.told
	err := w.scan(ctx, tasks, func(k *vision.Look) { w.seen[w.at[k.At]] = k }, func(at timecode.Instant) { w.lost = append(w.lost, at) }, func(done float64) {
		w.told = from + (share-from)*done
		w.opt.Progress(StageScan, w.told)
	})
	w.plan = append(w.plan, chunks...)
	if err != nil {
		return err
	}
	return w.arrange()
}

// arrange puts what the last pass saw and missed among what earlier ones did.
func (w *watcher) arrange() error {
	w.order = w.order[:0]
	for packet := range w.seen {
		w.order = append(w.order, packet)
	}
	w.sort()
	slices.SortFunc(w.lost, timecode.Instant.Compare)
	looks := make([]*vision.Look, len(w.order))
	for i, packet := range w.order {
		looks[i] = w.seen[packet]
	}
	return vision.Compare(looks)
}

func (w *watcher) sort() {
	slices.SortFunc(w.order, func(a, b int) int { return w.index.Time(a).Compare(w.index.Time(b)) })
}

// way is how a picture is to be looked at, after what was seen before and after
// it.
func (w *watcher) way(packet int) way {
	at := w.index.Time(packet)
	w.at[at] = packet
	return way{At: at, Near: w.near(at)}
}

// near lists where faces are to be expected at a time, after what was seen before
// and after it; nothing where they may be anywhere.
func (w *watcher) near(at timecode.Instant) []annotate.Box {
	before, after, ok := w.around(at)
	if !ok || w.opt.Without.has(KnownPlaces) {
		return nil
	}
	return vision.Between(w.seen[before].Faces, w.seen[after].Faces)
}

// around gives the packets seen before and after a time, where they lie close
// enough to each other to tell what was between.
func (w *watcher) around(at timecode.Instant) (before, after int, ok bool) {
	k, _ := slices.BinarySearchFunc(w.order, at, func(packet int, t timecode.Instant) int { return w.index.Time(packet).Compare(t) })
	if k == 0 || k == len(w.order) {
		return 0, 0, false
	}
	before, after = w.order[k-1], w.order[k]
	return before, after, w.index.Time(after).Seconds()-w.index.Time(before).Seconds() <= keyGap
}

// foresee asks, where steps are done elsewhere, at once for all that analyze comes
// to in any case: for the sound, and for the passes over keys that do not depend on
// what others have seen. So those who do them seldom wait for each other. Where it
// is wrong, analyze asks for what it lacks.
func foresee(ctx context.Context, src *decode.Source, opt Options, kept *memory) (err error) {
	w, err := openWatcher(ctx, src, opt, kept)
	defer func() { err = errors.Join(err, w.close()) }()
	if err != nil {
		return err
	}
	err = kept.ask(HearStep, "")
	for ; w.scanner != nil && w.gap >= closest; w.gap /= 2 {
		if w.gap == spreadGap/2 {
			kept.elsewhere.enough()
		}
		chunks := plan.Spread(w.index, w.gap, w.had)
		packets := w.index.Wanted(chunks)
		if slices.ContainsFunc(packets, func(p int) bool { _, _, ok := w.around(w.index.Time(p)); return ok }) {
			break
		}
		tasks := w.tasks(chunks, w.size, w.way)
		for bundle := range bundles(tasks) {
			err = errors.Join(err, kept.ask(LookStep, bundle))
		}
		for _, p := range packets {
			w.had[p] = true
		}
		w.order = append(w.order, packets...)
		w.sort()
	}
	return err
}

// sightings lists what was seen, in order of time.
func (w *watcher) sightings() []annotate.Sighting {
	list := make([]annotate.Sighting, len(w.order))
	for i, packet := range w.order {
		list[i] = w.seen[packet].Sighting
	}
	return list
}
