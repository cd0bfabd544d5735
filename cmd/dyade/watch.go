package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"dyade/annotate/inbox"
	"dyade/annotate/web"
	"dyade/internal/i18n"
	"dyade/pipeline/decode"
	"dyade/workers"
)

// watchable gives the folders of --watch, whole. One that is not there may come yet.
func (t *terminal) watchable(dirs []string, data string) (all []string, err error) {
	for _, dir := range dirs {
		full, err := filepath.Abs(dir)
		if err != nil {
			return nil, fmt.Errorf("watch a folder: %w", err)
		}
		info, missing := os.Stat(full)
		switch a, b := resolved(full), resolved(data); {
		case dir == "", missing == nil && !info.IsDir():
			return nil, wrongUse{i18n.T(t.lang, "serve_watch_no_folder", dir)}
		case within(a, b), within(b, a):
			return nil, wrongUse{i18n.T(t.lang, "serve_watch_data", dir, data)}
		case !slices.Contains(all, full):
			all = append(all, full)
		}
	}
	return all, nil
}

// resolved is where a path leads, as far as it is there.
func resolved(path string) string {
	if full, err := filepath.EvalSymlinks(path); err == nil {
		return full
	}
	above := filepath.Dir(path)
	if above == path {
		return path
	}
	return filepath.Join(resolved(above), filepath.Base(path))
}

// within tells whether a path is another or lies below it.
func within(path, other string) bool {
	rel, err := filepath.Rel(other, path)
	return err == nil && filepath.IsLocal(rel)
}

// newInbox takes in what is copied into the watched folders; nil where there are none.
func (s *serving) newInbox(ctx context.Context) (*inbox.Inbox, error) {
	if len(s.watch) == 0 {
		return nil, nil
	}
	key, err := s.store.TraceKey(ctx)
	if err != nil {
		return nil, err
	}
	return &inbox.Inbox{
		Dirs: s.watch, Film: isFilm, Media: s.desk.Media, Engine: whole{s.desk, s.door}, Store: s.store, Key: key,
		Room: func(size int64) bool { return fits(s.data, size) }, Log: s.log,
	}, nil
}

// whole is the engine, with what the door has made and remembers of recordings.
type whole struct {
	*workers.Desk
	door *web.Server
}

// Delete removes all of it.
func (w whole) Delete(ctx context.Context, id string) error { return w.door.Delete(ctx, id) }

// isFilm tells what is to be taken in.
func isFilm(name string, head []byte) bool {
	return slices.Contains(kinds, strings.ToLower(filepath.Ext(name))) && (head == nil || decode.MayBeFilm(head))
}
