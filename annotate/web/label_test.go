package web_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/web"
)

// book is a notebook in memory, in whose way something may be.
type book struct {
	labels annotate.Labels
	kept   int
	way    error
}

func (b *book) Labels() annotate.Labels { return b.labels }
func (b *book) Dir() string             { return "/labels" }
func (b *book) Files() []string         { return []string{"film.facing.csv"} }
func (b *book) Keep(l annotate.Labels) error {
	if b.way == nil {
		b.labels = l
		b.kept++
	}
	return b.way
}

func TestLabelsAreKept(t *testing.T) {
	film := filepath.Join(t.TempDir(), "film.mp4")
	if err := os.WriteFile(film, []byte("pictures"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &book{labels: annotate.Labels{}}
	l, err := web.NewLabels(web.LabelOptions{
		Path: film, Recording: annotate.Recording{Name: "film.mp4", DurationS: 9}, Sum: blob.Sum(strings.Repeat("0", 64)), Notebook: b, By: "Anna",
		Token: token, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(l.Handler())
	t.Cleanup(server.Close)
	ask := func(method, path, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Accept-Language", "fr")
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		doc, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(doc)
	}
	marked := func(doc string) string {
		t.Helper()
		var m struct{ Mark string }
		if err := json.Unmarshal([]byte(doc), &m); err != nil || m.Mark == "" {
			t.Fatalf("%v: %s", err, doc)
		}
		return m.Mark
	}
	_, doc := ask(http.MethodGet, "/api/label", "")
	if !strings.Contains(doc, `"by":"Anna"`) || !strings.Contains(doc, `"files":["film.facing.csv"]`) {
		t.Errorf("it tells %s", doc)
	}
	none := marked(doc)
	put := func(mark, facing string) (int, string) {
		t.Helper()
		return ask(http.MethodPut, "/api/label/labels", `{"mark":"`+mark+`","labels":{"facing":`+facing+`,"closeness":[],"turns":[],"moments":[]}}`)
	}
	const one, other = `[{"start_s":0.1,"end_s":2,"label":"mutual","by":"Anna"}]`, `[{"start_s":0.1,"end_s":2,"label":"none"}]`
	status, doc := put(none, one)
	if status != http.StatusOK || len(b.labels["facing"]) != 1 {
		t.Fatalf("%d %s: %v", status, doc, b.labels)
	}
	first := marked(doc)
	if status, doc := put(none, one); status != http.StatusOK || marked(doc) != first { // the answer was lost, and it is sent again
		t.Errorf("%d %s", status, doc)
	}
	if status, doc := put(none, other); status != http.StatusConflict { // of another page, which knows nothing of it
		t.Errorf("%d %s", status, doc)
	}
	if status, doc := put(first, `[{"start_s":2,"end_s":1,"label":"none"}]`); status != http.StatusBadRequest {
		t.Errorf("%d %s", status, doc)
	}
	b.way = &web.Blocked{Path: "/labels/film.facing.csv"}
	if status, doc := put(first, other); status != http.StatusUnprocessableEntity || !strings.Contains(doc, "un autre programme a changé film.facing.csv") {
		t.Errorf("%d %s", status, doc)
	}
	b.way = errors.New("the disk is away")
	if status, doc := put(first, other); status != http.StatusInternalServerError {
		t.Errorf("%d %s", status, doc)
	}
	if b.labels["facing"][0].Label != "mutual" {
		t.Errorf("%v", b.labels)
	}
	for path, want := range map[string]int{"/api/recordings/film/original": 200, "/api/recordings/other/original": 404, "/api/recordings/film/frames": 404, "/label": 200, "/": 200, "/api/recordings": 404, "/visits/1": 404} {
		if status, doc := ask(http.MethodGet, path, ""); status != want {
			t.Errorf("%s: %d %s", path, status, doc)
		}
	}
}
