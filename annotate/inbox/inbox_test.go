package inbox_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/inbox"
	"dyade/annotate/store"
)

var ctx = context.Background()

// family stands for what no log may hold.
const family = "Emma"

// clock goes on when a test says so. The inbox alone waits for it.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	waits *sync.Cond // for the inbox to wait again
	due   time.Time
	timer chan time.Time
}

func newClock() *clock {
	c := &clock{now: time.Now()}
	c.waits = sync.NewCond(&c.mu)
	return c
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.due, c.timer = c.now.Add(d), make(chan time.Time, 1)
	if d <= 0 {
		c.timer <- c.now
	}
	c.waits.Broadcast()
	return c.timer
}

// pass lets time pass, in steps in each of which the inbox does what there is to do.
func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ; d > 0; d -= time.Second {
		for c.timer == nil || !c.due.After(c.now) {
			c.waits.Wait()
		}
		if c.now = c.now.Add(time.Second); !c.due.After(c.now) {
			c.timer <- c.now
			c.timer = nil
			for c.timer == nil {
				c.waits.Wait()
			}
		}
	}
}

// world is an inbox over a store, and the folder that it watches.
type world struct {
	t      *testing.T
	dir    string
	in     *inbox.Inbox
	clock  *clock
	store  *store.Store
	media  *blob.Folder
	log    safe
	put    func(ctx context.Context, size int) error // before a film is put
	puts   atomic.Int32
	came   func() // a film is submitted
	cancel func()
	over   chan struct{}
}

type safe struct {
	mu  sync.Mutex
	doc bytes.Buffer
}

func (s *safe) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.doc.Write(p)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.doc.String()
}

func (s *safe) count(what string) int {
	return strings.Count(s.String(), what)
}

// open makes a world whose inbox does not run yet.
func open(t *testing.T) *world {
	t.Helper()
	data := t.TempDir()
	w := &world{t: t, dir: filepath.Join(t.TempDir(), family), clock: newClock()}
	check(t, os.Mkdir(w.dir, 0o700))
	var err error
	w.store, err = store.Open(ctx, filepath.Join(data, "dyade.db"), time.Now)
	check(t, err)
	w.media, err = blob.OpenFolder(filepath.Join(data, "media"))
	check(t, err)
	w.in = &inbox.Inbox{
		Dirs: []string{w.dir}, Film: film, Media: w, Engine: w, Store: w.store, Key: []byte("key"), Log: slog.New(slog.NewTextHandler(&w.log, nil)),
		Clock: inbox.Clock{Now: w.clock.Now, After: w.clock.After},
	}
	t.Cleanup(func() {
		w.stop()
		check(t, errors.Join(w.store.Check(ctx), w.store.Close()))
		if w.log.count(family) > 0 {
			t.Errorf("the log names a film or a folder:\n%s", w.log.String())
		}
	})
	return w
}

func start(t *testing.T) *world {
	t.Helper()
	w := open(t)
	w.start()
	return w
}

func (w *world) start() {
	runs, cancel := context.WithCancel(ctx)
	w.cancel, w.over = cancel, make(chan struct{})
	go func() { defer close(w.over); w.in.Run(runs) }()
}

