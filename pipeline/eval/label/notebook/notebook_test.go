package notebook_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"dyade/annotate"
	"dyade/annotate/export"
	"dyade/pipeline/eval/label"
	"dyade/pipeline/eval/label/notebook"
)

func open(t *testing.T, dir string) (*notebook.Notebook, error) {
	t.Helper()
	return notebook.Open(dir, export.EAFFilm{Path: "/films/film.mp4", Name: "film.mp4", Type: "video/mp4"})
}

func opened(t *testing.T, dir string) *notebook.Notebook {
	t.Helper()
	n, err := open(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func holds(t *testing.T, dir, name, want string) {
	t.Helper()
	if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v; want %q", name, got, err, want)
	}
}

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestLabelsAreThereAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made")
	n := opened(t, dir)
	want := annotate.Labels{
		"facing": {{StartS: 0.1, EndS: 2, Label: "mutual", By: "Anna", Note: "laughs"}}, "closeness": {{StartS: 0, EndS: 1, Label: "touch"}},
		"turns": {{StartS: 1, EndS: 1.5, Label: "child", By: "Bo"}, {StartS: 1.2, EndS: 2, Label: "parent"}}, "moments": {},
	}
	if err := n.Keep(want); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, "film.facing.csv", "start_s,end_s,label,note,by\n0.1,2.0,mutual,laughs,Anna\n")
	holds(t, dir, "film.rttm", "SPEAKER film 1 1.0 0.5 <NA> <NA> child <NA> <NA>\n;; by Bo\nSPEAKER film 1 1.2 0.8 <NA> <NA> parent <NA> <NA>\n")
	if got := names(t, dir); !slices.Equal(got, []string{"film.closeness.csv", "film.eaf", "film.facing.csv", "film.rttm"}) {
		t.Errorf("it made %q", got)
	}
	again := opened(t, dir)
	if got := again.Labels(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	want["facing"] = nil
	if err := again.Keep(want); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, "film.facing.csv", "start_s,end_s,label,note,by\n")
	// Stopped before it came to the file for ELAN.
	before, _ := os.ReadFile(filepath.Join(dir, "film.eaf"))
	put(t, dir, "film.facing.csv", "start_s,end_s,label,note,by\n0.5,2.0,none,,\n")
	opened(t, dir)
	if after, _ := os.ReadFile(filepath.Join(dir, "film.eaf")); string(after) == string(before) {
		t.Error("the file for ELAN is not of what is labelled")
	}
}

// TestWhatOthersWroteIsContinued, and kept as it was.
func TestWhatOthersWroteIsContinued(t *testing.T) {
	dir := t.TempDir()
	const rttm, csv = "SPKR-INFO film 1 <NA> <NA> <NA> unknown anna <NA>\nSPEAKER film 1 2.5 1.5 <NA> <NA> anna 0.9 <NA>\n", "start_s,end_s,label,note\n0.000,4.340,none,\n"
	put(t, dir, "film.rttm", rttm)
	put(t, dir, "film.facing.csv", csv)
	put(t, dir, "film.facing.csv.before", "another")
	n := opened(t, dir)
	l := annotate.Labels{}
	for name, all := range n.Labels() {
		l[name] = slices.Clone(all)
	}
	if len(l["turns"]) != 1 || l["turns"][0].Label != "anna" {
		t.Fatalf("turns %v", l["turns"])
	}
	if err := n.Keep(l); err != nil { // nothing is changed
		t.Fatal(err)
	}
	holds(t, dir, "film.rttm", rttm)
	l["turns"] = append(l["turns"], annotate.Label{StartS: 5, EndS: 6, Label: "child"})
	l["facing"] = append(l["facing"], annotate.Label{StartS: 5, EndS: 6, Label: "mutual"})
	if err := n.Keep(l); err != nil {
		t.Fatal(err)
	}
	l["facing"] = l["facing"][:1]
	if err := n.Keep(l); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, "film.rttm.before", rttm)
	holds(t, dir, "film.facing.csv.before", "another")
	holds(t, dir, "film.facing.csv.before2", csv)
	holds(t, dir, "film.facing.csv", "start_s,end_s,label,note,by\n0.0,4.34,none,,\n")
	if slices.Contains(names(t, dir), "film.facing.csv.before3") {
		t.Error("it kept its own file aside")
	}
}

func TestSpeakersBetweenTabsAreContinuedThere(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "film.csv", "0\t6.3\tspeakerA\n")
	n := opened(t, dir)
	if err := n.Keep(annotate.Labels{"turns": {{StartS: 0, EndS: 6, Label: "parent", By: "Anna"}}}); err != nil {
		t.Fatal(err)
	}
	holds(t, dir, "film.csv", "0.0\t6.0\tparent\t\tAnna\n")
	if slices.Contains(names(t, dir), "film.rttm") {
		t.Error("speakers are in two files")
	}
}

// TestFilesInTheWayAreLeftAlone, and named.
func TestFilesInTheWayAreLeftAlone(t *testing.T) {
	for _, c := range []struct {
		name, text string
		is         error
	}{
		{"film.facing.csv", "start_s,end_s,label,note\n1,2,smiling,\n", label.ErrSyntax},
		{"film.closeness.csv", "what is this", label.ErrSyntax},
		{"film.rttm", "SPEAKER film\n", label.ErrSyntax},
		{"film.moments.csv", "start_s,end_s,kind\n1,4,approach\n2,3,approach\n", annotate.ErrLabel},
		{"film.eaf", "<ANNOTATION_DOCUMENT/>", notebook.ErrForeign},
	} {
		dir := t.TempDir()
		put(t, dir, c.name, c.text)
		_, err := open(t, dir)
		var fault *notebook.Fault
		if !errors.As(err, &fault) || filepath.Base(fault.Path) != c.name || !errors.Is(err, c.is) {
			t.Errorf("%s: %v", c.name, err)
		}
		holds(t, dir, c.name, c.text)
	}
}

func TestWhatAnotherProgramChangesMeanwhileIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	n := opened(t, dir)
	l := annotate.Labels{"facing": {{StartS: 0, EndS: 1, Label: "none"}}}
	put(t, dir, "film.facing.csv", "mine")
	if err := n.Keep(l); !errors.Is(err, notebook.ErrChanged) {
		t.Errorf("it appeared: %v", err)
	}
	holds(t, dir, "film.facing.csv", "mine")
	if err := os.Remove(filepath.Join(dir, "film.facing.csv")); err != nil {
		t.Fatal(err)
	}
	if err := n.Keep(l); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "film.eaf", "theirs")
	l["facing"] = nil
	if err := n.Keep(l); !errors.Is(err, notebook.ErrChanged) {
		t.Errorf("it changed: %v", err)
	}
	holds(t, dir, "film.eaf", "theirs")
	if err := n.Keep(annotate.Labels{"facing": {{StartS: 0, EndS: 1, Label: "smiles"}}}); !errors.Is(err, annotate.ErrLabel) {
		t.Errorf("what cannot be: %v", err)
	}
}
