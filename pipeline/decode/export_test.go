package decode

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/asticode/go-astiav"

	"dyade/internal/kept"
)

// Fake is a device for tests: software that may be absent, wrong, slow or break.
type Fake struct {
	Name   string
	Absent bool               // does not open
	Wrong  bool               // gives black pictures
	Took   time.Duration      // for the pictures of a trial, against 100 ms of software
	Breaks func(n int64) bool // whether it fails at its n-th picture
	Given  atomic.Int64       // pictures asked for so far
}

func (f *Fake) name() string { return f.Name }

func (f *Fake) open() error {
	if f.Absent {
		return errors.New("no such device")
	}
	return nil
}

func (f *Fake) close() {}

func (f *Fake) decoder(params *astiav.CodecParameters) (*astiav.CodecContext, error) {
	if err := f.open(); err != nil {
		return nil, err
	}
	return openDecoder(params)
}

func (f *Fake) download(from, to *astiav.Frame) error {
	if n := f.Given.Add(1); f.Breaks != nil && f.Breaks(n) {
		return errors.New("the device is lost")
	}
	err := to.Ref(from)
	if f.Wrong {
		err = errors.Join(err, to.ImageFillBlack())
	}
	return err
}

// OpenFakes is OpenHardware with fake devices, whose trials take what they say.
func OpenFakes(memory kept.Memory, fakes ...*Fake) *Hardware {
	var devices []device
	for _, f := range fakes {
		devices = append(devices, f)
	}
	h := newHardware(devices, memory)
	h.took = func(d device, work func() error) (time.Duration, error) {
		if f, ok := d.(*Fake); ok {
			return f.Took, work()
		}
		return 100 * time.Millisecond, work()
	}
	return h
}

// OpenHardwareAt is OpenHardware with device files of another folder than /dev.
func OpenHardwareAt(dir, choice string) *Hardware { return newHardware(nodes(dir, choice), nil) }

// Count is the number of devices found, whether they open or not.
func (h *Hardware) Count() int { return len(h.devices) }

// Timed decodes what a trial does, by a device or by software (-1), and gives the
// pictures and how long it took.
func (h *Hardware) Timed(ctx context.Context, s *Source, device int, o Options) (pictures [][]byte, took time.Duration, err error) {
	d, runs := h.device(device), trial(s.video.index)
	took, err = stopwatch(d, func() error {
		pictures, err = s.small(ctx, runs, o, d)
		return err
	})
	return pictures, took, err
}

func (h *Hardware) device(n int) device {
	if n < 0 {
		return nil
	}
	return h.devices[n]
}

// NameOf is the n-th device's.
func (h *Hardware) NameOf(n int) string { return h.devices[n].name() }

// Verdict names what decodes the source's pictures.
func (h *Hardware) Verdict(ctx context.Context, s *Source, o Options) string {
	if d := h.choose(ctx, s, o); d != nil {
		return d.name()
	}
	return bySoftware
}
