// Package shown says what a browser can be shown of a film, and by which words those
// who make it and those who give it out understand each other.
package shown

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"dyade/annotate"
	"dyade/annotate/timecode"
)

// Bounds of what may be asked for.
const (
	LeastWidth = 16 // pixels, of stills
	MostWidth  = 1920
	MostClip   = 10 * time.Minute
)

// Edition is that of what is made: what another edition made is not shown.
const Edition = "1"

// Growing is a file that is read while it is being made: Read waits for what is not
// there yet, and fails where the making does. It is closed by who got it.
type Growing interface {
	io.ReadSeekCloser
	// Whole tells whether all of it is there. Only then can it be sought in.
	Whole() bool
}

// Copied tells how far the copy of a film is.
type Copied string

// How far it is.
const (
	CopyNone   Copied = "none"
	CopyMaking Copied = "making"
	CopyWhole  Copied = "whole"
)

// Errors of making, wrapped.
var (
	ErrBusy   = errors.New("too much is being made at once: ask again in a moment")
	ErrAbsent = errors.New("there is no such thing in this film")
)

// Times reads the list of when a film's pictures are shown, as media.Frames writes it:
// docs/formats.md has the form.
func Times(list []byte) ([]timecode.Instant, error) {
	const head, version = 32, 1
	if len(list) < head || binary.LittleEndian.Uint32(list) != version {
		return nil, errTimes
	}
	number := func(at int) int64 { return int64(binary.LittleEndian.Uint32(list[at:])) }
	base, count := timecode.Base{Num: number(4), Den: number(8)}, int(number(12))
	if !base.Valid() || count < 1 || count > len(list)-head+1 {
		return nil, errTimes
	}
	times := make([]timecode.Instant, 1, count)
	times[0] = timecode.Instant{Ticks: int64(binary.LittleEndian.Uint64(list[16:])), Base: base}
	for rest := list[head:]; len(rest) > 0; {
		more, n := binary.Uvarint(rest)
		if n <= 0 || len(times) == count {
			return nil, errTimes
		}
		times = append(times, timecode.Instant{Ticks: times[len(times)-1].Ticks + int64(more), Base: base})
		rest = rest[n:]
	}
	if len(times) != count {
		return nil, errTimes
	}
	return times, nil
}

var errTimes = errors.New("this is no list of when pictures are shown")

// Unreadable says that the film itself is at fault.
type Unreadable struct{ Reason string } // one of decode's

func (u *Unreadable) Error() string { return fmt.Sprintf("the film cannot be read (%s)", u.Reason) }

// What browsers take as it is. Chromium, Firefox and Safari agree on little: AV1
// waits for hardware in Safari, HEVC for it everywhere, Vorbis and FLAC for a
// container that the others know.
const (
	mostSide = 4096
	mp4      = "mov,mp4,m4a,3gp,3g2,mj2" // as FFmpeg calls MP4 and QuickTime
	webm     = "matroska,webm"
)

// Playable tells whether Chromium, Firefox and Safari alike are expected to play the
// film as it is. It is careful: where they may not, a copy is to be shown. A
// recording does not say how finely its colours are sampled; where one of 8 bits
// is not 4:2:0, a player says that it cannot, and the copy helps there too.
func Playable(r annotate.Recording) bool {
	var pictures, sounds []string
	switch r.Container {
	case mp4:
		pictures, sounds = []string{"h264"}, []string{"aac", "mp3"}
	case webm:
		pictures, sounds = []string{"vp8", "vp9"}, []string{"opus", "vorbis"}
	case "mp3", "flac":
		sounds = []string{r.Container}
	case "wav":
		sounds = []string{"pcm_s16le"}
	}
	if v := r.Video; v != nil {
		upright, fits := v.Rotation == 0, max(v.Width, v.Height) <= mostSide
		if !slices.Contains(pictures, v.Codec) || v.BitDepth != 8 || !upright || !fits {
			return false
		}
	}
	if a := r.Audio; a != nil && (!slices.Contains(sounds, a.Codec) || a.Channels > 2) {
		return false
	}
	return r.Video != nil || r.Audio != nil
}

// Type of a film as browsers are to be told.
func Type(r annotate.Recording) string {
	kind := "video"
	if r.Video == nil {
		kind = "audio"
	}
	switch {
	case r.Container == mp4: // browsers refuse QuickTime by its own name
		return kind + "/mp4"
	case r.Container == webm && Playable(r):
		return kind + "/webm"
	case r.Container == "mp3":
		return "audio/mpeg"
	case r.Container == "wav", r.Container == "flac":
		return "audio/" + r.Container
	case strings.HasPrefix(r.Container, "matroska"):
		return kind + "/x-matroska"
	}
	return "application/octet-stream"
}

// Uncut says why no film comes of a reel, however often it is tried.
type Uncut struct {
	Reason string // one of these, of reel's, or of decode's
	Part   int    // of the reel that is at fault, from 1; 0: none by itself
	Err    error
}

func (u *Uncut) Error() string {
	return fmt.Sprintf("no reel can be rendered (%s): %v", u.Reason, u.Err)
}

func (u *Uncut) Unwrap() error { return u.Err }

// Reasons for which there is no film, beside those that lie in it or in the plan.
const (
	UncutCrash   = "crash"   // native code aborted, hung or took too much memory over it
	UncutFull    = "full"    // the disk is
	UncutMissing = "missing" // a film is not in the media store, or damaged there
	UncutFailing = "failing"
)
