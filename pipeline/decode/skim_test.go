package decode_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"dyade/internal/testenv"
	"dyade/pipeline/decode"
)

// checkSkimming opens a film as ever and with all of it read: what is known of
// it is the same.
func checkSkimming(t *testing.T, path string) {
	t.Helper()
	var opened [2]*decode.Source
	for n, full := range []bool{false, true} {
		s, err := decode.OpenUntried(context.Background(), path, full)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		opened[n] = s
	}
	s, full := opened[0], opened[1]
	if !reflect.DeepEqual(s.Index(), full.Index()) || s.Cut() != full.Cut() || !reflect.DeepEqual(s.Recording(), full.Recording()) {
		t.Errorf("skimmed, it is\n%+v, cut %v\nread in full\n%+v, cut %v", s.Recording(), s.Cut(), full.Recording(), full.Cut())
	}
}

// bigFilms have more in them than what lies about their tables and headers.
func bigFilms(t *testing.T) {
	t.Helper()
	filmBy(t, "big.mkv", "-i @big.mp4 -c copy")
	filmBy(t, "bigfast.mp4", "-i @big.mp4 -c copy -movflags faststart")
	filmBy(t, "bigfrag.mp4", "-i @big.mp4 -c copy -movflags frag_keyframe+empty_moov")
}

func TestSkimmingFindsAll(t *testing.T) {
	names := filmed()
	filmBy(t, "deep.mp4", "-i @bframes.mp4 -c copy -bsf:v h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+"+strings.Repeat("word", 1500))
	filmBy(t, "frag.mkv", "-i @bframes.mp4 -c copy -live 1")
	bigFilms(t)
	for _, name := range append(names, "deep.mp4", "frag.mkv", "big.mp4", "big.mkv", "bigfrag.mp4") {
		t.Run(name, func(t *testing.T) { checkSkimming(t, film(t, name)) })
	}
}

func TestSkimmingFindsCuts(t *testing.T) {
	bigFilms(t)
	for _, name := range []string{"frag.mp4", "big.mkv", "bigfast.mp4", "bigfrag.mp4"} {
		t.Run(name, func(t *testing.T) {
			whole, err := os.ReadFile(film(t, name))
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), name)
			for n := range 5 {
				if err := os.WriteFile(path, whole[:len(whole)/2+n*997], 0o600); err != nil {
					t.Fatal(err)
				}
				checkSkimming(t, path)
				if !open(t, path).Cut() && name != "frag.mp4" && name != "bigfrag.mp4" {
					t.Error("the cut is not told")
				}
			}
		})
	}
}

func TestSkimmingFindsAllOfRealFilms(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(testenv.Footage(t), "[pr]*", "*.*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no films: %v", err)
	}
	for _, path := range paths {
		if filepath.Base(path) != "mp4parse_chunk_out_of_range.mp4" { // refused
			t.Run(filepath.Base(path), func(t *testing.T) { checkSkimming(t, path) })
		}
	}
}

// TestSkimmingReadsLittle counts the bytes that this process has the system read
// for a film of 20 MB.
func TestSkimmingReadsLittle(t *testing.T) {
	bigFilms(t)
	for _, name := range []string{"big.mp4", "big.mkv", "bigfrag.mp4"} {
		path := film(t, name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		before := bytesRead(t)
		open(t, path)
		if n := bytesRead(t) - before; n*4 > info.Size() {
			t.Errorf("%s: %d of %d bytes read", name, n, info.Size())
		}
	}
}

func bytesRead(t *testing.T) int64 {
	t.Helper()
	b, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Fatal(err)
	}
	var n int64
	if _, err := fmt.Sscanf(string(b), "rchar: %d", &n); err != nil {
		t.Fatal(err)
	}
	return n
}
