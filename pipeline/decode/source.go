// Package decode reads recordings: what a file holds, when each of its pictures
// is shown, the pictures that a plan wants, and its sound.
//
// All times are media time, as a browser's player counts it: after the edit
// list, from the first picture or sound where the container's own clock starts
// elsewhere. C memory stays inside the package; every Source and AudioReader is
// closed by who opened it.
package decode

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/asticode/go-astiav"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/pipeline/decode/plan"
)

// Source is an open recording. Its methods may be called from several
// goroutines at once, Close last.
type Source struct {
	path      string
	recording annotate.Recording
	origin    timecode.Instant // subtracted from the container's clock
	cut       bool
	video     *videoTrack
	audio     *audioTrack

	mu   sync.Mutex
	idle []*reader // opened, waiting for the next chunk
}

type videoTrack struct {
	stream   int
	params   *astiav.CodecParameters
	index    *plan.Index
	marks    []mark // how to know each packet of the index again
	turn     orientation
	inPlace  bool // packets lie in the file as the decoder takes them
	heads    bool // some have headers of their own
	byteSeek bool // the container can be entered at any byte
	beyond   int  // guarded by Source.mu: the first packet that reading from the start did not come to; 0: none
}

type audioTrack struct {
	stream int
	params *astiav.CodecParameters
	base   timecode.Base
	end    timecode.Instant
	shifts shifts      // where the clock jumps back
	marks  []soundMark // then: its times say no more where sound lies
}

