package decode

import (
	"strings"

	"github.com/asticode/go-astiav"
)

// Limits on what is opened.
const (
	maxPixels = 8192 * 4320 // of one picture
	maxSide   = 16384
	// containers are those that hold their media themselves. Playlists, concat
	// lists, scripts, networks, devices and picture sequences are not among them.
	containers = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,h263,ivf," +
		"flv,asf,ogg,wav,w64,aac,mp3,flac,ac3,eac3,caf,aiff,au,amr,amrnb,amrwb,mxf,dv,gif"
)

func init() { astiav.SetLogLevel(astiav.LogLevelQuiet) }

// openInput opens the file's container, without looking into its streams.
func openInput(path string) (*astiav.FormatContext, error) { return openAs(path, containers, nil) }

// openAs opens a file that must be of one of the forms named, which form tells
// where it is not nil.
func openAs(path, forms string, form *astiav.InputFormat) (*astiav.FormatContext, error) {
	fc := astiav.AllocFormatContext()
	if err := openInto(fc, path, forms, form); err != nil {
		return nil, err
	}
	return fc, nil
}

// openInto opens into fc, which it frees where it fails.
func openInto(fc *astiav.FormatContext, path, forms string, form *astiav.InputFormat) error {
	options := astiav.NewDictionary()
	defer options.Free()
	for _, o := range [][2]string{
		{"protocol_whitelist", "file"},
		{"format_whitelist", forms},
		{"probesize", "10000000"},
		{"formatprobesize", "1048576"},
		{"max_streams", "100"},
	} {
		if err := options.Set(o[0], o[1], 0); err != nil {
			fc.Free()
			return err
		}
	}
	// The prefix keeps FFmpeg from reading a protocol into the file's name. A
	// failed opening frees the context itself.
	if err := fc.OpenInput("file:"+path, form, options); err != nil {
		return err
	}
	live[liveFormat].Add(1)
	return nil
}

// openReason tells apart bytes of no known form from a damaged known one.
func openReason(path string) Reason {
	for _, magic := range []string{"....ftyp", "....moov", "....mdat", "....wide", "....free", "\x1aE\xdf\xa3",
		"RIFF....AVI ", "RIFF....WAVE", "OggS", "FLV\x01", "fLaC", "\x30\x26\xb2\x75", "\x00\x00\x01\xba"} {
		if startsWith(path, magic) {
			return BrokenHeader
		}
	}
	return NotMedia
}

// tracks are the streams that are analysed; nil where there is none.
type tracks struct {
	video, audio *astiav.Stream
	undecodable  bool // a stream was passed over because nothing decodes it
}

// choose takes the largest picture and the default sound, or the first of
// several equals. Cover art is no film.
func choose(fc *astiav.FormatContext) tracks {
	var t tracks
	var best, loudest int
	for _, s := range fc.Streams() {
		cp := s.CodecParameters()
		isDefault, isPicture := disposition(s)
		kind := cp.MediaType()
		if kind != astiav.MediaTypeVideo && kind != astiav.MediaTypeAudio || isPicture {
			continue
		}
		if astiav.FindDecoder(cp.CodecID()) == nil || shapeless(cp) {
			t.undecodable = true
			continue
		}
		preferred := 0
		if isDefault {
			preferred = 1
		}
		switch rank := 2*cp.Width()*cp.Height() + preferred + 1; {
		case kind == astiav.MediaTypeAudio && preferred+1 > loudest:
			t.audio, loudest = s, preferred+1
		case kind == astiav.MediaTypeVideo && rank > best:
			t.video, best = s, rank
		}
	}
	return t
}

// leastRate is the lowest sample rate, in Hz, of anything that is sound: a
// header that says less would turn a small file into days of it.
const leastRate = 4000

// shapeless tells whether a track's header gives no usable size or rate.
func shapeless(cp *astiav.CodecParameters) bool {
	switch cp.MediaType() {
	case astiav.MediaTypeVideo:
		return cp.Width() <= 0 || cp.Height() <= 0
	case astiav.MediaTypeAudio:
		return cp.SampleRate() != 0 && cp.SampleRate() < leastRate
	}
	return false
}

// only discards every stream but those given.
func only(fc *astiav.FormatContext, keep ...int) {
	for _, s := range fc.Streams() {
		wanted := false
		for _, k := range keep {
			wanted = wanted || s.Index() == k
		}
		if !wanted {
			discardStream(s)
		}
	}
}

// clockless tells whether the container's clock may start anywhere: broadcast
// forms, which are counted from their first picture or sound.
func clockless(container string) bool {
	for _, name := range strings.Split(container, ",") {
		switch name {
		case "mpegts", "mpeg", "mpegvideo", "h264", "hevc", "m4v", "h263", "dv", "flv", "asf":
			return true
		}
	}
	return false
}
