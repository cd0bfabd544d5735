package upload

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"
)

// shelf is tusd's store of files, kept within bounds and from other people's eyes.
// Of an upload there are
//
//	id         what has come
//	id.info    what it is of
//	id.hand    the whole film, while it is taken in
//	id.taken   in place of all these, what became of it
type shelf struct {
	uploads *Uploads
	files   filestore.FileStore
	begin   sync.Mutex // held from the look at what is open to the start of one more
}

const (
	infoFile  = ".info"
	handFile  = ".hand"
	takenFile = ".taken"
	draftFile = ".draft" // of one of these
)

func (s *shelf) path(id, kind string) string { return filepath.Join(s.uploads.Dir, id+kind) }

// NewUpload begins one, if there is room for it.
func (s *shelf) NewUpload(ctx context.Context, info handler.FileInfo) (handler.Upload, error) {
	s.begin.Lock()
	defer s.begin.Unlock()
	err := s.room(info.Size)
	var full handler.Error
	if errors.As(err, &full) { // what nobody goes on with gives way
		if err := s.uploads.Sweep(ctx, time.Now().Add(-idleTime)); err != nil {
			return nil, s.uploads.told(err)
		}
		err = s.room(info.Size)
	}
	if err != nil {
		return nil, s.uploads.told(err)
	}
	var key [16]byte
	if _, err := rand.Read(key[:]); err != nil {
		return nil, s.uploads.told(err)
	}
	info.ID = hex.EncodeToString(key[:])
	// tusd leaves the mode of files that are there already as it is.
	err = errors.Join(blank(s.path(info.ID, "")), blank(s.path(info.ID, infoFile)))
	var file handler.Upload
	if err == nil {
		file, err = s.files.NewUpload(ctx, info)
	}
	if err != nil {
		return nil, s.uploads.told(errors.Join(err, s.remove(info.ID)))
	}
	return &film{file, s, info}, nil
}

// idleTime is how long an upload may rest where others need its room.
const idleTime = 6 * time.Hour

func blank(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// room tells by an error that one more upload of a size is too much.
func (s *shelf) room(size int64) error {
	left, err := s.uploads.Room()
	if err != nil {
		return err
	}
	open, awaited, err := s.open()
	switch {
	case err != nil:
		return err
	case open >= s.uploads.MostOpen:
		return refusal(http.StatusTooManyRequests, "too many uploads are under way: finish one of them, or give it up")
	case size > left:
		return refusal(http.StatusRequestEntityTooLarge, "the disk of the server has no room for this film: make room, and send it again")
	case size > left-awaited:
		return refusal(http.StatusRequestEntityTooLarge, "the uploads that are under way need all the room there is: finish one of them, or give it up")
	}
	return nil
}

// open counts the uploads that are under way, and the bytes that are to come of them.
func (s *shelf) open() (n int, awaited int64, err error) {
	all, err := os.ReadDir(s.uploads.Dir)
	for _, entry := range all {
		id, ok := strings.CutSuffix(entry.Name(), infoFile)
		if !ok {
			continue
		}
		n++
		info, err := s.info(id)
		if err != nil {
			continue // nobody can go on with it: Sweep takes it away
		}
		awaited += info.Size
		if had, err := os.Stat(s.path(id, "")); err == nil {
			awaited -= had.Size()
		}
	}
	return n, awaited, err
}

func (s *shelf) info(id string) (info handler.FileInfo, err error) {
	doc, err := os.ReadFile(s.path(id, infoFile))
	if err == nil {
		err = json.Unmarshal(doc, &info)
	}
	return info, err
}

// GetUpload finds one. Where all of it has come and it was not taken in, it is now:
// who asks for it, or brings nothing more, waits for that.
func (s *shelf) GetUpload(ctx context.Context, id string) (handler.Upload, error) {
	v := visitOf(ctx)
	if r, err := s.receipt(id); err == nil {
		v.taken(r.Recording)
		return &film{shelf: s, info: handler.FileInfo{ID: id, Size: r.SizeBytes, Offset: r.SizeBytes}}, nil
	}
	file, err := s.files.GetUpload(ctx, id)
	var garbled *json.SyntaxError
	if errors.As(err, &garbled) { // the machine failed as it was written
		err = handler.ErrNotFound
	}
	if err != nil {
		return nil, s.uploads.told(err)
	}
	info, err := file.GetInfo(ctx)
	switch {
	case err != nil:
		return nil, s.uploads.told(err)
	case info.ID != id || info.Storage["Path"] != s.path(id, ""): // it is of another folder, of which this is a copy
		return nil, handler.ErrNotFound
	}
	f := &film{file, s, info}
	if info.Offset == info.Size && v.method != http.MethodDelete {
		err = f.FinishUpload(ctx)
	}
	return f, err
}

// AsTerminatableUpload implements tusd's extension termination.
func (s *shelf) AsTerminatableUpload(f handler.Upload) handler.TerminatableUpload { return f.(*film) }

// remove removes all files of an upload, what it is of at last: without that it is
// not counted any more.
func (s *shelf) remove(id string) error {
	var all error
	for _, kind := range []string{handFile, draftFile, takenFile, "", infoFile} {
		if err := os.Remove(s.path(id, kind)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, err)
		}
	}
	return all
}

// film is one that comes, or of which is known that it was taken in.
type film struct {
	handler.Upload // its file; none where it was taken in
	shelf          *shelf
	info           handler.FileInfo
}

// GetInfo tells how far it was when it was looked for.
func (f *film) GetInfo(context.Context) (handler.FileInfo, error) { return f.info, nil }

// WriteChunk keeps what comes, as far as it comes.
func (f *film) WriteChunk(ctx context.Context, offset int64, from io.Reader) (int64, error) {
	n, err := f.Upload.WriteChunk(ctx, offset, flow{from, visitOf(ctx)})
	return n, f.shelf.uploads.told(err)
}

// FinishUpload takes it in.
func (f *film) FinishUpload(ctx context.Context) error {
	return f.shelf.uploads.told(f.shelf.take(ctx, f.info))
}

// Terminate gives it up; a recording that came of it stays.
func (f *film) Terminate(context.Context) error {
	return f.shelf.uploads.told(f.shelf.remove(f.info.ID))
}
