package pipeline_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"dyade/annotate"
	"dyade/internal/i18n"
	"dyade/pipeline"
)

// TestStepsMakeTheSameAnalysis is what lets a queue do the work: steps done by
// several films, in reverse order, give the very files that Analyze writes.
func TestStepsMakeTheSameAnalysis(t *testing.T) {
	ctx := context.Background()
	for name, path := range map[string]string{
		"film":  clip(t, "8", "12"),
		"sound": clip(t, "8", "12", "-vn"),
		"mute":  clip(t, "20", "5", "-an"),
	} {
		t.Run(name, func(t *testing.T) {
			want, got := t.TempDir(), t.TempDir()
			rankings := map[int]string{}
			r, err := pipeline.Analyze(ctx, path, pipeline.Options{Workers: 2, Ranked: func(r annotate.Ranking) { rankings[r.Pass] = ranked(t, &r) }})
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if err := r.Write(ctx, want, i18n.French, pipeline.Options{}); err != nil {
				t.Fatal(err)
			}
			films := []*pipeline.Film{openFilm(t, path, r.Analysis.Recording.SHA256), openFilm(t, path, r.Analysis.Recording.SHA256)}
			results, earlier := map[string][]byte{}, 0
			for wave := 0; ; wave++ {
				err := films[wave%2].Assemble(ctx, filepath.Base(path), func(key string) ([]byte, bool) {
					data, ok := results[key]
					return data, ok
				}, got, i18n.French)
				var missing *pipeline.Missing
				if err == nil {
					break
				}
				if !errors.As(err, &missing) || len(missing.Steps) == 0 {
					t.Fatal(err)
				}
				if r := missing.Ranking; r != nil && ranked(t, r) != rankings[r.Pass] {
					t.Errorf("pass %d of wave %d differs from that of Analyze", r.Pass, wave)
				}
				if missing.First > 0 {
					first := maps.Clone(results)
					for _, s := range missing.Steps[:missing.First] {
						if first[s.Key()], err = films[0].Do(ctx, s); err != nil {
							t.Fatal(err)
						}
					}
					early, err := films[0].Rank(ctx, func(key string) ([]byte, bool) { data, ok := first[key]; return data, ok })
					if err != nil || early.Pass != 1 || ranked(t, early) != rankings[1] {
						t.Errorf("the first ranking: %+v, %v", early, err)
					}
					earlier++
				}
				for i := len(missing.Steps) - 1; i >= 0; i-- {
					s := missing.Steps[i]
					if results[s.Key()] != nil {
						t.Fatalf("step %s is wanted again", s.Key())
					}
					if results[s.Key()], err = films[i%2].Do(ctx, s); err != nil {
						t.Fatal(err)
					}
				}
			}
			sameFiles(t, want, got)
			if (earlier > 0) != (name != "sound") {
				t.Errorf("%d times the first ranking needed less than all", earlier)
			}
			if _, err := films[0].Rank(ctx, func(string) ([]byte, bool) { return nil, false }); !errors.As(err, new(*pipeline.Missing)) {
				t.Errorf("ranking nothing: %v", err)
			}
		})
	}
}

func ranked(t *testing.T, r *annotate.Ranking) string {
	t.Helper()
	doc, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

func openFilm(t *testing.T, path, sum string) *pipeline.Film {
	t.Helper()
	f, err := pipeline.OpenFilm(context.Background(), path, sum)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func sameFiles(t *testing.T, want, got string) {
	t.Helper()
	for _, name := range []string{pipeline.MomentsFile, pipeline.SignalsFile, pipeline.TrackFile, pipeline.ReportFile} {
		a, err := os.ReadFile(filepath.Join(want, name))
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(got, name))
		if err != nil {
			t.Fatal(err)
		}
		if string(a) != string(b) {
			t.Errorf("%s: %d and %d bytes that differ", name, len(a), len(b))
		}
	}
}

func TestAnUnknownStepIsRefused(t *testing.T) {
	f := openFilm(t, clip(t, "8", "2"), "")
	if _, err := f.Do(context.Background(), pipeline.Step{Name: "paint"}); !errors.Is(err, pipeline.ErrNoStep) {
		t.Errorf("got %v", err)
	}
	if _, err := f.Do(context.Background(), pipeline.Step{Name: pipeline.LookStep, Input: []byte("{")}); err == nil {
		t.Error("a step that cannot be read was done")
	}
}

// TestWhoLooksDoesNotWaitForWhoListens: after the pictures that choose the size of
// all others, the sound and the keys are asked for at once, the longest step first.
func TestWhoLooksDoesNotWaitForWhoListens(t *testing.T) {
	f := openFilm(t, clip(t, "8", "12"), "")
	results := map[string][]byte{}
	ask := func() (names []string) {
		err := f.Assemble(context.Background(), "film", func(key string) ([]byte, bool) {
			data, ok := results[key]
			return data, ok
		}, t.TempDir(), i18n.French)
		var missing *pipeline.Missing
		if !errors.As(err, &missing) {
			t.Fatal(err)
		}
		for _, s := range missing.Steps {
			if names = append(names, s.Name); s.Name == pipeline.HearStep {
				continue
			}
			if results[s.Key()], err = f.Do(context.Background(), s); err != nil {
				t.Fatal(err)
			}
		}
		return names
	}
	if first := ask(); slices.Contains(first, pipeline.HearStep) {
		t.Errorf("first: %v", first)
	}
	if second := ask(); second[0] != pipeline.HearStep || len(second) < 3 {
		t.Errorf("second: %v", second)
	}
}
