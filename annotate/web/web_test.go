package web_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/annotate/web"
	"dyade/annotate/web/upload"
)

// engine writes down what it is to do, as the real one does, and does none of it.
type engine struct{ *store.Store }

var first = store.NewStep{Key: "probe", Name: "probe"}

func (e engine) Submit(ctx context.Context, film store.Submission) (string, error) {
	film.First = first
	ids, err := e.Store.Submit(ctx, film)
	if err != nil {
		return "", err
	}
	return ids[0], nil
}
func (e engine) Retry(ctx context.Context, id string) error { return e.Store.Retry(ctx, id, first) }
func (e engine) Cancel(ctx context.Context, id string) error {
	_, err := e.Store.Cancel(ctx, id)
	return err
}
func (e engine) Delete(ctx context.Context, id string) error {
	_, err := e.Store.Delete(ctx, id)
	return err
}

func (e engine) Hold() func() { return func() {} }

func (e engine) Crew(context.Context) (all, busy int, err error) { return 2, 1, nil }

const token = "a token that nobody guesses"

type door struct {
	t      *testing.T
	url    string
	store  *store.Store
	media  *blob.Folder
	aside  string
	server *web.Server
}

func open(t *testing.T, change ...func(*web.Options)) *door {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(context.Background(), filepath.Join(dir, "dyade.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	media, err := blob.OpenFolder(filepath.Join(dir, "media"))
	if err != nil {
		t.Fatal(err)
	}
	o := web.Options{
		Store: st, Media: media, Engine: engine{st}, Token: token, Versions: []string{"dyade 0"}, Uploads: filepath.Join(dir, "uploads"),
		Aside: filepath.Join(dir, "aside"), Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&o)
	}
	s, err := web.New(o)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		srv.Close()
		if err := errors.Join(st.Check(context.Background()), st.Close()); err != nil {
			t.Error(err)
		}
	})
	return &door{t, srv.URL, st, media, o.Aside, s}
}

// reply is an answer that was read.
type reply struct {
	status int
	header http.Header
	body   string
}

func (d *door) ask(method, path string, body io.Reader, headers ...string) reply {
	d.t.Helper()
	r, err := http.NewRequest(method, d.url+path, body)
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	status, doc, header := read(d.t, a)
	got := reply{status, header, doc}
	c, err := theContract()
	if err == nil {
		err = c.check(method, path, got)
	}
	if err != nil {
		d.t.Errorf("openapi.yaml: %v", err)
	}
	return got
}

func read(t *testing.T, a *http.Response) (status int, body string, header http.Header) {
	t.Helper()
	defer a.Body.Close()
	doc, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(doc), a.Header
}

// film sends one, and gives what is told of its recording.
func (d *door) film(name, content string, headers ...string) told {
	d.t.Helper()
	a := d.send(name, content, headers...)
	id := a.header.Get(upload.RecordingHeader)
	if a.status != http.StatusCreated || id == "" {
		d.t.Fatalf("sent %s: %d, %s", name, a.status, a.body)
	}
	return d.one(200, "GET", "/api/recordings/"+id, "")
}

func (d *door) send(name, content string, headers ...string) reply {
	d.t.Helper()
	said := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	return d.ask("POST", upload.Path, strings.NewReader(content), append([]string{
		"Tus-Resumable", "1.0.0", "Content-Type", "application/offset+octet-stream", "Upload-Length", fmt.Sprint(len(content)),
		"Upload-Metadata", "filename " + said(name) + ",queue " + said("interactive"),
	}, headers...)...)
}

type told struct {
	ID, Visit, Name, State, Failure, Message, Copy string
	Ranking                                        int
	Files                                          []string
}

// one asks for an answer of a status that tells of a recording.
func (d *door) one(status int, method, path, body string, headers ...string) told {
	d.t.Helper()
	a := d.ask(method, path, strings.NewReader(body), headers...)
	var x told
	if err := json.Unmarshal([]byte(a.body), &x); err != nil || a.status != status {
		d.t.Fatalf("%s %s: %d, %s", method, path, a.status, a.body)
	}
	return x
}

