package decode

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/asticode/go-astiav"
	"golang.org/x/sync/errgroup"

	"dyade/internal/kept"
	"dyade/pipeline/decode/plan"
)

// Hardware decodes pictures on the machine's graphics processor where a trial on
// the film at hand shows that it gives the same pictures and is clearly faster
// than software; elsewhere, and wherever it fails, software decodes. One serves
// the whole process: it holds each device once. A nil *Hardware is software. Its
// methods may be called from several goroutines at once, Close last.
//
// With it, the pixels of two runs may differ by rounding.
type Hardware struct {
	devices []device
	machine string      // what a verdict depends on beside the film
	memory  kept.Memory // of verdicts, from one run to the next
	took    func(d device, work func() error) (time.Duration, error)

	mu       sync.Mutex
	verdicts map[string]device // by kind of film; nil: software
	failures int
}

// device is one piece of hardware that decodes.
type device interface {
	name() string // such as "vaapi /dev/dri/renderD128"
	open() error  // at the first call; later ones say again what came of it
	// decoder opens one more decoder on it, and the device itself at first.
	decoder(params *astiav.CodecParameters) (*astiav.CodecContext, error)
	// download copies a decoded picture to main memory.
	download(from, to *astiav.Frame) error
	close()
}

// Choices are what OpenHardware takes, and the variable DYADE_HWACCEL.
var Choices = []string{"auto", "none", "cuda", "qsv", "vaapi"}

// OpenHardware looks for devices: of all kinds (auto, or nothing), of one, or for
// none. It opens none yet. memory may be nil.
func OpenHardware(choice string, memory kept.Memory) (*Hardware, error) {
	if choice != "" && !slices.Contains(Choices, choice) {
		return nil, fmt.Errorf("choosing hardware for decoding: %q is not one of %s", choice, strings.Join(Choices, ", "))
	}
	return newHardware(nodes("/dev", choice), memory), nil
}

func newHardware(devices []device, memory kept.Memory) *Hardware {
	h := &Hardware{devices: devices, memory: memory, took: stopwatch, verdicts: map[string]device{}}
	if len(devices) > 0 {
		h.machine = machine(devices)
	}
	return h
}

// Devices names the devices that open; none where software decodes everything.
func (h *Hardware) Devices() []string {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var names []string
	for _, d := range h.devices {
		if d.open() == nil {
			names = append(names, d.name())
		}
	}
	return names
}

// Close lets go of the devices. Sources that decoded on them are closed before.
func (h *Hardware) Close() {
	if h == nil {
		return
	}
	for _, d := range h.devices {
		d.close()
	}
}

// maxFailures is how often hardware may fail where software does not.
const maxFailures = 2

// choose is the device that the source's pictures are decoded on; nil: none.
func (h *Hardware) choose(ctx context.Context, s *Source, o Options) device {
	if h == nil || len(h.devices) == 0 {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock() // others wait, so that a trial is timed undisturbed
	if h.failures >= maxFailures {
		return nil
	}
	kind := h.kind(s)
	if d, known := h.verdicts[kind]; known {
		return d
	}
	d, known := h.recall(kind)
	if !known {
		d = h.try(ctx, s, o)
		if ctx.Err() != nil {
			return nil
		}
		h.remember(kind, d)
	}
	h.verdicts[kind] = d
	return d
}

// failed counts a failure where software did better.
func (h *Hardware) failed() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.failures++
}

// kind names the films that one verdict serves: of one codec, bit depth and size
// class (to the next power of two of pixels), on this machine.
func (h *Hardware) kind(s *Source) string {
	v := s.recording.Video
	class := 1
	for class < v.Width*v.Height {
		class *= 2
	}
	text := fmt.Sprintln(v.Codec, v.BitDepth, s.video.params.PixelFormat(), class, h.machine)
	return fmt.Sprintf("hardware-%x", sha256.Sum256([]byte(text)))[:40]
}

// machine describes the devices, their drivers, FFmpeg and the cores.
func machine(devices []device) string {
	parts := []string{FFmpegVersion(), fmt.Sprint(runtime.GOMAXPROCS(0))}
	for _, d := range devices {
		parts = append(parts, d.name())
	}
	drivers := []string{"/proc/sys/kernel/osrelease", "/proc/driver/nvidia/version"}
	for _, pattern := range []string{"vendor", "device"} {
		found, _ := filepath.Glob("/sys/class/drm/renderD*/device/" + pattern) // the pattern is well formed
		drivers = append(drivers, found...)
	}
	for _, path := range drivers {
		text, _ := os.ReadFile(path) // a driver that is not there
		parts = append(parts, string(text))
	}
	return strings.Join(parts, "|")
}

// bySoftware is the remembered verdict against every device.
const bySoftware = "software"

func (h *Hardware) recall(kind string) (d device, known bool) {
	if h.memory == nil {
		return nil, false
	}
	verdict, ok := h.memory.Get(kind)
	if !ok || string(verdict) == bySoftware {
		return nil, ok
	}
	for _, d := range h.devices {
		if d.name() == string(verdict) {
			return d, true
		}
	}
	return nil, false
}

