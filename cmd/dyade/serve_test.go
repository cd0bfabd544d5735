package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"dyade/annotate/store"
	"dyade/annotate/web/client"
	"dyade/internal/testenv"
)

// served is a `dyade serve` under test.
type served struct {
	t      *testing.T
	data   string
	cmd    *exec.Cmd
	url    string
	client *http.Client
	log    record // of what it writes once it is ready
}

// record is what a process has written so far.
type record struct {
	mu  sync.Mutex
	doc bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.doc.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.doc.String()
}

func (r *record) holds(what string) bool { return strings.Contains(r.String(), what) }

var readyLine = regexp.MustCompile(`https?://[0-9.:]+`)

func startServe(t *testing.T, data string, more ...string) *served {
	t.Helper()
	if err := testenv.UseShare(); err != nil {
		t.Fatal(err)
	}
	s := &served{t: t, data: data}
	args := []string{"serve", "--data", data, "--listen", "127.0.0.1:0", "--workers", "2", "--lang", "en"}
	s.cmd = exec.Command("dyade", append(args, more...)...)
	out, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.cmd.Process.Kill(); _ = s.cmd.Wait() })
	lines := bufio.NewScanner(out)
	for s.url == "" && lines.Scan() {
		s.url = readyLine.FindString(lines.Text())
		_, _ = fmt.Fprintln(&s.log, lines.Text())
	}
	if s.url == "" {
		t.Fatalf("it is not ready:\n%s", &s.log)
	}
	go func() { // it must not wait for a reader
		for lines.Scan() {
			_, _ = fmt.Fprintln(&s.log, lines.Text())
		}
	}()
	s.client = believing(t, data, s.url)
	return s
}

// believing is a client that knows a server by the certificate in its folder.
func believing(t *testing.T, data, url string) *http.Client {
	t.Helper()
	if !strings.HasPrefix(url, "https:") {
		return http.DefaultClient
	}
	doc, err := os.ReadFile(filepath.Join(data, client.CertificateFile))
	if err != nil {
		t.Fatal(err)
	}
	known := x509.NewCertPool()
	if !known.AppendCertsFromPEM(doc) {
		t.Fatalf("this is no certificate: %s", doc)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: known, MinVersion: tls.VersionTLS12}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// ask gives the status and the body of an answer.
func (s *served) ask(method, path string, body io.Reader) (int, []byte) {
	s.t.Helper()
	token, err := os.ReadFile(filepath.Join(s.data, "token"))
	if err != nil {
		s.t.Fatal(err)
	}
	r, err := http.NewRequest(method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	a, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	doc, err := io.ReadAll(a.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.StatusCode, doc
}

const long = 3 * time.Minute

type toldOf struct {
	ID, State, Message string
	StepsDone          int `json:"steps_done"`
}

func (s *served) recording(id string) (x toldOf) {
	s.t.Helper()
	if status, doc := s.ask("GET", "/api/recordings/"+id, nil); status != http.StatusOK || json.Unmarshal(doc, &x) != nil {
		s.t.Fatalf("%d %s", status, doc)
	}
	return x
}

func (s *served) until(what string, most time.Duration, condition func() bool) {
	s.t.Helper()
	over := time.After(most)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-over:
			s.t.Fatalf("%s: not within %v", what, most)
		case <-tick.C:
		}
	}
}

// alive lists the processes that name the data folder.
func (s *served) alive() (list []string) {
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range files {
		doc, err := os.ReadFile(f)
		if err == nil && bytes.Contains(doc, []byte(s.data)) {
			list = append(list, string(bytes.ReplaceAll(doc, []byte{0}, []byte(" "))))
		}
	}
	return list
}

// cutFilm makes a film of 20 s.
func cutFilm(t *testing.T, dir string) string {
	t.Helper()
	film := filepath.Join(dir, "clip.mp4")
	cut := exec.Command("ffmpeg", "-v", "error", "-ss", "8", "-t", "20", "-i",
		filepath.Join(testenv.Sample(t, 1), "sample.mp4"), "-c", "copy", film)
	if msg, err := cut.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	return film
}

// submit sends a film and gives its recording's id.
func (s *served) submit(film string) string {
	s.t.Helper()
	return s.send("clip.mp4", film)
}

func (s *served) send(name, film string) string {
	s.t.Helper()
	return s.queue(store.Default, name, film)
}

// queue submits a film to a queue.
func (s *served) queue(to store.Queue, name, film string) string {
	s.t.Helper()
	f, err := os.Open(film)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	door, err := client.Of(s.data)
	if err != nil {
		s.t.Fatal(err)
	}
	x, err := door.Submit(s.t.Context(), name, to, f)
	if err != nil {
		s.t.Fatal(err)
	}
	return x.ID
}

// doneAsAnalyze waits until a recording is done, and compares what it gives with
// what `dyade analyze` does.
func (s *served) doneAsAnalyze(id, film string) {
	s.t.Helper()
	s.until("recording to be done", long, func() bool {
		x := s.recording(id)
		if x.State == "failed" {
			s.t.Fatal(x.Message)
		}
		return x.State == "done"
	})
	_, got := s.ask("GET", "/api/recordings/"+id+"/files/moments.json", nil)
	alone := exec.Command("dyade", "analyze", film, "--json", "--no-cache", "--quiet")
	alone.Env = append(os.Environ(), "DYADE_HWACCEL=none")
	want, err := alone.Output()
	if err != nil {
		s.t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		s.t.Errorf("it gives %d bytes, analyze %d", len(got), len(want))
	}
}

// remove deletes a recording.
func (s *served) remove(id string) {
	s.t.Helper()
	if status, answer := s.ask("DELETE", "/api/recordings/"+id, nil); status != http.StatusNoContent {
		s.t.Errorf("delete: %d %s", status, answer)
	}
}

// TestServeGoesOnAfterAKill submits a film, kills the server in the midst of the
// work, starts it again, and gets what `dyade analyze` gives.
func TestServeGoesOnAfterAKill(t *testing.T) {
	film := cutFilm(t, t.TempDir())
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	id := s.submit(film)
	s.until("some steps to be done", long, func() bool { return s.recording(id).StepsDone > 3 })
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	s.until("workers and redis to end with it", long, func() bool { return len(s.alive()) == 0 })

	s = startServe(t, s.data)
	s.doneAsAnalyze(id, film)
	s.remove(id)
	s.stop()
}

// stop asks the server to end, which takes 10 s at most and leaves nothing running.
func (s *served) stop() {
	s.t.Helper()
	begun := time.Now()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("it ended with %v", err)
	}
	s.t.Logf("it stopped after %v", time.Since(begun).Round(time.Millisecond))
	if left := s.alive(); len(left) > 0 {
		s.t.Errorf("left running: %v", left)
	}
}

func TestOneServerForAFolder(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	second := exec.Command("dyade", "serve", "--data", s.data, "--listen", "127.0.0.1:0", "--lang", "en")
	msg, err := second.CombinedOutput()
	if err == nil || !strings.Contains(string(msg), "another dyade serve") {
		t.Errorf("%v: %s", err, msg)
	}
	s.stop()
	for _, name := range []string{"", "token", "dyade.db", "media"} {
		info, err := os.Stat(filepath.Join(s.data, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", fmt.Sprintf("data/%s", name), info.Mode())
		}
	}
}
