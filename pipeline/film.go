package pipeline

import (
	"context"
	"errors"
	"fmt"

	"dyade/annotate"
	"dyade/internal/i18n"
	"dyade/pipeline/decode"
)

// Film is an open recording whose analysis is made of steps that may be done in
// several processes, by as many Films. One goroutine uses it at a time.
type Film struct {
	source *decode.Source
	sum    string // sha256 of its content
	opt    Options
	looks  *scanner // nil: none was needed yet
}

// OpenFilm opens the recording at path, whose content has the sha256 sum. The error
// wraps *decode.Unreadable where it cannot be analysed.
func OpenFilm(ctx context.Context, path, sum string) (*Film, error) {
	src, err := decode.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	return &Film{source: src, sum: sum, opt: Options{}.filled()}, nil
}

// Close gives back what the film holds.
func (f *Film) Close() (err error) {
	if f.looks != nil {
		err = f.looks.close()
	}
	f.source.Close()
	return err
}

// Recording says what the film is.
func (f *Film) Recording() annotate.Recording {
	r := f.source.Recording()
	r.SHA256 = f.sum
	return r
}

// Do does one step and gives its result, as Assemble takes it.
func (f *Film) Do(ctx context.Context, s Step) ([]byte, error) {
	result, err := f.do(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("do the step %s: %w", s.Key(), err)
	}
	return result, nil
}

func (f *Film) scanner() (*scanner, error) {
	if f.looks != nil {
		return f.looks, nil
	}
	video := f.source.Recording().Video
	if video == nil {
		return nil, errors.New("there are no pictures to look at")
	}
	s, err := newScanner(f.source, *video, f.opt, nil)
	if err == nil {
		f.looks = s
	}
	return s, err
}

// Assemble makes the analysis of the results that are given, and writes it into
// dir as Write does: the same that Analyze makes of a file of that name. Where
// results are missing the error wraps *Missing and nothing is written.
func (f *Film) Assemble(ctx context.Context, name string, given Given, dir string, lang i18n.Lang) error {
	f.source.Rename(name)
	e := &elsewhere{given: given}
	err := foresee(ctx, f.source, f.opt, &memory{elsewhere: e})
	var r *Result
	var last *annotate.Ranking
	if err == nil {
		r, last, err = f.analyze(ctx, e)
	}
	if errors.Is(err, errMissing) {
		missing := e.wanted()
		missing.Ranking = last
		return missing
	}
	if err != nil {
		return fmt.Errorf("assemble the analysis: %w", err)
	}
	return r.Write(ctx, dir, lang, f.opt)
}

// Rank gives the best ranking that can be made of the results that are given: one of
// those that Analyze tells of. Where none can be the error wraps *Missing.
func (f *Film) Rank(ctx context.Context, given Given) (*annotate.Ranking, error) {
	e := &elsewhere{given: given}
	_, last, err := f.analyze(ctx, e)
	switch {
	case last != nil && (err == nil || errors.Is(err, errMissing)):
		return last, nil
	case errors.Is(err, errMissing):
		return nil, e.wanted()
	}
	return nil, fmt.Errorf("rank what was found so far: %w", err)
}

// analyze goes as far as the results go that there are, and gives the last ranking.
func (f *Film) analyze(ctx context.Context, e *elsewhere) (r *Result, last *annotate.Ranking, err error) {
	opt := f.opt
	opt.Ranked = func(r annotate.Ranking) { last = &r }
	sum := func(context.Context) (string, error) { return f.sum, nil }
	r, err = analyze(ctx, sum, f.source, opt, &memory{elsewhere: e})
	return r, last, err
}
