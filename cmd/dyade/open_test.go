package main

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
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
		said, shown, err := openAs(t, data)
		if err == nil || shown != "" || !strings.Contains(said, "nobody serves "+data) {
			t.Errorf("%v: %s; the browser was to show %q", err, said, shown)
		}
	}
}
