package cache_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"dyade/pipeline/cache"
)

// Other processes are this test program, told by the environment which cache to
// use and how.
const (
	dirVariable = "DYADE_CACHE_TEST_DIR"
	limit       = 300_000
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(dirVariable); dir != "" {
		if err := use(dir, os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// contents are what one name may hold: which of them depends on who came last.
func contents(name, who string) []byte {
	return bytes.Repeat([]byte(name+" "+who+"\n"), 300)
}

// use puts and gets as an analysis does, from several goroutines; "forever" says
// when it has begun and does not end.
func use(dir, who string) error {
	c, err := cache.Open(dir, limit)
	if err != nil {
		return err
	}
	defer c.Close()
	var group sync.WaitGroup
	errs := make(chan error, 3)
	for _, key := range []string{"shared", "shared", who} {
		group.Go(func() {
			for round := 0; ; round++ {
				if err := putAndGet(c, key, who); err != nil {
					errs <- err
					return
				}
				if who != "forever" && round == 5 {
					return
				}
				if round == 1 {
					fmt.Println("begun")
				}
			}
		})
	}
	group.Wait()
	close(errs)
	return <-errs
}

func putAndGet(c *cache.Cache, key, who string) error {
	s := c.Shelf(key)
	defer s.Close()
	for n := range 20 {
		name := fmt.Sprint("chunk-", n)
		err := s.Put(name, contents(name, who))
		if err != nil && !errors.Is(err, cache.ErrFull) && !errors.Is(err, fs.ErrNotExist) {
			return err // others may take the room, or the folder
		}
		if err := readable(s, name); err != nil {
			return err
		}
	}
	return nil
}

// readable: an entry is whole, whoever put it, or absent.
func readable(s *cache.Shelf, name string) error {
	data, ok := s.Get(name)
	if !ok {
		return nil
	}
	first, _, _ := strings.Cut(string(data), "\n")
	who, ok := strings.CutPrefix(first, name+" ")
	if !ok || !bytes.Equal(data, contents(name, who)) {
		return fmt.Errorf("%s holds %d bytes that begin with %q", name, len(data), first)
	}
	return nil
}

func process(t *testing.T, dir, who string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], who)
	cmd.Env = append(os.Environ(), dirVariable+"="+dir)
	return cmd
}

// TestProcessesTogether: four processes use one cache that is too small for
// them, and one empties it now and then.
func TestProcessesTogether(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	for n := range 4 {
		cmd := process(t, dir, fmt.Sprint("process-", n))
		group.Go(func() {
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	for range 5 {
		if _, err := cache.Clear(dir); err != nil {
			t.Error(err)
		}
	}
	group.Wait()
	checkWhole(t, dir)
	if size, err := cache.Size(dir); err != nil || size == 0 || size > limit+3*limit/16 {
		t.Errorf("%d bytes, %v", size, err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*", ".*")); len(left) != 0 || err != nil {
		t.Errorf("left aside: %v, %v", left, err)
	}
}

// TestKilled kills processes in the midst of putting.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	for range 5 {
		cmd := process(t, dir, "forever")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
			t.Error(line, err)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Error("it ended by itself")
		}
		checkWhole(t, dir)
	}
}

func checkWhole(t *testing.T, dir string) {
	t.Helper()
	c := open(t, dir, limit)
	found := 0
	for _, key := range []string{"shared", "forever", "process-0", "process-1", "process-2", "process-3"} {
		s := c.Shelf(key)
		for n := range 20 {
			name := fmt.Sprint("chunk-", n)
			if err := readable(s, name); err != nil {
				t.Error(err)
			}
			if _, ok := s.Get(name); ok {
				found++
			}
		}
	}
	if found == 0 {
		t.Error("nothing was kept")
	}
}
