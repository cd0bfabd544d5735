package decode

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// Reason says why a file is not analysed. The strings are stable: messages are
// translated by them.
type Reason string

// Reasons.
const (
	Missing        Reason = "missing"         // no file of that name
	Folder         Reason = "folder"          // a folder
	NotRegular     Reason = "not_regular"     // a pipe, device or socket
	NoPermission   Reason = "no_permission"   // may not be read
	Empty          Reason = "empty"           // no byte in it
	PointsAway     Reason = "points_away"     // a playlist or script that names other files
	StillPicture   Reason = "still_picture"   // a photograph
	NotMedia       Reason = "not_media"       // text, or bytes of no known form
	BrokenHeader   Reason = "broken_header"   // a known form whose header or tables are damaged
	NoTrack        Reason = "no_track"        // neither picture nor sound
	UnknownCodec   Reason = "unknown_codec"   // no decoder for any of its tracks
	ZeroDuration   Reason = "zero_duration"   // tracks without content
	AllDamaged     Reason = "all_damaged"     // nothing in it can be decoded
	TooLarge       Reason = "too_large"       // pictures above the limit
	TooLong        Reason = "too_long"        // above a day
	NotReadThrough Reason = "not_readthrough" // the disk failed
)

var hints = map[Reason]string{
	Missing:        "there is no such file; check its name and folder",
	Folder:         "this is a folder; name one of the recordings in it",
	NotRegular:     "this is a pipe or a device, not a file; save the recording as a file first",
	NoPermission:   "you may not read this file; change its permissions or copy it to a folder of yours",
	Empty:          "the file is empty; copy the recording from the camera again",
	PointsAway:     "this is a playlist or script that points to other files; name the recording itself",
	StillPicture:   "this is a still picture; name a film or a sound recording",
	NotMedia:       "this is neither a film nor a sound recording; name the file that the camera wrote",
	BrokenHeader:   "the file's tables are damaged or cut off; copy it from the camera again, or repair it with the camera's own tool",
	NoTrack:        "there is neither picture nor sound in it; name another file",
	UnknownCodec:   "its picture and sound are in a form that is not known here; convert it to MP4 with H.264 and AAC",
	ZeroDuration:   "there is nothing in its tracks; the recording was probably interrupted at its start",
	AllDamaged:     "nothing in it can be decoded; copy it from the camera again",
	TooLarge:       "its pictures are too large; convert it to at most 8192×4320",
	NotReadThrough: "the disk did not give it; check the disk or card and copy the file again",
}

// Unreadable is the error for a file that is not analysed.
type Unreadable struct {
	Path   string
	Reason Reason
	Err    error // what was found; may be nil
}

func (e *Unreadable) Error() string {
	s := fmt.Sprintf("reading %s: %s", e.Path, hints[e.Reason])
	if e.Err != nil {
		s += fmt.Sprintf(" (%v)", e.Err)
	}
	return s
}

// Unwrap gives what was found.
func (e *Unreadable) Unwrap() error { return e.Err }

func unreadable(path string, r Reason, err error) error {
	var u *Unreadable
	if errors.As(err, &u) {
		return err
	}
	return &Unreadable{Path: path, Reason: r, Err: err}
}

// refusal tells why the system did not give the file.
func refusal(err error) Reason {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ENAMETOOLONG):
		return Missing
	case errors.Is(err, fs.ErrPermission):
		return NoPermission
	case errors.Is(err, syscall.EISDIR):
		return Folder
	case errors.Is(err, syscall.ENXIO):
		return NotRegular
	}
	return NotReadThrough
}
