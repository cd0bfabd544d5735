package archive_test

import (
	"archive/tar"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"dyade/annotate/archive"
	"dyade/annotate/blob"
	"dyade/annotate/review"
	"dyade/annotate/store"
)

var ctx = context.Background()

// data is a data folder.
type data struct {
	t     testing.TB
	dir   string
	store *store.Store
	media *blob.Folder
}

func (d *data) place() archive.Place {
	return archive.Place{
		Database: filepath.Join(d.dir, "dyade.db"), Media: filepath.Join(d.dir, "media"), Aside: filepath.Join(d.dir, "aside"),
	}
}

func (d *data) keeper() archive.Keeper {
	return archive.Keeper{Store: d.store, Media: d.media, Aside: d.place().Aside}
}

func opened(t testing.TB, dir string) *data {
	t.Helper()
	d := &data{t: t, dir: dir}
	var err error
	if d.store, err = store.Open(ctx, d.place().Database, time.Now); err != nil {
		t.Fatal(err)
	}
	if d.media, err = blob.OpenFolder(d.place().Media); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.store.Close() })
	return d
}

func (d *data) put(content string) blob.Sum {
	d.t.Helper()
	sum, _, err := d.media.Put(ctx, strings.NewReader(content))
	if err != nil {
		d.t.Fatal(err)
	}
	return sum
}

