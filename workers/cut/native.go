package cut

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"dyade/annotate"
	"dyade/pipeline/decode"
)

// job is a reel to render, as the native process takes it.
type job struct {
	Plan    annotate.Reel     `json:"plan"`
	Sources map[string]string `json:"sources"` // paths of films, by their sums
	Dir     string            `json:"dir"`     // where to write; it exists
}

// partOf is the first part that shows a film, from 1; 0: none does.
func (j job) partOf(path string) int {
	return 1 + slices.IndexFunc(j.Plan.Parts, func(p annotate.Part) bool { return p.Cut != nil && j.Sources[p.Cut.Recording] == path })
}

// Files in a job's folder.
const (
	filmFile       = "reel.mp4"
	provenanceFile = "provenance.json"
)

// note is what the native process says of how far it is.
type note struct {
	Seconds float64 `json:"seconds"` // of the reel
	Of      float64 `json:"of"`
	Done    bool    `json:"done,omitempty"`
	Unfit   string  `json:"unfit,omitempty"` // a film, or the plan, is at fault: why
	Part    int     `json:"part,omitempty"`  // which part
	Full    bool    `json:"full,omitempty"`  // the disk is
	Failed  string  `json:"failed,omitempty"`
}

func (n note) last() bool { return n.Done || n.Full || n.Unfit != "" || n.Failed != "" }

// Render writes a reel of films, found by their sums, to out, and gives what each of
// its pictures comes from, as a document. It tells how many of its seconds are done. The
// error wraps an Unfit, or a decode.Unreadable, where a film or the plan is at fault.
type Render func(ctx context.Context, plan annotate.Reel, films map[string]string, out string, progress func(done, of float64)) (provenance any, err error)

// tellEvery is how often it is told how far a rendering is.
const tellEvery = 250 * time.Millisecond

// Native renders one reel, in a process of its own: native code that takes its process
// down takes nobody else with it. It reads a job from in, whose end ends it, and writes
// notes to out.
func Native(ctx context.Context, in io.Reader, out io.Writer, render Render) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := json.NewDecoder(bufio.NewReader(in))
	var j job
	if err := lines.Decode(&j); err != nil {
		return fmt.Errorf("read which reel to render: %w", err)
	}
	go func() {
		defer cancel()
		var none json.RawMessage
		_ = lines.Decode(&none) // it ends when nobody waits any more
	}()
	notes := json.NewEncoder(out)
	var n note
	var one sync.Mutex
	told := time.Time{}
	err := perform(ctx, j, render, func(done, of float64) {
		one.Lock()
		defer one.Unlock()
		n.Seconds, n.Of = done, of
		if now := time.Now(); now.Sub(told) > tellEvery {
			told = now
			_ = notes.Encode(n) // who does not listen ends this process
		}
	})
	var unreadable *decode.Unreadable
	var unfit *Unfit
	switch {
	case err == nil:
		n.Done = true
	case errors.As(err, &unfit):
		n.Unfit, n.Part = unfit.Reason, unfit.Part
	case errors.As(err, &unreadable):
		n.Unfit, n.Part = string(unreadable.Reason), j.partOf(unreadable.Path)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		n.Full = true
	default:
		n.Failed = nameless(err, j.Sources)
	}
	if err := notes.Encode(n); err != nil {
		return fmt.Errorf("say what was rendered: %w", err)
	}
	<-ctx.Done() // the note is read before this process is seen to have ended
	return nil
}

// nameless is an error for logs, which name no files.
func nameless(err error, films map[string]string) string {
	text := err.Error()
	for _, path := range films {
		text = strings.ReplaceAll(text, path, "a film")
	}
	return text
}

func perform(ctx context.Context, j job, render Render, progress func(done, of float64)) error {
	origin, err := render(ctx, j.Plan, j.Sources, filepath.Join(j.Dir, filmFile), progress)
	if err != nil {
		return err
	}
	doc, err := json.MarshalIndent(origin, "", "  ")
	if err != nil {
		return fmt.Errorf("write down where its pictures come from: %w", err)
	}
	return os.WriteFile(filepath.Join(j.Dir, provenanceFile), append(doc, '\n'), 0o600)
}
