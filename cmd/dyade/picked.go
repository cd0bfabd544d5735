package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/report"
	"dyade/internal/i18n"
	"dyade/pipeline"
	"dyade/pipeline/decode"
	"dyade/pipeline/reel"
)

// choice is which parts of which document make a reel, and where its films are.
type choice struct {
	picks, title, lang *string
	films              *[]string
	plain              *bool
}

func picking(f *pflag.FlagSet) choice {
	return choice{
		picks: f.String("pick", "", ""), title: f.String("title", "", ""), lang: f.String("lang", "", ""),
		films: f.StringArray("film", nil, ""), plain: f.Bool("plain", false, ""),
	}
}

// picked is a reel with its films.
type picked struct {
	document string // its path
	reel     annotate.Reel
	films    map[string]string // paths, by what the films hold
	names    map[string]string // of the films' files
}

// titleSeconds is how long the card with the reel's title is shown.
const titleSeconds = 3

// pick reads a document: moments, of which those of the ranks that were picked are
// shown, or a reel.
func (c choice) pick(ctx context.Context, t *terminal, path string, quiet bool) (*picked, error) {
	data, err := readDocument(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, wrongUse{i18n.T(t.lang, "reel_no_document", path)}
	case errors.Is(err, errLong):
		return nil, wrongUse{i18n.T(t.lang, "reel_other_document", path)}
	case err != nil:
		return nil, err
	}
	ranks, err := c.ranks()
	if err != nil {
		return nil, wrongUse{i18n.T(t.lang, "reel_bad_pick", *c.picks)}
	}
	p := &picked{document: path, films: map[string]string{}, names: map[string]string{}}
	var kind struct{ Schema string }
	_ = json.Unmarshal(data, &kind) // what is no document has no kind
	switch {
	case kind.Schema == annotate.AnalysisSchema && len(ranks) == 0:
		return nil, wrongUse{i18n.T(t.lang, "reel_pick_some", path)}
	case kind.Schema == annotate.AnalysisSchema:
		err = p.ofMoments(t, data)
	case kind.Schema == annotate.ReelSchema:
		err = json.Unmarshal(data, &p.reel)
	default:
		return nil, wrongUse{i18n.T(t.lang, "reel_other_document", path)}
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(ranks) > 0 {
		if most := slices.Max(ranks); most > len(p.reel.Parts) {
			return nil, wrongUse{i18n.T(t.lang, "reel_pick_beyond", most, len(p.reel.Parts))}
		}
		all := p.reel.Parts
		p.reel.Parts = nil
		for _, n := range ranks {
			p.reel.Parts = append(p.reel.Parts, all[n-1])
		}
	}
	c.dress(&p.reel)
	for i, part := range p.reel.Parts {
		if fault := part.Fault(); fault != "" {
			return nil, unfitting(&reel.Unfit{Part: i + 1, Why: reel.Why(fault)})
		}
	}
	if err := p.find(ctx, t, *c.films, filepath.Dir(path), quiet); err != nil {
		return nil, err
	}
	return p, nil
}

// mostDocument, in bytes, is more than any document has: a film may be named in its place.
const mostDocument = 64 << 20

var errLong = errors.New("it is longer than documents are")

func readDocument(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostDocument+1))
	if len(data) > mostDocument {
		return nil, errLong
	}
	return data, err
}

// ranks are those picked, from 1.
func (c choice) ranks() (all []int, err error) {
	if *c.picks == "" {
		return nil, nil
	}
	for _, word := range strings.Split(*c.picks, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no rank", word)
		}
		all = append(all, n)
	}
	return all, nil
}

// ofMoments makes a part of each moment, best first.
func (p *picked) ofMoments(t *terminal, data []byte) error {
	var a annotate.Analysis
	if err := json.Unmarshal(data, &a); err != nil {
		return err
	}
	p.names[a.Recording.SHA256] = a.Recording.Name
	p.reel = annotate.Reel{Schema: annotate.ReelSchema, Lang: t.lang.String(), Evened: true, Faded: true}
	for _, m := range a.Moments {
		p.reel.Parts = append(p.reel.Parts, annotate.Part{ID: m.ID, Cut: &annotate.Cut{
			Recording: a.Recording.SHA256, Start: m.Start, End: m.End, Title: report.KindName(t.lang, m.Kind),
		}})
	}
	return nil
}

