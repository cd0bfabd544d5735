package decode

import (
	"context"
	"fmt"
	"slices"

	"dyade/annotate/timecode"
)

// Coded is how a film's pictures lie in its file, for who copies them as they are.
type Coded struct {
	Codec  string // FFmpeg's name
	Header []byte // the track's own, such as H.264's parameter sets
	// AsShown pictures are neither turned nor mirrored nor stretched to be shown, and
	// their header is that of the whole track.
	AsShown bool
}

// Coded tells how the pictures lie; of a source that has some.
func (s *Source) Coded() Coded {
	p := s.video.params
	v := s.recording.Video
	return Coded{
		Codec: v.Codec, Header: slices.Clone(p.ExtraData()),
		AsShown: s.video.turn == (orientation{}) && !s.video.heads && p.Width() == v.Width && p.Height() == v.Height,
	}
}

// Packets gives the packets of the index from one on, to excluded, as they lie in the
// file. The data are valid until yield returns. Unlike decoding, it ends with an error
// at what is damaged.
func (s *Source) Packets(ctx context.Context, from, to int, yield func(i int, data []byte) error) error {
	f, err := s.newFeed()
	if err != nil {
		return err
	}
	defer f.close()
	if err := f.enter(ctx, from); err != nil {
		return fmt.Errorf("looking for the pictures of %s from %s: %w", s.path, s.video.index.Time(from).Format(), err)
	}
	for i := from; i < to; i++ {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		pkt, err := f.packet(ctx, i)
		if err != nil {
			return fmt.Errorf("reading the pictures of %s at %s: %w", s.path, s.video.index.Time(i).Format(), err)
		}
		if err := yield(i, payload(pkt)); err != nil {
			return err
		}
	}
	return nil
}

// SoundEnd is when the last sound has been heard, by the container; zero without any.
func (s *Source) SoundEnd() timecode.Instant {
	if s.audio == nil {
		return timecode.Instant{}
	}
	return s.audio.end
}
