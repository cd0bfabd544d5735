package eval_test

import (
	"bytes"
	"context"
	"fmt"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"dyade/internal/testenv"
	"dyade/pipeline/eval"
)

// ffmpeg makes a file of the first sample.
func ffmpeg(t *testing.T, args ...string) {
	t.Helper()
	film := filepath.Join(testenv.Sample(t, 1), "sample.mp4")
	cmd := exec.Command(testenv.Program(t, "ffmpeg"), append([]string{"-v", "error", "-i", film}, args...)...)
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// takes is a folder as the measuring set is: a take of five seconds in which both
// look at the camera, with a moment that is not in it, and three stills, of which
// one shows nobody.
func takes(t *testing.T) string {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "five.take.json"), `{"schema": "dyade.take/1", "name": "five", "split": "test", "seed": 1, "tags": ["short"], "identities": ["woman"], "note": ""}`)
	put(t, filepath.Join(dir, "five.moments.csv"), "start_s,end_s,kind\n1,4,approach\n")
	put(t, filepath.Join(dir, "five.closeness.csv"), "start_s,end_s,label,note\n0,5,apart,\n")
	put(t, filepath.Join(dir, "stills-1.take.json"), `{"schema": "dyade.take/1", "name": "stills-1", "split": "test", "seed": 1, "tags": ["stills"], "identities": ["woman"], "note": ""}`)
	put(t, filepath.Join(dir, "stills-1", "stills.heads.csv"), "file,x,y,w,h,yaw,pitch,roll,identity,luma,blur_px,noise,visible\n"+
		// At 0.2 s, as the sample's labels have it, a third as large.
		"a.png,421.1,101,62.1,85.6,-0.4,1.7,0,woman,120,0,0,1\na.png,164.8,140.8,44.9,64,1.7,-0.1,0,man,120,0,0,1\n"+
		"b.png,421.1,101,62.1,85.6,-0.4,1.7,0,woman,120,0,0,1\nb.png,164.8,140.8,44.9,64,1.7,-0.1,0,man,120,0,0,1\n")
	ffmpeg(t, "-t", "5", "-c", "copy", filepath.Join(dir, "five.mp4"))
	for name, filter := range map[string]string{"a.png": "scale=640:360", "b.png": "scale=640:360,eq=brightness=-0.1", "nobody.jpg": "scale=640:360,drawbox=t=fill:c=gray"} {
		ffmpeg(t, "-ss", "0.2", "-frames:v", "1", "-vf", filter, filepath.Join(dir, "stills-1", name))
	}
	return dir
}

func TestTakesAndStillsBecomeAPage(t *testing.T) {
	var told []string
	all := run(t, takes(t), eval.Options{AsShipped: true, Progress: func(done, of int, _ string) {
		told = append(told, fmt.Sprintf("%d/%d", done, of))
	}})
	if strings.Join(told, " ") != "1/2 2/2" {
		t.Errorf("progress %v", told)
	}
	if len(all.Unmatched) > 0 || len(all.Tags) != 2 || all.Tags[1].Tag != "stills" {
		t.Errorf("unmatched %v, tags %+v", all.Unmatched, all.Tags)
	}
	stills, five := all.Recordings[0], all.Recordings[1]
	if m := of(t, five, "approach"); m.Truth != 1 || m.Hits != 0 {
		t.Errorf("%+v", m)
	}
	if m := of(t, five, "close_half"); m.Labelled != 10 || m.Found != 0 {
		t.Errorf("%+v", m)
	}
	for name, most := range map[string]float64{"stills_false": 0, "stills_mirror_median": 6, "stills_yaw_error_median": 8} {
		if v := figure(t, stills, name); v > most {
			t.Errorf("%s is %g, want %g at most", name, v, most)
		}
	}
	if v := figure(t, stills, "stills_recall"); v != 1 {
		t.Errorf("recall %g on stills", v)
	}
	page := filepath.Join(t.TempDir(), "docs", "quality.md")
	stale := filepath.Join(filepath.Dir(page), "images", "quality", "worst-10.jpg")
	put(t, stale, "of an earlier page")
	write := func() []byte {
		if err := eval.WritePage(context.Background(), page, all); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	text := write()
	if !bytes.Equal(text, write()) {
		t.Error("the page is another one the second time")
	}
	if !bytes.Contains(text, []byte("True: approach from 1.0 to 4.0 s; found: not proposed.")) {
		t.Errorf("the page says\n%s", text)
	}
	if _, err := os.Stat(stale); err == nil {
		t.Error("a picture of an earlier page is still there")
	}
	f, err := os.Open(filepath.Join(filepath.Dir(stale), "worst-01.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if size, err := jpeg.DecodeConfig(f); err != nil || size.Width > 320 {
		t.Errorf("a picture of %+v, %v", size, err)
	}
}

func TestFaultsInTakesAreNamedBeforeAnyWork(t *testing.T) {
	dir := takes(t)
	for name, text := range map[string]string{"five.take.json": "{}", "five.moments.csv": "", filepath.Join("stills-1", "stills.heads.csv"): "file\n", "stills-1.take.json": "{"} {
		good, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, name), text)
		_, err = eval.Run(context.Background(), []string{dir}, eval.Options{Progress: func(int, int, string) { t.Error("work was done") }})
		if err == nil || !strings.Contains(err.Error(), filepath.Base(name)) {
			t.Errorf("%s: error %v", name, err)
		}
		put(t, filepath.Join(dir, name), string(good))
	}
	_, err := eval.Run(context.Background(), []string{dir}, eval.Options{Shortcuts: []string{"six"}})
	if err == nil || !strings.Contains(err.Error(), `"six"`) {
		t.Errorf("error %v", err)
	}
	if err := os.Remove(filepath.Join(dir, "stills-1", "a.png")); err != nil {
		t.Fatal(err)
	}
	if _, err := eval.Run(context.Background(), []string{dir}, eval.Options{}); err == nil || !strings.Contains(err.Error(), "a.png") {
		t.Errorf("error %v", err)
	}
}

// Stills that somebody labelled were not made for measuring, and do not put films aside.
func TestStillsCountAsMadeWhereATakeSaysSo(t *testing.T) {
	dir := takes(t)
	if err := os.Remove(filepath.Join(dir, "stills-1.take.json")); err != nil {
		t.Fatal(err)
	}
	for _, r := range run(t, dir, eval.Options{AsShipped: true}).Recordings {
		if want := r.Name == "five"; r.Made != want {
			t.Errorf("%s: made %t", r.Name, r.Made)
		}
	}
}
