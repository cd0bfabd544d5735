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
			e.Setenv("LC_ALL", "en_CA.UTF-8")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits, "validates": validates, "jsonhas": jsonHas, "waitfor": waitFor,
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

// jsonhas FILE PATH VALUE: the value at the dotted path, as JSON.
func jsonHas(ts *testscript.TestScript, neg bool, args []string) {
	var doc any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &doc))
	for _, key := range strings.Split(args[1], ".") {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[key]
		case []any:
			i, err := strconv.Atoi(key)
			ts.Check(err)
			if i >= len(v) {
				ts.Fatalf("%s has %d values, not %d", args[1], len(v), i+1)
			}
			doc = v[i]
		default:
			doc = nil
		}
	}
	got, err := json.Marshal(doc)
	ts.Check(err)
	if (string(got) == args[2]) == neg {
		ts.Fatalf("%s is %s, against %s", args[1], got, args[2])
	}
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
