package encode

import (
	"fmt"

	"github.com/asticode/go-astiav"

	"dyade/pipeline/decode"
	"dyade/pipeline/encode/box"
)

// Form is how pictures are coded for films that are kept.
type Form struct {
	Width, Height int // even
	Colours       decode.Colours
	FPS           float64 // where the most pictures come
	Threads       int     // 0: one for each core
	Set           int     // the id of the parameter sets, 0 to 31
}

// How pictures of films that are kept are coded: well, at a speed that can be waited for.
// The bits are what the High profile's level 4 has, which old televisions stop at.
const (
	FilmPreset  = "veryfast"
	FilmQuality = "20"
	FilmMost    = "20000000" // bits a second
	FilmBuffer  = "25000000"
	filmKeys    = 2 // seconds between keys, at most
)

// Pictures codes pictures to H.264 of 8 bits, 4:2:0. Who opened it closes it.
type Pictures struct {
	e    *encoder
	form Form
}

// Coded is a coded picture.
type Coded struct {
	Units  []byte // behind start codes; valid until the function that is given it returns
	Number int64  // of the picture, as they came: 0, 1…
	Key    bool   // nothing before is needed from here on
}

// OpenPictures opens an encoder.
func OpenPictures(f Form) (*Pictures, error) {
	fps := max(1, min(f.FPS, mostFPS))
	e, err := openPictureEncoder(f, fps, [][2]string{
		{"preset", FilmPreset}, {"profile", "high"}, {"crf", FilmQuality}, {"maxrate", FilmMost}, {"bufsize", FilmBuffer},
		{"threads", fmt.Sprint(f.Threads)}, {"g", fmt.Sprint(int(filmKeys * fps))}, {"forced-idr", "1"}, {"flags", "+global_header"},
		{"x264-params", fmt.Sprintf("sps-id=%d", f.Set)},
	})
	if err != nil {
		return nil, err
	}
	return &Pictures{e, f}, nil
}

// Kind is how a picture may be predicted.
type Kind int

// Kinds.
const (
	Free    Kind = iota // as the encoder likes
	Forward             // of none that comes later
	Key                 // of none, nor anything later of one before it
)

var kinds = map[Kind]astiav.PictureType{Free: astiav.PictureTypeNone, Forward: astiav.PictureTypeP, Key: astiav.PictureTypeI}

// Picture codes the next one, of which the planes are as decode gives them; take is
// given what is ready.
func (p *Pictures) Picture(planes []byte, k Kind, take func(Coded) error) error {
	return p.e.picture(planes, kinds[k], p.numbered(take))
}

// Finish gives what is left.
func (p *Pictures) Finish(take func(Coded) error) error { return p.e.send(nil, p.numbered(take)) }

func (p *Pictures) numbered(take func(Coded) error) func([]byte, bool) error {
	return func(data []byte, key bool) error { return take(Coded{data, p.e.pkt.Pts(), key}) }
}

// Track describes what the encoder gives.
func (p *Pictures) Track() (*box.Picture, error) {
	return p.e.pictureTrack(p.form.Width, p.form.Height)
}

// Close frees the encoder.
func (p *Pictures) Close() { p.e.close() }

// mostFPS is above what cameras take.
const mostFPS = 240

// openPictureEncoder opens one that is told that pictures come evenly.
func openPictureEncoder(f Form, fps float64, options [][2]string) (*encoder, error) {
	colours := [][2]string{
		{"colorspace", fmt.Sprint(f.Colours.Matrix)}, {"color_primaries", fmt.Sprint(f.Colours.Primaries)},
		{"color_trc", fmt.Sprint(f.Colours.Transfer)}, {"color_range", "tv"},
	}
	if f.Colours.Full {
		colours[3][1] = "pc"
	}
	rate := astiav.NewRational(int(fps*1000), 1000)
	e, err := openEncoder("libx264", func(cc *astiav.CodecContext) {
		cc.SetWidth(f.Width)
		cc.SetHeight(f.Height)
		cc.SetPixelFormat(astiav.PixelFormatYuv420P)
		cc.SetSampleAspectRatio(astiav.NewRational(1, 1))
		cc.SetFramerate(rate)
		cc.SetTimeBase(astiav.NewRational(rate.Den(), rate.Num()))
	}, append(colours, options...))
	if err != nil {
		return nil, err
	}
	e.frame.SetWidth(f.Width)
	e.frame.SetHeight(f.Height)
	e.frame.SetPixelFormat(astiav.PixelFormatYuv420P)
	if err := e.frame.AllocBuffer(0); err != nil {
		e.close()
		return nil, fmt.Errorf("make room for a picture: %w", err)
	}
	return e, nil
}

// Sounds codes stereo to AAC. Who opened it closes it.
type Sounds struct{ e *encoder }

// Of the sound of films that are kept.
const (
	SoundBlock = soundBlock // samples that are coded together
	SoundSkip  = soundBlock // samples that come before the first that was given
	FilmSound  = "160000"   // bits a second
)

// OpenSounds opens an encoder of so many samples a second.
func OpenSounds(rate int) (*Sounds, error) {
	e, err := openSound(FilmSound, rate)
	if err != nil {
		return nil, err
	}
	return &Sounds{e}, nil
}

// Block codes the next block, the last of which may be short; take is given what is
// ready, a block at a time, the first of what was before the first.
func (s *Sounds) Block(samples []float32, take func(data []byte) error) error {
	return s.e.sound(samples, func(data []byte, _ bool) error { return take(data) })
}

// Finish gives what is left.
func (s *Sounds) Finish(take func(data []byte) error) error {
	return s.e.send(nil, func(data []byte, _ bool) error { return take(data) })
}

// Track describes what the encoder gives.
func (s *Sounds) Track() *box.Sound { return s.e.soundTrack() }

// Close frees the encoder.
func (s *Sounds) Close() { s.e.close() }
