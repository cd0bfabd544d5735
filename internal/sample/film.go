package sample

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
)

// Make writes sample.mp4 and its labels into dir, which it makes if need be,
// from the material's folder. It needs the ffmpeg program. A duration above
// zero cuts the script short, seconds. The same seed gives the same bytes with
// the same build of ffmpeg.
func Make(ctx context.Context, seed uint64, duration float64, material, dir string) error {
	s := NewScript(seed)
	if duration > 0 && duration < s.Duration {
		s.Duration = duration
	}
	if err := (&wardrobe{material: material}).dress(ctx, s.heads()); err != nil {
		return err
	}
	voice, err := loadConversation(filepath.Join(material, "pyannote", "sample.wav"))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("making the sample's folder: %w", err)
	}
	aside, err := os.MkdirTemp(dir, ".part-")
	if err != nil {
		return fmt.Errorf("making a folder for the unfinished film: %w", err)
	}
	defer os.RemoveAll(aside)
	film := filepath.Join(aside, "sample.mp4")
	if err := s.shootTo(ctx, s.mix(voice), film); err != nil {
		return err
	}
	if err := s.WriteLabels(dir); err != nil {
		return err
	}
	if err := os.Rename(film, filepath.Join(dir, "sample.mp4")); err != nil {
		return fmt.Errorf("moving the film into place: %w", err)
	}
	return nil
}

// shootTo makes the film with a sound track, whose samples lie beside it for the
// while.
func (s *Script) shootTo(ctx context.Context, track []float64, film string) error {
	sound := film + ".wav"
	if err := os.WriteFile(sound, wav(track), 0o644); err != nil {
		return fmt.Errorf("writing the sound: %w", err)
	}
	defer os.Remove(sound)
	return s.film(ctx, sound, film)
}

// film draws every frame and has ffmpeg encode them with the sound.
func (s *Script) film(ctx context.Context, sound, path string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ffmpeg", s.encoderArgs(sound, path)...)
	var said bytes.Buffer
	cmd.Stderr = &said
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("encoding the film: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting ffmpeg: %w", err)
	}
	err = newStage(s).shoot(ctx, pipe)
	if cerr := pipe.Close(); err == nil {
		err = cerr
	}
	if werr := cmd.Wait(); werr != nil {
		err = werr
	}
	if err != nil {
		return fmt.Errorf("encoding the film: %w: %s", err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}

func (s *Script) encoderArgs(sound, path string) []string {
	rate := strconv.Itoa(s.rate)
	return []string{"-v", "error", "-nostdin", "-y",
		"-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", fmt.Sprintf("%dx%d", s.view.w, s.view.h), "-r", rate,
		"-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-i", "pipe:0",
		"-i", sound, "-map", "0:v", "-map", "1:a",
		"-c:v", "libx264", "-preset", "ultrafast", "-threads", "2", "-bf", "0",
		"-crf", strconv.Itoa(s.crf), "-maxrate", "14M", "-bufsize", "14M", "-g", rate, "-keyint_min", rate, "-sc_threshold", "0",
		"-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
		"-c:a", "aac", "-b:a", "128k", "-ar", "48000",
		"-map_metadata", "-1", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-fflags", "+bitexact",
		"-movflags", "+faststart", "-f", "mp4", path}
}

// drawn is a frame under way: its picture may be read once done is closed.
type drawn struct {
	frame int
	pix   []uint8
	done  chan struct{}
}

// shoot draws the frames on all processors and writes them in order.
func (st *stage) shoot(ctx context.Context, w io.Writer) error {
	workers := runtime.GOMAXPROCS(0)
	work, order := make(chan *drawn), make(chan *drawn, 2*workers)
	free := make(chan []uint8, 2*workers)
	for range 2 * workers {
		free <- make([]uint8, st.view.sizeFrame())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range workers {
		go func() {
			c := newCanvas(st.view, st.back)
			for j := range work {
				st.draw(c, j.frame, j.pix)
				close(j.done)
			}
		}()
	}
	go st.hand(ctx, free, work, order)
	for j := range order {
		<-j.done
		if _, err := w.Write(j.pix); err != nil {
			return fmt.Errorf("frame %d: %w", j.frame, err)
		}
		free <- j.pix
	}
	return ctx.Err()
}

// hand gives out the frames, as many at a time as there are buffers.
func (st *stage) hand(ctx context.Context, free <-chan []uint8, work, order chan<- *drawn) {
	defer close(order)
	defer close(work)
	for f := range st.script.Frames() {
		select {
		case <-ctx.Done():
			return
		case pix := <-free:
			j := &drawn{f, pix, make(chan struct{})}
			order <- j
			work <- j
		}
	}
}
