package web_test

import (
	"bufio"
	"bytes"
	"context"
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

	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/annotate/web"
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

const token = "a token that nobody guesses"

type door struct {
	t     *testing.T
	url   string
	store *store.Store
	media *blob.Folder
	aside string
}

func open(t *testing.T, change ...func(*web.Server)) *door {
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
	s := &web.Server{Store: st, Media: media, Engine: engine{st}, Token: token, Aside: filepath.Join(dir, "aside"), Log: slog.New(slog.DiscardHandler)}
	for _, c := range change {
		c(s)
	}
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		srv.Close()
		if err := errors.Join(st.Check(context.Background()), st.Close()); err != nil {
			t.Error(err)
		}
	})
	return &door{t, srv.URL, st, media, s.Aside}
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
	return reply{status, header, doc}
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

type told struct {
	ID, Name, State, Failure, Message string
	Files                             []string
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
	x := d.one(201, "POST", "/api/recordings?name=Jeu+du+matin.mp4&queue=interactive", "a film")
	if x.Name != "Jeu du matin.mp4" || x.State != "working" {
		t.Errorf("told %+v", x)
	}
	if again := d.one(201, "POST", "/api/recordings?name=other.mp4", "a film"); again.ID != x.ID {
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
	x := d.one(201, "POST", "/api/recordings?name=notes.mp4", "notes")
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

func TestEventsFollowTheWork(t *testing.T) {
	d := open(t)
	x := d.one(201, "POST", "/api/recordings?name=a.mp4", "a film")
	r, err := http.NewRequest(http.MethodGet, d.url+"/api/recordings/"+x.ID+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	var states []string
	for lines := bufio.NewScanner(a.Body); lines.Scan(); {
		doc, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var x told
		if err := json.Unmarshal([]byte(doc), &x); err != nil {
			t.Fatal(err)
		}
		if states = append(states, x.State); len(states) == 1 {
			if _, err := d.store.Cancel(context.Background(), x.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	if fmt.Sprint(states) != "[working cancelled]" {
		t.Errorf("told %v", states)
	}
}

func TestWhoMayNotIsRefused(t *testing.T) {
	d := open(t)
	x := d.one(201, "POST", "/api/recordings?name=a.mp4", "a film")
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
		{"POST", "/api/recordings", 400, nil},
		{"POST", "/api/recordings?name=a.mp4&queue=now", 400, nil},
		{"POST", "/api/recordings?name=%00", 400, nil},
		{"POST", "/api/recordings?name=" + strings.Repeat("a", 300), 400, nil},
	} {
		if a := d.ask(c.method, c.path, nil, c.headers...); a.status != c.status {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.status, a.body)
		}
	}
	if got := d.one(201, "POST", "/api/recordings?name=..%2f..%2fetc%2fpasswd", "another film"); got.Name != "passwd" {
		t.Errorf("told %+v", got)
	}
}

// A film that is cut off on its way is no recording.
func TestACutUploadLeavesNothing(t *testing.T) {
	d := open(t)
	r, err := http.NewRequest(http.MethodPost, d.url+"/api/recordings?name=a.mp4", io.MultiReader(bytes.NewReader(make([]byte, 1<<20)), broken{}))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if a, err := http.DefaultClient.Do(r); err == nil {
		a.Body.Close()
		t.Fatalf("answered %s", a.Status)
	}
	all, err := d.store.Recordings(context.Background())
	if err != nil || len(all) != 0 {
		t.Errorf("there are %v, %v", all, err)
	}
	if err := d.media.Each(context.Background(), func(blob.Sum, time.Time) error { return errors.New("a blob is left") }); err != nil {
		t.Error(err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the cable was pulled out") }
