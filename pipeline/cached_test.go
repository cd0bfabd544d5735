package pipeline_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dyade/annotate"
	"dyade/pipeline"
	"dyade/pipeline/cache"
	"dyade/pipeline/decode"
	"dyade/pipeline/signal"
)

// outcome is all that an analysis finds, as it is written.
type outcome struct{ document, signals string }

func analysed(t *testing.T, film string, opt pipeline.Options) outcome {
	t.Helper()
	r, err := pipeline.Analyze(context.Background(), film, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	doc, err := r.Document()
	if err != nil {
		t.Fatal(err)
	}
	var table bytes.Buffer
	if err := signal.WriteParquet(&table, r.Table); err != nil {
		t.Fatal(err)
	}
	return outcome{string(doc), table.String()}
}

// scrap is the film of these tests: some seconds of play.
func scrap(t *testing.T) string { return clip(t, "24", "8") }

var (
	aloneOnce sync.Once
	aloneIs   outcome
)

// alone is what one worker finds in scrap without a cache.
func alone(t *testing.T, film string) outcome {
	t.Helper()
	aloneOnce.Do(func() { aloneIs = analysed(t, film, pipeline.Options{Workers: 1}) })
	return aloneIs
}

// same checks an outcome against the one that is right.
func same(t *testing.T, what string, got, want outcome) {
	t.Helper()
	if got.document != want.document {
		t.Errorf("%s: another moments.json", what)
	}
	if got.signals != want.signals {
		t.Errorf("%s: another signals.parquet", what)
	}
}

func kept(t *testing.T, dir string, limit int64) *cache.Cache {
	t.Helper()
	c, err := cache.Open(dir, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// entries lists the finished pieces of work that a cache holds.
func entries(t *testing.T, dir string) map[string]os.FileInfo {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]os.FileInfo{}
	for _, file := range files {
		if list[file], err = os.Stat(file); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// untouched checks that nothing was put since: an entry that is put is another
// file.
func untouched(t *testing.T, what string, before, after map[string]os.FileInfo) {
	t.Helper()
	if len(before) != len(after) {
		t.Errorf("%s: %d entries, then %d", what, len(before), len(after))
	}
	for file, info := range before {
		if again, ok := after[file]; !ok || !os.SameFile(info, again) || !info.ModTime().Equal(again.ModTime()) {
			t.Errorf("%s: %s was done again", what, filepath.Base(file))
		}
	}
}

func TestCacheChangesNothing(t *testing.T) {
	film, dir := scrap(t), t.TempDir()
	want := alone(t, film)
	same(t, "no cache, 3 workers", analysed(t, film, pipeline.Options{Workers: 3}), want)
	c := kept(t, dir, cache.DefaultLimit)

	same(t, "an empty cache", analysed(t, film, pipeline.Options{Workers: 2, Cache: c}), want)
	first := entries(t, dir)
	for _, kind := range []string{"sha256", "heard-", "look-", "sound-", "voices-"} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(first)), func(file string) bool { return strings.HasPrefix(filepath.Base(file), kind) }) {
			t.Errorf("of %d entries none is %s", len(first), kind)
		}
	}

	// All is found: nothing is looked at or listened to again.
	same(t, "a full cache, 1 worker", analysed(t, film, pipeline.Options{Workers: 1, Cache: c}), want)
	same(t, "a full cache, 3 workers", analysed(t, film, pipeline.Options{Workers: 3, Cache: c}), want)
	untouched(t, "a second analysis", first, entries(t, dir))

	damage(t, first)
	same(t, "a damaged cache", analysed(t, film, pipeline.Options{Workers: 2, Cache: c}), want)
	mended := entries(t, dir)
	if len(mended) != len(first) {
		t.Errorf("%d entries, after damage %d", len(first), len(mended))
	}
	same(t, "a mended cache", analysed(t, film, pipeline.Options{Workers: 2, Cache: c}), want)
	untouched(t, "after damage", mended, entries(t, dir))
}

// damage spoils all entries, each in one of several ways. The last is as Put
// would have written it, but says nothing. What says of which file they are stays,
// for else they would be thrown away unread.
func damage(t *testing.T, files map[string]os.FileInfo) {
	t.Helper()
	nonsense := []byte("neither looks nor voices")
	sum := sha256.Sum256(nonsense)
	for n, file := range slices.Sorted(maps.Keys(files)) {
		if filepath.Base(file) == "file" {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		switch ways := 4; {
		case n%ways == 0:
			data[len(data)-1] ^= 1
		case n%ways == 1:
			data = data[:len(data)/2]
		case n%ways == 2 || filepath.Base(file) == "sha256":
			data = nil
		default:
			data = slices.Concat([]byte("dyade.cache/1\n"), sum[:], nonsense)
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCacheThatTakesNothing: no room, or a file in a folder's place.
func TestCacheThatTakesNothing(t *testing.T) {
	film, dir := scrap(t), t.TempDir()
	want := alone(t, film)
	same(t, "no room", analysed(t, film, pipeline.Options{Workers: 2, Cache: kept(t, dir, 1000)}), want)
	files := slices.Sorted(maps.Keys(entries(t, dir)))
	if len(files) != 2 || filepath.Base(files[0]) != "file" || filepath.Base(files[1]) != "sha256" { // 110 bytes each
		t.Fatalf("kept %v", files)
	}

	shelf := filepath.Dir(files[0])
	if err := os.RemoveAll(shelf); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(shelf, nil, 0o400); err != nil {
		t.Fatal(err)
	}
	same(t, "no folder", analysed(t, film, pipeline.Options{Workers: 2, Cache: kept(t, dir, cache.DefaultLimit)}), want)
	if now := entries(t, dir); len(now) < 5 {
		t.Errorf("a file in the folder's place was not replaced: kept %v", now)
	}
}

// TestCacheOfAnotherFilm: a film that differs from a known one where the glimpse
// does not look is told from it, and analysed for what it is. Nothing that was
// found in one stays beside what is found in the other.
func TestCacheOfAnotherFilm(t *testing.T) {
	film := scrap(t)
	changed := otherwise(t, film)
	want, wantChanged := alone(t, film), analysed(t, changed, pipeline.Options{Workers: 2})
	if want.document == wantChanged.document || want.signals == wantChanged.signals {
		t.Fatal("the films do not differ")
	}
	for name, c := range map[string]struct {
		forget []string // entries that are gone when the other film comes
		inside bool     // it takes the film's place, and its time of change
	}{
		"known":                    {},
		"killed before it is told": {forget: []string{"sha256"}},
		"in its place":             {forget: []string{"look-"}, inside: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir, at := t.TempDir(), filepath.Join(t.TempDir(), filepath.Base(film))
			moment := time.Now()
			place(t, film, at, moment)
			opt := pipeline.Options{Workers: 2, Cache: kept(t, dir, cache.DefaultLimit)}
			same(t, "the film", analysed(t, at, opt), want)
			before := entries(t, dir)
			forget(t, before, c.forget)
			other := changed
			if c.inside {
				place(t, changed, at, moment)
				other = at
			}
			same(t, "the other", analysed(t, other, opt), wantChanged)
			others := entries(t, dir)
			for file, info := range before {
				if now, ok := others[file]; ok && now.ModTime().Equal(info.ModTime()) {
					t.Errorf("%s of the film stays", filepath.Base(file))
				}
			}
			same(t, "the other again", analysed(t, other, opt), wantChanged)
			untouched(t, "the other again", others, entries(t, dir))
		})
	}
}

// place puts a copy of a film at a path, as if changed at a moment.
func place(t *testing.T, film, at string, moment time.Time) {
	t.Helper()
	data, err := os.ReadFile(film)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(at, moment, moment); err != nil {
		t.Fatal(err)
	}
}

// forget removes the entries whose names begin so.
func forget(t *testing.T, files map[string]os.FileInfo, begins []string) {
	t.Helper()
	for file := range files {
		for _, b := range begins {
			if !strings.HasPrefix(filepath.Base(file), b) {
				continue
			}
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestCacheOfACopy: a film that is copied elsewhere is known by its content.
func TestCacheOfACopy(t *testing.T) {
	film, dir := scrap(t), t.TempDir()
	opt := pipeline.Options{Workers: 2, Cache: kept(t, dir, cache.DefaultLimit)}
	same(t, "the film", analysed(t, film, opt), alone(t, film))
	before := entries(t, dir)
	forget(t, before, []string{"file"}) // which file it is from changes, nothing else
	copied := filepath.Join(t.TempDir(), filepath.Base(film))
	place(t, film, copied, time.Now())
	same(t, "the copy", analysed(t, copied, opt), alone(t, film))
	after := entries(t, dir)
	for _, list := range []map[string]os.FileInfo{before, after} {
		maps.DeleteFunc(list, func(file string, _ os.FileInfo) bool { return filepath.Base(file) == "file" })
	}
	untouched(t, "by the copy", before, after)
}

// otherwise copies a film, with bytes changed in the midst of keys that the
// glimpse of it does not see.
func otherwise(t *testing.T, film string) string {
	t.Helper()
	data, err := os.ReadFile(film)
	if err != nil {
		t.Fatal(err)
	}
	src, err := decode.Open(context.Background(), film)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	glimpse := func(path string) string {
		g, err := pipeline.Glimpse(path, src)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	// The same name: it stands in moments.json.
	changed, before := filepath.Join(t.TempDir(), filepath.Base(film)), glimpse(film)
	hidden := 0
	for _, p := range src.Index().Packets {
		if !p.Key {
			continue
		}
		again := slices.Clone(data)
		for i := range again[p.Pos+int64(p.Size)/2:][:64] {
			again[p.Pos+int64(p.Size)/2+int64(i)] ^= 0x55
		}
		if err := os.WriteFile(changed, again, 0o600); err != nil {
			t.Fatal(err)
		}
		if glimpse(changed) == before {
			data = again
			hidden++
		}
	}
	if err := os.WriteFile(changed, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if hidden < 2 || glimpse(changed) != before {
		t.Fatalf("%d keys changed out of sight", hidden)
	}
	return changed
}

// TestRankings: after each pass the moments found so far are told, at once, and
// last those of the whole analysis.
func TestRankings(t *testing.T) {
	film, dir := scrap(t), t.TempDir()
	var told []annotate.Ranking
	var texts []string
	var done []int // pieces of work
	r, err := pipeline.Analyze(context.Background(), film, pipeline.Options{
		Workers: 2, Cache: kept(t, dir, cache.DefaultLimit),
		Ranked: func(k annotate.Ranking) {
			told, texts, done = append(told, k), append(texts, text(t, k)), append(done, len(entries(t, dir)))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if len(told) < 3 {
		t.Fatalf("%d rankings", len(told))
	}
	for i, k := range told {
		if k.Schema != annotate.RankingSchema || k.Pass != i+1 || k.Final != (i == len(told)-1) {
			t.Errorf("ranking %d is %s, pass %d, final: %v", i+1, k.Schema, k.Pass, k.Final)
		}
		if text(t, k) != texts[i] {
			t.Errorf("ranking %d changed after it was told", i+1)
		}
		if i == 0 {
			continue
		}
		if k.Frames <= told[i-1].Frames || k.LargestGap > told[i-1].LargestGap {
			t.Errorf("ranking %d is of %d pictures, gap %v, after %d, gap %v", i+1, k.Frames, k.LargestGap, told[i-1].Frames, told[i-1].LargestGap)
		}
		if done[i] <= done[i-1] {
			t.Errorf("ranking %d was held back until the next pass was done", i)
		}
	}
	last := told[len(told)-1]
	if !reflect.DeepEqual(last.Moments, r.Analysis.Moments) || last.Frames != r.Analysis.Sampling.Frames || last.LargestGap != r.Analysis.Sampling.LargestGap {
		t.Error("the last ranking is not the analysis'")
	}
	if len(last.Moments) == 0 {
		t.Error("no moments to compare")
	}
}

func text(t *testing.T, k annotate.Ranking) string {
	t.Helper()
	doc, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(doc)
}

// TestRankingOfSound: a film without pictures has one ranking, its last.
func TestRankingOfSound(t *testing.T) {
	film := clip(t, "24", "8", "-vn")
	var told []annotate.Ranking
	r, err := pipeline.Analyze(context.Background(), film, pipeline.Options{
		Cache: kept(t, t.TempDir(), cache.DefaultLimit), Ranked: func(k annotate.Ranking) { told = append(told, k) },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if len(told) != 1 || !told[0].Final || told[0].Pass != 1 || !reflect.DeepEqual(told[0].Moments, r.Analysis.Moments) {
		t.Errorf("told %+v", told)
	}
}

// TestStoppedAnalysisGoesOn: one that is told to stop after its second ranking
// leaves what it has done, and the next does not do it again.
func TestStoppedAnalysisGoesOn(t *testing.T) {
	film, dir := scrap(t), t.TempDir()
	c := kept(t, dir, cache.DefaultLimit)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	_, err := pipeline.Analyze(ctx, film, pipeline.Options{Workers: 2, Cache: c, Ranked: func(k annotate.Ranking) {
		if k.Pass == 2 {
			cancel()
		}
	}})
	if err == nil {
		t.Fatal("it went on")
	}
	before := entries(t, dir)
	same(t, "gone on with", analysed(t, film, pipeline.Options{Workers: 2, Cache: c}), alone(t, film))
	after := entries(t, dir)
	if len(before) == 0 || len(after) <= len(before) {
		t.Errorf("%d entries, then %d", len(before), len(after))
	}
	maps.DeleteFunc(after, func(file string, _ os.FileInfo) bool { return before[file] == nil })
	untouched(t, "gone on with", before, after)
}