func (h *Hardware) remember(kind string, d device) {
	if h.memory == nil {
		return
	}
	verdict := bySoftware
	if d != nil {
		verdict = d.name()
	}
	_ = h.memory.Put(kind, []byte(verdict)) // else there is a trial next time too
}

// The trial decodes groups of pictures from all over the film, as many at once as
// there are cores, and takes a device that needs at most margin of the time that
// software does. Its pictures may differ by maxDifference, the mean over all
// values of 0 to 255: the picture before or after differs by 1 and more.
const (
	trialGroups    = 4
	trialFollowing = 11
	margin         = 0.7
	maxDifference  = 0.5
)

// try finds the fastest device that gives the right pictures of this film; nil
// where none is clearly faster than software.
func (h *Hardware) try(ctx context.Context, s *Source, o Options) device {
	runs := trial(s.video.index)
	o.Quality = Exhaustive // devices leave nothing out
	fast := o
	fast.Quality = Fast
	pictures, err := s.small(ctx, runs, o, nil)
	if err != nil {
		return nil
	}
	runs, want := whole(runs, pictures)
	limit, err := h.took(nil, func() error { _, err := s.small(ctx, runs, fast, nil); return err })
	if err != nil {
		return nil
	}
	limit = time.Duration(float64(limit) * margin)
	var best device
	for _, d := range h.devices {
		got, err := s.small(ctx, runs, o, d) // this also warms it up
		if err != nil || !same(got, want) {
			continue
		}
		t, err := h.took(d, func() error { _, err := s.small(ctx, runs, fast, d); return err })
		if err == nil && t <= limit {
			best, limit = d, t
		}
	}
	return best
}

// whole leaves out the runs of which pictures are lost, which tell nothing of a
// device.
func whole(runs []plan.Run, pictures [][]byte) (kept []plan.Run, theirs [][]byte) {
	for i, r := range runs {
		if pictures[i] != nil {
			kept, theirs = append(kept, r), append(theirs, pictures[i])
		}
	}
	return kept, theirs
}

func stopwatch(_ device, work func() error) (time.Duration, error) {
	start := time.Now()
	err := work()
	return time.Since(start), err
}

// trial is what is decoded to try a device on.
func trial(ix *plan.Index) []plan.Run {
	var all, some []plan.Run
	for _, c := range plan.Keys(ix, trialFollowing) {
		all = append(all, c.Runs...)
	}
	groups := min(len(all), max(trialGroups, runtime.GOMAXPROCS(0)))
	for n := range groups {
		some = append(some, all[n*len(all)/groups])
	}
	return some
}

// small gives each run's pictures as one device, or software, decodes them: nil
// where software loses one. One that a device does not give is an error.
func (s *Source) small(ctx context.Context, runs []plan.Run, o Options, d device) ([][]byte, error) {
	pictures := make([][]byte, len(runs))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, run := range runs {
		group.Go(func() error {
			r, err := s.borrow(run.From, d)
			if err != nil {
				return err
			}
			defer s.giveBack(r)
			one := s.deliver(r, run, o, func(f Frame) error {
				pictures[i] = append(pictures[i], f.Pix...)
				return nil
			})
			err = one.decode(ctx, o)
			if len(one.lost) > 0 {
				pictures[i] = nil
			}
			return err
		})
	}
	return pictures, group.Wait()
}

func same(got, want [][]byte) bool {
	sum, n := 0, 0
	for i, w := range want {
		if len(got[i]) != len(w) {
			return false
		}
		for k, v := range got[i] {
			sum += max(int(v)-int(w[k]), int(w[k])-int(v))
		}
		n += len(w)
	}
	return n > 0 && float64(sum) <= maxDifference*float64(n)
}

// errDevice stops a device's reader that has left out a wanted picture.
var errDevice = errors.New("the device has left out a picture")

// begin takes a reader of the device that serves this film best, or of software.
func (s *Source) begin(ctx context.Context, from int, o Options) (*reader, error) {
	d := o.Hardware.choose(ctx, s, o)
	r, err := s.borrow(from, d)
	if err != nil && d != nil {
		o.Hardware.failed()
		return s.borrow(from, nil)
	}
	return r, err
}

// missing is how many wanted pictures have not come.
func (d *delivery) missing() int { return len(d.run.Wanted) - d.next - len(d.waiting) }

// repeat gives by software what the device has left out. What software has not
// either was damage of the film, and no failure of the device.
func (d *delivery) repeat(ctx context.Context, o Options) error {
	s, missing := d.r.s, d.missing()
	r, err := s.borrow(d.run.From, nil)
	if err != nil {
		return err
	}
	d.r.close()
	d.r = r
	if err := r.refresh(); err != nil {
		return err
	}
	if err := d.decode(ctx, o); err != nil {
		return err
	}
	if len(d.lost) < missing {
		o.Hardware.failed()
	}
	return nil
}

// inMemory is the decoded picture in main memory.
func (r *reader) inMemory() (*astiav.Frame, error) {
	if r.on == nil {
		return r.frame, nil
	}
	r.landed.Unref()
	return r.landed, r.on.download(r.frame, r.landed)
}
