package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"dyade/annotate/archive"
	"dyade/annotate/blob"
	"dyade/annotate/web"
)

// lost is what a recording needs and the media store no longer has.
func (d *door) lost(name string) (sum blob.Sum) {
	d.t.Helper()
	d.film(name, "lost soon")
	sum = blob.Of([]byte("lost soon"))
	if err := d.media.Remove(context.Background(), sum); err != nil {
		d.t.Fatal(err)
	}
	return sum
}

func TestABackupGoesOut(t *testing.T) {
	d := open(t)
	d.film("a.mp4", "a film")
	a := d.ask("GET", web.BackupPath, nil)
	c, err := archive.Examine(strings.NewReader(a.body))
	if a.status != http.StatusOK || err != nil || c.Recordings != 1 || c.Blobs != 1 || a.header.Get("Content-Type") != "application/x-tar" {
		t.Errorf("%d, %+v, %v", a.status, c, err)
	}
}

// A reader sees that a backup which fails half-way is not whole.
func TestABackupThatFailsIsCut(t *testing.T) {
	d := open(t)
	d.lost("a.mp4")
	r, err := http.NewRequest(http.MethodGet, d.url+web.BackupPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	var got bytes.Buffer
	a, err := http.DefaultClient.Do(r)
	if err == nil {
		defer a.Body.Close()
		_, err = got.ReadFrom(a.Body)
	}
	if err == nil {
		t.Errorf("all is well with %d bytes", got.Len())
	}
	if _, err := archive.Examine(&got); err == nil {
		t.Error("what came is whole")
	}
}

// One that cannot begin is refused.
func TestABackupThatCannotBegin(t *testing.T) {
	d := open(t)
	if err := os.WriteFile(d.aside, nil, 0o600); err != nil { // no folder can be made
		t.Fatal(err)
	}
	if a := d.ask("GET", web.BackupPath, nil); a.status != http.StatusInternalServerError || !strings.Contains(a.body, "the log of the server") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestACheckTellsWhatIsWrong(t *testing.T) {
	d := open(t)
	d.film("a.mp4", "a film")
	if a := d.ask("GET", web.CheckPath, nil); a.body != `{"ok":true,"recordings":1,"blobs":1,"bytes":6,"strays":0,"problems":[]}`+"\n" {
		t.Errorf("%d %s", a.status, a.body)
	}
	sum := d.lost("b.mp4")
	var h web.Soundness
	a := d.ask("GET", web.CheckPath, nil)
	if err := json.Unmarshal([]byte(a.body), &h); err != nil || a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if h.OK || len(h.Problems) != 1 || h.Problems[0].Code != archive.Missing || h.Problems[0].Name != "b.mp4" || h.Problems[0].Sum != sum {
		t.Errorf("%+v", h)
	}
}
