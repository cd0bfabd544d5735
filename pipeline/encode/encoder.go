package encode

import (
	"errors"
	"fmt"
	"slices"

	"github.com/asticode/go-astiav"

	"dyade/pipeline/decode"
	"dyade/pipeline/encode/box"
	"dyade/pipeline/encode/h264"
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
	form := Form{Width: p.Width, Height: p.Height, Colours: p.Colours}
	return openPictureEncoder(form, max(1, min(fps, mostFPS)), [][2]string{
		{"preset", preset}, {"profile", "high"}, {"crf", quality}, {"maxrate", most}, {"bufsize", most}, {"threads", fmt.Sprint(threads)},
		{"bf", "0"}, {"g", "100000"}, {"sc_threshold", "0"}, {"rc-lookahead", "0"}, {"forced-idr", "1"}, {"flags", "+global_header"},
	})
}

func (e *encoder) picture(planes []byte, kind astiav.PictureType, take func([]byte, bool) error) error {
	if err := fillPicture(e.frame, planes); err != nil {
		return err
	}
	e.frame.SetPictureType(kind)
	return e.send(e.frame, take)
}

// pictureTrack describes what the encoder gives.
func (e *encoder) pictureTrack(width, height int) (*box.Picture, error) {
	sets, err := h264.ReadSets(e.cc.ExtraData())
	if err != nil {
		return nil, fmt.Errorf("read what the encoder of pictures says of them: %w", err)
	}
	t := &box.Picture{Width: width, Height: height}
	for _, set := range sets.Sequences {
		t.SPS = append(t.SPS, slices.Clone(set))
	}
	for _, set := range sets.Pictures {
		t.PPS = append(t.PPS, slices.Clone(set))
	}
	return t, nil
}

// Sound of copies.
const (
	soundRate   = 48000
	soundBlock  = 1024 // samples that are coded together
	soundBits   = "128000"
	soundStereo = 2
)

func openSound(bits string, rate int) (*encoder, error) {
	e, err := openEncoder("aac", func(cc *astiav.CodecContext) {
		cc.SetSampleRate(rate)
		cc.SetSampleFormat(astiav.SampleFormatFltp)
		cc.SetChannels(soundStereo)
		cc.SetChannelLayout(astiav.ChannelLayoutStereo)
		cc.SetTimeBase(astiav.NewRational(1, rate))
	}, [][2]string{{"b", bits}, {"threads", "1"}, {"flags", "+global_header"}})
	if err != nil {
		return nil, err
	}
	if err := soundFrame(e.frame, soundBlock, rate); err != nil {
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

func (e *encoder) soundTrack() *box.Sound {
	return &box.Sound{Channels: soundStereo, Rate: e.cc.SampleRate(), Config: slices.Clone(e.cc.ExtraData())}
}
