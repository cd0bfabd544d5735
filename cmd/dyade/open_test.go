package main

import (
	"cmp"
	"html"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"dyade/internal/testenv"
)

// openAs runs `dyade open` as one whose browser writes down what it is to show.
func openAs(t *testing.T, data string, args ...string) (said, shown string, err error) {
	t.Helper()
	bin := t.TempDir()
	script := "#!/bin/sh\necho \"$1\" >\"$0.shown\"\n"
	for _, name := range []string{"xdg-open", "systemctl"} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("dyade", append([]string{"open", "--data", data, "--lang", "en"}, args...)...)
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	doc, err := cmd.CombinedOutput()
	file, _ := os.ReadFile(filepath.Join(bin, "xdg-open.shown"))
	if _, err := os.Stat(filepath.Join(bin, "systemctl.shown")); err == nil {
		t.Error("it started the user's server for a folder that is not that one's")
	}
	return string(doc), strings.TrimSpace(string(file)), err
}

func TestOpen(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	said, shown, err := openAs(t, s.data, "--print")
	if err != nil || shown != "" {
		t.Fatalf("%v: %s; the browser was to show %q", err, said, shown)
	}
	address := strings.TrimSpace(said)
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK || len(resp.Cookies()) != 1 {
		t.Errorf("%s answers %s with %d cookies", address, resp.Status, len(resp.Cookies()))
	}

	// The browser is told of a file: the list of processes holds no key.
	if said, shown, err = openAs(t, s.data); err != nil || said != "" {
		t.Fatalf("%v: %s", err, said)
	}
	page, err := os.ReadFile(shown)
	if err != nil || !strings.Contains(string(page), address) {
		t.Errorf("%s, which it shows, holds %s, %v", shown, page, err)
	}
	if info, err := os.Stat(shown); err == nil && info.Mode().Perm() != 0o600 {
		t.Errorf("%s has mode %v", shown, info.Mode())
	}
	s.stop()
}

// TestOpenFindsNobody where a killed server has left its address.
func TestOpenFindsNobody(t *testing.T) {
	s := startServe(t, filepath.Join(t.TempDir(), "data"))
	if err := s.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.until("workers and redis to end with it", long, func() bool { return len(s.alive()) == 0 })
	for _, data := range []string{s.data, t.TempDir()} {
		said, shown, err := openAs(t, data, "--print")
		if err == nil || shown != "" || !strings.Contains(said, "nobody serves "+data) {
			t.Errorf("%v: %s; the browser was to show %q", err, said, shown)
		}
	}
}

// TestOpenSaysWhatFails, and ends, before anything is started and after.
func TestOpenSaysWhatFails(t *testing.T) {
	if err := testenv.UseShare(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	empty, large := filepath.Join(dir, "empty.mp4"), filepath.Join(dir, "large.mp4")
	for path, size := range map[string]int64{empty: 0, large: 64 << 20} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
	}
	for film, want := range map[string]string{empty: "is empty", dir: "is a folder", filepath.Join(dir, "none.mp4"): "no file of that name"} {
		data := filepath.Join(t.TempDir(), "data")
		said, shown, err := openAs(t, data, film)
		if err == nil || shown != "" || !strings.Contains(said, want) {
			t.Errorf("%v: %s; the browser was to show %q", err, said, shown)
		}
		if _, err := os.Stat(data); err == nil {
			t.Error("a data folder was made for it")
		}
	}
	// Half of the film finds room.
	cmd := exec.Command("sh", "-c", `ulimit -f 65536; exec dyade open --data "$0" --lang en "$1"`, filepath.Join(t.TempDir(), "data"), large)
	doc, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(doc), "large.mp4") {
		t.Errorf("%v: %s", err, doc)
	}
}

// TestOpenServesItself where nobody does: a film is sent, and its visit's page opened. It
// is at the same address again the next time, by which a browser keeps what is its own.
func TestOpenServesItself(t *testing.T) {
	if err := testenv.UseShare(); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	visit := servesItself(t, data, cutFilm(t, t.TempDir()))
	home := servesItself(t, data)
	if visit.Host != home.Host {
		t.Errorf("the page is at %s, and then at %s", visit.Host, home.Host)
	}
	if !strings.HasPrefix(visit.Query().Get("to"), "/visits/") || home.Query().Get("to") != "" {
		t.Errorf("they lead to %q and %q", visit.Query().Get("to"), home.Query().Get("to"))
	}
}

// servesItself runs `dyade open` until its page answers, and gives the page's address.
func servesItself(t *testing.T, data string, films ...string) *url.URL {
	t.Helper()
	bin := t.TempDir()
	shown := filepath.Join(bin, "shown")
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte("#!/bin/sh\ncp \"$1\" "+shown+".new && mv "+shown+".new "+shown+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("dyade", append([]string{"open", "--data", data, "--lang", "en"}, films...)...)
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &served{t: t, data: data, cmd: cmd, client: http.DefaultClient}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	s.until("the browser to be shown a page", long, func() bool { _, err := os.Stat(shown); return err == nil })
	page, err := os.ReadFile(shown)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`url=([^"]*)"`).FindSubmatch(page)
	if found == nil {
		t.Fatalf("it shows %s", page)
	}
	address, err := url.Parse(html.UnescapeString(string(found[1])))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if to := resp.Header.Get("Refresh"); resp.StatusCode != http.StatusOK || to != "0; url="+cmp.Or(address.Query().Get("to"), "/") {
		t.Errorf("it leads to %q, %s", to, resp.Status)
	}
	s.stop()
	return address
}
