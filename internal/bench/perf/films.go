// Package perf makes docs/performance.md: the films, the benchmarks on them, and
// the page and the plot from what they found.
package perf

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// film is one to measure on, made once from the sample recording by ffmpeg.
type film struct {
	name  string
	about string
	// recipe is ffmpeg's arguments, without the file made; @NAME is another film,
	// @sample the recording.
	recipe string
}

// A phone's camera has noise, and spends its bits on it; the sample is drawn. A
// little noise makes the encoders do the same. Phones' encoders give a keyframe
// about twice the bits of another picture (1.8 times in one film of a Samsung),
// x264 and x265 by themselves five and nine times, so still is the sample: at
// equal quality (ipratio=1) it is 2.5 and 3. The dear film keeps x264's own.
const (
	noisy = "-map 0:v:0 -map 0:a:0 -vf noise=alls=6:allf=t -c:a copy "
	dear  = "-c:v libx264 -preset superfast -b:v 16M -maxrate 20M -bufsize 16M -keyint_min 30 -sc_threshold 0 "
	x264  = dear + "-x264-params ipratio=1 "
	x265  = "-c:v libx265 -preset superfast -tag:v hvc1 -x265-params keyint=30:min-keyint=30:scenecut=0:ipratio=1:log-level=error "
)

var films = []film{
	{"p166", "H.264, P frames only, 16 Mb/s, a keyframe each second", "-i @sample " + noisy + x264 + "-bf 0 -g 30"},
	{"b166", "H.264 with B frames, 16 Mb/s, a keyframe each second", "-i @sample " + noisy + x264 + "-bf 3 -g 30"},
	{"p60", "H.264, P frames only", "-i @p166 -c copy -frames:v 1800 -t 60"},
	{"b60", "H.264 with B frames", "-i @b166 -c copy -frames:v 1800 -t 60"},
	{"hevc60", "HEVC, 8 Mb/s", "-t 60 -i @sample " + noisy + x265 + "-b:v 8M"},
	{"long60", "H.264, P frames only, a keyframe every 10 s", "-t 60 -i @sample " + noisy + x264 + "-bf 0 -g 300"},
	{"dear60", "H.264, P frames only, keyframes five times as large as other pictures", "-t 60 -i @sample " + noisy + dear + "-bf 0 -g 30"},
	{"hevc4k20", "HEVC, 3840 × 2160, 24 Mb/s", "-t 20 -i @sample " + strings.Replace(noisy, "noise", "scale=3840:2160,noise", 1) + x265 + "-b:v 24M"},
	{"p600", "H.264, P frames only, 10 min", "-stream_loop -1 -i @p166 -c copy -frames:v 18000 -t 600"},
	{"b600", "H.264 with B frames, 10 min", "-stream_loop -1 -i @b166 -c copy -frames:v 18000 -t 600"},
	{"p5400", "H.264, P frames only, 90 min", "-stream_loop -1 -i @p166 -c copy -frames:v 162000 -t 5400"},
}

func filmNamed(name string) (film, bool) {
	for _, f := range films {
		if f.name == name {
			return f, true
		}
	}
	return film{}, false
}

// Film gives the path of a film by its name, and makes it where it is not there.
func (m *Maker) Film(ctx context.Context, name string) (string, error) {
	return makeFilm(ctx, m.dir(), filepath.Join(m.Root, "build", "sample", "seed-1", "sample.mp4"), name, m.Say)
}

// makeFilm gives the path of a film in dir, and makes it where it is not there:
// aside, then renamed.
func makeFilm(ctx context.Context, dir, sample, name string, say func(format string, args ...any)) (string, error) {
	if name == "sample" {
		return sample, nil
	}
	path := filepath.Join(dir, name+".mp4")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	f, ok := filmNamed(name)
	if !ok {
		return "", fmt.Errorf("making %s: there is no recipe for it", name)
	}
	args := []string{"-v", "error", "-nostdin", "-y"}
	for _, word := range strings.Fields(f.recipe) {
		if other, is := strings.CutPrefix(word, "@"); is {
			made, err := makeFilm(ctx, dir, sample, other, say)
			if err != nil {
				return "", err
			}
			word = made
		}
		args = append(args, word)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("making %s.mp4: %w", name, err)
	}
	say("making %s.mp4", name)
	aside := filepath.Join(dir, ".making-"+name+".mp4")
	defer os.Remove(aside)
	if out, err := exec.CommandContext(ctx, "ffmpeg", append(args, aside)...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("making %s.mp4: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return path, os.Rename(aside, path)
}
