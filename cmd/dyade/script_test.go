package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"dyade/internal/schema"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"dyade": main})
}

// TestScripts runs the command line as a person does: testdata/script/*.txtar.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	share := os.Getenv("DYADE_SHARE")
	if share == "" {
		share = filepath.Join(root, "share", "dyade")
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("DYADE_SHARE", share)
			e.Setenv("SAMPLE", filepath.Join(root, "build", "sample", "seed-1"))
			e.Setenv("ROOT", root)
			e.Setenv("DYADE_HWACCEL", "none") // the same pixels on every machine
			e.Setenv("XDG_CACHE_HOME", filepath.Join(e.WorkDir, "cache"))
			e.Setenv("XDG_DATA_HOME", filepath.Join(e.WorkDir, "data"))
			e.Setenv("LC_ALL", "en_CA.UTF-8")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits, "validates": validates, "validateslines": validatesLines,
			"jsonhas": jsonHas, "jsonsame": jsonSame, "waitfor": waitFor,
		},
	})
}

// wrappers run a command with less, or with something of its own. Root needs no
// user name space for that, and cannot have one inside another root folder.
var wrappers = map[string]struct{ root, others []string }{
	// above no permission of any file
	"unprivileged": {[]string{"setpriv", "--bounding-set=-all", "--inh-caps=-all"}, nil},
	// mounts that only it sees
	"ownmounts": {[]string{"unshare", "-m", "--propagation", "unchanged"}, []string{"unshare", "-rm"}},
}

// exits CODE [WRAPPER] COMMAND…: the command ends with that code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	command := args[1:]
	if w, ok := wrappers[command[0]]; ok {
		prefix := w.others
		if os.Geteuid() == 0 {
			prefix = w.root
		}
		command = append(slices.Clone(prefix), command[1:]...)
	}
	err = ts.Exec(command[0], command[1:]...)
	var code *exec.ExitError
	got := 0
	if errors.As(err, &code) {
		got = code.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s: exit code %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// validates SCHEMA FILE: the JSON file obeys docs/schema/SCHEMA.
func validates(ts *testscript.TestScript, neg bool, args []string) {
	err := schema.Validate(args[0], strings.NewReader(ts.ReadFile(args[1])))
	if neg && err == nil {
		ts.Fatalf("%s obeys %s", args[1], args[0])
	}
	if !neg {
		ts.Check(err)
	}
}

// validateslines SCHEMA FILE: each line of the file obeys docs/schema/SCHEMA.
func validatesLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: validateslines SCHEMA FILE")
	}
	lines := strings.SplitAfter(ts.ReadFile(args[1]), "\n")
	if end := len(lines) - 1; end < 1 || lines[end] != "" {
		ts.Fatalf("%s is not made of lines", args[1])
	}
	for _, line := range lines[:len(lines)-1] {
		ts.Check(schema.Validate(args[0], strings.NewReader(line)))
	}
}

// jsonhas FILE PATH VALUE: the value at the dotted path, as JSON.
func jsonHas(ts *testscript.TestScript, neg bool, args []string) {
	got := jsonAt(ts, args[0], args[1])
	if (got == args[2]) == neg {
		ts.Fatalf("%s is %s, against %s", args[1], got, args[2])
	}
}

// jsonsame PATH FILE FILE: both have the same at the dotted path.
func jsonSame(ts *testscript.TestScript, neg bool, args []string) {
	one, other := jsonAt(ts, args[1], args[0]), jsonAt(ts, args[2], args[0])
	if (one == other) == neg {
		ts.Fatalf("%s is %s, and %s", args[0], one, other)
	}
}

func jsonAt(ts *testscript.TestScript, file, path string) string {
	var doc any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &doc))
	for _, key := range strings.Split(path, ".") {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[key]
		case []any:
			i, err := strconv.Atoi(key)
			ts.Check(err)
			if i >= len(v) {
				ts.Fatalf("%s has %d values, not %d", path, len(v), i+1)
			}
			doc = v[i]
		default:
			doc = nil
		}
	}
	got, err := json.Marshal(doc)
	ts.Check(err)
	return string(got)
}

// waitfor FILE TEXT: until the file holds the text; a minute at most.
func waitFor(ts *testscript.TestScript, _ bool, args []string) {
	deadline := time.After(time.Minute)
	for tick := time.Tick(10 * time.Millisecond); ; {
		if data, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && strings.Contains(string(data), args[1]) {
			return
		}
		select {
		case <-tick:
		case <-deadline:
			ts.Fatalf("%s does not hold %q after a minute", args[0], args[1])
		}
	}
}
