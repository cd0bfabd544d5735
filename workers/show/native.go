package show

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"dyade/annotate/timecode"
	"dyade/pipeline/decode"
	"dyade/pipeline/encode"
	"dyade/pipeline/media"
)

// kind of thing that is made of a film.
type kind string

const (
	still  kind = "still"
	wave   kind = "wave"
	frames kind = "frames"
	clip   kind = "clip"
	whole  kind = "whole"
)

// job is one thing to make, as the native process takes it.
type job struct {
	Film  string        `json:"film"` // path
	Into  string        `json:"into"` // path of a file that is there, empty
	Kind  kind          `json:"kind"`
	From  time.Duration `json:"from"` // of stills and clips
	To    time.Duration `json:"to"`   // of clips
	Width int           `json:"width"`
	quiet bool          // nobody has asked for it yet
}

// note is what the native process says of how far it is.
type note struct {
	Bytes      int64         `json:"bytes"`   // that may be read
	Seconds    float64       `json:"seconds"` // of the film that are in them
	Done       bool          `json:"done,omitempty"`
	Unreadable decode.Reason `json:"unreadable,omitempty"` // the film is at fault
	Absent     bool          `json:"absent,omitempty"`     // the film has no such thing
	Full       bool          `json:"full,omitempty"`       // the disk is
	Failed     string        `json:"failed,omitempty"`
}

func (n note) last() bool {
	return n.Done || n.Absent || n.Full || n.Unreadable != "" || n.Failed != ""
}

// side is the longest of a copy's pictures, in pixels.
const side = 960

// Native makes one thing, in a process of its own: native code that takes its
// process down takes nobody else with it. It reads a job from in, whose end ends it,
// and writes notes to out.
func Native(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := json.NewDecoder(in)
	var j job
	if err := lines.Decode(&j); err != nil {
		return fmt.Errorf("read what to make: %w", err)
	}
	go func() {
		defer cancel()
		var none json.RawMessage
		_ = lines.Decode(&none) // it ends when nobody waits any more
	}()
	notes := json.NewEncoder(out)
	n, err := perform(ctx, j, func(n note) error { return notes.Encode(n) })
	var unreadable *decode.Unreadable
	switch {
	case err == nil:
		n.Done = true
	case errors.As(err, &unreadable):
		n.Unreadable = unreadable.Reason
	case errors.Is(err, errAbsent), errors.Is(err, decode.ErrNoAudio):
		n.Absent = true
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		n.Full = true
	default:
		n.Failed = strings.ReplaceAll(err.Error(), j.Film, "the film") // logs name no files
	}
	if err := notes.Encode(n); err != nil {
		return fmt.Errorf("say what was made: %w", err)
	}
	<-ctx.Done() // the note is read before this process is seen to have ended
	return nil
}

var errAbsent = errors.New("the film has no picture, or none there")

// perform makes it and gives the last note.
func perform(ctx context.Context, j job, tell func(note) error) (last note, err error) {
	src, err := decode.Open(ctx, j.Film)
	if err != nil {
		return last, err
	}
	defer src.Close()
	into, err := os.OpenFile(j.Into, os.O_WRONLY, 0)
	if err != nil {
		return last, err
	}
	switch j.Kind {
	case still, wave, frames:
		var data []byte
		if data, err = small(ctx, src, j, tell); err == nil {
			_, err = into.Write(data)
			last.Bytes = int64(len(data))
		}
	case clip, whole:
		o := encode.Options{Side: side, Wrote: func(bytes int64, seconds float64) error {
			last.Bytes, last.Seconds = bytes, seconds
			return tell(last)
		}}
		if j.Kind == clip {
			o.From, o.To = instant(j.From), instant(j.To)
		}
		err = encode.Copy(ctx, src, o, into)
	default:
		err = fmt.Errorf("nothing known is called %q", j.Kind)
	}
	if err == nil {
		err = into.Sync() // it is not to be found empty after the power failed
	}
	return last, errors.Join(err, into.Close())
}

func small(ctx context.Context, src *decode.Source, j job, tell func(note) error) ([]byte, error) {
	if j.Kind == wave {
		return media.Wave(ctx, src, func(seconds float64) error { return tell(note{Seconds: seconds}) })
	}
	if j.Kind == frames {
		if times := media.Frames(src); times != nil {
			return times, nil
		}
		return nil, errAbsent
	}
	t, err := media.Still(ctx, src, instant(j.From), j.Width)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, errAbsent
	}
	return t.JPEG, nil
}

func instant(t time.Duration) timecode.Instant {
	return timecode.Instant{Ticks: t.Milliseconds(), Base: timecode.Millisecond}
}
