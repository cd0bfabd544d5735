// Command reel measures how long rendering a reel takes beside ffmpeg: four cuts of 45
// seconds of a film of ten minutes, once with what is unchanged copied, once all coded
// anew, and by ffmpeg at the same preset and quality. It fails where the reel takes
// longer than it may.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/internal/bench/perf"
	"dyade/pipeline/encode"
	"dyade/pipeline/reel"
)

func main() {
	root := flag.String("root", ".", "the project's folder")
	rounds := flag.Int("rounds", 1, "how often each is timed; the shortest counts")
	flag.Float64Var(&length, "length", length, "of a cut, in seconds")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := measure(ctx, *root, *rounds)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// starts of the cuts, in seconds, and how long each is.
var (
	starts = []float64{20.3, 150.7, 301.2, 480.5}
	length = 45.0
)

// entrant is one way to make the reel.
type entrant struct {
	name string
	most float64 // times what ffmpeg takes; 0: it is ffmpeg
	make func(ctx context.Context, film, out string) error
	best time.Duration
	cpu  time.Duration // of the shortest
	size int64
}

func measure(ctx context.Context, root string, rounds int) error {
	films := &perf.Maker{Root: root, Say: func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }}
	film, err := films.Film(ctx, "p600")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(film), ".reel-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	entrants := []*entrant{
		{name: "ffmpeg", make: byFFmpeg},
		{name: "dyade, copying", most: 0.25, make: rendered(reel.Options{})},
		{name: "dyade, coding all", most: 1.1, make: rendered(reel.Options{Encode: true})},
	}
	for round := range rounds {
		for i := range entrants {
			e := entrants[(i+round)%len(entrants)]
			out := filepath.Join(dir, "reel.mp4")
			begun, used := time.Now(), spent()
			if err := e.make(ctx, film, out); err != nil {
				return fmt.Errorf("%s: %w", e.name, err)
			}
			if took := time.Since(begun); e.best == 0 || took < e.best {
				e.best, e.cpu = took, spent()-used
			}
			info, err := os.Stat(out)
			if err != nil {
				return err
			}
			e.size = info.Size()
		}
	}
	return tell(entrants)
}

// spent is how long processors have worked for this process and those that it has
// started.
func spent() (all time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			all += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	return all
}

func tell(entrants []*entrant) (err error) {
	fmt.Fprintf(os.Stdout, "| a reel of %.0f s, 1080p30 | seconds | × ffmpeg | at most | CPU seconds | MB |\n|---|---|---|---|---|---|\n", length*float64(len(starts)))
	for _, e := range entrants {
		ratio := e.best.Seconds() / entrants[0].best.Seconds()
		fmt.Fprintf(os.Stdout, "| %s | %.1f | %.3f | %g | %.1f | %.0f |\n", e.name, e.best.Seconds(), ratio, e.most, e.cpu.Seconds(), float64(e.size)/1e6)
		if e.most > 0 && ratio > e.most {
			err = errors.Join(err, fmt.Errorf("%s takes %.3f times as long as ffmpeg, which is more than %g", e.name, ratio, e.most))
		}
	}
	return err
}

func rendered(o reel.Options) func(context.Context, string, string) error {
	r := annotate.Reel{}
	for i, s := range starts {
		r.Parts = append(r.Parts, annotate.Part{ID: fmt.Sprint(i), Cut: &annotate.Cut{
			Recording: "film", Start: timecode.At(s, timecode.Millisecond), End: timecode.At(s+length, timecode.Millisecond),
		}})
	}
	return func(ctx context.Context, film, out string) error {
		_, err := reel.Render(ctx, r, map[string]string{"film": film}, out, o)
		return err
	}
}

func byFFmpeg(ctx context.Context, film, out string) error {
	args := []string{"-v", "error", "-nostdin", "-y"}
	streams := ""
	for i, s := range starts {
		args = append(args, "-ss", fmt.Sprint(s), "-t", fmt.Sprint(length), "-i", film)
		streams += fmt.Sprintf("[%d:v][%d:a]", i, i)
	}
	args = append(args, "-filter_complex", fmt.Sprintf("%sconcat=n=%d:v=1:a=1[v][a]", streams, len(starts)), "-map", "[v]", "-map", "[a]",
		"-c:v", "libx264", "-preset", encode.FilmPreset, "-crf", encode.FilmQuality, "-maxrate", encode.FilmMost, "-bufsize", encode.FilmBuffer,
		"-profile:v", "high", "-g", "60", "-c:a", "aac", "-b:a", encode.FilmSound, "-movflags", "+faststart", out)
	if said, err := exec.CommandContext(ctx, "ffmpeg", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(string(said)))
	}
	return nil
}