func (w *world) stop() {
	if w.cancel != nil {
		w.cancel()
		<-w.over
	}
	w.cancel = nil
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// film knows films as dyade does, by and large.
func film(name string, head []byte) bool {
	kinds := []string{".mp4", ".mov", ".mts"}
	return slices.Contains(kinds, strings.ToLower(filepath.Ext(name))) && !bytes.HasPrefix(head, []byte("text"))
}

// Put, Submit and Delete are those of the desk, in short.
func (w *world) Put(ctx context.Context, r io.Reader) (blob.Sum, int64, error) {
	w.puts.Add(1)
	if w.put != nil {
		doc, err := io.ReadAll(r)
		if err := errors.Join(err, w.put(ctx, len(doc))); err != nil {
			return "", 0, err
		}
		r = bytes.NewReader(doc)
	}
	return w.media.Put(ctx, r)
}

func (w *world) Submit(ctx context.Context, f store.Submission) (string, error) {
	if w.came != nil {
		w.came()
	}
	f.First = store.NewStep{Key: "probe", Name: "probe"}
	ids, err := w.store.Submit(ctx, f)
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

func (w *world) Delete(ctx context.Context, id string) error {
	_, err := w.store.Delete(ctx, id)
	return err
}

func (w *world) recordings() []store.Recording {
	w.t.Helper()
	all, err := w.store.Recordings(ctx)
	check(w.t, err)
	return all
}

// taken waits until there are so many recordings, and gives their names.
func (w *world) taken(n int) []string {
	w.t.Helper()
	w.until("recordings", func() bool { return len(w.recordings()) == n })
	var names []string
	for _, r := range w.recordings() {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return names
}

// until lets time pass as long as it takes, in both worlds.
func (w *world) until(what string, condition func() bool) {
	w.t.Helper()
	over := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		w.clock.pass(time.Second)
		select {
		case <-over:
			w.t.Fatalf("no %s: %d recordings, log:\n%s", what, len(w.recordings()), w.log.String())
		case <-tick.C:
		}
	}
}

// stay lets time pass, in which no recording is to come or go.
func (w *world) stay(d time.Duration) {
	w.t.Helper()
	before := w.recordings()
	w.clock.pass(d)
	if after := w.recordings(); len(after) != len(before) {
		w.t.Fatalf("%d recordings were there, %d are after %v", len(before), len(after), d)
	}
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

// write writes a file, and its folder where there is none.
func (w *world) write(name string, doc []byte) {
	w.t.Helper()
	check(w.t, os.MkdirAll(filepath.Dir(w.path(name)), 0o700))
	check(w.t, os.WriteFile(w.path(name), doc, 0o600))
}

func (w *world) add(name string, more []byte) {
	w.t.Helper()
	f, err := os.OpenFile(w.path(name), os.O_APPEND|os.O_WRONLY, 0)
	check(w.t, err)
	_, err = f.Write(more)
	check(w.t, errors.Join(err, f.Close()))
}

func box(kind string, doc []byte) []byte {
	n := len(doc) + 8
	return append(append([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, kind...), doc...)
}

// mp4 is a film as phones write them.
func mp4(n byte) []byte {
	return slices.Concat(box("ftyp", []byte("qt  ")), box("mdat", bytes.Repeat([]byte{n, 1, 2}, 5000)), box("moov", bytes.Repeat([]byte{n}, 300)))
}

// mts is a film that does not tell how long it is.
func mts(n byte) []byte { return bytes.Repeat([]byte{0x47, n, 3}, 5000) }

// quick has the inbox hear of files by the system alone.
func quick(w *world) { w.in.Pace.Rescan = rare }

const rare = 1000 * time.Hour

func TestWhatIsCopiedIsTakenIn(t *testing.T) {
	for name, change := range map[string]func(*world){
		"heard of": quick,
		"found":    func(w *world) { w.in.Dirs = []string{w.dir + "/."} },
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			change(w)
			w.write("Emma there before.mp4", mp4(0))
			w.start()
			w.taken(1)
			w.write("Emma 1.mp4", mp4(1))
			w.write("DCIM/100APPLE/IMG_0001.MOV", mp4(2))
			w.write("DCIM/100APPLE/deeper/00001.MTS", mts(3))
			want := []string{"00001.MTS", "Emma 1.mp4", "Emma there before.mp4", "IMG_0001.MOV"}
			if got := w.taken(4); !slices.Equal(got, want) {
				t.Errorf("got %q", got)
			}
			r := w.recordings()[0]
			if r.Queue != store.Default || r.SizeBytes == 0 {
				t.Errorf("got %+v", r)
			}
		})
	}
}

func TestTheOriginalIsNotTouched(t *testing.T) {
	w := open(t)
	w.write("Emma.mp4", mp4(1))
	old := time.Now().Add(-9999 * time.Hour)
	check(t, os.Chtimes(w.path("Emma.mp4"), old, old))
	check(t, os.Chmod(w.path("Emma.mp4"), 0o640))
	before, err := os.Stat(w.path("Emma.mp4"))
	check(t, err)
	w.start()
	w.taken(1)
	w.stay(10 * time.Minute)
	after, err := os.Stat(w.path("Emma.mp4"))
	check(t, err)
	b, a := *before.Sys().(*syscall.Stat_t), *after.Sys().(*syscall.Stat_t)
	if a != b {
		t.Errorf("it was %+v and is %+v", b, a)
	}
	if doc, err := os.ReadFile(w.path("Emma.mp4")); err != nil || !bytes.Equal(doc, mp4(1)) {
		t.Errorf("its content changed: %v", err)
	}
	if all, err := os.ReadDir(w.dir); err != nil || len(all) != 1 {
		t.Errorf("in the folder are %v, %v", all, err)
	}
}

func TestWhatGrowsIsLeftAlone(t *testing.T) {
	w := start(t)
	w.write("Emma.mts", mts(1))
	for n := range byte(60) {
		w.add("Emma.mts", mts(n))
		w.stay(2 * time.Second)
	}
	w.taken(1)
	info, err := os.Stat(w.path("Emma.mts"))
	check(t, err)
	if r := w.recordings()[0]; r.SizeBytes != info.Size() {
		t.Errorf("%d of %d bytes were taken", r.SizeBytes, info.Size())
	}
}

// What stalls is not taken half, wherever it can be told that it is not whole.
func TestHalfOfAFilmIsLeftAlone(t *testing.T) {
	film := mp4(1)
	zeros := func(n int) []byte { return append(slices.Clone(film[:n]), make([]byte, len(film)-n)...) }
	last := len(film) - 308
	fast := slices.Concat(film[:12], film[last:], film[12:last])
	for name, half := range map[string][]byte{
		"within the media":             film[:9000],
		"behind the media":             film[:last],
		"within the index":             film[:len(film)-10],
		"within a box's length":        film[:last+5],
		"all of its length, not media": zeros(9000),
		"all of its length, not index": zeros(last),
		"with its index first":         append(slices.Clone(fast[:9000]), make([]byte, len(fast)-9000)...),
		"nothing but room":             make([]byte, 9000),
		"half of one without boxes":    append(mts(1), make([]byte, 9000)...),
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			w.write("Emma.mp4", half)
			w.start()
			w.stay(9 * time.Minute)
			w.write("Emma.mp4", film) // in place
			w.taken(1)
			if r := w.recordings()[0]; r.Sum != blob.Of(film) {
				t.Error("it was not taken in whole")
			}
		})
	}
	t.Run("with its index first, whole", func(t *testing.T) {
		w := open(t)
		w.write("Emma.mp4", fast)
		w.write("long.mp4", slices.Concat(film[:12], []byte{0, 0, 0, 1}, []byte("mdat"), []byte{0, 0, 0, 0, 0, 0, 0, 24}, make([]byte, 8), film[last:]))
		w.write("to the end.mp4", slices.Concat(film[:12], film[last:], []byte{0, 0, 0, 0}, []byte("mdat"), mts(1)))
		w.write("and more.mp4", slices.Concat(film, []byte{0, 0, 0, 0, 0, 0, 0, 7}, mts(2)))
		w.start()
		w.clock.pass(5 * time.Second)
		if n := len(w.recordings()); n != 4 {
			t.Errorf("%d were taken", n)
		}
	})
	t.Run("for good", func(t *testing.T) {
		w := open(t)
		w.write("Emma.mp4", film[:9000])
		w.start()
		w.taken(1) // a damaged film too is to be seen
	})
}

