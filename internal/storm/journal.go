package storm

import (
	"bufio"
	"encoding/json"
	"io"
	"strings"
	"sync"
	"time"
)

// entry is a line of the log of the server and its workers.
type entry struct {
	Time      time.Time
	Level     string
	Msg       string
	Attempt   string
	Recording string
	Step      string
	Crashed   string
	Error     string
	Why       string
}

// journal is what the log has said.
type journal struct {
	mu      sync.Mutex
	entries []entry
	lines   []string // as they came, the latest
}

// mostLines is how much of the log is kept for who wants to know why.
const mostLines = 60

// read takes lines in until there are none.
func (j *journal) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e entry
		known := json.Unmarshal(lines.Bytes(), &e) == nil
		j.mu.Lock()
		if known {
			j.entries = append(j.entries, e)
		}
		if j.lines = append(j.lines, lines.Text()); len(j.lines) > mostLines {
			j.lines = j.lines[1:]
		}
		j.mu.Unlock()
	}
}

// any tells whether an entry since a time is such a one.
func (j *journal) any(from time.Time, such func(entry) bool) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.entries {
		if !e.Time.Before(from) && such(e) {
			return true
		}
	}
	return false
}

// count counts such entries by a name.
func (j *journal) count(such func(entry) (name string, counts bool)) map[string]int {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := map[string]int{}
	for _, e := range j.entries {
		if name, ok := such(e); ok {
			all[name]++
		}
	}
	return all
}

// ended tells whether one of some attempts ended without a result.
func ended(attempts []string) func(entry) bool {
	of := map[string]bool{}
	for _, a := range attempts {
		of[a] = true
	}
	return func(e entry) bool {
		return of[e.Attempt] && (e.Msg == "attempt lost" || e.Msg == "step handed back" || e.Msg == "attempt failed")
	}
}

// says tells whether an entry's error has some words in it.
func says(words ...string) func(entry) bool {
	return func(e entry) bool {
		for _, w := range words {
			if strings.Contains(e.Error, w) || strings.Contains(e.Why, w) {
				return true
			}
		}
		return false
	}
}
