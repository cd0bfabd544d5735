package decode_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
)

// filmed lists the recipes that have pictures.
func filmed() []string {
	var names []string
	for name := range recipes {
		if !strings.HasPrefix(name, "sound.") && !strings.HasPrefix(name, "cover.") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func ticksOf(tb testing.TB, lines []string) []int64 {
	tb.Helper()
	var times []int64
	for _, l := range lines {
		n, err := strconv.ParseInt(l[:strings.IndexByte(l, ' ')], 10, 64)
		if err != nil {
			tb.Fatal(err)
		}
		times = append(times, n)
	}
	return times
}

// checkFilm decodes a film in all ways and holds it against ffprobe and itself.
func checkFilm(t *testing.T, path string) {
	damaged := filepath.Base(path) == "decord_corrupted.mp4" // what is concealed depends on what was decoded before
	s := open(t, path)
	ix := s.Index()
	want := probeTimes(t, path, s.Recording().Video.Stream)
	all, lost := goldenLines(t, s, plan.All(ix), decode.Options{Width: 160}, 1)
	times := ticksOf(t, all)
	for i := range times {
		times[i] += ix.Origin
	}
	if untimed := len(times) - len(want); untimed > 0 && untimed <= 2 && len(want) > 0 && len(lost) <= 1 {
		// Where the container gives no presentation times ffprobe knows none for
		// the last pictures: they follow on at the step before.
		for range untimed {
			want = append(want, 2*want[len(want)-1]-want[len(want)-2])
		}
	}
	if len(want) > 0 && !slices.Equal(times, want) {
		t.Errorf("times\n got %d %v\nwant %d %v", len(times), times, len(want), want)
	}
	if len(times)+len(lost) != len(ix.Shown()) {
		t.Errorf("%d given and %d lost of %d", len(times), len(lost), len(ix.Shown()))
	}
	if len(lost) > 0 {
		t.Logf("%d lost: first at %v", len(lost), lost[0].Seconds())
	}
	again, _ := goldenLines(t, s, plan.All(ix), decode.Options{Width: 160}, 3)
	if !slices.Equal(all, again) {
		t.Error("3 goroutines give other pictures than one")
	}
	for _, gap := range []float64{0.1, 0.34, 1.5} {
		chunks := plan.Sample(ix, gap)
		some, lost := goldenLines(t, s, chunks, decode.Options{Width: 160}, 2)
		if wanted := len(ix.Times(chunks)); len(some)+len(lost) != wanted || len(lost) > len(want)/10 {
			t.Errorf("gap %v: %d given and %d lost of %d wanted", gap, len(some), len(lost), wanted)
		}
		for _, l := range some {
			if !damaged && !slices.Contains(all, l) {
				t.Errorf("gap %v: %s is not among all pictures", gap, l)
				break
			}
		}
	}
}

func TestFilms(t *testing.T) {
	for _, name := range filmed() {
		t.Run(name, func(t *testing.T) {
			checkFilm(t, film(t, name))
		})
	}
}

func TestRealFilms(t *testing.T) {
	dir := os.Getenv("DYADE_FOOTAGE")
	if dir == "" {
		t.Skip("DYADE_FOOTAGE names no folder of real films")
	}
	refused := map[string]bool{"mp4parse_chunk_out_of_range.mp4": true, "mp4parse_zero_empty_stsc.mp4": true}
	paths, err := filepath.Glob(filepath.Join(dir, "[pr]*", "*.*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no films in %s: %v", dir, err)
	}
	for _, path := range paths {
		if name := filepath.Base(path); !refused[name] {
			t.Run(name, func(t *testing.T) { checkFilm(t, path) })
		}
	}
}
