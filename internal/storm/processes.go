package storm

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// processes lists those that have to do with a folder: it is in what started them,
// or in their environment.
func processes(folder string) (pids []int) {
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil
	}
	for _, dir := range dirs {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil || pid == os.Getpid() {
			continue
		}
		for _, name := range []string{"cmdline", "environ"} {
			doc, err := os.ReadFile(filepath.Join(dir, name))
			if err == nil && bytes.Contains(doc, []byte(folder)) {
				pids = append(pids, pid)
				break
			}
		}
	}
	return pids
}

// children of a process.
func children(pid int) (pids []int) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	if err != nil {
		return nil
	}
	for _, f := range files {
		doc, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		for _, word := range strings.Fields(string(doc)) {
			if n, err := strconv.Atoi(word); err == nil {
				pids = append(pids, n)
			}
		}
	}
	return pids
}

// named gives the child of a process whose program has a name.
func named(parent int, program string) int {
	for _, pid := range children(parent) {
		doc, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
		if err == nil && strings.TrimSpace(string(doc)) == program {
			return pid
		}
	}
	return 0
}
