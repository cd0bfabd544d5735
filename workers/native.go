package workers

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"dyade/annotate/blob"
	"dyade/internal/i18n"
	"dyade/models"
	"dyade/pipeline"
	"dyade/pipeline/decode"
)

// job is a piece of work as the native process takes it.
type job struct {
	Film    string            `json:"film"` // path
	Sum     blob.Sum          `json:"sum"`
	Op      string            `json:"op"` // probeStep, assembleStep, rankStep or that of Step
	Step    pipeline.Step     `json:"step"`
	Name    string            `json:"name"`    // for assembleStep: what people call the film
	Results map[string]string `json:"results"` // for assembleStep and rankStep: where each is, by its step's key
	Lang    i18n.Lang         `json:"lang"`
	Dir     string            `json:"dir"` // where to write; it exists
}

// reply is what the native process made of a job. The files are in the job's Dir.
type reply struct {
	Done       bool            `json:"done"`
	Missing    []pipeline.Step `json:"missing,omitempty"`    // of assembleStep: to be done first
	First      int             `json:"first,omitempty"`      // of those, those that the next ranking needs
	Ranked     bool            `json:"ranked,omitempty"`     // there is a ranking in rankingFile
	Unreadable decode.Reason   `json:"unreadable,omitempty"` // the film cannot be analysed
	Failed     string          `json:"failed,omitempty"`     // what may pass
	Unable     bool            `json:"unable,omitempty"`     // nothing can be done here for now: no fault of the film
}

// resultFile is the reply's in the job's Dir, of all but a whole assembleStep.
const resultFile = "result"

// rankingFile is beside it where results are missing, but some was found.
const rankingFile = "ranking"

// Native does jobs, one after another, in a process of its own: native code that
// takes its process down takes nobody else with it. Each line of in is a job, each
// of out a reply. It returns when in ends, which ends the job too.
func Native(ctx context.Context, in io.Reader, out io.Writer) (err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	jobs := make(chan job)
	go func() {
		defer close(jobs)
		lines := json.NewDecoder(bufio.NewReader(in))
		for {
			var j job
			if err := lines.Decode(&j); err != nil {
				cancel(err)
				return
			}
			jobs <- j
		}
	}()
	var n native
	defer func() { err = errors.Join(err, n.close()) }()
	for j := range jobs {
		if err := json.NewEncoder(out).Encode(n.do(ctx, j)); err != nil {
			return fmt.Errorf("reply to a job: %w", err)
		}
	}
	if err := context.Cause(ctx); !errors.Is(err, io.EOF) {
		return fmt.Errorf("read a job: %w", err)
	}
	return nil
}

// native keeps the last film open: the next job is mostly one of it.
type native struct {
	film *pipeline.Film
	of   string // its path, which names its content
}

func (n *native) close() error {
	if n.film == nil {
		return nil
	}
	film := n.film
	n.film = nil
	return film.Close()
}

func (n *native) do(ctx context.Context, j job) reply {
	err := n.open(ctx, j)
	if err == nil {
		err = n.work(ctx, j)
	}
	var missing *pipeline.Missing
	var unreadable *decode.Unreadable
	switch {
	case errors.As(err, &missing) && j.Op == assembleStep:
		ranked := missing.Ranking != nil && write(j.Dir, rankingFile, missing.Ranking) == nil // it is no loss for long
		return reply{Missing: missing.Steps, First: missing.First, Ranked: ranked}
	case errors.As(err, &unreadable):
		return reply{Unreadable: unreadable.Reason}
	case err != nil:
		unable := errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, models.ErrAbsent)
		return reply{Failed: err.Error(), Unable: unable}
	}
	return reply{Done: true}
}

func (n *native) open(ctx context.Context, j job) error {
	if n.film != nil && n.of == j.Film {
		return nil
	}
	if err := n.close(); err != nil {
		return err
	}
	film, err := pipeline.OpenFilm(ctx, j.Film, string(j.Sum))
	if err != nil {
		return err
	}
	n.film, n.of = film, j.Film
	return nil
}

func (n *native) work(ctx context.Context, j job) (err error) {
	var result []byte
	switch j.Op {
	case assembleStep:
		return n.film.Assemble(ctx, j.Name, given(j.Results), j.Dir, j.Lang)
	case rankStep:
		ranking, err := n.film.Rank(ctx, given(j.Results))
		if err != nil {
			return err
		}
		return write(j.Dir, resultFile, ranking)
	case probeStep:
		return write(j.Dir, resultFile, n.film.Recording())
	default:
		result, err = n.film.Do(ctx, j.Step)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(j.Dir, resultFile), result, 0o600)
}

// write writes a document into a job's folder.
func write(dir, name string, v any) error {
	doc, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name), doc, 0o600)
}

// given reads results where they are; one that cannot be read is missing.
func given(paths map[string]string) pipeline.Given {
	return func(key string) ([]byte, bool) {
		path, ok := paths[key]
		if !ok {
			return nil, false
		}
		data, err := os.ReadFile(path)
		return data, err == nil
	}
}