func TestWhatSomebodyWritesIsLeftAlone(t *testing.T) {
	w := open(t)
	f, err := os.Create(w.path("Emma.mts"))
	check(t, err)
	_, err = f.Write(mts(1))
	check(t, err)
	w.start()
	w.stay(9 * time.Minute)
	_, err = f.Write(mts(2))
	check(t, errors.Join(err, f.Close()))
	w.clock.pass(40 * time.Second)
	if r := w.recordings(); len(r) != 1 || r[0].SizeBytes != 30000 {
		t.Errorf("got %+v", r)
	}
}

// half has the beginning of a film taken in.
func half(t *testing.T) (w *world, id string) {
	w = start(t)
	w.write("Emma.mts", mts(1))
	w.taken(1)
	return w, w.recordings()[0].ID
}

func (w *world) exists(id string) bool {
	w.t.Helper()
	_, err := w.store.Recording(ctx, id)
	if err != nil && !errors.Is(err, store.ErrMissing) {
		w.t.Fatal(err)
	}
	return err == nil
}

func TestHalfOfAFilmIsReplaced(t *testing.T) {
	w, id := half(t)
	soon := time.Now().Add(time.Minute) // and the same half once more
	check(t, os.Chtimes(w.path("Emma.mts"), soon, soon))
	w.until("look", func() bool { return w.puts.Load() == 2 })
	for n := range byte(3) {
		w.add("Emma.mts", mts(n))
		w.until("new recording", func() bool { all := w.recordings(); return len(all) == 1 && all[0].ID != id })
		id = w.recordings()[0].ID
	}
	if r := w.recordings()[0]; r.SizeBytes != 60000 {
		t.Errorf("got %+v", r)
	}
}

