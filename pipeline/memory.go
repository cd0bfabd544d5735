package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"dyade/internal/kept"
	"dyade/internal/version"
	"dyade/models"
	"dyade/pipeline/cache"
	"dyade/pipeline/decode"
	"dyade/pipeline/vision"
)

// memory keeps the results of finished pieces of work on one recording, so that
// an analysis that was killed goes on from there, or has them from elsewhere. A nil
// one keeps nothing.
type memory struct {
	shelf     *cache.Shelf
	file      string     // identity of the recording's
	elsewhere *elsewhere // where steps are done; nil: here
}

// remember finds what is kept of a recording by this very program. What was found
// in another file counts only if that one's sha256 is known and the same: an
// analysis that was killed before it knew the sum may have left pieces of a
// recording that looks alike at a glimpse.
func remember(ctx context.Context, c *cache.Cache, path string, src *decode.Source) (*memory, error) {
	if c == nil {
		return nil, nil
	}
	key, err := glimpse(path, src)
	if err != nil {
		return nil, err
	}
	file, err := identity(path)
	if err != nil {
		return nil, err
	}
	m := &memory{shelf: c.Shelf(key + " " + edition()), file: file}
	if from, ok := m.shelf.Get("file"); ok && string(from) == file {
		return m, nil
	}
	switch same, err := m.holds(ctx, path); {
	case err != nil:
		m.close()
		return nil, err
	case same:
		m.put("file", []byte(file))
	default:
		m.empty()
	}
	return m, nil
}

// identity names a file by its place, length and time of change.
func identity(path string) (string, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("look for what is kept of the recording: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("look for what is kept of the recording: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %d", full, info.Size(), info.ModTime().UnixNano()))
	return hex.EncodeToString(sum[:]), nil
}

// holds tells whether the sha256 that is kept is that of the file at path.
func (m *memory) holds(ctx context.Context, path string) (bool, error) {
	kept, ok := m.shelf.Get("sha256")
	if !ok {
		return false, nil
	}
	sum, err := fingerprint(ctx, path)
	return sum == string(kept), err
}

func (m *memory) close() {
	if m != nil {
		m.shelf.Close()
	}
}

// empty throws away what is kept. Where that cannot be, nothing more is kept.
func (m *memory) empty() {
	if m.shelf.Clear() != nil {
		m.close()
		m.shelf = nil
		return
	}
	m.put("file", []byte(m.file))
}

// ofSound is where listening keeps its pieces.
func (m *memory) ofSound() kept.Memory {
	if m == nil || m.shelf == nil {
		return nil
	}
	return m.shelf
}

// edition names this program, its rules and networks: what another one found is
// of no use.
func edition() string {
	name := version.Version + " " + decode.FFmpegVersion() + " " + vision.OpenCVVersion()
	for _, e := range models.Manifest() {
		name += " " + e.SHA256
	}
	if path, err := os.Executable(); err == nil {
		if info, err := os.Stat(path); err == nil {
			name += fmt.Sprintf(" %d %d", info.Size(), info.ModTime().UnixNano())
		}
	}
	return name
}

// Pieces of a file that are read for a glimpse of it.
const (
	glimpses    = 64
	glimpseSize = 4096
)

// glimpse tells recordings apart within milliseconds, however long they are: by
// every packet's time, size and place, and some of the bytes. Whole files are
// told apart by their sha256, which confirm compares once it is known.
func glimpse(path string, src *decode.Source) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("look for what is kept of the recording: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	rec := src.Recording()
	fmt.Fprintf(sum, "%d %s %v\n", rec.SizeBytes, rec.Container, rec.Duration)
	if ix := src.Index(); ix != nil {
		for _, p := range ix.Packets {
			fmt.Fprintln(sum, p.PTS, p.DTS, p.Pos, p.Size, p.Key)
		}
	}
	piece := make([]byte, glimpseSize)
	for i := range int64(glimpses) {
		n, err := f.ReadAt(piece, i*max(0, rec.SizeBytes-glimpseSize)/(glimpses-1))
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("look for what is kept of the recording: %w", err)
		}
		sum.Write(piece[:n])
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// errOther says that what is kept is another recording's.
var errOther = errors.New("what the cache holds is another recording's")

// confirm compares the sha256 of the whole file with that of the file whose
// results are kept, or keeps it.
func (m *memory) confirm(sum string) error {
	if m == nil || m.away() {
		return nil
	}
	kept, ok := m.shelf.Get("sha256")
	switch {
	case !ok:
		m.put("sha256", []byte(sum))
	case string(kept) != sum:
		return errOther
	}
	return nil
}

// put keeps data if it can: a cache that is full or lies on a full disk costs
// time at the next analysis, and nothing at this one.
func (m *memory) put(name string, data []byte) { _ = m.shelf.Put(name, data) }

// away tells whether steps are done elsewhere.
func (m *memory) away() bool { return m != nil && m.elsewhere != nil }

// ask gives errMissing where the result of a step that is done elsewhere is missing.
func (m *memory) ask(name string, in any) error {
	step, err := newStep(name, in)
	if err != nil {
		return err
	}
	return m.elsewhere.ask(step)
}

// recall gives the result of a step that is kept or had from elsewhere, or else
// does the work and keeps what it gives.
func recall[Input, Out any](m *memory, name string, in Input, work func() (Out, error)) (out Out, err error) {
	if m == nil {
		return work()
	}
	step, err := newStep(name, in)
	if err != nil {
		return out, err
	}
	if m.away() {
		err = m.elsewhere.take(step, &out)
		return out, err
	}
	if kept.Get(m.shelf, step.Key(), &out) {
		return out, nil
	}
	out, err = work()
	if err == nil {
		kept.Put(m.shelf, step.Key(), out)
	}
	return out, err
}
