package reel_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/internal/testenv"
	"dyade/pipeline/decode"
	"dyade/pipeline/reel"
)

// TestHeadersThatChangeOnTheWay: two streams behind each other, of one size, of which
// the second is coded otherwise: nothing is copied with the wrong header, and the sound
// of each goes with its pictures.
func TestHeadersThatChangeOnTheWay(t *testing.T) {
	one, err := os.ReadFile(films.Film(t, "ts.ts"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(films.By(t, "other.ts", marks+click+x264+"-profile:v baseline -g 30 -c:a aac -shortest"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "both.ts")
	if err := os.WriteFile(path, append(one, other...), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := decode.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	ix := src.Index()
	shown := ix.Shown()
	if len(shown) != 600 {
		t.Fatalf("%d pictures", len(shown))
	}
	for _, span := range [][2]int{{20, 200}, {250, 400}, {320, 500}} {
		out := filepath.Join(t.TempDir(), "reel.mp4")
		told, err := reel.Render(context.Background(), annotate.Reel{Parts: []annotate.Part{{ID: "both", Cut: &annotate.Cut{
			Recording: "both", Start: ix.Time(shown[span[0]]), End: ix.Time(shown[span[1]]),
		}}}}, map[string]string{"both": path}, out, reel.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var want []int
		for n := span[0]; n < span[1]; n++ {
			want = append(want, n%300)
		}
		if got := numbers(t, out); !slices.Equal(got, want) {
			t.Errorf("pictures %v, want %v: %+v", got, want, told.Ranges)
		}
		var clicks []float64 // at whole seconds of each
		for at := math.Ceil(float64(span[0])/30 - 0.02); at*30 < float64(span[1]); at++ {
			if at != 0 && at != 10 {
				clicks = append(clicks, at-float64(span[0])/30)
			}
		}
		if got := onsets(samples(t, out)); !near(got, clicks, 0.012) {
			t.Errorf("clicks at %.3f, want %.3f", got, clicks)
		}
		copied := slices.ContainsFunc(told.Ranges, func(r reel.Range) bool { return r.Made == reel.Copied })
		if copied != (span[1] <= 300) {
			t.Errorf("from %d to %d: %+v", span[0], span[1], told.Ranges)
		}
	}
}

// TestDamagedPicturesAreTold: a film with a hole in it is cut around it, and what is
// missing is written down.
func TestDamagedPicturesAreTold(t *testing.T) {
	s := film(t, "p.mp4")
	whole, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	src, err := decode.Open(context.Background(), s.path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	const from, to = 65, 95 // over the key at 90, so that pictures to 120 cannot be decoded
	for _, p := range src.Index().Packets[from:to] {
		clear(whole[p.Pos : int(p.Pos)+p.Size])
	}
	path := filepath.Join(t.TempDir(), "hole.mp4")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, first := range []int{40, 70} {
		out := filepath.Join(t.TempDir(), "reel.mp4")
		told, err := reel.Render(context.Background(), annotate.Reel{Parts: []annotate.Part{cut("p.mp4", s, first, 200)}}, map[string]string{"p.mp4": path}, out, reel.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(told.Lost) < 25 || len(told.Lost)+told.Film.Frames != 200-first {
			t.Errorf("%d pictures are lost, %d are there", len(told.Lost), told.Film.Frames)
		}
		if want := s.at[200].Seconds() - s.at[first].Seconds(); math.Abs(told.Film.DurationS-want) > 1e-4 {
			t.Errorf("it lasts %.3f s, want %.3f s", told.Film.DurationS, want)
		}
		all := numbers(t, out)
		if n := len(all); !slices.Equal(all[n-75:], s.numbers[125:200]) {
			t.Errorf("pictures %v", all)
		}
		if at := times(t, out); at[0] != 0 {
			t.Errorf("the first picture is shown at %.3f s", at[0])
		}
	}
	_, err = reel.Render(context.Background(), annotate.Reel{Parts: []annotate.Part{cut("p.mp4", s, 0, 40), cut("p.mp4", s, 70, 80)}},
		map[string]string{"p.mp4": path}, filepath.Join(t.TempDir(), "reel.mp4"), reel.Options{})
	var unfit *reel.Unfit
	if !errors.As(err, &unfit) || unfit.Why != reel.Damaged || unfit.Part != 2 {
		t.Errorf("a cut without any picture that can be decoded: %v", err)
	}
}

func isUnreadable(err error, why decode.Reason) bool {
	var u *decode.Unreadable
	return errors.As(err, &u) && u.Reason == why
}

// TestColoursStayWhatTheyAre where films mean the same numbers otherwise.
func TestColoursStayWhatTheyAre(t *testing.T) {
	films.By(t, "hd.mp4", "-f lavfi -i color=0xc04060:s=192x96:r=25:d=1 -vf scale=out_color_matrix=bt709:out_range=tv,format=yuv420p -colorspace bt709 -color_range tv "+x264)
	films.By(t, "sd.mp4", "-f lavfi -i color=0xc04060:s=192x96:r=25:d=1 -vf scale=out_color_matrix=smpte170m:out_range=tv,format=yuv420p -colorspace smpte170m -color_range tv "+x264)
	films.By(t, "full.mp4", "-f lavfi -i color=0xc04060:s=192x96:r=25:d=1 -vf scale=out_color_matrix=bt709:out_range=pc,format=yuv420p -colorspace bt709 -color_range pc "+x264)
	var parts []annotate.Part
	for _, name := range []string{"sd.mp4", "hd.mp4", "full.mp4"} {
		parts = append(parts, annotate.Part{ID: name, Cut: &annotate.Cut{
			Recording: name, Start: timecode.Instant{Base: timecode.Millisecond}, End: timecode.Instant{Ticks: 1000, Base: timecode.Millisecond},
		}})
	}
	out, _ := render(t, annotate.Reel{Parts: parts}, reel.Options{})
	pix, err := exec.Command(testenv.Program(t, "ffmpeg"), "-v", "error", "-i", out, "-an", "-vsync", "passthrough", "-vf", "scale=1:1:in_color_matrix=bt709", "-pix_fmt", "rgb24", "-f", "rawvideo", "-").Output()
	if err != nil || len(pix) != 3*75 {
		t.Fatalf("%d bytes, %v", len(pix), err)
	}
	for _, k := range []int{5, 30, 55} {
		for c, want := range []int{0xc0, 0x40, 0x60} {
			if got := int(pix[3*k+c]); got < want-6 || got > want+6 {
				t.Errorf("picture %d is %v, want c0 40 60", k, pix[3*k:3*k+3])
				break
			}
		}
	}
}

// TestFootage cuts real films of odd make at random, and compares the first and the last
// picture of each cut with those that ffmpeg decodes of the film itself.
func TestFootage(t *testing.T) {
	dir := testenv.Footage(t)
	paths, err := filepath.Glob(filepath.Join(dir, "robust", "*"))
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(filepath.Join(dir, "play", "*"))
	if err != nil {
		t.Fatal(err)
	}
	luck := rand.New(rand.NewPCG(11, 11))
	cuts := 0
	for _, path := range append(paths, more...) {
		src, err := decode.Open(context.Background(), path)
		if isUnreadable(err, decode.BrokenHeader) || isUnreadable(err, decode.ZeroDuration) || isUnreadable(err, decode.AllDamaged) {
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if src.Index() != nil {
			cuts += footage(t, luck, src, path)
		}
		src.Close()
	}
	const least = 160 // most of the films are sound
	if cuts < least {
		t.Errorf("%d cuts were compared, want %d", cuts, least)
	}
}

// small is how pictures are compared.
const small = 32

func thumbs(t *testing.T, path string, stream int) (all [][]byte) {
	t.Helper()
	pix, _ := exec.Command(testenv.Program(t, "ffmpeg"), "-v", "fatal", "-i", path, "-map", fmt.Sprint("0:", stream), "-vsync", "passthrough", "-enc_time_base", "1:90000",
		"-vf", fmt.Sprintf("scale=%d:%d:flags=area", small, small), "-pix_fmt", "gray", "-f", "rawvideo", "-").Output() // what is damaged gives an error at its end
	for ; len(pix) >= small*small; pix = pix[small*small:] {
		all = append(all, pix[:small*small])
	}
	return all
}

func footage(t *testing.T, luck *rand.Rand, src *decode.Source, path string) int {
	name, ix := filepath.Base(path), src.Index()
	shown, want := ix.Shown(), thumbs(t, path, src.Recording().Video.Stream)
	whole := len(want) == len(shown)
	const each = 20
	var parts []annotate.Part
	var spans [][2]int
	for range each {
		first := luck.IntN(len(shown))
		last := min(len(shown), first+1+luck.IntN(60))
		p := annotate.Part{ID: fmt.Sprint(first), Cut: &annotate.Cut{Recording: name, Start: ix.Time(shown[first])}}
		p.Cut.End = timecode.Instant{Ticks: ix.End - ix.Origin, Base: ix.Base}
		if last < len(shown) {
			p.Cut.End = ix.Time(shown[last])
		}
		if p.Cut.Start.Compare(p.Cut.End) < 0 {
			parts, spans = append(parts, p), append(spans, [2]int{first, last})
		}
	}
	out := filepath.Join(t.TempDir(), "reel.mp4")
	told, err := reel.Render(context.Background(), annotate.Reel{Parts: parts}, map[string]string{name: path}, out, reel.Options{})
	var unfit *reel.Unfit
	if errors.As(err, &unfit) && unfit.Why == reel.Damaged && !whole {
		return 0
	}
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return 0
	}
	if !whole {
		t.Logf("%s: %d pictures by its index, %d by ffmpeg, %d lost: not compared", name, len(shown), len(want), len(told.Lost))
		return 0
	}
	if len(told.Lost) > 0 {
		t.Errorf("%s: %d pictures are lost that ffmpeg decodes", name, len(told.Lost))
		return 0
	}
	got, at := thumbs(t, out, 0), 0
	for _, s := range spans {
		for _, k := range []int{0, s[1] - s[0] - 1} {
			compare(t, name, got[at+k], want, s[0]+k)
		}
		at += s[1] - s[0]
	}
	if at != len(got) {
		t.Errorf("%s: %d pictures, want %d", name, len(got), at)
	}
	return len(spans)
}

// compare fails where a picture is not the n-th of the film: far from it, or nearer to
// another around it.
func compare(t *testing.T, name string, got []byte, film [][]byte, n int) {
	t.Helper()
	apart := func(k int) (sum float64) {
		for i, v := range film[k] {
			sum += math.Abs(float64(v) - float64(got[i]))
		}
		return sum / small / small
	}
	own := apart(n)
	if own > 12 {
		t.Errorf("%s: picture %d differs by %.1f", name, n, own)
	}
	for k := max(0, n-3); k <= min(len(film)-1, n+3); k++ {
		if d := apart(k); d < own-0.4 {
			t.Errorf("%s: picture %d differs by %.2f, picture %d by %.2f", name, n, own, k, d)
		}
	}
}

// TestADiskThatIsFull: it is told, at once, and nothing is left.
func TestADiskThatIsFull(t *testing.T) {
	// How large files may become holds for all of a process, also for go test's own: a
	// child renders.
	const name = "DYADE_TEST_ROOM"
	if room, err := strconv.ParseUint(os.Getenv(name), 10, 64); err == nil {
		renderWithRoom(t, room)
		return
	}
	for _, room := range []string{"100", "20000", "60000"} {
		child := exec.Command(os.Args[0], "-test.run=^TestADiskThatIsFull$")
		child.Env = append(os.Environ(), name+"="+room)
		if said, err := child.CombinedOutput(); err != nil {
			t.Errorf("room for %s bytes: %v: %s", room, err, said)
		}
	}
}

// renderWithRoom expects no reel where files of this process may not be large enough.
func renderWithRoom(t *testing.T, bytes uint64) {
	s := film(t, "b.mp4")
	signal.Ignore(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	limit.Cur = bytes
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	for _, o := range []reel.Options{{}, {Encode: true}} {
		out := filepath.Join(t.TempDir(), "reel.mp4")
		_, err := reel.Render(context.Background(), annotate.Reel{Parts: []annotate.Part{cut("b.mp4", s, 10, 290), cut("b.mp4", s, 0, 200)}}, map[string]string{"b.mp4": s.path}, out, o)
		if !errors.Is(err, syscall.EFBIG) {
			t.Error(err)
		}
		nothing(t, out)
	}
}
