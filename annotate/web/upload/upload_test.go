package upload_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/annotate/web/upload"
	"dyade/internal/testenv"
)

const name = "Emma und Papa.mp4"

// door is a server of uploads into a store, over real connections.
type door struct {
	t      *testing.T
	dir    string
	store  *store.Store
	media  *blob.Folder
	up     *upload.Uploads
	server *httptest.Server
	log    bytes.Buffer
	change func(*upload.Options)
	fail   func() error // before a film is submitted, which is in the media store then
}

func open(t *testing.T, change func(*upload.Options)) *door {
	t.Helper()
	return openIn(t, t.TempDir(), change)
}

func openIn(t *testing.T, dir string, change func(*upload.Options)) *door {
	t.Helper()
	st, err := store.Open(context.Background(), filepath.Join(dir, "dyade.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	media, err := blob.OpenFolder(filepath.Join(dir, "media"))
	if err != nil {
		t.Fatal(err)
	}
	d := &door{t: t, dir: filepath.Join(dir, "uploads"), store: st, media: media, change: change}
	d.start()
	t.Cleanup(func() {
		d.server.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
		if strings.Contains(d.log.String(), "Emma") {
			t.Errorf("the log names a film:\n%s", &d.log)
		}
	})
	return d
}

func (d *door) start() {
	d.t.Helper()
	o := upload.Options{
		Dir: d.dir, Take: d.take, MostBytes: 1 << 30, MostOpen: 8, Room: func() (int64, error) { return 1 << 30, nil },
		Log: slog.New(slog.NewTextHandler(&d.log, nil)),
	}
	if d.change != nil {
		d.change(&o)
	}
	var err error
	if d.up, err = upload.New(o); err != nil {
		d.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle(upload.Path, d.up)
	d.server = httptest.NewServer(mux)
}

func (d *door) restart() {
	d.server.CloseClientConnections()
	d.server.Close()
	d.start()
}

func (d *door) take(ctx context.Context, film upload.Film) (string, error) {
	sum, n, err := d.media.Adopt(ctx, film.Path)
	if err == nil && d.fail != nil {
		err = d.fail()
	}
	if err != nil {
		return "", err
	}
	ids, err := d.store.Submit(ctx, store.Submission{
		Sum: sum, Name: film.Name, SizeBytes: n, Queue: film.Queue, First: store.NewStep{Key: "probe", Name: "probe"},
	})
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

// reply is an answer that was read.
type reply struct {
	status int
	header http.Header
	why    string
}

func (r reply) offset() int64 {
	n, _ := strconv.ParseInt(r.header.Get("Upload-Offset"), 10, 64)
	return n
}

func (r reply) recording() string { return r.header.Get(upload.RecordingHeader) }

func (d *door) ask(method, path string, body io.Reader, headers ...string) reply {
	d.t.Helper()
	path, raw := strings.CutSuffix(path, "\x00raw")
	r, err := http.NewRequest(method, d.server.URL+path, body)
	if err != nil {
		d.t.Fatal(err)
	}
	if raw {
		r.URL = &url.URL{Scheme: "http", Host: r.URL.Host, Opaque: path}
	}
	r.Header.Set("Tus-Resumable", "1.0.0")
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
		if n, err := strconv.ParseInt(headers[i+1], 10, 64); headers[i] == "Content-Length" && err == nil {
			r.ContentLength = n
		}
	}
	a, err := d.server.Client().Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer a.Body.Close()
	doc, err := io.ReadAll(a.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	got := reply{a.StatusCode, a.Header, ""}
	if a.StatusCode >= 400 && method != http.MethodHead {
		var said struct{ Error string }
		if json.Unmarshal(doc, &said) != nil || said.Error == "" || a.Header.Get("Content-Type") != "application/json" || strings.Contains(said.Error, d.dir) {
			d.t.Errorf("%s %q is refused with %d %q", method, path, a.StatusCode, doc)
		}
		got.why = said.Error
	}
	return got
}

func meta(pairs ...string) string {
	var all []string
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
	}
	return strings.Join(all, ",")
}

func (d *door) create(size int64) (path string) {
	d.t.Helper()
	got := d.ask(http.MethodPost, upload.Path, nil, "Upload-Length", fmt.Sprint(size), "Upload-Metadata", meta("filename", name, "queue", "batch"))
	path = got.header.Get("Location")
	if got.status != http.StatusCreated || !strings.HasPrefix(path, upload.Path) {
		d.t.Fatalf("created: %d %s at %q", got.status, got.why, path)
	}
	return path
}

func (d *door) patch(path string, at int64, data io.Reader) reply {
	d.t.Helper()
	return d.ask(http.MethodPatch, path, data, "Upload-Offset", fmt.Sprint(at), "Content-Type", "application/offset+octet-stream")
}

func (d *door) head(path string) reply { d.t.Helper(); return d.ask(http.MethodHead, path, nil) }

// cut sends a part of what it says it sends, then breaks the connection.
func (d *door) cut(path string, at int64, data []byte, sent int, roughly bool) {
	d.t.Helper()
	c := d.begin(path, at, data, sent)
	defer c.Close()
	if roughly {
		_ = c.(*net.TCPConn).SetLinger(0)
	}
}

// begin sends a part of what it says it sends.
func (d *door) begin(path string, at int64, data []byte, sent int) net.Conn {
	d.t.Helper()
	c, err := net.Dial("tcp", d.server.Listener.Addr().String())
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = c.Close() })
	_, err = fmt.Fprintf(c, "PATCH %s HTTP/1.1\r\nHost: x\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: %d\r\n"+
		"Content-Type: application/offset+octet-stream\r\nContent-Length: %d\r\n\r\n%s", path, at, len(data), data[:sent])
	if err != nil {
		d.t.Fatal(err)
	}
	return c
}

// holds fails where the recordings are not just one, of this content and as submitted.
func (d *door) holds(id string, film []byte) {
	d.t.Helper()
	all, err := d.store.Recordings(context.Background())
	if err != nil {
		d.t.Fatal(err)
	}
	if len(all) != 1 || all[0].ID != id || all[0].Sum != blob.Of(film) || all[0].Name != name || all[0].SizeBytes != int64(len(film)) || all[0].Queue != store.Batch {
		d.t.Fatalf("there are %+v, not %s", all, id)
	}
	if err := blob.Verify(context.Background(), d.media, all[0].Sum); err != nil {
		d.t.Error(err)
	}
}

// left lists what there is of uploads.
func (d *door) left() (list []string) {
	d.t.Helper()
	all, err := os.ReadDir(d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, entry := range all {
		list = append(list, entry.Name())
	}
	return list
}

func some(size int) []byte {
	film := make([]byte, size)
	r := rand.NewChaCha8([32]byte{1})
	_, _ = r.Read(film)
	return film
}

func TestAnUploadThatIsCutGoesOnWhereItWas(t *testing.T) {
	d := open(t, nil)
	film := some(5 << 20)
	path := d.create(int64(len(film)))
	luck := rand.New(rand.NewPCG(1, 2))
	at := int64(0)
	for i := range 20 {
		rest := film[at:]
		d.cut(path, at, rest, luck.IntN(min(len(rest), 400<<10)), i%2 == 0)
		if i == 7 || i == 13 {
			d.restart()
		}
		got := d.head(path)
		if got.status != http.StatusOK || got.offset() < at || got.offset() > int64(len(film)) || got.recording() != "" {
			t.Fatalf("after cut %d at %d: %d, %v", i, at, got.status, got.header)
		}
		at = got.offset()
	}
	if at == 0 {
		t.Error("nothing was kept of what was cut")
	}
	got := d.patch(path, at, bytes.NewReader(film[at:]))
	if got.status == http.StatusConflict { // one that was cut came late: who sends asks again
		at = d.head(path).offset()
		got = d.patch(path, at, bytes.NewReader(film[at:]))
	}
	if got.status != http.StatusNoContent || got.offset() != int64(len(film)) {
		t.Fatalf("the rest: %d %s", got.status, got.why)
	}
	d.holds(got.recording(), film)
	if left := d.left(); len(left) != 1 || !strings.HasSuffix(left[0], ".taken") {
		t.Errorf("left: %v", left)
	}
}

func TestAFilmMayComeWithTheFirstRequest(t *testing.T) {
	d := open(t, nil)
	film := some(1 << 20)
	got := d.ask(http.MethodPost, upload.Path, bytes.NewReader(film), "Upload-Length", fmt.Sprint(len(film)),
		"Upload-Metadata", meta("filename", name, "queue", "batch", "relativePath", "/home/x"), "Content-Type", "application/offset+octet-stream")
	if got.status != http.StatusCreated || got.offset() != int64(len(film)) {
		t.Fatalf("got %d %s", got.status, got.why)
	}
	d.holds(got.recording(), film)
}

func TestTheSameFilmTwiceAtOnceIsOneRecording(t *testing.T) {
	d := open(t, nil)
	film := some(2 << 20)
	var ids [2]string
	var both sync.WaitGroup
	for i := range ids {
		path := d.create(int64(len(film)))
		both.Go(func() {
			half := int64(len(film) / 2)
			if got := d.patch(path, 0, bytes.NewReader(film[:half])); got.status != http.StatusNoContent {
				t.Errorf("got %d %s", got.status, got.why)
			}
			ids[i] = d.patch(path, half, bytes.NewReader(film[half:])).recording()
		})
	}
	both.Wait()
	if ids[0] != ids[1] {
		t.Errorf("they are %v", ids)
	}
	d.holds(ids[0], film)
}

func TestWhoDidNotSeeTheLastAnswerLearnsIt(t *testing.T) {
	d := open(t, nil)
	film := some(100 << 10)
	path := d.create(int64(len(film)))
	id := d.patch(path, 0, bytes.NewReader(film)).recording()
	for range 2 {
		if got := d.patch(path, 0, bytes.NewReader(film)); got.status != http.StatusConflict || got.recording() != id {
			t.Errorf("all of it again: %d %s %v", got.status, got.why, got.header)
		}
		if got := d.head(path); got.status != http.StatusOK || got.offset() != int64(len(film)) || got.recording() != id ||
			got.header.Get("Upload-Length") != fmt.Sprint(len(film)) {
			t.Errorf("asked again: %d %v", got.status, got.header)
		}
		if got := d.patch(path, int64(len(film)), nil); got.status != http.StatusNoContent || got.recording() != id {
			t.Errorf("nothing more: %d %s %v", got.status, got.why, got.header)
		}
		d.holds(id, film)
		d.restart()
	}
	if err := d.up.Sweep(context.Background(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := d.head(path); got.status != http.StatusNotFound {
		t.Errorf("when it is forgotten: %d", got.status)
	}
	d.holds(id, film)
}

func TestAFilmThatCannotBeTakenInIsTriedAgain(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
	}{
		{fmt.Errorf("submit: %w", syscall.ENOSPC), http.StatusInsufficientStorage},
		{fmt.Errorf("submit: %w", blob.ErrMissing), http.StatusConflict},
		{errors.New("the database sleeps"), http.StatusInternalServerError},
	} {
		for _, again := range []string{http.MethodPatch, http.MethodHead} {
			for _, restarted := range []bool{false, true} {
				t.Run(fmt.Sprint(c.status, again, restarted), func(t *testing.T) {
					d := open(t, nil)
					d.fail = func() error { return c.err }
					film := some(100 << 10)
					path := d.create(int64(len(film)))
					n := int64(len(film))
					if got := d.patch(path, 0, bytes.NewReader(film)); got.status != c.status || got.recording() != "" {
						t.Fatalf("got %d %s", got.status, got.why)
					}
					for range 2 {
						if got := d.patch(path, n, nil); got.status != c.status {
							t.Fatalf("again too soon: %d %s", got.status, got.why)
						}
						if got := d.head(path); got.status != c.status {
							t.Fatalf("again too soon: %d", got.status)
						}
					}
					if restarted {
						d.restart()
					}
					d.fail = nil
					got := d.ask(again, path, nil, "Upload-Offset", fmt.Sprint(n), "Content-Type", "application/offset+octet-stream")
					if got.status >= 300 {
						t.Fatalf("again: %d %s", got.status, got.why)
					}
					d.holds(got.recording(), film)
				})
			}
		}
	}
}

func TestAFullDiskIsSaidAndTheUploadGoesOnWhenThereIsRoom(t *testing.T) {
	if !testenv.OnStage() {
		testenv.Stage(t, "^"+t.Name()+"$", "")
		return
	}
	disk := t.TempDir()
	if err := syscall.Mount("small", disk, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "size=4m,mode=700"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	d := openIn(t, disk, nil)
	film := some(200 << 10)
	path := d.create(int64(len(film)))
	ballast := filepath.Join(disk, "ballast")
	fill(t, ballast, 100<<10)
	got := d.patch(path, 0, bytes.NewReader(film))
	if got.status != http.StatusInsufficientStorage || !strings.Contains(got.why, "full") {
		t.Fatalf("got %d %s", got.status, got.why)
	}
	if got := d.ask(http.MethodPost, upload.Path, nil, "Upload-Length", "5", "Upload-Metadata", meta("filename", name)); got.status != http.StatusInsufficientStorage {
		t.Errorf("one more: %d %s", got.status, got.why)
	}
	at := d.head(path).offset()
	if at < 50<<10 || at >= int64(len(film)) {
		t.Errorf("it is at %d", at)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	got = d.patch(path, at, bytes.NewReader(film[at:]))
	if got.status != http.StatusNoContent {
		t.Fatalf("got %d %s", got.status, got.why)
	}
	d.holds(got.recording(), film)
	if left := d.left(); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
}

// fill leaves some bytes of a disk.
func fill(t *testing.T, path string, room int64) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n, err := io.Copy(f, endless{})
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("filled with %d: %v", n, err)
	}
	if err := f.Truncate(n - room); err != nil {
		t.Fatal(err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestWhatIsWrongIsRefused(t *testing.T) {
	d := open(t, func(o *upload.Options) { o.MostBytes = 1 << 20 })
	outside := filepath.Join(filepath.Dir(d.dir), "secret.info")
	if err := os.WriteFile(outside, []byte(`{"ID":"x","Size":3}`), 0o600); err != nil {
		t.Fatal(err)
	}
	path := d.create(100)
	gone := upload.Path + strings.Repeat("0", 32)
	good := meta("filename", name)
	const bytesOf, kind = "Content-Type", "application/offset+octet-stream"
	for _, c := range []struct {
		method, path string
		status       int
		headers      []string
	}{
		{"POST", upload.Path, 412, []string{"Tus-Resumable", "", "Upload-Length", "5", "Upload-Metadata", good}},
		{"POST", upload.Path, 412, []string{"Tus-Resumable", "0.2.2", "Upload-Length", "5", "Upload-Metadata", good}},
		{"POST", upload.Path, 400, []string{"Upload-Metadata", good}},
		{"POST", upload.Path, 400, []string{"Upload-Length", "-5", "Upload-Metadata", good}},
		{"POST", upload.Path, 400, []string{"Upload-Length", "0", "Upload-Metadata", good}},
		{"POST", upload.Path, 400, []string{"Upload-Length", "99999999999999999999", "Upload-Metadata", good}},
		{"POST", upload.Path, 413, []string{"Upload-Length", "1048577", "Upload-Metadata", good}},
		{"POST", upload.Path, 400, []string{"Upload-Defer-Length", "1", "Upload-Metadata", good}},
		{"POST", upload.Path, 400, []string{"Upload-Length", "5", "Upload-Metadata", good, "Upload-Concat", "partial"}},
		{"POST", upload.Path, 400, []string{"Upload-Length", "5", "Upload-Metadata", good, "Upload-Concat", "final;" + path}},
		{"POST", upload.Path, 400, []string{"Upload-Length", "5"}},
		{"POST", upload.Path, 400, []string{"Upload-Length", "5", "Upload-Metadata", "filename"}},
		{"POST", upload.Path, 400, []string{"Upload-Length", "5", "Upload-Metadata", "filename not-base64!"}},
		{"POST", upload.Path, 400, []string{"Upload-Length", "5", "Upload-Metadata", meta("filename", "/")}},
		{"POST", upload.Path, 400, []string{"Upload-Length", "5", "Upload-Metadata", meta("filename", "a\nb")}},
		{"POST", upload.Path, 400, []string{"Upload-Length", "5", "Upload-Metadata", meta("filename", "a\x00b")}},
		{"POST", upload.Path, 400, []string{"Upload-Length", "5", "Upload-Metadata", meta("filename", "a\xffb")}},
		{"POST", upload.Path, 400, []string{"Upload-Length", "5", "Upload-Metadata", meta("filename", strings.Repeat("x", 256))}},
		{"POST", upload.Path, 400, []string{"Upload-Length", "5", "Upload-Metadata", meta("filename", name, "queue", "express")}},
		{"GET", upload.Path, 405, nil},
		{"PATCH", upload.Path, 405, nil},
		{"GET", path, 405, nil},
		{"POST", path, 405, []string{"X-HTTP-Method-Override", "DELETE"}},
		{"POST", path, 405, []string{"X-HTTP-Method-Override", "PATCH", "Upload-Offset", "0", bytesOf, kind}},
		{"PATCH", path, 412, []string{"Tus-Resumable", "", "Upload-Offset", "0", bytesOf, kind}},
		{"PATCH", path, 400, []string{"Upload-Offset", "0", bytesOf, "application/json"}},
		{"PATCH", path, 400, []string{"Upload-Offset", "0"}},
		{"PATCH", path, 400, []string{bytesOf, kind}},
		{"PATCH", path, 400, []string{"Upload-Offset", "-1", bytesOf, kind}},
		{"PATCH", path, 409, []string{"Upload-Offset", "1", bytesOf, kind}},
		{"PATCH", path, 400, []string{"Upload-Offset", "0", bytesOf, kind, "Upload-Length", "200"}},
		{"DELETE", path, 412, []string{"Tus-Resumable", ""}},
		{"PATCH", gone, 404, []string{"Upload-Offset", "0", bytesOf, kind}},
		{"HEAD", gone, 404, nil},
		{"DELETE", gone, 404, nil},
		{"HEAD", path + ".info", 404, nil},
		{"HEAD", path + "/", 404, nil},
		{"HEAD", upload.Path + strings.ToUpper(path[len(upload.Path):]), 404, nil},
		{"HEAD", upload.Path + strings.Repeat("a", 100_000), 404, nil},
		{"HEAD", upload.Path + "%2e%2e%2fsecret\x00raw", 404, nil},
		{"DELETE", upload.Path + "..%2fsecret\x00raw", 404, nil},
		{"PATCH", upload.Path + "..%2fsecret\x00raw", 404, []string{"Upload-Offset", "0", bytesOf, kind}},
		{"DELETE", upload.Path + "%2fetc%2fpasswd\x00raw", 404, nil},
		{"DELETE", path + "%00\x00raw", 404, nil},
		{"DELETE", path + "%0a\x00raw", 404, nil},
	} {
		if got := d.ask(c.method, c.path, nil, c.headers...); got.status != c.status {
			t.Errorf("%s %.80q %q: %d %s, not %d", c.method, c.path, c.headers, got.status, got.why, c.status)
		}
	}
	if got := d.patch(path, 0, strings.NewReader(strings.Repeat("x", 101))); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("too much: %d %s", got.status, got.why)
	}
	if got := d.head(path); got.status != http.StatusOK || got.offset() != 0 {
		t.Errorf("after all that it is at %d, %d", got.offset(), got.status)
	}
	if _, err := os.Stat(outside); err != nil {
		t.Error(err)
	}
	if left := d.left(); len(left) != 2 {
		t.Errorf("there are %v", left)
	}
}

func TestNoOtherPageIsToldAnything(t *testing.T) {
	d := open(t, nil)
	got := d.ask(http.MethodOptions, upload.Path, nil, "Origin", "https://elsewhere.example")
	for key := range got.header {
		if strings.HasPrefix(key, "Access-Control") {
			t.Errorf("%s is told", key)
		}
	}
	if got.header.Get("Tus-Extension") != "creation,creation-with-upload,termination" || got.header.Get("Tus-Max-Size") != fmt.Sprint(1<<30) {
		t.Errorf("got %v", got.header)
	}
}

func TestNobodyElseMayLook(t *testing.T) {
	d := open(t, nil)
	path := d.create(100)
	d.patch(path, 0, strings.NewReader("half"))
	err := filepath.WalkDir(d.dir, func(path string, f fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := f.Info()
		if want := map[bool]fs.FileMode{true: 0o700, false: 0o600}[f.IsDir()]; err == nil && info.Mode().Perm() != want {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestThereIsRoomForSomeUploadsOnly(t *testing.T) {
	d := open(t, func(o *upload.Options) { o.MostOpen, o.Room = 2, func() (int64, error) { return 1000, nil } })
	one := d.create(600)
	ask := func(size string) int {
		return d.ask(http.MethodPost, upload.Path, nil, "Upload-Length", size, "Upload-Metadata", meta("filename", name)).status
	}
	if got := ask("401"); got != http.StatusRequestEntityTooLarge {
		t.Errorf("more bytes than there is room for: %d", got)
	}
	two := d.create(400)
	if got := ask("1"); got != http.StatusTooManyRequests {
		t.Errorf("a third: %d", got)
	}
	if got := d.ask(http.MethodDelete, one, nil); got.status != http.StatusNoContent {
		t.Errorf("given up: %d %s", got.status, got.why)
	}
	if got := d.head(one); got.status != http.StatusNotFound {
		t.Errorf("after that: %d", got.status)
	}
	if got := d.patch(two, 0, bytes.NewReader(some(400))); got.recording() == "" {
		t.Errorf("the other: %d %s", got.status, got.why)
	}
	d.create(1000)
}

// TestWhatHadComeIsTakenIn when the process starts that ended just before that.
func TestWhatHadComeIsTakenIn(t *testing.T) {
	d := open(t, nil)
	film := some(1000)
	path := d.create(int64(len(film)))
	failing := errors.New("the power fails")
	d.fail = func() error { return failing }
	d.patch(path, 0, bytes.NewReader(film))
	d.fail = nil
	d.restart()
	if err := d.up.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := d.left(); len(left) != 1 || !strings.HasSuffix(left[0], ".taken") {
		t.Errorf("left: %v", left)
	}
	d.holds(d.head(path).recording(), film)
	// It is tidied up after one that was taken in, too.
	if err := os.WriteFile(filepath.Join(d.dir, filepath.Base(path)), film, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := d.up.Finish(t.Context()); err != nil || len(d.left()) != 1 {
		t.Errorf("left: %v, %v", d.left(), err)
	}
}

func TestWhatARecordingCameOfIsForgottenWithIt(t *testing.T) {
	d := open(t, nil)
	one, other, under := d.create(100), d.create(100), d.create(100)
	id := d.patch(one, 0, bytes.NewReader(some(100))).recording()
	d.patch(other, 0, bytes.NewReader(some(100)))
	d.patch(under, 0, bytes.NewReader(some(50)))
	if err := d.up.Forget(id); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{one: 404, other: 404, under: 200} {
		if got := d.head(path); got.status != want {
			t.Errorf("got %d, not %d", got.status, want)
		}
	}
	if n, err := d.up.Open(); n != 1 || err != nil {
		t.Errorf("%d are open, %v", n, err)
	}
}

func TestSweepTakesWhatNobodyGoesOnWith(t *testing.T) {
	ctx := context.Background()
	d := open(t, nil)
	stale, fresh, done := d.create(100), d.create(100), d.create(3)
	d.patch(done, 0, strings.NewReader("abc"))
	other := filepath.Join(d.dir, "of somebody else")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for _, entry := range d.left() {
		if strings.HasPrefix(entry, filepath.Base(fresh)) && !strings.HasSuffix(entry, ".info") {
			continue
		}
		if err := os.Chtimes(filepath.Join(d.dir, entry), now, now.Add(-48*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.up.Sweep(ctx, now.Add(-24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{stale: 404, fresh: 200, done: 404} {
		if got := d.head(path); got.status != want {
			t.Errorf("got %d, not %d", got.status, want)
		}
	}
	if left := d.left(); len(left) != 3 {
		t.Errorf("left: %v", left)
	}
	d.patch(fresh, 0, bytes.NewReader(some(100)))
}

// TestRequestsAtOneUploadOverTLS: what one does to another that has ended harms nobody.
func TestRequestsAtOneUploadOverTLS(t *testing.T) {
	d := open(t, nil)
	srv := httptest.NewUnstartedServer(d.server.Config.Handler)
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	ask := func(ctx context.Context, method, path string, body io.Reader) {
		r, err := http.NewRequestWithContext(ctx, method, srv.URL+path, body)
		if err != nil {
			t.Error(err)
			return
		}
		for name, value := range map[string]string{"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"} {
			r.Header.Set(name, value)
		}
		if a, err := srv.Client().Do(r); err == nil {
			if a.ProtoMajor != 2 {
				t.Errorf("it is %s", a.Proto)
			}
			_, _ = io.Copy(io.Discard, a.Body)
			a.Body.Close()
		}
	}
	var all sync.WaitGroup
	for i := range 7 {
		path := d.create(1000)
		ctx, cancel := context.WithCancel(t.Context())
		hanging, hold := io.Pipe()
		all.Go(func() { ask(ctx, http.MethodPatch, path, io.MultiReader(strings.NewReader("some"), hanging)) })
		all.Go(func() {
			defer func() { cancel(); hold.Close() }()
			ask(t.Context(), http.MethodHead, path, nil)
		})
		if i%2 == 0 {
			all.Go(func() { ask(t.Context(), http.MethodHead, path, nil) })
		}
	}
	all.Wait()
}

// TestWhoBringsNothingIsTold, and what came is kept.
func TestWhoBringsNothingIsTold(t *testing.T) {
	d := open(t, func(o *upload.Options) { o.Silence = 50 * time.Millisecond })
	film := some(1000)
	path := d.create(int64(len(film)))
	said, err := io.ReadAll(d.begin(path, 0, film, 300))
	if err != nil || !strings.HasPrefix(string(said), "HTTP/1.1 408 ") || !strings.Contains(string(said), `{"error":"nothing came for too long`) {
		t.Errorf("it is told %q, %v", said, err)
	}
	if at := d.head(path).offset(); at != 300 {
		t.Errorf("it is at %d", at)
	}
	d.holds(d.patch(path, 300, bytes.NewReader(film[300:])).recording(), film)
}

func TestWhileAFilmIsTakenInOthersAreToldToWait(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	d := open(t, func(o *upload.Options) {
		take := o.Take
		o.Patience = 10 * time.Millisecond
		o.Take = func(ctx context.Context, film upload.Film) (string, error) {
			close(begun)
			<-goOn
			return take(ctx, film)
		}
	})
	film := some(1000)
	path := d.create(int64(len(film)))
	var id string
	var sent sync.WaitGroup
	sent.Go(func() { id = d.patch(path, 0, bytes.NewReader(film)).recording() })
	<-begun
	if got := d.patch(path, int64(len(film)), nil); got.status != http.StatusLocked {
		t.Errorf("got %d %s", got.status, got.why)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if err := d.up.Sweep(ctx, time.Now().Add(time.Hour)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("swept meanwhile: %v", err)
	}
	close(goOn)
	sent.Wait()
	d.holds(id, film)
	if got := d.head(path); got.recording() != id {
		t.Errorf("got %d %v", got.status, got.header)
	}
}

// TestANewerRequestEndsOneThatHangs: its connection may be one that is no more.
func TestANewerRequestEndsOneThatHangs(t *testing.T) {
	d := open(t, nil)
	film := some(1000)
	path := d.create(int64(len(film)))
	d.begin(path, 0, film, 300)
	for at := int64(0); at < 300; {
		at = d.head(path).offset()
		if at > 0 && at != 300 {
			t.Fatalf("it is at %d", at)
		}
	}
	d.holds(d.patch(path, 300, bytes.NewReader(film[300:])).recording(), film)
}

func TestAnUploadOfACopiedOrGarbledFolderBeginsAnew(t *testing.T) {
	d := open(t, nil)
	path := d.create(100)
	info := filepath.Join(d.dir, filepath.Base(path)+".info")
	doc, err := os.ReadFile(info)
	if err != nil {
		t.Fatal(err)
	}
	for _, now := range []string{string(doc[:20]), "", strings.ReplaceAll(string(doc), d.dir, filepath.Dir(d.dir)), strings.ReplaceAll(string(doc), d.dir, "")} {
		if err := os.WriteFile(info, []byte(now), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := d.head(path); got.status != http.StatusNotFound {
			t.Errorf("%q: %d", now, got.status)
		}
	}
}

func TestMemoryDoesNotGrowWithAFilm(t *testing.T) {
	d := open(t, func(o *upload.Options) {
		o.Take = func(_ context.Context, film upload.Film) (string, error) {
			info, err := os.Stat(film.Path)
			return fmt.Sprint(info.Size()), err
		}
	})
	const size = 256 << 20
	path := d.create(size)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := d.patch(path, 0, io.LimitReader(endless{}, size))
	runtime.ReadMemStats(&after)
	if got.recording() != fmt.Sprint(size) {
		t.Fatalf("got %d %s", got.status, got.why)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Errorf("a film of %d MiB took %d MiB of memory", size>>20, grown>>20)
	}
}

func TestOptionsThatAreMissingAreSaid(t *testing.T) {
	take := func(context.Context, upload.Film) (string, error) { return "", nil }
	log := slog.New(slog.DiscardHandler)
	room := func() (int64, error) { return 1, nil }
	for _, o := range []upload.Options{
		{Log: log, MostBytes: 1, MostOpen: 1, Room: room},
		{Take: take, MostBytes: 1, MostOpen: 1, Room: room},
		{Take: take, Log: log, MostOpen: 1, Room: room},
		{Take: take, Log: log, MostBytes: 1, Room: room},
		{Take: take, Log: log, MostBytes: 1, MostOpen: 1},
	} {
		o.Dir = t.TempDir()
		if _, err := upload.New(o); err == nil {
			t.Errorf("%+v passed", o)
		}
	}
}
