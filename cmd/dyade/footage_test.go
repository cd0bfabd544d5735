package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"dyade/internal/testenv"
)

// atMost is the time that one film may take, read or refused.
const atMost = 20 * time.Second

// Real films of odd and broken make: each is analysed, or refused with exit
// code 3 and a sentence, in bounded time and memory.
func TestFootageOfOddMake(t *testing.T) {
	dir := testenv.Footage(t, "robust")
	if err := testenv.UseShare(); err != nil {
		t.Fatal(err)
	}
	films, err := os.ReadDir(dir)
	if err != nil || len(films) == 0 {
		t.Fatalf("%d films, %v", len(films), err)
	}
	for _, film := range films {
		var out, told bytes.Buffer
		start := time.Now()
		code := run([]string{"analyze", filepath.Join(dir, film.Name()), "--out", t.TempDir(), "--lang", "en"}, &out, &told)
		took := time.Since(start)
		t.Logf("%s: exit code %d after %.1f s", film.Name(), code, took.Seconds())
		if took > atMost {
			t.Errorf("%s: took %.1f s, more than %v", film.Name(), took.Seconds(), atMost)
		}
		switch code {
		case exitDone:
			if !bytes.Contains(out.Bytes(), []byte("Report: ")) {
				t.Errorf("%s: no report: %s", film.Name(), out.String())
			}
		case exitUnreadable:
			if !regexp.MustCompile(`Error: .{20,}\.`).Match(told.Bytes()) {
				t.Errorf("%s: refused without a sentence: %s", film.Name(), told.String())
			}
		default:
			t.Errorf("%s: exit code %d: %s", film.Name(), code, told.String())
		}
	}
	if peak := peakMemory(t); peak > 1<<30 {
		t.Errorf("%d bytes resident at the most", peak)
	}
}

// peakMemory is the most that this process ever had resident, in bytes.
func peakMemory(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if m == nil {
		t.Fatal("the system does not tell")
	}
	kb, err := strconv.Atoi(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kb << 10
}