// dress does what was asked for with a reel: a title, or nothing but its cuts.
func (c choice) dress(r *annotate.Reel) {
	if *c.plain {
		r.Evened, r.Faded = false, false
	}
	if *c.title == "" {
		return
	}
	r.Title = *c.title
	if !*c.plain {
		card := annotate.Part{ID: "title", Card: &annotate.Card{Text: *c.title, Seconds: titleSeconds}}
		r.Parts = append([]annotate.Part{card}, r.Parts...)
	}
}

// find looks for the films: among those named, else beside the document, where an
// analysis leaves it beside the film, or here.
func (p *picked) find(ctx context.Context, t *terminal, named []string, dir string, quiet bool) error {
	wanted := map[string]bool{}
	for _, part := range p.reel.Parts {
		if part.Cut != nil {
			wanted[part.Cut.Recording] = true
		}
	}
	progress := newProgress(t, quiet)
	defer progress.end()
	progress.tell(stageFind, 0)
	for _, path := range named {
		if err := readable(path); err != nil {
			return err
		}
		sum, err := blob.OfFile(ctx, path)
		if err != nil {
			return err
		}
		if !wanted[string(sum)] {
			return wrongUse{i18n.T(t.lang, "reel_other_film", path)}
		}
		p.films[string(sum)] = path
	}
	if err := p.beside(ctx, wanted, dir, func(share float64) { progress.tell(stageFind, share) }); err != nil {
		return err
	}
	for sum := range wanted {
		if p.films[sum] == "" {
			return &refusal{"reel_no_film", []any{p.called(sum)}, nil}
		}
	}
	progress.tell(stageFind, 1)
	return nil
}

// stageFind is looking for films, stageReel rendering: what progress tells of.
const (
	stageFind pipeline.Stage = "find"
	stageReel pipeline.Stage = "reel"
)

func (p *picked) called(sum string) string {
	if n := p.names[sum]; n != "" {
		return n
	}
	return sum[:min(len(sum), 12)]
}

// readable tells what is wrong with a film that was named, as an analysis would.
func readable(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &decode.Unreadable{Path: path, Reason: decode.Missing}
	case err == nil && info.IsDir():
		return &decode.Unreadable{Path: path, Reason: decode.Folder}
	case errors.Is(err, fs.ErrPermission):
		return &decode.Unreadable{Path: path, Reason: decode.NoPermission}
	}
	return err
}

// beside looks for the films that are wanted still, until all are found.
func (p *picked) beside(ctx context.Context, wanted map[string]bool, dir string, tell func(share float64)) error {
	paths, err := p.candidates(wanted, dir)
	if err != nil {
		return err
	}
	for i, path := range paths {
		if len(p.films) == len(wanted) {
			return nil
		}
		tell(float64(i) / float64(len(paths)))
		if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
			continue
		}
		sum, err := blob.OfFile(ctx, path)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil && wanted[string(sum)] && p.films[string(sum)] == "" {
			p.films[string(sum)] = path
		}
	}
	return nil
}

// candidates are files that may be the films that are wanted still: those of their names,
// where these are known, then all beside the document.
func (p *picked) candidates(wanted map[string]bool, dir string) (paths []string, err error) {
	unnamed := false
	for _, sum := range slices.Sorted(maps.Keys(wanted)) {
		name := p.names[sum]
		switch {
		case p.films[sum] != "":
		case name == "":
			unnamed = true
		default:
			for _, folder := range []string{dir, filepath.Join(dir, ".."), "."} {
				paths = append(paths, filepath.Join(folder, filepath.Base(name)))
			}
		}
	}
	if !unnamed {
		return paths, nil
	}
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if path := filepath.Join(dir, e.Name()); path != filepath.Clean(p.document) {
			paths = append(paths, path)
		}
	}
	return paths, err
}
