// Package upload takes films in over connections that may break: what has come is
// kept, and gone on with.
package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	xslog "golang.org/x/exp/slog"

	"dyade/annotate/store"
)

// Path is where the door has uploads.
const Path = "/api/uploads/"

// RecordingHeader names the recording of a film that was taken in.
const RecordingHeader = "Dyade-Recording"

// Film is one that has come whole.
type Film struct {
	Path  string // of a plain file that may be moved away
	Name  string
	Queue store.Queue
	Visit string // empty: one of its own
}

// Options of Uploads; all are wanted but Patience.
type Options struct {
	Dir string // for what is not taken in yet; nothing else is in there
	// Take takes a film in and gives its recording's id. The same content must give
	// the same recording: it is called again where it is not known to have passed,
	// with a file that is still there. It is not stopped when the caller goes away.
	Take      func(ctx context.Context, film Film) (id string, err error)
	MostBytes int64 // of one film
	MostOpen  int   // uploads at once
	// Room tells how many bytes more the disk takes.
	Room func() (int64, error)
	Log  *slog.Logger
	// Patience is how long a request waits for another that is at the same film: 20 s
	// where none is given.
	Patience time.Duration
	// Silence is how long a request may bring nothing: a minute where none is given.
	Silence time.Duration
}

// Uploads takes films in by the tus protocol 1.0 (https://tus.io), with its
// extensions creation, creation-with-upload and termination:
//
//	POST    Path        begins one; Upload-Metadata has its filename, and may have its queue and visit
//	PATCH   Path + id   goes on with it
//	HEAD    Path + id   tells how far it is
//	DELETE  Path + id   gives it up
//
// The answer to the request that brings the last bytes has the header
// RecordingHeader. Where the film cannot be taken in then, a HEAD, or a PATCH at the
// end that brings nothing, tries again. Who did not see the answer asks again in the
// same way and is told the same, until Sweep has forgotten it; a PATCH that brings
// the last bytes once more is told 409, as one at any wrong place. What is refused is
// told in a document {"error": "…"}.
//
// The length must be known at the start. Only one process may use a folder.
type Uploads struct {
	Options
	shelf *shelf
	locks locks
	tus   http.Handler
}

// New makes the folder where there is none; uploads that are in it can be gone on
// with.
func New(o Options) (*Uploads, error) {
	if o.Take == nil || o.Log == nil || o.Room == nil || o.MostBytes < 1 || o.MostOpen < 1 {
		return nil, errors.New("uploads want a Take, a Log, a Room and limits above zero")
	}
	dir, err := filepath.Abs(o.Dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err == nil {
		err = os.Chmod(dir, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("open the folder for uploads: %w", err)
	}
	o.Dir = dir
	u := &Uploads{Options: o, locks: locks{memorylocker.New()}}
	u.shelf = &shelf{uploads: u, files: filestore.New(dir)}
	parts := handler.NewStoreComposer()
	parts.UseCore(u.shelf)
	parts.UseTerminater(u.shelf)
	parts.UseLocker(u.locks)
	u.tus, err = handler.NewHandler(handler.Config{
		StoreComposer: parts, BasePath: Path, MaxSize: o.MostBytes, DisableDownload: true,
		Cors: &handler.CorsConfig{Disable: true}, PreUploadCreateCallback: admit,
		AcquireLockTimeout: o.Patience, GracefulRequestCompletionTimeout: time.Second, NetworkTimeout: o.Silence,
		Logger: xslog.New(xslog.NewTextHandler(io.Discard, &xslog.HandlerOptions{Level: xslog.Level(math.MaxInt)})), // it would log names
	})
	if err != nil {
		return nil, fmt.Errorf("set up uploads: %w", err)
	}
	return u, nil
}

// tusd takes it for a fault of its own that a caller is slow or wants too much, and for the caller's that
// another request took its place, after which clients do not try again.
func init() {
	handler.ErrReadTimeout = handler.NewError("ERR_READ_TIMEOUT", "nothing came for too long: ask how far it is, and go on", http.StatusRequestTimeout)
	handler.ErrNotImplemented = handler.NewError("ERR_NOT_IMPLEMENTED", "a film's length must be said when its upload begins, and stays so", http.StatusBadRequest)
	handler.ErrUploadInterrupted = handler.NewError("ERR_UPLOAD_INTERRUPTED", "another request took this one's place: ask how far it is, and go on", http.StatusLocked)
}

var (
	anID   = regexp.MustCompile(`^[0-9a-f]{32}$`)
	aVisit = regexp.MustCompile(`^[0-9a-z]{1,64}$`)
)

// ServeHTTP answers what is asked for at Path.
func (u *Uploads) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := newVisit(w, r.Method)
	defer v.end()
	id := strings.TrimPrefix(r.URL.Path, Path)
	if id != "" && !anID.MatchString(id) {
		v.refuse(http.StatusNotFound, "there is no such upload")
		return
	}
	r = r.Clone(context.WithValue(r.Context(), visitKey{}, v))
	r.URL.Path, r.URL.RawPath = id, ""
	r.Header.Del("X-HTTP-Method-Override") // or tusd would follow it
	u.tus.ServeHTTP(v, r)
}

// admit looks at what is to come, and keeps only what is wanted of what is said of
// it.
func admit(e handler.HookEvent) (none handler.HTTPResponse, changes handler.FileInfoChanges, err error) {
	given := e.Upload.MetaData
	name := filepath.Base(given["filename"])
	queue := store.Queue(given["queue"])
	if queue == "" {
		queue = store.Default
	}
	visit := given["visit"]
	var why string
	switch {
	case name == "." || name == "/" || len(name) > 255 || !utf8.ValidString(name) || strings.ContainsFunc(name, func(c rune) bool { return c < ' ' }):
		why = "filename in Upload-Metadata must be the film's file name, in base64"
	case !slices.Contains([]store.Queue{store.Interactive, store.Default, store.Batch}, queue):
		why = "queue in Upload-Metadata must be interactive, default or batch, in base64"
	case visit != "" && !aVisit.MatchString(visit):
		why = "visit in Upload-Metadata must be a visit's id, in base64"
	case e.HTTPRequest.Header.Get("Upload-Concat") != "":
		why = "a film must come as one upload: Upload-Concat is not known here"
	case e.Upload.Size == 0:
		why = "the film is empty: Upload-Length must be above zero"
	default:
		changes.MetaData = handler.MetaData{"filename": name, "queue": string(queue), "visit": visit}
		return none, changes, nil
	}
	return none, changes, refusal(http.StatusBadRequest, why)
}