func (d *data) submit(name, film string) (id string) {
	d.t.Helper()
	ids, err := d.store.Submit(ctx, store.Submission{
		Sum: d.put(film), Name: name, SizeBytes: int64(len(film)), Queue: store.Default, First: store.NewStep{Key: "probe", Name: "probe"},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return ids[0]
}

// film is long enough to lie in several blocks of a tar file.
var film = strings.Repeat("a film ", 400)

// full is a data folder with a recording that is done, one that is worked on, and
// a blob that nobody needs.
func full(t testing.TB) *data {
	t.Helper()
	d := opened(t, filepath.Join(t.TempDir(), "data"))
	d.edit(d.submit("done.mp4", film))
	d.accept(store.Outcome{Files: map[string]blob.Sum{"moments.json": d.put("{}"), "empty": d.put("")}})
	d.submit("open.mp4", "another film")
	d.accept(store.Outcome{Result: d.put("a probe"), Then: &store.NewStep{Key: "next", Name: "assemble"}})
	if list, err := d.store.Claim(ctx, 1); err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	d.put("a stray")
	return d
}

// edit decides something about a recording.
func (d *data) edit(recording string) {
	d.t.Helper()
	r, err := d.store.Recording(ctx, recording)
	if err != nil {
		d.t.Fatal(err)
	}
	name := "person/" + recording + ".p1"
	for id, e := range map[string]review.Edit{
		"0b6c1a52-9f3e-4d7a-8c21-5e0f9a1b2c3d": {Kind: review.Do, Changes: []review.Change{
			{Entity: name, Field: "recording", To: review.Value(strconv.Quote(recording))}, {Entity: name, Field: "role", To: `"child"`},
		}},
		"1b6c1a52-9f3e-4d7a-8c21-5e0f9a1b2c3d": {Kind: review.Do, Changes: []review.Change{{Entity: "reel/main", Field: "faded", To: "true"}}},
	} {
		e.ID, e.By = id, "one"
		if _, err := d.store.Edit(ctx, r.Visit, e); err != nil {
			d.t.Fatal(err)
		}
	}
}

// accept gives an outcome to the step that is ready.
func (d *data) accept(o store.Outcome) {
	d.t.Helper()
	list, err := d.store.Claim(ctx, 1)
	if err != nil || len(list) != 1 {
		d.t.Fatal(list, err)
	}
	if ok, _, err := d.store.Accept(ctx, list[0].ID, o); !ok || err != nil {
		d.t.Fatal(ok, err)
	}
}

func (d *data) written() []byte {
	d.t.Helper()
	var out bytes.Buffer
	if err := archive.Write(ctx, d.keeper(), &out); err != nil {
		d.t.Fatal(err)
	}
	return out.Bytes()
}

// files lists what lies in a folder, folders aside.
func files(t testing.TB, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, f fs.DirEntry, err error) error {
		if err == nil && !f.IsDir() {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// empty is a data folder that is to be made, in a folder that shows what is left.
func empty(t testing.TB) (d *data, above string) {
	above = t.TempDir()
	d = &data{t: t, dir: filepath.Join(above, "data")}
	if err := os.Mkdir(d.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return d, above
}

// refused reads what must not be restored, of which nothing may be left.
func refused(t *testing.T, doc []byte, want error) {
	t.Helper()
	d, above := empty(t)
	if _, err := archive.Read(ctx, bytes.NewReader(doc), d.place()); !errors.Is(err, want) {
		t.Errorf("read: %v, want %v", err, want)
	}
	if left := files(t, above); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if left, err := os.ReadDir(d.dir); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	was := full(t)
	doc := was.written()
	now, above := empty(t)
	c, err := archive.Read(ctx, bytes.NewReader(doc), now.place())
	if err != nil || c.Recordings != 2 || c.Blobs != 5 {
		t.Fatalf("%+v, %v", c, err)
	}
	if got := files(t, above); len(got) != 1+5 {
		t.Errorf("there are %v", got)
	}
	for _, path := range files(t, above) {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
	now = opened(t, now.dir)
	same(t, was, now, func(d *data) (any, error) { return d.store.Recordings(ctx) })
	same(t, was, now, func(d *data) (any, error) { return d.store.Queued(ctx) })
	same(t, was, now, func(d *data) (any, error) { return d.store.AllNeeded(ctx) })
	all, err := now.store.Recordings(ctx)
	if err != nil {
		t.Fatal(err)
	}
	reviewed := ""
	for _, r := range all {
		if r.Name == "done.mp4" {
			reviewed = r.Visit
		}
		same(t, was, now, func(d *data) (any, error) { return d.store.Files(ctx, r.ID) })
		same(t, was, now, func(d *data) (any, error) { return d.store.Review(ctx, r.Visit, "one") })
		same(t, was, now, func(d *data) (any, error) { list, _, err := d.store.EditsSince(ctx, r.Visit, 0, 9); return list, err })
		same(t, was, now, func(d *data) (any, error) { v, _, err := d.store.Visit(ctx, r.Visit); return v, err })
	}
	for _, d := range []*data{was, now} { // the journal goes on as it would have
		if _, err := d.store.Edit(ctx, reviewed, review.Edit{ID: "2b6c1a52-9f3e-4d7a-8c21-5e0f9a1b2c3d", By: "one", Kind: review.Undo}); err != nil {
			t.Error(err)
		}
	}
	same(t, was, now, func(d *data) (any, error) {
		r, err := d.store.Review(ctx, reviewed, "one")
		r.MadeMS = 0 // each has its own
		return r, err
	})
	h, err := archive.Check(ctx, now.keeper())
	if err != nil || len(h.Problems) > 0 || h.Strays != 0 || h.Recordings != 2 || h.Blobs != 5 || h.Bytes < int64(len(film)) {
		t.Errorf("%+v, %v", h, err)
	}
	if again := now.written(); len(again) != len(doc) {
		t.Errorf("written again it has %d bytes, not %d", len(again), len(doc))
	}
}

// TestReelsAreInBackups: what was rendered, and what is to be.
func TestReelsAreInBackups(t *testing.T) {
	was := full(t)
	all, err := was.store.Recordings(ctx)
	if err != nil {
		t.Fatal(err)
	}
	visit := all[0].Visit
	for _, plan := range []string{`{"title":"a"}`, `{"title":"b"}`} {
		if err := was.store.AskReel(ctx, visit, []byte(plan)); err != nil {
			t.Fatal(err)
		}
		if o, err := was.store.NextReel(ctx); plan == `{"title":"a"}` {
			kept, _, failed := was.store.ReelRendered(ctx, o.Job, was.put("a reel"), was.put("where it comes from"))
			if !kept || failed != nil || err != nil {
				t.Fatal(kept, failed, err)
			}
		}
	}
	now, _ := empty(t)
	if _, err := archive.Read(ctx, bytes.NewReader(was.written()), now.place()); err != nil {
		t.Fatal(err)
	}
	now = opened(t, now.dir)
	same(t, was, now, func(d *data) (any, error) { return d.store.Reel(ctx, visit) })
	same(t, was, now, func(d *data) (any, error) { return d.store.NextReel(ctx) })
	if h, err := archive.Check(ctx, now.keeper()); err != nil || len(h.Problems) > 0 || h.Blobs != 7 {
		t.Errorf("%+v, %v", h, err)
	}
	if err := now.media.Remove(ctx, blob.Of([]byte("a reel"))); err != nil {
		t.Fatal(err)
	}
	if h, err := archive.Check(ctx, now.keeper()); err != nil || len(h.Problems) != 1 || h.Problems[0].Recording != all[0].ID {
		t.Errorf("without the reel: %+v, %v", h, err)
	}
}

func same(t *testing.T, was, now *data, of func(*data) (any, error)) {
	t.Helper()
	want, err := of(was)
	if err != nil {
		t.Fatal(err)
	}
	got, err := of(now)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("there is %+v, %v; there was %+v", got, err, want)
	}
}

// A backup that is cut anywhere is not one.
func TestACutArchiveIsRefused(t *testing.T) {
	doc := full(t).written()
	whole := bytes.LastIndexByte(doc, '}') + 1 // what follows is empty blocks
	for n := 0; n < whole; n += 7 {
		want := archive.ErrCut
		if n < 512 {
			want = archive.ErrNoArchive
		}
		if _, err := archive.Examine(bytes.NewReader(doc[:n])); !errors.Is(err, want) {
			t.Fatalf("cut after %d of %d bytes: %v", n, len(doc), err)
		}
	}
	if c, err := archive.Examine(bytes.NewReader(doc)); err != nil || c.Recordings != 2 {
		t.Errorf("%+v, %v", c, err)
	}
	media := bytes.Index(doc, []byte("media/"))
	last := bytes.Index(doc, []byte("whole"))
	for _, n := range []int{513, media / 2, media, media + 100, media + 512, media + 513, media + 3000, last, last + 512, whole - 1} {
		refused(t, doc[:n], archive.ErrCut)
	}
	refused(t, nil, archive.ErrNoArchive)
	refused(t, doc[:511], archive.ErrNoArchive)
}

func TestReadingThatFailsLeavesNothing(t *testing.T) {
	doc := full(t).written()
	pulled := errors.New("the stick was pulled out")
	for _, n := range []int{0, 600, len(doc) - 3000} {
		d, above := empty(t)
		_, err := archive.Read(ctx, io.MultiReader(bytes.NewReader(doc[:n]), iotest.ErrReader(pulled)), d.place())
		if left := files(t, above); !errors.Is(err, pulled) || len(left) > 0 {
			t.Errorf("%v, left: %v", err, left)
		}
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	d, above := empty(t)
	if _, err := archive.Read(over, bytes.NewReader(doc), d.place()); !errors.Is(err, context.Canceled) || len(files(t, above)) > 0 {
		t.Errorf("%v, left: %v", err, files(t, above))
	}
}

// entry of an archive, to be packed anew.
type entry struct {
	tar.Header
	content []byte
}

func unpacked(t testing.TB, doc []byte) (list []entry) {
	t.Helper()
	in := tar.NewReader(bytes.NewReader(doc))
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, entry{tar.Header{Name: h.Name, Typeflag: h.Typeflag, Mode: 0o600}, content})
	}
}

func packed(t testing.TB, list []entry) []byte {
	t.Helper()
	var doc bytes.Buffer
	out := tar.NewWriter(&doc)
	for _, e := range list {
		e.Size = int64(len(e.content))
		if err := out.WriteHeader(&e.Header); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Write(e.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return doc.Bytes()
}

func named(name string, content []byte) entry {
	return entry{tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o600}, content}
}

func linked(name string, kind byte) entry {
	return entry{tar.Header{Name: name, Typeflag: kind, Linkname: "/etc/passwd"}, nil}
}

// agreed is a list whose last entry tells of the database that it has.
func agreed(t testing.TB, list []entry, blobs int) []entry {
	t.Helper()
	doc, err := json.Marshal(archive.Contents{Recordings: 2, Blobs: blobs, Database: blob.Of(list[0].content)})
	if err != nil {
		t.Fatal(err)
	}
	return append(list[:len(list)-1:len(list)-1], named("whole", doc))
}

func TestAChangedArchiveIsRefused(t *testing.T) {
	doc := full(t).written()
	extra := []byte("not of this backup")
	sum := string(blob.Of(extra))
	insert := func(e entry) func([]entry) []entry {
		return func(l []entry) []entry { return slices.Insert(l, 1, e) }
	}
	for _, c := range []struct {
		name   string
		change func(list []entry) []entry
		want   error
	}{
		{"a blob's byte", func(l []entry) []entry { l[1].content = append(slices.Clone(l[1].content), '!'); return l }, archive.ErrChanged},
		{"a database's byte", func(l []entry) []entry { l[0].content[5000] ^= 1; return l }, archive.ErrChanged},
		{"a database that is none", func(l []entry) []entry { l[0].content = extra; return agreed(t, l, 5) }, archive.ErrChanged},
		{"a database that is torn", func(l []entry) []entry {
			for i := range 4096 {
				l[0].content[8192+i] = 0xff
			}
			return agreed(t, l, 5)
		}, archive.ErrChanged},
		{"a blob less", func(l []entry) []entry { return slices.Delete(l, 2, 3) }, archive.ErrChanged},
		{"a blob less, as is said", func(l []entry) []entry { return agreed(t, slices.Delete(l, 2, 3), 4) }, archive.ErrChanged},
		{"a blob more", insert(named("media/"+sum, extra)), archive.ErrChanged},
		{"a blob twice", func(l []entry) []entry { return slices.Insert(l, 1, l[1]) }, archive.ErrChanged},
		{"a blob of another name", insert(named("media/"+strings.Repeat("0", 64), extra)), archive.ErrChanged},
		{"a blob of no name", insert(named("media/x", extra)), archive.ErrChanged},
		{"a sum in capitals", insert(named("media/"+strings.ToUpper(sum), extra)), archive.ErrChanged},
		{"a blob outside", insert(named(sum, extra)), archive.ErrChanged},
		{"a way out", insert(named("media/../../x", extra)), archive.ErrChanged},
		{"a long way out", insert(named("media/"+strings.Repeat("../", 14)+"../../x/"+strings.Repeat("y", 200), extra)), archive.ErrChanged},
		{"a way from the root", insert(named("/tmp/x", extra)), archive.ErrChanged},
		{"another database", insert(named("dyade.db", extra)), archive.ErrChanged},
		{"a token", insert(named("token", extra)), archive.ErrChanged},
		{"a symbolic link", insert(linked("media/"+sum, tar.TypeSymlink)), archive.ErrChanged},
		{"a hard link", insert(linked("media/"+sum, tar.TypeLink)), archive.ErrChanged},
		{"a folder", insert(linked("media/", tar.TypeDir)), archive.ErrChanged},
		{"a pipe", insert(linked("media/"+sum, tar.TypeFifo)), archive.ErrChanged},
		{"a link for the database", func(l []entry) []entry { l[0] = linked("dyade.db", tar.TypeSymlink); return l }, archive.ErrNoArchive},
		{"no database", func(l []entry) []entry { return l[1:] }, archive.ErrNoArchive},
		{"only the end", func(l []entry) []entry { return l[len(l)-1:] }, archive.ErrNoArchive},
		{"no end", func(l []entry) []entry { return l[:len(l)-1] }, archive.ErrCut},
		{"an end that says nothing", func(l []entry) []entry { l[len(l)-1].content = nil; return l }, archive.ErrChanged},
		{"an end that goes on and on", func(l []entry) []entry {
			l[len(l)-1].content = append(bytes.Repeat([]byte(" "), 5000), l[len(l)-1].content...)
			return l
		}, archive.ErrChanged},
		{"a newer database", func(l []entry) []entry {
			l[0].content = newer(t, l[0].content)
			return agreed(t, l, 5)
		}, store.ErrNewer},
	} {
		t.Run(c.name, func(t *testing.T) { refused(t, packed(t, c.change(unpacked(t, doc))), c.want) })
	}
	d, _ := empty(t)
	if _, err := archive.Read(ctx, bytes.NewReader(packed(t, unpacked(t, doc))), d.place()); err != nil {
		t.Errorf("what is not changed: %v", err)
	}
}

// newer makes of a database one of a program to come.
func newer(t *testing.T, doc []byte) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "newer.db")
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(ctx, "PRAGMA user_version = 99")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if doc, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return doc
}

// Bytes flipped anywhere but in what fills blocks up are seen.
func TestAFlippedByteIsSeen(t *testing.T) {
	doc := full(t).written()
	whole := bytes.LastIndexByte(doc, '}') + 1
	for at := 0; at < whole; at += 97 {
		flipped := slices.Clone(doc)
		flipped[at] ^= 0x55
		c, err := archive.Examine(bytes.NewReader(flipped))
		if err == nil && c.Recordings == 2 && doc[at] != 0 {
			t.Errorf("byte %d (%q) was flipped, and nobody minded", at, doc[max(0, at-8):at+8])
		}
	}
}

// A sparse file stands for more than it brings: a small archive must not fill a disk.
func TestASparseEntryIsRefused(t *testing.T) {
	list := unpacked(t, full(t).written())
	var doc bytes.Buffer
	out := tar.NewWriter(&doc)
	if err := out.WriteHeader(&tar.Header{Name: "dyade.db", Typeflag: tar.TypeReg, Mode: 0o600, Size: int64(len(list[0].content))}); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Write(list[0].content); err != nil {
		t.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	// A header of the old GNU kind, made by hand: Go writes none.
	var block [512]byte
	copy(block[0:], "media/"+strings.Repeat("0", 64))
	copy(block[100:], "0000600\x000000000\x000000000\x0000000000000\x0000000000000\x00        S")
	copy(block[257:], "ustar  \x00")
	copy(block[483:], "77777777777\x00") // 8 GiB, of which nothing is there
	check := 0
	for _, b := range block {
		check += int(b)
	}
	copy(block[148:], fmt.Sprintf("%06o\x00 ", check))
	doc.Write(block[:])
	doc.Write(make([]byte, 1024))
	if h, err := second(doc.Bytes()); err != nil || h.Typeflag != tar.TypeGNUSparse || h.Size < 8<<30-1 {
		t.Fatalf("%+v, %v", h, err)
	}
	refused(t, doc.Bytes(), archive.ErrChanged)
}

func second(doc []byte) (*tar.Header, error) {
	in := tar.NewReader(bytes.NewReader(doc))
	if _, err := in.Next(); err != nil {
		return nil, err
	}
	return in.Next()
}

func TestOtherFilesAreRefused(t *testing.T) {
	for name, doc := range map[string][]byte{
		"empty":       nil,
		"text":        []byte("Dear all,\n"),
		"zeros":       make([]byte, 4096),
		"noise":       bytes.Repeat([]byte{7, 31, 5}, 9000),
		"zip":         []byte("PK\x03\x04" + strings.Repeat("z", 2000)),
		"another tar": packed(t, []entry{named("holiday.jpg", []byte("JFIF"))}),
		"no entries":  packed(t, nil),
	} {
		t.Run(name, func(t *testing.T) { refused(t, doc, archive.ErrNoArchive) })
	}
}

// Nothing is put over what is there, nor beside what SQLite would take for a part
// of it.
func TestWhatIsThereStays(t *testing.T) {
	doc := full(t).written()
	for _, name := range []string{"dyade.db", "dyade.db-wal", "dyade.db-journal", "media"} {
		d, above := empty(t)
		if err := os.WriteFile(filepath.Join(d.dir, name), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := archive.Read(ctx, bytes.NewReader(doc), d.place())
		if left := files(t, above); !errors.Is(err, archive.ErrInUse) || len(left) != 1 {
			t.Errorf("%s: %v; there are %v", name, err, left)
		}
		if got, err := os.ReadFile(filepath.Join(d.dir, name)); string(got) != "mine" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	d, _ := empty(t)
	for _, name := range []string{"lock", "token"} { // these may be there
		if err := os.WriteFile(filepath.Join(d.dir, name), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := archive.Read(ctx, bytes.NewReader(doc), d.place()); err != nil {
		t.Error(err)
	}
}

// What is damaged is not backed up as if it were whole.
func TestDamageIsNotBackedUp(t *testing.T) {
	for _, c := range []struct {
		name string
		harm func(d *data) error
		want error
		left error // what a reader of what was written finds
	}{
		{"a blob is gone", func(d *data) error { return d.media.Remove(ctx, blob.Of([]byte(film))) }, blob.ErrMissing, archive.ErrCut},
		{"a blob is changed", func(d *data) error { return rewrite(d.media.Path(blob.Of([]byte(film))), "other") }, blob.ErrDamaged, archive.ErrChanged},
		{"a blob is longer", func(d *data) error { return rewrite(d.media.Path(blob.Of([]byte(film))), film+"more") }, blob.ErrDamaged, archive.ErrChanged},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := full(t)
			if err := c.harm(d); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := archive.Write(ctx, d.keeper(), &out); !errors.Is(err, c.want) {
				t.Errorf("write: %v", err)
			}
			if _, err := archive.Examine(&out); !errors.Is(err, c.left) {
				t.Errorf("examine: %v", err)
			}
			if left := files(t, d.place().Aside); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

func rewrite(path, content string) error {
	return errors.Join(os.Remove(path), os.WriteFile(path, []byte(content), 0o600))
}

// Blobs are held from before the database is copied until all are written.
func TestBlobsAreHeldMeanwhile(t *testing.T) {
	d := full(t)
	k := d.keeper()
	var held []bool
	holds := false
	k.Hold = func() func() { holds = true; return func() { holds = false } }
	err := archive.Write(ctx, k, writer(func(p []byte) (int, error) {
		held = append(held, holds)
		return len(p), nil
	}))
	if err != nil || holds || len(held) == 0 || slices.Contains(held, false) {
		t.Errorf("%v, %v, %v", err, holds, held)
	}
	full := errors.New("the disk is full")
	if err := archive.Write(ctx, k, writer(func([]byte) (int, error) { return 0, full })); !errors.Is(err, full) || holds {
		t.Errorf("%v, %v", err, holds)
	}
	over, cancel := context.WithCancel(ctx)
	err = archive.Write(over, k, writer(func(p []byte) (int, error) { cancel(); return len(p), nil }))
	if !errors.Is(err, context.Canceled) || holds {
		t.Errorf("%v, %v", err, holds)
	}
	if left := files(t, d.place().Aside); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// What changes while it is written is in the archive as it was at its start.
func TestWhatIsDeletedMeanwhileIsInIt(t *testing.T) {
	d := full(t)
	k := d.keeper()
	var out bytes.Buffer
	deleted := false
	err := archive.Write(ctx, k, writer(func(p []byte) (int, error) {
		if !deleted {
			deleted = true
			all, err := d.store.Recordings(ctx)
			if err != nil {
				return 0, err
			}
			for _, r := range all {
				if _, err := d.store.Delete(ctx, r.ID); err != nil { // its blobs are held
					return 0, err
				}
			}
		}
		return out.Write(p)
	}))
	if c, xerr := archive.Examine(&out); err != nil || xerr != nil || c.Recordings != 2 {
		t.Errorf("%+v, %v, %v", c, err, xerr)
	}
}

func TestSave(t *testing.T) {
	doc := full(t).written()
	broken := errors.New("the server was stopped")
	give := func(doc []byte, err error) func(io.Writer) error {
		return func(to io.Writer) error {
			_, werr := to.Write(doc)
			return errors.Join(werr, err)
		}
	}
	for _, c := range []struct {
		name  string
		there string // a file that is there before
		in    string // a folder
		give  func(io.Writer) error
		want  error
	}{
		{name: "whole", give: give(doc, nil)},
		{name: "given in pieces", give: func(to io.Writer) error {
			_, err := io.Copy(to, iotest.OneByteReader(bytes.NewReader(doc)))
			return err
		}},
		{name: "cut, and said so", give: give(doc[:9000], broken), want: broken},
		{name: "cut, and not said", give: give(doc[:9000], nil), want: archive.ErrCut},
		{name: "nothing", give: give(nil, broken), want: broken},
		{name: "something else", give: give(make([]byte, 1<<20), nil), want: archive.ErrNoArchive},
		{name: "over another", there: "b.tar", give: give(doc, nil), want: archive.ErrThere},
		{name: "beside one under way", there: "b.tar.part", give: give(doc, nil), want: archive.ErrThere},
		{name: "nowhere", in: "nowhere", give: give(doc, nil), want: archive.ErrUnwritable},
		{name: "another comes first", want: archive.ErrThere},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, c.in, "b.tar")
			var before []string
			if c.there != "" {
				before = []string{filepath.Join(dir, c.there)}
				if err := os.WriteFile(before[0], []byte("mine"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if c.give == nil {
				before = []string{path}
				c.give = func(to io.Writer) error {
					return errors.Join(give(doc, nil)(to), os.WriteFile(path, []byte("mine"), 0o600))
				}
			}
			contents, size, err := archive.Save(path, c.give)
			if !errors.Is(err, c.want) || c.want == nil && err != nil {
				t.Errorf("save: %v, want %v", err, c.want)
			}
			if c.want != nil {
				if left := files(t, dir); !slices.Equal(left, before) {
					t.Errorf("there are %v, there were %v", left, before)
				}
				return
			}
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, doc) || size != int64(len(doc)) || contents.Recordings != 2 {
				t.Errorf("%d bytes of %d, %+v, %v", size, len(doc), contents, err)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || len(files(t, dir)) != 1 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
		})
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	sum := blob.Of([]byte(film))
	for _, c := range []struct {
		name string
		harm func(t *testing.T, d *data) error
		want string
	}{
		{"nothing", func(*testing.T, *data) error { return nil }, "[]"},
		{"a film is gone", func(_ *testing.T, d *data) error { return d.media.Remove(ctx, sum) }, "[missing done.mp4]"},
		{"a film is changed", func(_ *testing.T, d *data) error { return rewrite(d.media.Path(sum), "other") }, "[damaged done.mp4]"},
		{"a film is no file", func(_ *testing.T, d *data) error {
			return errors.Join(os.Remove(d.media.Path(sum)), os.Mkdir(d.media.Path(sum), 0o700))
		}, "[unreadable done.mp4]"},
		{"a result is gone", func(_ *testing.T, d *data) error { return d.media.Remove(ctx, blob.Of([]byte("a probe"))) }, "[missing open.mp4]"},
		{"a stray is gone", func(_ *testing.T, d *data) error { return d.media.Remove(ctx, blob.Of([]byte("a stray"))) }, "[]"},
		{"the database is torn", tear, "[database ]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := full(t)
			if err := c.harm(t, d); err != nil {
				t.Fatal(err)
			}
			h, err := archive.Check(ctx, d.keeper())
			if err != nil {
				t.Fatal(err)
			}
			found := []string{}
			for _, p := range h.Problems {
				found = append(found, string(p.Code)+" "+p.Name)
			}
			if fmt.Sprint(found) != c.want {
				t.Errorf("found %+v", h.Problems)
			}
		})
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	if h, err := archive.Check(over, full(t).keeper()); !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", h, err)
	}
}

// tear writes over a page of the database.
func tear(t *testing.T, d *data) error {
	t.Helper()
	if err := d.store.Close(); err != nil {
		return err
	}
	f, err := os.OpenFile(d.place().Database, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(bytes.Repeat([]byte{0xff}, 4096), 8192)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	d.store = opened(t, d.dir).store
	return nil
}

// A recording that is deleted while all is checked lacks nothing.
func TestWhatIsDeletedMeanwhileIsNotMissed(t *testing.T) {
	d := full(t)
	k := d.keeper()
	k.Media = vanishing{d.media, func() error {
		all, err := d.store.Recordings(ctx)
		for _, r := range all {
			e, derr := d.store.Delete(ctx, r.ID)
			err = errors.Join(err, derr)
			for _, sum := range e.Unneeded {
				err = errors.Join(err, d.media.Remove(ctx, sum))
			}
		}
		return err
	}}
	if h, err := archive.Check(ctx, k); err != nil || len(h.Problems) > 0 {
		t.Errorf("%+v, %v", h, err)
	}
}

// vanishing loses what it has before it is first asked.
type vanishing struct {
	*blob.Folder
	vanish func() error
}

func (v vanishing) Size(ctx context.Context, sum blob.Sum) (int64, error) {
	if err := v.vanish(); err != nil {
		return 0, err
	}
	return v.Folder.Size(ctx, sum)
}

// Whatever a file holds, a data folder is made of it that is sound, or none.
func FuzzRead(f *testing.F) {
	doc := full(f).written()
	list := unpacked(f, doc)
	f.Add(doc)
	f.Add(doc[:len(doc)-2000])
	f.Add(doc[bytes.Index(doc, []byte("media/")):])
	f.Add(packed(f, []entry{named("dyade.db", nil), named("whole", []byte("{}"))}))
	f.Add(packed(f, agreed(f, slices.Clone(list), 4)))
	f.Add(packed(f, []entry{named("dyade.db", []byte("SQLite format 3")), named("media/../x", nil), linked("media/x", tar.TypeSymlink)}))
	f.Fuzz(func(t *testing.T, doc []byte) {
		d, above := empty(t)
		c, err := archive.Read(ctx, bytes.NewReader(doc), d.place())
		if err != nil {
			if left := files(t, above); len(left) > 0 {
				t.Errorf("%v, left: %v", err, left)
			}
			return
		}
		if x, err := archive.Examine(bytes.NewReader(doc)); err != nil || x != c {
			t.Errorf("examined: %+v, %v; read: %+v", x, err, c)
		}
		if h, err := archive.Check(ctx, opened(t, d.dir).keeper()); err != nil || len(h.Problems) > 0 {
			t.Errorf("%+v, %v", h, err)
		}
	})
}
