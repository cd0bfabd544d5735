package upload

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"github.com/tus/tusd/v2/pkg/handler"

	"dyade/annotate/store"
)

// take has a whole film taken in, and leaves of it what became of it.
func (s *shelf) take(ctx context.Context, info handler.FileInfo) error {
	path, err := s.hand(info.ID)
	if err != nil {
		return err
	}
	v := visitOf(ctx)
	if v != nil {
		v.patient()
	}
	recording, err := s.uploads.Take(context.WithoutCancel(ctx), Film{
		path, info.MetaData["filename"], store.Queue(info.MetaData["queue"]), info.MetaData["visit"],
	})
	if err != nil {
		return err
	}
	if v != nil {
		v.taken(recording)
	}
	err = s.write(info.ID, receipt{recording, info.Size})
	if err == nil {
		err = s.clear(info.ID)
	}
	if err != nil { // it is in all the same; who asks again has it taken in again, as the same recording
		s.uploads.Log.Warn("cannot tidy up after an upload", "error", err)
	}
	return nil
}

// hand gives a second name to a film, under which it may be moved away: where it is
// not taken in then, it is still there to try again. Where a file has but one name,
// that is given, and such a film must come again.
func (s *shelf) hand(id string) (string, error) {
	path := s.path(id, handFile)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if linked := os.Link(s.path(id, ""), path) == nil; !linked {
		return s.path(id, ""), nil
	}
	return path, nil
}

// clear removes what a receipt stands for.
func (s *shelf) clear(id string) error {
	var all error
	for _, kind := range []string{handFile, "", infoFile} {
		if err := os.Remove(s.path(id, kind)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	return all
}

// receipt tells what became of an upload. There is no name in it.
type receipt struct {
	Recording string `json:"recording"`
	SizeBytes int64  `json:"size_bytes"`
}

func (s *shelf) receipt(id string) (r receipt, err error) {
	doc, err := os.ReadFile(s.path(id, takenFile))
	if err == nil {
		err = json.Unmarshal(doc, &r)
	}
	return r, err
}

func (s *shelf) write(id string, r receipt) error {
	doc, err := json.Marshal(r)
	if err != nil {
		return err
	}
	draft, err := os.OpenFile(s.path(id, draftFile), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = draft.Write(doc)
	if err == nil {
		err = draft.Sync()
	}
	if err := errors.Join(err, draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), s.path(id, takenFile))
}
