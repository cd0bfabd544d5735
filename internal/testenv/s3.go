package testenv

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"dyade/internal/process"
)

// S3 is a store that speaks Amazon's S3, of a test's own, with one bucket in a folder.
type S3 struct {
	Endpoint, Key, Secret, Bucket string
	Dir                           string // of the bucket

	t    testing.TB
	root string
	port string
	cmd  *exec.Cmd
	gone <-chan struct{}
}

// StartS3 starts one that ends with the test.
func StartS3(t testing.TB) *S3 {
	t.Helper()
	s := &S3{t: t, root: t.TempDir(), Key: "a-key", Secret: "a-secret-that-nobody-guesses", Bucket: "media"}
	s.Dir = filepath.Join(s.root, "buckets", s.Bucket)
	for _, dir := range []string{s.Dir, filepath.Join(s.root, "sidecar"), filepath.Join(s.root, "versions")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = free.Addr().String()
	s.Endpoint = "http://" + s.port
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	s.Start()
	return s
}

// Start starts it again where it was killed.
func (s *S3) Start() {
	s.t.Helper()
	program := there(s.t, "make bin/versitygw", "bin", "versitygw")
	// Its metadata lie beside the files: not every file system has attributes for them.
	s.cmd = exec.Command(program, "--port", s.port, "--health", "/health", "--quiet",
		"posix", "--sidecar", filepath.Join(s.root, "sidecar"), "--versioning-dir", filepath.Join(s.root, "versions"), filepath.Join(s.root, "buckets"))
	s.cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+s.Key, "ROOT_SECRET_KEY="+s.Secret)
	log, err := os.Create(filepath.Join(s.root, "log"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if s.gone, err = process.Start(s.cmd, syscall.SIGKILL); err != nil {
		s.t.Fatalf("start %s: %v", program, err)
	}
	over := time.After(time.Minute)
	for tick := time.Tick(10 * time.Millisecond); ; {
		if a, err := http.Get(s.Endpoint + "/health"); err == nil {
			a.Body.Close()
			return
		}
		select {
		case <-tick:
		case <-s.gone:
			doc, _ := os.ReadFile(log.Name())
			s.t.Fatalf("the S3 server ended:\n%s", doc)
		case <-over:
			s.t.Fatal("the S3 server does not answer")
		}
	}
}

// Kill ends it at once.
func (s *S3) Kill() {
	if s.gone == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	<-s.gone
}