func TestWhatAPersonTouchedStays(t *testing.T) {
	w, id := half(t)
	c, err := w.store.AddCase(ctx, "12")
	check(t, err)
	v, err := w.store.CreateVisit(ctx, c.ID, "2026-11-22")
	check(t, err)
	check(t, w.store.MoveRecording(ctx, id, v.ID))
	w.add("Emma.mts", mts(2))
	w.taken(2)
	w.stay(time.Minute)
}

func TestAnotherFilmOfTheSameNameReplacesNone(t *testing.T) {
	w, id := half(t)
	w.write("Emma.mts", slices.Concat(mts(2), mts(3)))
	w.taken(2)
	w.stay(time.Minute)
	if !w.exists(id) {
		t.Error("the former one is gone")
	}
}

// A recording that was there before is not the inbox's to remove.
func TestWhatCameByAnotherWayStays(t *testing.T) {
	w := open(t)
	sum, n, err := w.media.Put(ctx, bytes.NewReader(mts(1)))
	check(t, err)
	id, err := w.Submit(ctx, store.Submission{Sum: sum, SizeBytes: n, Name: "x", Queue: store.Batch})
	check(t, err)
	w.write("Emma.mts", mts(1))
	w.start()
	w.until("look", func() bool { return w.puts.Load() == 1 })
	w.add("Emma.mts", mts(2))
	w.taken(2)
	if !w.exists(id) {
		t.Error("it was removed")
	}
}