// Open looks into the file, goes through its packets once (of MP4 and Matroska it
// reads little more than the tables: about a second for two hours) and tries to
// decode some. It returns an *Unreadable for anything that
// is neither a film nor a sound recording, and ctx's error when cancelled.
func Open(ctx context.Context, path string) (*Source, error) {
	if err := Look(path); err != nil {
		return nil, err
	}
	s, err := indexed(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := s.tryDecoding(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func indexed(ctx context.Context, path string) (*Source, error) {
	s, err := openBy(ctx, path, openSkimmable)
	if errors.Is(err, errDeep) {
		return openBy(ctx, path, openInput)
	}
	return s, err
}

func openBy(ctx context.Context, path string, open func(path string) (*astiav.FormatContext, error)) (*Source, error) {
	fc, err := open(path)
	if err != nil {
		return nil, unreadable(path, openReason(path), err)
	}
	defer freeFormat(fc)
	return openTracks(ctx, path, fc)
}

func openTracks(ctx context.Context, path string, fc *astiav.FormatContext) (*Source, error) {
	if err := findStreamInfo(fc); err != nil {
		return nil, unreadable(path, BrokenHeader, err)
	}
	t := choose(fc)
	switch {
	case t.video == nil && t.audio == nil && t.undecodable:
		return nil, unreadable(path, UnknownCodec, nil)
	case t.video == nil && t.audio == nil:
		return nil, unreadable(path, NoTrack, nil)
	case t.video != nil && tooLarge(t.video.CodecParameters()):
		return nil, unreadable(path, TooLarge, nil)
	}
	s := &Source{path: path}
	if err := s.adopt(ctx, fc, t); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// maxSides is how many times longer than the other a side may be.
const maxSides = 20

// maxDuration in seconds: a day. Time stamps beyond it are damaged ones, and
// every second costs memory.
const maxDuration = 24 * 3600

func tooLarge(cp *astiav.CodecParameters) bool {
	w, h := cp.Width(), cp.Height()
	return w > maxSide || h > maxSide || w*h > maxPixels || w > maxSides*h || h > maxSides*w
}

// adopt scans the chosen tracks and fills the source from them.
func (s *Source) adopt(ctx context.Context, fc *astiav.FormatContext, t tracks) error {
	found, err := scan(ctx, s.path, fc, t)
	if err != nil {
		return fmt.Errorf("reading the packets of %s: %w", s.path, err)
	}
	if !found.anything() {
		if found.damaged {
			return unreadable(s.path, BrokenHeader, nil)
		}
		return unreadable(s.path, ZeroDuration, nil)
	}
	if t.video != nil && found.video.shown() == 0 {
		t.video = nil
	}
	if t.audio != nil && found.audio.packets == 0 {
		t.audio = nil
	}
	s.origin = found.origin(clockless(fc.InputFormat().Name()))
	if t.video != nil {
		if err := s.adoptVideo(fc, t.video, found); err != nil {
			return err
		}
	}
	if t.audio != nil {
		if err := s.adoptAudio(t.audio, found.audio); err != nil {
			return err
		}
	}
	return s.describe(fc, t, found)
}

func (s *Source) adoptVideo(fc *astiav.FormatContext, st *astiav.Stream, found *found) error {
	params, err := copyParameters(st.CodecParameters())
	if err != nil {
		return fmt.Errorf("reading the picture track of %s: %w", s.path, err)
	}
	ix := found.video.index
	ix.Origin = s.origin.In(ix.Base).Ticks
	s.video = &videoTrack{
		stream: st.Index(), params: params, index: ix, marks: found.video.marks,
		inPlace: liesInPlace(fc, found.video), heads: found.video.heads,
		turn:     newOrientation(st.SideData(astiav.PacketSideDataTypeDisplaymatrix)),
		byteSeek: entersAtBytes(fc),
	}
	return nil
}

// liesInPlace tells whether the demuxer does no more than read the packets of a
// track where they lie.
func liesInPlace(fc *astiav.FormatContext, v videoScan) bool {
	return strings.HasPrefix(fc.InputFormat().Name(), "mov,") && v.bits.prefix > 0 && !v.laden &&
		!slices.ContainsFunc(v.marks, func(m mark) bool { return m.pos < 0 })
}

func (s *Source) adoptAudio(st *astiav.Stream, found audioScan) error {
	params, err := copyParameters(st.CodecParameters())
	if err != nil {
		return fmt.Errorf("reading the sound track of %s: %w", s.path, err)
	}
	s.audio = &audioTrack{stream: st.Index(), params: params, base: baseOf(st), end: minus(found.end, s.origin)}
	if n := len(found.shifts); n > 0 {
		s.audio.marks, s.audio.shifts = found.marks, s.inStep(found.shifts)
		s.audio.end.Ticks += s.audio.shifts.after(n) - found.shifts.after(n)
	}
	return nil
}

// inStep are the pictures' shifts for sound, where their clock jumps back as often: what
// belongs together stays so, whichever of the two ends sooner before a jump.
func (s *Source) inStep(own shifts) shifts {
	if s.video == nil || len(s.video.index.Shifts) != len(own) {
		return own
	}
	all := make(shifts, 0, len(own))
	for _, ticks := range s.video.index.Shifts {
		all = append(all, timecode.Instant{Ticks: ticks, Base: s.video.index.Base}.In(s.audio.base).Ticks)
	}
	return all
}

// describe fills the recording.
func (s *Source) describe(fc *astiav.FormatContext, t tracks, found *found) error {
	info, err := os.Stat(s.path)
	if err != nil {
		return unreadable(s.path, refusal(err), err)
	}
	r := annotate.Recording{
		Name: filepath.Base(s.path), SizeBytes: info.Size(), Container: fc.InputFormat().Name(),
	}
	if t.audio != nil {
		cp := t.audio.CodecParameters()
		r.Audio = &annotate.Audio{
			Stream: t.audio.Index(), Codec: cp.CodecID().Name(), Rate: cp.SampleRate(),
			Channels: cp.Channels(), Base: s.audio.base,
		}
		r.Duration = s.audio.end
	}
	if t.video != nil {
		cp, ix := t.video.CodecParameters(), s.video.index
		w, h := shownSize(cp, fc.GuessSampleAspectRatio(t.video, nil), s.video.turn)
		shown := ix.Shown()
		if r.Container == "gif" && len(shown) == 1 {
			return unreadable(s.path, StillPicture, nil)
		}
		r.Video = &annotate.Video{
			Stream: t.video.Index(), Codec: cp.CodecID().Name(), Width: w, Height: h,
			Rotation: s.video.turn.degrees, BitDepth: bitDepth(cp.PixelFormat()), Base: ix.Base,
			Start: ix.Time(shown[0]), Frames: len(shown),
		}
		end := timecode.Instant{Ticks: ix.End - ix.Origin, Base: ix.Base}
		if r.Audio == nil || end.Compare(r.Duration) > 0 {
			r.Duration = end
		}
	}
	r.DurationS = r.Duration.Seconds()
	if r.Duration.Ticks <= 0 {
		return unreadable(s.path, ZeroDuration, nil)
	}
	if r.DurationS > maxDuration {
		return unreadable(s.path, TooLong, nil)
	}
	s.recording = r
	s.cut = found.damaged || endsEarly(fc, t, r)
	if s.cut && found.video.head > 0 {
		return errDeep // a demuxer that cannot do without what was skimmed over goes on as if it were cut
	}
	return nil
}

// endsEarly tells whether the header promises over a second more than there is,
// in containers whose headers tell the truth.
func endsEarly(fc *astiav.FormatContext, t tracks, r annotate.Recording) bool {
	promised := 0.0
	switch {
	case strings.HasPrefix(r.Container, "matroska,"):
		promised = timecode.Instant{Ticks: fc.Duration(), Base: timecode.Base{Num: 1, Den: 1e6}}.Seconds()
	case strings.HasPrefix(r.Container, "mov,"):
		for _, st := range []*astiav.Stream{t.video, t.audio} {
			if st != nil {
				promised = max(promised, timecode.Instant{Ticks: st.Duration(), Base: baseOf(st)}.Seconds())
			}
		}
	}
	return promised > r.DurationS+1
}

func minus(t, origin timecode.Instant) timecode.Instant {
	return timecode.Instant{Ticks: t.Ticks - origin.In(t.Base).Ticks, Base: t.Base}
}

func baseOf(st *astiav.Stream) timecode.Base {
	tb := st.TimeBase()
	return timecode.Base{Num: int64(max(tb.Num(), 1)), Den: int64(max(tb.Den(), 1))}
}

// Recording describes the file, all but its SHA256. Its duration is that of the
// longest track by its packets, whatever the header says.
func (s *Source) Recording() annotate.Recording { return s.recording }

// Rename gives the recording another name than its file's, for a file that a store
// has named. It is called before the source is shared.
func (s *Source) Rename(name string) { s.recording.Name = name }

// Cut tells whether the file ends before its header says it does, or could not
// be read through: the recording is what there is of it.
func (s *Source) Cut() bool { return s.cut }

// Index lists the coded pictures; nil where there is only sound. It must not be
// changed.
func (s *Source) Index() *plan.Index {
	if s.video == nil {
		return nil
	}
	return s.video.index
}

// Close frees what the source holds. No other method may be called after or
// beside it.
func (s *Source) Close() {
	s.closeVideo()
	s.closeAudio()
}

func (s *Source) closeAudio() {
	if s.audio != nil {
		freeParameters(s.audio.params)
		s.audio = nil
	}
}

func (s *Source) closeVideo() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.idle {
		r.close()
	}
	s.idle = nil
	if s.video != nil {
		freeParameters(s.video.params)
		s.video = nil
	}
}

// tryDecoding makes sure that something can be decoded. A track of which nothing
// can be is given up where there is another.
func (s *Source) tryDecoding(ctx context.Context) error {
	picture := s.video != nil && s.anyPicture(ctx)
	sound := s.audio != nil && s.anySound(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case !picture && !sound:
		return unreadable(s.path, AllDamaged, nil)
	case !picture:
		s.closeVideo()
		s.recording.Video = nil
	case !sound:
		s.closeAudio()
		s.recording.Audio = nil
	}
	return nil
}

// anyPicture tries a few keys spread over the film, of each part the smallest: it
// is the soonest decoded.
func (s *Source) anyPicture(ctx context.Context) bool {
	const tries = 8
	var runs []plan.Run
	for _, plans := range [][]plan.Chunk{plan.Keys(s.video.index, 0), plan.All(s.video.index)} {
		for _, c := range plans {
			runs = append(runs, c.Runs...)
		}
		if len(runs) > 0 {
			break
		}
	}
	some := min(tries, len(runs))
	got := false
	for n := range some {
		part := runs[n*len(runs)/some : (n+1)*len(runs)/some]
		least := slices.MinFunc(part, func(a, b plan.Run) int { return s.video.marks[a.From].size - s.video.marks[b.From].size })
		c := plan.Chunk{Runs: []plan.Run{least}}
		_, err := s.Frames(ctx, c, Options{Width: 64, Quality: Fast}, func(Frame) error { got = true; return errEnough })
		if got || err != nil {
			break // a decoder that does not open never will
		}
	}
	return got
}

// errEnough stops a decoding that has shown what it was to show.
var errEnough = errors.New("enough")

func (s *Source) anySound(ctx context.Context) bool {
	a, err := s.Audio(ctx)
	if err != nil {
		return false
	}
	defer a.Close()
	return a.decodesSomething(ctx)
}
