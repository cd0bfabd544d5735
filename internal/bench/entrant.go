package bench

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"dyade/internal/version"
)

// python is Debian's interpreter, the one that the peers are installed for.
const python = "/usr/bin/python3"

// outFolder stands in a command for the folder that a run writes to.
const outFolder = "OUT"

//go:embed peers.py
var peersScript []byte

// entrant is a tool at a work, as it is run.
type entrant struct {
	row         Row
	argv, env   []string
	hear        hearing
	least, most int // pictures that the work is
}

// peers are the Python programs to measure against.
type peers struct {
	script   string // peers.py, written out
	folder   string // where the packages are
	versions map[Tool]string
}

// findPeers writes the script to dir and asks which packages folder has; none is
// not an error.
func findPeers(ctx context.Context, dir, folder string) (*peers, error) {
	full, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("finding the peers in %s: %w", folder, err)
	}
	p := &peers{script: filepath.Join(dir, "peers.py"), folder: full, versions: map[Tool]string{}}
	if err := os.WriteFile(p.script, peersScript, 0o600); err != nil {
		return nil, fmt.Errorf("writing the peers' script: %w", err)
	}
	cmd := exec.CommandContext(ctx, python, p.script, "versions")
	cmd.Env = append(os.Environ(), p.env()...)
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil || json.Unmarshal(out, &p.versions) != nil {
		p.versions = map[Tool]string{} // no Python, or not this one
	}
	return p, nil
}

// env makes Python look for packages where the peers are, and for none of the
// machine's or the user's own before those.
func (p *peers) env() []string {
	return []string{"PYTHONPATH=" + p.folder, "PYTHONNOUSERSITE=1"}
}

// entrants are who takes part, the yardstick first.
func entrants(ctx context.Context, film Film, o Options, p *peers) []*entrant {
	if o.Index {
		return []*entrant{ourOwn(film, o.Program, Index)}
	}
	ff := ffmpegVersion(ctx)
	all := []*entrant{ffmpeg(film, ff, All)}
	if o.Analyze {
		all = append(all, analysis(film, o.Program), ourOwn(film, o.Program, Index))
		return append(all, p.entrants(film, Analyze, SceneDetect)...)
	}
	for _, w := range ours {
		all = append(all, ourOwn(film, o.Program, w.work))
		if w.work == Even {
			all = append(all, ffmpeg(film, ff, Even))
			all = append(all, p.entrants(film, Even, PyAV, OpenCV, Decord)...)
		}
	}
	return all
}

func newEntrant(w Work, t Tool, version string, argv []string) *entrant {
	e := &entrant{argv: argv, hear: hearResult}
	e.row = Row{Work: w, Tool: t, Version: version, Command: shown(argv), State: Measured}
	if version == "" {
		e.row.State = Missing
	}
	return e
}

// others may give a picture more or less than ours: they round times their own
// way, and repeat a picture that is shown longer than a step.
func (e *entrant) others(film Film) *entrant {
	if e.row.Work == Even {
		e.least = film.wanted[Even] - 1
		e.most = max(film.wanted[Even], int(math.Ceil(film.DurationS*perSecond))) + 1
	} else {
		e.least, e.most = film.Frames-1, film.Frames+1
	}
	return e
}

func ffmpeg(film Film, version string, w Work) *entrant {
	argv := []string{"ffmpeg", "-v", "error", "-nostdin", "-progress", "pipe:1", "-i", film.path, "-map", "0:" + strconv.Itoa(film.stream)}
	if w == Even {
		argv = append(argv, "-vf", fmt.Sprintf("fps=%d,scale=%d:-2", perSecond, film.w), "-f", "rawvideo", "-pix_fmt", "bgr24", "-y", os.DevNull)
	} else {
		argv = append(argv, "-f", "null", "-")
	}
	e := newEntrant(w, FFmpeg, version, argv).others(film)
	e.hear = hearFFmpeg
	return e
}

func (p *peers) entrants(film Film, w Work, tools ...Tool) (all []*entrant) {
	if p == nil {
		return nil
	}
	for _, t := range tools {
		argv := []string{python, p.script, string(t), film.path}
		if w == Even {
			argv = append(argv, strconv.Itoa(perSecond), strconv.Itoa(film.w), strconv.Itoa(film.h))
		}
		e := newEntrant(w, t, p.versions[t], argv).others(film)
		e.env = p.env()
		all = append(all, e)
	}
	return all
}

func ourOwn(film Film, program string, w Work) *entrant {
	e := newEntrant(w, Dyade, version.Version, []string{program, "bench", "work", string(w), film.path})
	e.least, e.most = film.wanted[w], film.wanted[w]
	return e
}

func analysis(film Film, program string) *entrant {
	e := newEntrant(Analyze, Dyade, version.Version, []string{program, "analyze", film.path, "--stream", "--no-cache", "--out", outFolder})
	e.hear = hearRankings
	e.least, e.most = 1, film.Frames
	return e
}

// hearResult reads the one line that dyade and the Python programs print.
func hearResult(line []byte, _ float64, h *heard) {
	h.done = json.Unmarshal(line, &h.Said) == nil
}

// hearFFmpeg reads what -progress prints.
func hearFFmpeg(line []byte, _ float64, h *heard) {
	key, value, _ := bytes.Cut(line, []byte("="))
	switch string(key) {
	case "frame":
		if n, err := strconv.Atoi(string(value)); err == nil {
			h.Frames = n
		}
	case "progress":
		h.done = string(value) == "end"
	}
}

// hearRankings reads the rankings that `dyade analyze --stream` prints.
func hearRankings(line []byte, after float64, h *heard) {
	var ranking struct {
		Final   bool              `json:"final"`
		Frames  int               `json:"frames"`
		Moments []json.RawMessage `json:"moments"`
	}
	if json.Unmarshal(line, &ranking) != nil {
		return
	}
	if len(ranking.Moments) > 0 && h.first == nil {
		h.first = &after
	}
	h.Frames, h.done = ranking.Frames, ranking.Final
}

// ErrFailed is what Check wraps.
var ErrFailed = errors.New("dyade failed at its own work")

// Check returns an error where dyade itself failed; other programs may.
func (r *Report) Check() error {
	for _, row := range r.Rows {
		if row.Tool == Dyade && row.State == Failed {
			return fmt.Errorf("%w: %s: %s", ErrFailed, row.Work, row.Why)
		}
	}
	return nil
}
