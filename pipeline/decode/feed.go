package decode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/asticode/go-astiav"
)

// feed gives the packets of a source's picture track by their place in its
// index, for one goroutine at a time.
type feed interface {
	// enter makes ready for reading on from packet i, or tells why it cannot be
	// reached.
	enter(ctx context.Context, i int) error
	// packet gives packet i, which lies behind those given since enter. It is
	// valid until the next call.
	packet(ctx context.Context, i int) (*astiav.Packet, error)
	// distance is how many packets lie on the way to packet i.
	distance(i int) int
	close()
}

var (
	errStray = errors.New("another packet than the index has")
	errGone  = errors.New("it was there before; plug its disk in again")
)

func (s *Source) newFeed() (feed, error) {
	if s.video.inPlace {
		return newPlaced(s)
	}
	return newDemuxed(s)
}

// placed feeds straight from the places of the file that the index names. It
// needs no demuxer, whose tables of a long film take tens of megabytes, nor any
// seeking.
type placed struct {
	s    *Source
	file *os.File
	pkt  *astiav.Packet
}

func newPlaced(s *Source) (feed, error) {
	file, err := os.Open(s.path)
	if err != nil {
		return nil, fmt.Errorf("opening %s again: %w: %w", s.path, errGone, err)
	}
	live[liveFile].Add(1)
	return &placed{s: s, file: file, pkt: newPacket()}, nil
}

func (p *placed) enter(context.Context, int) error { return nil }

func (p *placed) packet(_ context.Context, i int) (*astiav.Packet, error) {
	m := p.s.video.marks[i]
	p.pkt.Unref()
	if err := p.pkt.AllocPayload(m.size); err != nil {
		return nil, fmt.Errorf("packet %d of %d bytes: %w", i, m.size, err)
	}
	switch _, err := p.file.ReadAt(payload(p.pkt), m.pos); {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("packet %d: %w", i, errStray) // the file was cut since
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w: %w", p.s.path, errGone, err)
	}
	return p.pkt, nil
}

func (p *placed) distance(int) int { return 0 }

func (p *placed) close() {
	p.file.Close()
	live[liveFile].Add(-1)
	freePacket(p.pkt)
}
