package show_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/shown"
	"dyade/internal/testenv"
	"dyade/pipeline/decode"
	"dyade/pipeline/encode"
	"dyade/workers/show"
)

// TestMain is the native process too, where it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "show" {
		os.Exit(native(os.Args[2]))
	}
	testenv.Main(m, decode.Live, testenv.Count("encoders", encode.Live))
}

// native does its job, or what a hostile film makes of it.
func native(how string) int {
	switch how {
	case "crash":
		fmt.Println(`{"bytes":0}`)
		return 2 // as Go ends where native code aborts
	case "nonsense":
		fmt.Println("nonsense")
	case "bloat":
		fmt.Println(`{"bytes":0}`)
		room := make([]byte, 300<<20)
		for i := range room {
			room[i] = byte(i)
		}
		<-make(chan int)
	case "huge":
		fmt.Println(`{"bytes":99999999999999}`)
		<-make(chan int)
	case "full":
		fmt.Println(`{"full":true}`)
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "stall": // after something is there
		var j struct{ Into string }
		line := make([]byte, 4096)
		n, _ := os.Stdin.Read(line)
		_, into, _ := strings.Cut(string(line[:n]), `"into":"`)
		j.Into, _, _ = strings.Cut(into, `"`)
		_ = os.WriteFile(j.Into, []byte("begun"), 0o600)
		fmt.Println(`{"bytes":5}`)
		_, _ = io.Copy(io.Discard, os.Stdin)
		<-make(chan int)
	default:
		if err := show.Native(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}

const sum = blob.Sum("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")

// booth is a projector and a film.
type booth struct {
	*show.Projector
	t      *testing.T
	dir    string
	film   string
	opened atomic.Int64 // how often a film was fetched
	gate   chan struct{}
}

func open(t *testing.T, how string, change ...func(*show.Options)) *booth {
	t.Helper()
	b := &booth{t: t, dir: filepath.Join(t.TempDir(), "shown"), film: film(t), gate: make(chan struct{})}
	close(b.gate)
	o := show.Options{
		Dir: b.dir, Command: []string{os.Args[0], "show", how}, Bytes: 1 << 30, Native: 2, Memory: 1 << 30,
		Log: slog.New(slog.DiscardHandler),
		Local: func(ctx context.Context, _ blob.Sum) (string, func(), error) {
			b.opened.Add(1)
			select {
			case <-b.gate:
			case <-ctx.Done():
				return "", nil, ctx.Err()
			}
			return b.film, func() {}, nil
		},
		Known: func(context.Context, blob.Sum) error { return nil },
	}
	for _, c := range change {
		c(&o)
	}
	var err error
	if b.Projector, err = show.Open(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.Close()
		if left := b.files("aside"); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
	return b
}

// film is 4 s of pictures and sound.
var film = func() func(t *testing.T) string {
	var once sync.Once
	var whole []byte
	return func(t *testing.T) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "film.mp4")
		once.Do(func() {
			args := "-v error -nostdin -y -f lavfi -i testsrc2=s=320x192:r=30:d=4 -f lavfi -i sine=d=4 -c:v libx264 -preset ultrafast -g 30 -c:a aac"
			if out, err := exec.Command(testenv.Program(t, "ffmpeg"), append(strings.Fields(args), path)...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			whole, _ = os.ReadFile(path)
		})
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
}()

func (b *booth) files(folder string) (names []string) {
	list, err := os.ReadDir(filepath.Join(b.dir, folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.t.Fatal(err)
	}
	for _, f := range list {
		names = append(names, f.Name())
	}
	return names
}

// all reads a thing to its end.
func all(t *testing.T, g shown.Growing, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	data, err := io.ReadAll(g)
	if err != nil {
		t.Fatal(err)
	}
	if !g.Whole() {
		t.Error("it is not whole at its end")
	}
	if _, err := g.Seek(0, io.SeekStart); err != nil {
		t.Error(err)
	}
	again, err := io.ReadAll(g)
	if err != nil || len(again) != len(data) { // a copy gets its index last
		t.Errorf("read again it is other: %v", err)
	}
	return again
}

func TestEachIsMadeOnce(t *testing.T) {
	b := open(t, "")
	ctx := context.Background()
	for range 2 {
		g, err := b.Thumb(ctx, sum, 1500*time.Millisecond, 160)
		if data := all(t, g, err); !bytes.HasPrefix(data, []byte("\xff\xd8\xff")) {
			t.Errorf("a still starts with % x", data[:4])
		}
		g, err = b.Waveform(ctx, sum)
		// FFmpeg's sound is a little longer than asked for.
		if data := all(t, g, err); binary.LittleEndian.Uint32(data) != 1 || (len(data)-20)/2 != int(binary.LittleEndian.Uint32(data[16:])) || len(data) < 20+400 || len(data) > 20+410 {
			t.Errorf("a drawing of %d bytes starts with % x", len(data), data[:20])
		}
		g, err = b.Frames(ctx, sum)
		if data := all(t, g, err); binary.LittleEndian.Uint32(data[12:]) != 120 || len(data) != 32+119*2 {
			t.Errorf("times of %d bytes start with % x", len(data), data[:32])
		}
		g, err = b.Copy(ctx, sum)
		playable(t, all(t, g, err), 120)
		g, err = b.Clip(ctx, sum, time.Second, 2*time.Second)
		playable(t, all(t, g, err), 30)
	}
	if n := b.opened.Load(); n != 5 {
		t.Errorf("made %d times", n)
	}
	if got := b.files(string(sum)); len(got) != 5 {
		t.Errorf("kept: %v", got)
	}
	err := filepath.WalkDir(b.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if info, err := e.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v, %v", path, info.Mode(), err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func playable(t *testing.T, data []byte, pictures int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy.mp4")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := decode.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if r := s.Recording(); r.Video == nil || r.Video.Frames != pictures || r.Audio == nil {
		t.Errorf("it holds %+v, want %d pictures", r, pictures)
	}
}

// TestSeveralShareOneMaking: they all read it while it grows.
func TestSeveralShareOneMaking(t *testing.T) {
	b := open(t, "")
	b.gate = make(chan struct{})
	var readers sync.WaitGroup
	copies := make([][]byte, 5)
	for i := range copies {
		readers.Go(func() {
			g, err := b.Copy(context.Background(), sum)
			if err != nil {
				t.Error(err)
				return
			}
			defer g.Close()
			if copies[i], err = io.ReadAll(g); err != nil {
				t.Error(err)
			}
		})
	}
	close(b.gate)
	readers.Wait()
	for _, c := range copies {
		if len(c) == 0 || len(c) != len(copies[0]) { // the index may have come meanwhile
			t.Errorf("%d bytes, others have %d", len(c), len(copies[0]))
		}
	}
	if n := b.opened.Load(); n != 1 {
		t.Errorf("made %d times", n)
	}
}

// TestWhoLeavesLastEndsIt: one that goes leaves it to others, the last ends it.
func TestWhoLeavesLastEndsIt(t *testing.T) {
	b := open(t, "stall")
	one, err := b.Copy(context.Background(), sum)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	two, err := b.Copy(ctx, sum)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(two, got); err != nil || string(got) != "begun" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := two.Seek(0, io.SeekStart); err == nil || two.Whole() {
		t.Error("what grows can be sought in")
	}
	_ = one.Close()
	if len(b.files("aside")) != 1 {
		t.Error("it ended though somebody waits")
	}
	cancel()
	if _, err := two.Read(got); !errors.Is(err, context.Canceled) {
		t.Errorf("after its request ended: %v", err)
	}
	_ = two.Close()
	b.until("it to end", func() bool { return len(b.files("aside")) == 0 })
	if kept := b.files(string(sum)); len(kept) != 0 {
		t.Errorf("kept: %v", kept)
	}
}

// until waits for something that comes soon.
func (b *booth) until(what string, there func() bool) {
	b.t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	limit := time.After(time.Minute)
	for !there() {
		select {
		case <-look.C:
		case <-limit:
			b.t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestWhatHostileFilmsDo(t *testing.T) {
	for how, want := range map[string]string{
		"crash": "ended (exit status 2)", "nonsense": "ended (", "bloat": "took too much memory", "huge": "larger than", "full": "no space left",
	} {
		b := open(t, how, func(o *show.Options) { o.Memory = 150 << 20 })
		for _, g := range []func() (shown.Growing, error){
			func() (shown.Growing, error) { return b.Copy(context.Background(), sum) },
			func() (shown.Growing, error) { return b.Thumb(context.Background(), sum, 0, 160) },
		} {
			if _, err := g(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", how, err)
			}
		}
		if kept := append(b.files(string(sum)), b.files("aside")...); len(kept) != 0 {
			t.Errorf("%s: kept %v", how, kept)
		}
		b.Close()
	}
}

func TestFilmsThatAreNone(t *testing.T) {
	b := open(t, "")
	if err := os.WriteFile(b.film, []byte("a text, no film"), 0o600); err != nil {
		t.Fatal(err)
	}
	var unreadable *shown.Unreadable
	if _, err := b.Copy(context.Background(), sum); !errors.As(err, &unreadable) || unreadable.Reason != string(decode.NotMedia) {
		t.Errorf("a text: %v", err)
	}
	if _, err := b.Thumb(context.Background(), sum, 0, 160); !errors.As(err, &unreadable) {
		t.Errorf("a text: %v", err)
	}
}

func TestBounds(t *testing.T) {
	b := open(t, "crash")
	ctx := context.Background()
	for what, get := range map[string]func() (shown.Growing, error){
		"narrow":   func() (shown.Growing, error) { return b.Thumb(ctx, sum, 0, 15) },
		"wide":     func() (shown.Growing, error) { return b.Thumb(ctx, sum, 0, 1921) },
		"before":   func() (shown.Growing, error) { return b.Thumb(ctx, sum, -time.Second, 160) },
		"empty":    func() (shown.Growing, error) { return b.Clip(ctx, sum, time.Second, time.Second) },
		"negative": func() (shown.Growing, error) { return b.Clip(ctx, sum, -time.Second, time.Second) },
		"long":     func() (shown.Growing, error) { return b.Clip(ctx, sum, 0, 10*time.Minute+time.Millisecond) },
	} {
		if _, err := get(); !errors.Is(err, show.ErrBounds) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := b.Copy(ctx, "../../etc"); err == nil {
		t.Error("a sum that is none")
	}
	if b.opened.Load() != 0 {
		t.Error("something was made")
	}
}

func TestTooMuchAtOnce(t *testing.T) {
	b := open(t, "")
	b.gate = make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	var asked sync.WaitGroup
	var busy atomic.Int64
	const many = 100
	for i := range many {
		asked.Go(func() {
			_, err := b.Thumb(ctx, sum, time.Duration(i)*time.Millisecond, 160)
			if errors.Is(err, shown.ErrBusy) {
				busy.Add(1)
			}
		})
	}
	b.until("the queue to be full", func() bool { return busy.Load() > 0 })
	cancel()
	asked.Wait()
	if n := b.opened.Load(); n > many-busy.Load() {
		t.Errorf("%d were begun, %d refused", n, busy.Load())
	}
}

// TestOfADeletedFilmNothingIsKept, also where the film itself still lies there.
func TestOfADeletedFilmNothingIsKept(t *testing.T) {
	b := open(t, "", func(o *show.Options) { o.Known = func(context.Context, blob.Sum) error { return blob.ErrMissing } })
	if err := b.PrepareClip(t.Context(), sum, 0, time.Second); !errors.Is(err, blob.ErrMissing) {
		t.Errorf("got %v", err)
	}
	if left := b.files(string(sum)); len(left) > 0 {
		t.Errorf("kept: %v", left)
	}
}

func TestForget(t *testing.T) {
	b := open(t, "")
	ctx := context.Background()
	g, err := b.Thumb(ctx, sum, 0, 160)
	all(t, g, err)
	b.gate = make(chan struct{})
	failed := make(chan error)
	go func() {
		_, err := b.Copy(ctx, sum)
		failed <- err
	}()
	b.until("a copy to be begun", func() bool { return b.opened.Load() == 2 })
	if err := b.Forget(ctx, sum); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; err == nil || !strings.Contains(err.Error(), "deleted") {
		t.Errorf("the copy: %v", err)
	}
	if left := append(b.files(""), b.files("aside")...); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
}

func TestSweepAndLeftovers(t *testing.T) {
	b := open(t, "")
	g, err := b.Thumb(context.Background(), sum, 0, 160)
	all(t, g, err)
	other := blob.Of([]byte("another"))
	g, err = b.Thumb(context.Background(), other, 0, 160)
	all(t, g, err)
	b.Close()
	if err := os.WriteFile(filepath.Join(b.dir, "aside", "left"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := show.Open(show.Options{Dir: b.dir, Bytes: 1 << 30, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Sweep(context.Background(), func(s blob.Sum) bool { return s == sum }); err != nil {
		t.Fatal(err)
	}
	if len(b.files("aside")) != 0 || len(b.files(string(sum))) != 1 || len(b.files(string(other))) != 0 {
		t.Errorf("left: %v, %v, %v", b.files("aside"), b.files(string(sum)), b.files(string(other)))
	}
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	const most = 30 << 10
	b := open(t, "", func(o *show.Options) { o.Bytes = most })
	for i := range 12 {
		g, err := b.Thumb(context.Background(), sum, time.Duration(i)*100*time.Millisecond, 320)
		all(t, g, err)
	}
	b.Close()
	if last := "still-1100-320-1.jpg"; !slices.Contains(b.files(string(sum)), last) {
		t.Errorf("what was used last is gone: %v", b.files(string(sum)))
	}
	total := int64(0)
	for _, name := range b.files(string(sum)) {
		info, err := os.Stat(filepath.Join(b.dir, string(sum), name))
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if total == 0 || total > most {
		t.Errorf("%d bytes are kept", total)
	}
}
