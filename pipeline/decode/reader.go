package decode

import (
	"context"
	"errors"
	"fmt"

	"github.com/asticode/go-astiav"

	"dyade/pipeline/decode/plan"
)

// reader decodes pictures of one source, for one goroutine at a time.
type reader struct {
	s      *Source
	on     device // nil: software
	feed   feed
	cc     *astiav.CodecContext
	frame  *astiav.Frame
	landed *astiav.Frame // the picture that a device gave, in main memory
	used   bool          // cc has decoded something
	scale  scaler
	spare  [][]byte // pictures that were yielded
}

func (s *Source) newReader(on device) (*reader, error) {
	r := &reader{s: s, on: on, frame: newFrame(), landed: newFrame()}
	var err error
	if r.feed, err = s.newFeed(); err == nil {
		err = r.renew()
	}
	if err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

// renew puts a new decoder in the place of the one there is.
func (r *reader) renew() error {
	open := openDecoder
	if r.on != nil {
		open = r.on.decoder
	}
	cc, err := open(r.s.video.params)
	if err != nil {
		return fmt.Errorf("opening a decoder for the pictures of %s: %w", r.s.path, err)
	}
	freeCodec(r.cc)
	r.cc, r.used = cc, false
	return nil
}

// refresh sees to it that a chunk is decoded by a new decoder of software: one that
// has decoded something puts that in for what damage took, and a result would
// depend on the order of the work. It costs about a millisecond. Devices' decoders
// are dear to open.
func (r *reader) refresh() error {
	if r.on != nil || !r.used {
		return nil
	}
	return r.renew()
}

// openDecoder opens a decoder with one thread: parallel work is by chunks.
func openDecoder(params *astiav.CodecParameters) (*astiav.CodecContext, error) {
	codec := astiav.FindDecoder(params.CodecID())
	if codec == nil {
		return nil, astiav.ErrDecoderNotFound
	}
	return openCodec(codec, params, 1, func(*astiav.CodecContext) error { return nil })
}

// openCodec opens one decoder of a codec, prepared for what decodes it.
func openCodec(codec *astiav.Codec, params *astiav.CodecParameters, threads int, prepare func(*astiav.CodecContext) error) (*astiav.CodecContext, error) {
	cc := astiav.AllocCodecContext(codec)
	live[liveCodec].Add(1)
	options := astiav.NewDictionary()
	defer options.Free()
	err := errors.Join(params.ToCodecContext(cc), prepare(cc))
	for _, o := range [][2]string{{"threads", fmt.Sprint(threads)}, {"max_pixels", fmt.Sprint(maxPixels)}} {
		err = errors.Join(err, options.Set(o[0], o[1], 0))
	}
	if err == nil {
		err = cc.Open(codec, options)
	}
	if err != nil {
		freeCodec(cc)
		return nil, err
	}
	return cc, nil
}

func (r *reader) close() {
	r.scale.close()
	freeCodec(r.cc)
	if r.feed != nil {
		r.feed.close()
	}
	freeFrame(r.frame)
	freeFrame(r.landed)
}

// decode decodes a run and gives its pictures with their packets, in the order
// in which the decoder does. What is damaged is missed, without an error: errors
// are give's, ctx's, and that of a file that is gone.
func (r *reader) decode(ctx context.Context, run plan.Run, fast bool, give func(packet int) error) error {
	if err := r.feed.enter(ctx, run.From); err != nil {
		if ctx.Err() != nil || errors.Is(err, errGone) {
			return err
		}
		return nil
	}
	skipLoopFilter(r.cc, fast)
	trustAll(r.cc, false)
	r.used = true
	flushDecoder(r.cc)
	defer flushDecoder(r.cc)
	for n, fed := range run.Fed(r.s.video.index) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !fed {
			continue
		}
		i := run.From + n
		pkt, err := r.feed.packet(ctx, i)
		if errors.Is(err, errGone) {
			return err
		}
		if err != nil {
			break
		}
		// The packet's number travels through the decoder as its time.
		pkt.SetPts(int64(i))
		pkt.SetDts(int64(i))
		if r.cc.SendPacket(pkt) != nil {
			continue // damaged
		}
		if n == 0 && r.s.video.index.Packets[i].Key {
			trustAll(r.cc, true)
		}
		if err := r.receive(give); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return r.drain(give)
}

func (r *reader) drain(give func(int) error) error {
	if r.cc.SendPacket(nil) == nil {
		return r.receive(give)
	}
	return nil // nothing inside
}

func (r *reader) receive(give func(packet int) error) error { return receive(r.cc, r.frame, give) }

// receive gives the packets' numbers of what a decoder has ready, each while its picture
// is in the frame. Its own errors concern single pictures: those are missed by who wants
// them.
func receive(cc *astiav.CodecContext, frame *astiav.Frame, give func(packet int) error) error {
	const hopeless = 64 // errors in a row, against decoders that never end
	for failed := 0; failed < hopeless; {
		err := cc.ReceiveFrame(frame)
		switch {
		case errors.Is(err, astiav.ErrEagain), errors.Is(err, astiav.ErrEof):
			return nil
		case err != nil:
			failed++
			continue
		}
		err = give(int(frame.Pts()))
		frame.Unref()
		if err != nil {
			return err
		}
	}
	return nil
}