func TestAFilmComesInAndResultsGoOut(t *testing.T) {
	d := open(t)
	ctx := context.Background()
	x := d.film("Jeu du matin.mp4", "a film")
	if x.Name != "Jeu du matin.mp4" || x.State != "working" {
		t.Errorf("told %+v", x)
	}
	if again := d.film("other.mp4", "a film"); again.ID != x.ID {
		t.Errorf("the same film is another recording: %+v", again)
	}
	list, err := d.store.Claim(ctx, 9)
	if err != nil || len(list) != 1 || list[0].Queue != store.Interactive {
		t.Fatalf("claimed %+v, %v", list, err)
	}
	sum, _, err := d.media.Put(ctx, strings.NewReader(`{"moments":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, err := d.store.Accept(ctx, list[0].ID, store.Outcome{Files: map[string]blob.Sum{"moments.json": sum}}); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if got := d.one(200, "GET", "/api/recordings/"+x.ID, ""); got.State != "done" || fmt.Sprint(got.Files) != "[moments.json]" {
		t.Errorf("told %+v", got)
	}
	a := d.ask("GET", "/api/recordings/"+x.ID+"/files/moments.json", nil)
	if a.body != `{"moments":[]}` || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", a)
	}
	a = d.ask("GET", "/api/recordings/"+x.ID+"/files/moments.json", nil, "Range", "bytes=2-8")
	if a.status != http.StatusPartialContent || a.body != "moments" {
		t.Errorf("%v", a)
	}
	if a := d.ask("DELETE", "/api/recordings/"+x.ID, nil); a.status != http.StatusNoContent {
		t.Errorf("delete: %d", a.status)
	}
	if a := d.ask("GET", "/api/recordings/"+x.ID, nil); a.status != http.StatusNotFound {
		t.Errorf("after that: %d", a.status)
	}
}

func TestFailuresAreToldInTheCallersLanguage(t *testing.T) {
	d := open(t)
	x := d.film("notes.mp4", "notes")
	list, err := d.store.Claim(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.store.Fail(context.Background(), list[0].ID, "not_media"); err != nil {
		t.Fatal(err)
	}
	fr := d.one(200, "GET", "/api/recordings/"+x.ID, "")
	en := d.one(200, "GET", "/api/recordings/"+x.ID, "", "Accept-Language", "de, en-GB;q=0.8")
	if fr.Failure != "not_media" || fr.Message == en.Message || !strings.Contains(en.Message, "notes.mp4") {
		t.Errorf("%q and %q", fr.Message, en.Message)
	}
	if a := d.ask("POST", "/api/recordings/"+x.ID+"/retry", nil); a.status != http.StatusNoContent {
		t.Errorf("retry: %d", a.status)
	}
	if a := d.ask("POST", "/api/recordings/"+x.ID+"/cancel", nil); a.status != http.StatusNoContent {
		t.Errorf("cancel: %d", a.status)
	}
	if got := d.one(200, "GET", "/api/recordings/"+x.ID, ""); got.State != "cancelled" {
		t.Errorf("told %+v", got)
	}
}

func TestWhoMayNotIsRefused(t *testing.T) {
	d := open(t)
	x := d.film("a.mp4", "a film")
	for _, c := range []struct {
		method, path string
		status       int
		headers      []string
	}{
		{"GET", "/api/recordings", 401, []string{"Authorization", ""}},
		{"GET", "/api/recordings", 401, []string{"Authorization", "Bearer wrong"}},
		{"DELETE", "/api/recordings/" + x.ID, 401, []string{"Authorization", "Bearer " + token + "x"}},
		{"GET", "/", 401, []string{"Authorization", ""}},
		{"GET", "/api/backup", 401, []string{"Authorization", ""}},
		{"GET", "/api/check", 401, []string{"Authorization", ""}},
		{"GET", "/favicon.ico", 404, nil},
		{"GET", "/api/recordings/nobody", 404, nil},
		{"GET", "/api/recordings/nobody/events", 404, nil},
		{"GET", "/api/recordings/" + x.ID + "/files/..%2f..%2fdyade.db", 404, nil},
		{"GET", "/api/recordings/" + x.ID + "/files/moments.json", 404, nil},
		{"DELETE", "/api/recordings/nobody", 404, nil},
		{"POST", "/api/recordings/nobody/cancel", 404, nil},
		{"POST", "/api/recordings/nobody/retry", 404, nil},
		{"PUT", "/api/recordings", 405, nil},
		{"POST", "/api/recordings", 405, nil},
		{"GET", "/api/uploads/", 405, nil},
		{"POST", "/api/uploads/", 412, nil},
		{"POST", "/healthz", 405, nil},
		{"GET", "/metrics", 401, []string{"Authorization", ""}},
		{"GET", "/api/openapi.yaml", 401, []string{"Authorization", ""}},
	} {
		if a := d.ask(c.method, c.path, nil, c.headers...); a.status != c.status {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.status, a.body)
		}
	}
	if got := d.film("../../etc/passwd", "another film"); got.Name != "passwd" {
		t.Errorf("told %+v", got)
	}
}

// TestADeleteIsDoneWhole though its caller has gone: it could not be asked for again.
func TestADeleteIsDoneWhole(t *testing.T) {
	stage := &stage{}
	d := open(t, func(o *web.Options) { o.Engine, o.Shown = heeding{o.Engine.(engine)}, stage })
	x := d.film("a.mp4", "a film")
	ctx, leave := context.WithCancel(t.Context())
	leave()
	r := httptest.NewRequestWithContext(ctx, http.MethodDelete, "http://localhost/api/recordings/"+x.ID, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	d.server.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusNoContent || fmt.Sprint(stage.forgot) != fmt.Sprint([]blob.Sum{blob.Of([]byte("a film"))}) {
		t.Errorf("%d %s, and forgot %v", w.Code, w.Body, stage.forgot)
	}
	if a := d.ask("GET", "/api/recordings/"+x.ID, nil); a.status != http.StatusNotFound {
		t.Errorf("after that: %d", a.status)
	}
}

// heeding is an engine that does nothing for who has gone.
type heeding struct{ engine }

func (h heeding) Delete(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return h.engine.Delete(ctx, id)
}
