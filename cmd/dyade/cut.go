package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"dyade/annotate"
	"dyade/pipeline/reel"
	"dyade/workers/cut"
)

// doCut is `dyade cut`, which serve starts.
func doCut(ctx context.Context, t *terminal, _ []string) error {
	return cut.Native(ctx, os.Stdin, t.out, func(ctx context.Context, plan annotate.Reel, films map[string]string, out string, progress func(done, of float64)) (any, error) {
		origin, err := reel.Render(ctx, plan, films, out, reel.Options{Progress: progress})
		var unfit *reel.Unfit
		if errors.As(err, &unfit) {
			err = &cut.Unfit{Reason: string(unfit.Why), Part: unfit.Part}
		}
		return origin, err
	})
}

// studio opens what makes films for people.
func (s *serving) studio(ctx context.Context) (*cinema, *cut.Cutter, error) {
	projector, err := s.projector(ctx)
	if err != nil {
		return nil, nil, err
	}
	cutter, err := s.cutter(projector.films)
	if err != nil {
		projector.Close()
	}
	return projector, cutter, err
}

// cutter opens what renders reels.
func (s *serving) cutter(films *borrowed) (*cut.Cutter, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return cut.Open(cut.Options{
		Store: s.store, Dir: filepath.Join(s.data, asideFolder, "reels"), Command: []string{self, "cut"}, Memory: showMemory,
		Local: films.local, Keep: s.desk.KeepReel, Log: s.log,
	})
}
