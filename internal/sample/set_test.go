package sample

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dyade/pipeline/eval/label"
)

func TestSplitsShareNoSeed(t *testing.T) {
	seeds, names := map[string]map[uint64]bool{}, map[string]bool{}
	for _, split := range []string{Tuning, Test} {
		seeds[split] = map[uint64]bool{}
		for _, one := range takesOf(split) {
			seeds[split][one.seed] = true
			if names[one.name] || len(one.tags) == 0 || one.note == "" {
				t.Errorf("%s: its name is another's, or it says nothing of itself", one.name)
			}
			names[one.name] = true
			if (split == Tuning) != (one.seed < 100) || one.seed == 100 {
				t.Errorf("%s has a seed of the other split", one.name)
			}
		}
	}
	for seed := range seeds[Tuning] {
		if seeds[Test][seed] {
			t.Errorf("seed %d is in both", seed)
		}
	}
}

// shortTake is a film of a second and a half with all that a film can have.
func shortTake() take {
	return filmTake("short", 7, "short", []string{"plain"}, func() *Script {
		s := ordinary(7, 0)
		s.Duration = 1.5
		s.guest = visitor(s)
		s.camera = handHeld(1)
		s.lens = lenses{shutter{0.1}, aimed{}, exposure{gain: always(0.9), luma: 2, color: 1}}
		return s
	})
}

func TestATakeIsMadeOnceAndAlike(t *testing.T) {
	from := material(t)
	var sums [2]string
	for i := range sums {
		var said []time.Duration
		s := Set{Split: Tuning, Material: from, Out: t.TempDir(), Made: func(_ string, took time.Duration) { said = append(said, took) }}
		// What a killed run left is in nobody's way.
		if err := os.MkdirAll(filepath.Join(s.Out, ".part-short-7", "old"), 0o755); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := s.one(context.Background(), &wardrobe{material: from}, shortTake()); err != nil {
				t.Fatal(err)
			}
		}
		if len(said) != 2 || said[0] == 0 || said[1] != 0 {
			t.Errorf("made in %v, want once", said)
		}
		sums[i] = sumOf(t, s.Out)
		if i == 0 {
			readBack(t, filepath.Join(s.Out, "short-7"))
		}
	}
	if sums[0] != sums[1] {
		t.Error("two takes of one seed differ")
	}
}

// sumOf is a fingerprint of all files of a folder.
func sumOf(t *testing.T, dir string) string {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		h.Write([]byte(f.Name()))
		h.Write(raw)
	}
	if len(files) != 7 {
		t.Errorf("%d files: %v", len(files), files)
	}
	return string(h.Sum(nil))
}

// readBack reads a take with the readers of an evaluation.
func readBack(t *testing.T, stem string) {
	t.Helper()
	raw := func(ending string) *bytes.Reader {
		b, err := os.ReadFile(stem + ending)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.NewReader(b)
	}
	if people, err := label.People(raw(".people.csv")); err != nil || len(people) != 3*7 {
		t.Errorf("%d rows of people, %v", len(people), err)
	}
	if faces, err := label.Faces(raw(".faces.csv")); err != nil || len(faces) != 15 {
		t.Errorf("%d rows of faces, %v", len(faces), err)
	}
	if _, err := label.RTTM(raw(".rttm")); err != nil {
		t.Error(err)
	}
	if _, err := label.Facings(raw(".facing.csv")); err != nil {
		t.Error(err)
	}
	if _, err := label.Moments(raw(".moments.csv")); err != nil {
		t.Error(err)
	}
	var about takeFile
	if err := json.NewDecoder(raw(".take.json")).Decode(&about); err != nil || about.Schema != TakeSchema || about.Split != Tuning || len(about.Identities) != 3 {
		t.Errorf("%+v, %v", about, err)
	}
}

// A film that is cut short ends in a pause, and lacks none of what it began.
func TestShortFilmsEndInAPause(t *testing.T) {
	for seed := range uint64(4) {
		whole, s := ordinary(seed, 0), ordinary(seed, shortS)
		if s.Duration > shortS || s.Duration < 55 {
			t.Errorf("seed %d: %.1f s", seed, s.Duration)
		}
		for _, e := range whole.Episodes {
			if e.StartS < s.Duration && e.EndS+2 > s.Duration {
				t.Errorf("seed %d: cut at %.1f, amid %+v", seed, s.Duration, e)
			}
		}
	}
}

func TestATakeThatThereIsNot(t *testing.T) {
	for _, s := range []Set{{Split: "all"}, {Split: Test, Only: "plain-1"}} {
		s.Out, s.Material = t.TempDir(), t.TempDir()
		if err := s.Make(context.Background()); !errors.Is(err, ErrNoTake) {
			t.Errorf("%+v: error is %v", s, err)
		}
	}
}

func TestATakeThatFailsLeavesNothing(t *testing.T) {
	s := Set{Split: Test, Only: "plain-101", Out: t.TempDir(), Material: t.TempDir(), Made: func(string, time.Duration) {}}
	if err := s.Make(context.Background()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
	if left, _ := os.ReadDir(s.Out); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestStills(t *testing.T) {
	from := material(t)
	w := &wardrobe{material: from}
	var heads []*head
	for _, m := range models {
		heads = append(heads, newHead(m))
	}
	empty := 0
	for _, p := range planStills(5, stillCount, heads) {
		if len(p.heads) == 0 {
			empty++
		}
		for i, n := range p.heads {
			if size := n.eye * heads[n.model].faceW / stillFine; size < faceLeast-1e-9 || size > faceMost+1e-9 {
				t.Errorf("%s: a face is %.1f pixels wide", p.file, size)
			}
			for j, o := range p.heads {
				if i != j && hiddenBy(n.box, o.box) > 0 {
					t.Errorf("%s: a head hides another", p.file)
				}
			}
		}
	}
	if empty != stillEmpty {
		t.Errorf("%d pictures are empty, want %d", empty, stillEmpty)
	}
	dir := filepath.Join(t.TempDir(), "stills")
	if _, err := makeStills(context.Background(), w, dir, 5, 12); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "stills.heads.csv"))
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*.jpg"))
	rows := strings.Split(strings.TrimSpace(string(raw)), "\n")
	if len(files) != 12 || len(rows) < 13 || !strings.HasPrefix(rows[1], "0000.jpg,0.0,0.0,0.0,0.0,") || !strings.Contains(rows[1], ",none,") {
		t.Errorf("%d files, rows %v", len(files), rows)
	}
}
