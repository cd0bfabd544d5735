package storm

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"golang.org/x/sync/errgroup"
)

// film is a recording and what its analysis gives without a storm.
type film struct {
	name string
	path string
	want map[string][]byte
}

// Each recording is so many seconds of a film.
const lengthS = 25

// cut makes the recordings, each from another place, and analyses them.
func cut(ctx context.Context, o Options) ([]film, error) {
	films := make([]film, recordings)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for i := range films {
		g.Go(func() (err error) {
			from := o.Films[i%len(o.Films)]
			films[i], err = cutOne(ctx, o, from, fmt.Sprintf("storm-%02d.mp4", i), 5+12*(i/len(o.Films)))
			return err
		})
	}
	return films, g.Wait()
}

func cutOne(ctx context.Context, o Options, from, name string, startS int) (film, error) {
	dir, err := os.MkdirTemp("", "dyade-storm-*")
	if err != nil {
		return film{}, err
	}
	defer os.RemoveAll(dir)
	f := film{name: name, path: filepath.Join(o.Dir, name), want: map[string][]byte{}}
	for _, argv := range [][]string{
		{"ffmpeg", "-v", "error", "-nostdin", "-y", "-ss", fmt.Sprint(startS), "-t", fmt.Sprint(lengthS), "-i", from, "-c", "copy", f.path},
		{o.Program, "analyze", f.path, "--out", dir, "--no-cache", "--quiet", "--lang", "en"},
	} {
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Env = append(os.Environ(), "DYADE_HWACCEL=none")
		if said, err := cmd.CombinedOutput(); err != nil {
			return f, fmt.Errorf("%s: %w: %s", argv[0], err, said)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return f, err
	}
	for _, x := range files {
		if f.want[x.Name()], err = os.ReadFile(filepath.Join(dir, x.Name())); err != nil {
			return f, err
		}
	}
	return f, nil
}
