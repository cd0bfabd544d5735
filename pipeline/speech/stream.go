package speech

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// stream reads a source and knows how far it is.
type stream struct {
	next Source
	at   int64 // samples read
	over bool
}

// fill reads until buf is full or the sound ends.
func (s *stream) fill(ctx context.Context, buf []float32) (n int, err error) {
	for idle := 0; n < len(buf) && !s.over; {
		if err := ctx.Err(); err != nil {
			return n, s.failed(err)
		}
		got, err := s.next(ctx, buf[n:])
		if got < 0 || got > len(buf)-n {
			return n, s.failed(fmt.Errorf("the source says it gave %d of %d samples", got, len(buf)-n))
		}
		n += got
		s.at += int64(got)
		if s.over = errors.Is(err, io.EOF); err != nil && !s.over {
			return n, s.failed(err)
		}
		if idle++; got > 0 {
			idle = 0
		}
		if idle > 100 {
			return n, s.failed(io.ErrNoProgress)
		}
	}
	return n, nil
}

// skip reads up to sample to, and uses buf for it.
func (s *stream) skip(ctx context.Context, buf []float32, to int64) error {
	for s.at < to {
		if s.over {
			return s.failed(ErrOtherSound)
		}
		if _, err := s.fill(ctx, buf[:min(int64(len(buf)), to-s.at)]); err != nil {
			return err
		}
	}
	return nil
}

func (s *stream) failed(err error) error {
	return fmt.Errorf("read sound after %.1f s: %w", float64(s.at)/Rate, err)
}
