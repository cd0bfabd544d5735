package encode

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/asticode/go-astiav"

	"dyade/pipeline/decode"
	"dyade/pipeline/encode/fragment"
)

// encoder is an open one, of pictures or of sound.
type encoder struct {
	cc    *astiav.CodecContext
	frame *astiav.Frame
	pkt   *astiav.Packet
	sent  int64
}

// errNoEncoder says that FFmpeg was built without what copies are made with.
var errNoEncoder = errors.New("FFmpeg has no such encoder: install the one that make setup installs")

func openEncoder(name string, prepare func(*astiav.CodecContext), options [][2]string) (*encoder, error) {
	codec := astiav.FindEncoderByName(name)
	if codec == nil {
		return nil, fmt.Errorf("open the encoder %s: %w", name, errNoEncoder)
	}
	live.Add(1)
	e := &encoder{cc: astiav.AllocCodecContext(codec), frame: astiav.AllocFrame(), pkt: astiav.AllocPacket()}
	prepare(e.cc)
	d := astiav.NewDictionary()
	defer d.Free()
	var err error
	for _, o := range options {
		err = errors.Join(err, d.Set(o[0], o[1], 0))
	}
	if err == nil {
		err = e.cc.Open(codec, d)
	}
	if err != nil {
		e.close()
		return nil, fmt.Errorf("open the encoder %s: %w", name, err)
	}
	return e, nil
}

func (e *encoder) close() {
	if e != nil {
		e.pkt.Free()
		e.frame.Free()
		e.cc.Free()
		live.Add(-1)
	}
}

// send gives the frame, or nil at the end, to the encoder, and what it has ready to
// take, which is valid until it returns.
func (e *encoder) send(f *astiav.Frame, take func(data []byte, key bool) error) error {
	if f != nil {
		f.SetPts(e.sent)
		e.sent += int64(max(f.NbSamples(), 1))
	}
	if err := e.cc.SendFrame(f); err != nil {
		return err
	}
	for {
		err := e.cc.ReceivePacket(e.pkt)
		if errors.Is(err, astiav.ErrEagain) || errors.Is(err, astiav.ErrEof) {
			return nil
		}
		if err == nil {
			err = take(e.pkt.Data(), e.pkt.Flags().Has(astiav.PacketFlagKey))
			e.pkt.Unref()
		}
		if err != nil {
			return err
		}
	}
}

// How pictures are coded: fast before small, and none waits for a later one.
const (
	preset  = "superfast"
	quality = "23"
	most    = "4000000" // bits a second
)

// openPictures opens an encoder of pictures such as p. Times are kept beside it: it
// is told that pictures come evenly, so many a second.
func openPictures(p decode.Picture, fps float64, threads int) (*encoder, error) {
	colours := [][2]string{
		{"colorspace", fmt.Sprint(p.Colours.Matrix)}, {"color_primaries", fmt.Sprint(p.Colours.Primaries)},
		{"color_trc", fmt.Sprint(p.Colours.Transfer)}, {"color_range", "tv"},
	}
	if p.Colours.Full {
		colours[3][1] = "pc"
	}
	rate := astiav.NewRational(int(max(1, min(fps, 240))*1000), 1000)
	e, err := openEncoder("libx264", func(cc *astiav.CodecContext) {
		cc.SetWidth(p.Width)
		cc.SetHeight(p.Height)
		cc.SetPixelFormat(astiav.PixelFormatYuv420P)
		cc.SetSampleAspectRatio(astiav.NewRational(1, 1))
		cc.SetFramerate(rate)
		cc.SetTimeBase(astiav.NewRational(rate.Den(), rate.Num()))
	}, append(colours, [][2]string{
		{"preset", preset}, {"profile", "high"}, {"crf", quality}, {"maxrate", most}, {"bufsize", most}, {"threads", fmt.Sprint(threads)},
		{"bf", "0"}, {"g", "100000"}, {"sc_threshold", "0"}, {"rc-lookahead", "0"}, {"forced-idr", "1"}, {"flags", "+global_header"},
	}...))
	if err != nil {
		return nil, err
	}
	f := e.frame
	f.SetWidth(p.Width)
	f.SetHeight(p.Height)
	f.SetPixelFormat(astiav.PixelFormatYuv420P)
	if err := f.AllocBuffer(0); err != nil {
		e.close()
		return nil, fmt.Errorf("make room for a picture: %w", err)
	}
	return e, nil
}

func (e *encoder) picture(planes []byte, key bool, take func([]byte, bool) error) error {
	if err := fillPicture(e.frame, planes); err != nil {
		return err
	}
	kind := astiav.PictureTypeNone
	if key {
		kind = astiav.PictureTypeI
	}
	e.frame.SetPictureType(kind)
	return e.send(e.frame, take)
}

// pictureTrack describes what the encoder gives.
func (e *encoder) pictureTrack(width, height int) (*fragment.Picture, error) {
	t := &fragment.Picture{Width: width, Height: height}
	for _, unit := range units(e.cc.ExtraData()) {
		switch unit[0] & 31 {
		case 7:
			t.SPS = slices.Clone(unit)
		case 8:
			t.PPS = slices.Clone(unit)
		}
	}
	if len(t.SPS) < 4 || len(t.PPS) == 0 {
		return nil, errors.New("the encoder of pictures gives no parameters")
	}
	return t, nil
}

// units are those of an H.264 byte stream (H.264, annex B).
func units(stream []byte) [][]byte {
	var all [][]byte
	for _, part := range bytes.Split(stream, []byte{0, 0, 1}) {
		// Zeros before a start code are none of the unit's, which ends in a one.
		if part = bytes.TrimRight(part, "\x00"); len(part) > 0 {
			all = append(all, part)
		}
	}
	return all
}

// lengths is a byte stream with each unit behind its length instead.
func lengths(stream []byte) []byte {
	out := make([]byte, 0, len(stream)+8)
	for _, unit := range units(stream) {
		if kind := unit[0] & 31; kind == 7 || kind == 8 {
			continue // they are in the header
		}
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(unit))), unit...)
	}
	return out
}

// Sound of copies.
const (
	soundRate   = 48000
	soundBlock  = 1024 // samples that are coded together
	soundBits   = "128000"
	soundStereo = 2
)

func openSound() (*encoder, error) {
	e, err := openEncoder("aac", func(cc *astiav.CodecContext) {
		cc.SetSampleRate(soundRate)
		cc.SetSampleFormat(astiav.SampleFormatFltp)
		cc.SetChannels(soundStereo)
		cc.SetChannelLayout(astiav.ChannelLayoutStereo)
		cc.SetTimeBase(astiav.NewRational(1, soundRate))
	}, [][2]string{{"b", soundBits}, {"threads", "1"}, {"flags", "+global_header"}})
	if err != nil {
		return nil, err
	}
	if err := soundFrame(e.frame, soundBlock, soundRate); err != nil {
		e.close()
		return nil, fmt.Errorf("make room for sound: %w", err)
	}
	return e, nil
}

func (e *encoder) sound(samples []float32, take func([]byte, bool) error) error {
	if err := fillSound(e.frame, samples); err != nil {
		return err
	}
	return e.send(e.frame, take)
}

func (e *encoder) soundTrack() *fragment.Sound {
	return &fragment.Sound{Channels: soundStereo, Rate: soundRate, Config: slices.Clone(e.cc.ExtraData())}
}