func TestNamesOfWhatIsNotWhole(t *testing.T) {
	for _, name := range []string{
		".Emma.mp4.Xa81bc", ".Emma.mp4", "._Emma.mp4", ".syncthing.Emma.mp4.tmp", "~syncthing~Emma.mp4.tmp", "Emma.mp4.part", "Emma.mp4.crdownload",
		"Emma.mp4.tmp", "Emma.mp4~", "Emma.mp4.!qB", "~Emma.mp4", "Emma.mp4.download/Emma.mp4", ".stversions/Emma.mp4", "$RECYCLE.BIN/S-1/Emma.mp4",
	} {
		t.Run(strings.ReplaceAll(name, "/", "|"), func(t *testing.T) {
			w := start(t)
			w.write(name, mp4(1))
			w.stay(15 * time.Minute)
			check(t, os.Rename(w.path(name), w.path("Emma whole.mp4")))
			if got := w.taken(1); got[0] != "Emma whole.mp4" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestNothingLeadsOutOfTheFolder(t *testing.T) {
	w := open(t)
	outside := t.TempDir()
	check(t, os.WriteFile(filepath.Join(outside, "film.mp4"), mp4(1), 0o600))
	check(t, os.Symlink(filepath.Join(outside, "film.mp4"), w.path("link.mp4")))
	check(t, os.Symlink(outside, w.path("folder")))
	check(t, os.Symlink("/dev/zero", w.path("zero.mp4")))
	check(t, os.Symlink(".", w.path("round")))
	check(t, syscall.Mkfifo(w.path("pipe.mp4"), 0o600))
	check(t, syscall.Mknod(w.path("socket.mp4"), syscall.S_IFSOCK|0o600, 0))
	check(t, os.Mkdir(w.path("folder.mp4"), 0o700))
	w.start()
	w.stay(15 * time.Minute)
	w.write("Emma.mp4", mp4(2))
	w.taken(1)
	w.stay(15 * time.Minute)
	if n := w.puts.Load(); n != 1 {
		t.Errorf("%d were read", n)
	}
}

// A file that has become a link by the time it is opened is not followed.
func TestWhatBecomesALinkIsNotFollowed(t *testing.T) {
	w := start(t)
	outside := filepath.Join(t.TempDir(), "film.mp4")
	check(t, os.WriteFile(outside, mp4(1), 0o600))
	w.write("Emma.mts", mts(2))
	w.clock.pass(time.Second)
	check(t, os.Remove(w.path("Emma.mts")))
	check(t, os.Symlink(outside, w.path("Emma.mts")))
	w.stay(15 * time.Minute)
}

func TestTheSameFilmIsOneRecording(t *testing.T) {
	w := start(t)
	w.write("Emma.mp4", mp4(1))
	w.write("copy/Emma (2).mp4", mp4(1))
	w.until("look", func() bool { return w.puts.Load() == 2 })
	w.taken(1)
	check(t, os.Link(w.path("Emma.mp4"), w.path("linked.mp4")))
	w.stay(5 * time.Minute)
	if n := w.puts.Load(); n != 2 {
		t.Errorf("read %d times", n)
	}
}

func TestFoldersWithinEachOther(t *testing.T) {
	w := open(t)
	w.in.Dirs = append(w.in.Dirs, w.path("below"))
	w.write("below/Emma.mp4", mp4(1))
	w.start()
	w.taken(1)
	w.stay(10 * time.Minute)
	if n := w.puts.Load(); n != 1 {
		t.Errorf("read %d times", n)
	}
}

func TestWhatWasTakenStaysTaken(t *testing.T) {
	w := start(t)
	w.write("Emma.mp4", mp4(1))
	w.taken(1)
	again := func(what string) {
		t.Helper()
		w.stop()
		w.start()
		w.stay(time.Hour)
		if n := w.puts.Load(); n != 1 {
			t.Errorf("%s: it was read again", what)
		}
	}
	again("started again")
	check(t, w.Delete(ctx, w.recordings()[0].ID))
	again("deleted")
	check(t, os.Mkdir(w.path("done"), 0o700))
	check(t, os.Rename(w.path("Emma.mp4"), w.path("done/Emma 1.mp4")))
	again("moved")
	later := time.Now().Add(time.Minute)
	check(t, os.Chtimes(w.path("done/Emma 1.mp4"), later, later)) // as a new copy has
	w.taken(1)
	w.write("done/Emma 1.mp4", mp4(2))
	w.taken(2)
}

func TestAFolderComesAndGoes(t *testing.T) {
	w := open(t)
	check(t, os.Remove(w.dir))
	w.start()
	w.stay(5 * time.Minute)
	w.write("Emma.mp4", mp4(1))
	w.taken(1)
	check(t, os.Rename(w.dir, w.dir+" elsewhere"))
	w.stay(5 * time.Minute)
	check(t, os.Rename(w.dir+" elsewhere", w.dir))
	w.stay(5 * time.Minute)
	w.write("DCIM/Emma.mp4", mp4(2))
	w.taken(2)
	if n := w.puts.Load(); n != 2 {
		t.Errorf("%d films were read", n)
	}
	if w.log.count("cannot be opened") != 2 || w.log.count("there again") != 2 {
		t.Errorf("it says:\n%s", w.log.String())
	}
}

// What is written into a folder that has come back is heard of at once.
func TestAFolderThatCameBackIsHeardOf(t *testing.T) {
	w := open(t)
	quick(w)
	w.start()
	check(t, os.Rename(w.dir, w.dir+" elsewhere"))
	w.clock.pass(rare)
	check(t, os.Mkdir(w.dir, 0o700))
	w.clock.pass(rare)
	if w.log.count("cannot be opened") != 1 || w.log.count("there again") != 1 {
		t.Errorf("it says:\n%s", w.log.String())
	}
	w.write("Emma.mp4", mp4(1))
	w.taken(1)
}

func TestAFullDisk(t *testing.T) {
	w := open(t)
	var full atomic.Bool
	full.Store(true)
	w.put = func(_ context.Context, size int) error {
		if size > 20000 && full.Load() {
			return &os.PathError{Op: "write", Path: family, Err: syscall.ENOSPC}
		}
		return nil
	}
	w.write("Emma long.mts", slices.Concat(mts(1), mts(2)))
	w.write("Emma.mts", mts(1))
	w.start()
	w.taken(1)
	w.stay(4 * time.Hour)
	if n := w.puts.Load(); n < 5 || n > 20 {
		t.Errorf("it was tried %d times", n)
	}
	if n := w.log.count("the disk is full"); n != 1 && n != 2 { // again after another was taken in
		t.Errorf("said %d times:\n%s", n, w.log.String())
	}
	full.Store(false)
	w.taken(2)
}

func TestNoRoomIsNotFilled(t *testing.T) {
	w := open(t)
	var room atomic.Bool
	w.in.Room = func(int64) bool { return room.Load() }
	w.write("Emma.mp4", mp4(1))
	w.start()
	w.stay(time.Hour)
	if n := w.puts.Load(); n != 0 {
		t.Errorf("put %d times", n)
	}
	room.Store(true)
	w.taken(1)
}

func TestItStopsInTheMidstOfAFilm(t *testing.T) {
	w := open(t)
	begun := make(chan struct{})
	w.put = func(ctx context.Context, _ int) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	}
	w.write("Emma.mp4", mp4(1))
	w.start()
	go w.clock.pass(4 * time.Second) // it is not idle again in this life
	<-begun
	w.stop()
	if len(w.recordings()) != 0 || w.log.count("level=WARN") != 0 {
		t.Errorf("recordings %v, log:\n%s", w.recordings(), w.log.String())
	}
	w.put = nil
	w.start()
	w.taken(1)
}

// What is taken in when it is to stop is not taken in again.
func TestItStopsAsAFilmIsTakenIn(t *testing.T) {
	w := open(t)
	w.write("Emma.mp4", mp4(1))
	w.came = func() { w.cancel() }
	w.start()
	go w.clock.pass(4 * time.Second)
	<-w.over
	w.start()
	w.stay(time.Minute)
	if n := w.puts.Load(); n != 1 || len(w.recordings()) != 1 {
		t.Errorf("%d recordings, read %d times", len(w.recordings()), n)
	}
}

// A share that hangs does not keep dyade from stopping.
func TestItStopsWhereAFolderHangs(t *testing.T) {
	w := open(t)
	begun, goOn := make(chan struct{}), make(chan struct{})
	w.put = func(context.Context, int) error {
		close(begun)
		<-goOn
		return errors.New("late")
	}
	w.in.Pace.Grace = time.Millisecond
	w.write("Emma.mp4", mp4(1))
	w.start()
	go w.clock.pass(4 * time.Second)
	<-begun
	w.stop()
	if w.log.count("given up") != 1 {
		t.Errorf("it says:\n%s", w.log.String())
	}
	close(goOn)
}

// A stick's times are local, and its inodes new each time.
func TestAStickInSummerAndWinter(t *testing.T) {
	w := start(t)
	w.write("Emma.mp4", mp4(1))
	w.taken(1)
	info, err := os.Stat(w.path("Emma.mp4"))
	check(t, err)
	check(t, os.Remove(w.path("Emma.mp4")))
	w.write("another.txt", nil) // has the inode
	w.write("Emma.mp4", mp4(1))
	winter := info.ModTime().Add(-time.Hour)
	check(t, os.Chtimes(w.path("Emma.mp4"), winter, winter))
	w.stay(time.Hour)
	if n := w.puts.Load(); n != 1 {
		t.Errorf("it was read %d times", n)
	}
}

func TestWhatChangesWhileItIsCopied(t *testing.T) {
	w := open(t)
	w.write("Emma.mts", mts(1))
	once := sync.OnceFunc(func() { w.add("Emma.mts", mts(2)) })
	w.put = func(context.Context, int) error { once(); return nil }
	w.start()
	w.taken(1)
	if r := w.recordings()[0]; r.SizeBytes != 30000 {
		t.Errorf("got %+v", r)
	}
}

func TestWhatIsNoFilm(t *testing.T) {
	w := open(t)
	for _, name := range []string{"Emma.jpg", "Emma.txt", "noending"} {
		w.write(name, mp4(1))
	}
	w.write("Emma.mp4", []byte("text, not film"))
	w.start()
	w.stay(20 * time.Minute)
	if n := w.log.count("files=4"); n != 1 || w.log.count("no films") != 1 {
		t.Errorf("it says:\n%s", w.log.String())
	}
	w.write("Emma.mp4", mp4(1))
	w.taken(1)
}

func TestStrangeNames(t *testing.T) {
	long := strings.Repeat("é", 125) + "x.mp4"
	for name, want := range map[string]string{
		"a\nb\x1b[31m.mp4":         "a_b_[31m.mp4",
		"a\xff\xfe.mp4":            "a_.mp4",
		long:                       long,
		"séance d’été \u202f👶.mp4": "séance d’été \u202f👶.mp4",
	} {
		w := start(t)
		w.write(name, mp4(1))
		if got := w.taken(1)[0]; got != want {
			t.Errorf("%q became %q, not %q", name, got, want)
		}
		w.stop()
	}
}

func TestAFolderHasBounds(t *testing.T) {
	w := open(t)
	w.write(strings.Repeat("deep/", 16)+"a.mp4", mp4(1))
	w.write(strings.Repeat("deep/", 17)+"b.mp4", mp4(2))
	w.start()
	if got := w.taken(1); got[0] != "a.mp4" {
		t.Errorf("got %v", got)
	}
	w.stay(15 * time.Minute)
	if n := w.log.count("too much"); n != 1 {
		t.Errorf("it says:\n%s", w.log.String())
	}
}
