package decode_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"dyade/pipeline/decode"
	"dyade/pipeline/encode/box"
)

// hostile are files that are refused, by what is in them.
var hostile = []struct {
	name, content string
	reason        decode.Reason
}{
	{"empty.mp4", "", decode.Empty},
	{"text.mp4", "Bonjour, ceci n'est pas un film.\n", decode.NotMedia},
	{"zeros.mp4", strings.Repeat("\x00", 100000), decode.NotMedia},
	{"short.mp4", "\x00\x00\x00", decode.NotMedia},
	{"words.srt", "1\n00:00:01,000 --> 00:00:02,000\nbonjour\n", decode.NotMedia},
	{"page.mp4", "<!DOCTYPE html><html><video src=x></html>", decode.NotMedia},
	{"utf16.mp4", "\xff\xfeb\x00o\x00n\x00", decode.NotMedia},
	{"list.m3u8", "#EXTM3U\n#EXTINF:4,\nhttp://127.0.0.1/a.ts\n", decode.PointsAway},
	{"list.mp4", "\xef\xbb\xbf#EXTM3U\nponly.mp4\n", decode.PointsAway},
	{"list.txt", "ffconcat version 1.0\nfile 'ponly.mp4'\n", decode.PointsAway},
	{"concat.mp4", "# films\nfile 'ponly.mp4'\nfile 'hevc.mp4'\n", decode.PointsAway},
	{"dash.mpd", "<?xml version=\"1.0\"?>\n<!-- x -->\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"></MPD>", decode.PointsAway},
	{"list.smil", "<smil><body><video src=\"a.mp4\"/></body></smil>", decode.PointsAway},
	{"list.asx", "<ASX version=\"3.0\"><Entry><Ref href=\"a.mp4\"/></Entry></ASX>", decode.PointsAway},
	{"list.xspf", "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<playlist version=\"1\"></playlist>", decode.PointsAway},
	{"list.pls", "[playlist]\nFile1=a.mp3\n", decode.PointsAway},
	{"script.avs", "v = AviSource(\"a.avi\")\nreturn v\n", decode.PointsAway},
	{"script.vpy", "import vapoursynth as vs\ncore = vs.core\n", decode.PointsAway},
	{"picture.webp", "RIFF\x24\x00\x00\x00WEBPVP8 ", decode.StillPicture},
	{"picture.heic", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", decode.StillPicture},
	{"picture.bmp", "BM\x36\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00", decode.StillPicture},
	{"headonly.mp4", "\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41", decode.BrokenHeader},
	{"headonly.mkv", "\x1aE\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x23B\x86\x81\x01", decode.BrokenHeader},
}

// refused checks that the file is refused for a reason, in time, with a sentence
// that says what to do.
func refused(t *testing.T, path string, reason decode.Reason) {
	t.Helper()
	start := time.Now()
	s, err := decode.Open(context.Background(), path)
	if err == nil {
		s.Close()
		t.Fatalf("%s was opened: %+v", path, s.Recording())
	}
	var u *decode.Unreadable
	if !errors.As(err, &u) || u.Reason != reason || u.Path != path {
		t.Errorf("got %#v: %v, want reason %s", err, err, reason)
	}
	if !strings.Contains(err.Error(), path) || len(err.Error()) < len(path)+30 {
		t.Errorf("the sentence says too little: %v", err)
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Errorf("it took %v", d)
	}
}

func TestOpenRefusesContent(t *testing.T) {
	for _, c := range hostile {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.name)
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			refused(t, path, c.reason)
		})
	}
}

func TestOpenRefusesRandomBytes(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.NewChaCha8([32]byte{byte(seed)})
		b := make([]byte, 64<<10)
		if _, err := r.Read(b); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "random.mp4")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := decode.Open(context.Background(), path)
		var u *decode.Unreadable
		if err == nil {
			s.Close()
			t.Fatalf("seed %d was opened as %s", seed, s.Recording().Container)
		}
		if !errors.As(err, &u) {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

func TestOpenRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo.mp4")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, filepath.Join(dir, "none.mp4"), decode.Missing)
	refused(t, filepath.Join(film(t, "ponly.mp4"), "below.mp4"), decode.Missing)
	refused(t, "http://127.0.0.1:1/film.mp4", decode.Missing)
	refused(t, dir, decode.Folder)
	refused(t, fifo, decode.NotRegular)
	refused(t, "/dev/zero", decode.NotRegular)
}

// TestOpenRefusesUnreadable runs itself as nobody where it runs as root, whom no
// file mode stops.
func TestOpenRefusesUnreadable(t *testing.T) {
	if path := os.Getenv("DYADE_UNREADABLE"); path != "" {
		refused(t, path, decode.NoPermission)
		return
	}
	dir, err := os.MkdirTemp("", "dyade-unreadable") //nolint:usetesting // nobody may not enter t.TempDir's parent
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path, program := filepath.Join(dir, "film.mp4"), filepath.Join(dir, "decode.test")
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("x"), 0o000); err != nil {
		t.Fatal(err)
	}
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, self, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.run", "^TestOpenRefusesUnreadable$")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "DYADE_UNREADABLE="+path, "TMPDIR=/tmp")
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestOpenRefusesMade(t *testing.T) {
	refused(t, film(t, "cover.png"), decode.StillPicture)
	refused(t, film(t, "cover.jpg"), decode.StillPicture)
	refused(t, filmBy(t, "one.gif", "-f lavfi -i testsrc2=s=64x48:r=1:d=1 -frames:v 1"), decode.StillPicture)
	refused(t, filmBy(t, "words.mkv", "-i @words.srt -c:s srt"), decode.NoTrack)
	refused(t, filmBy(t, "notrack.mp4", "-f lavfi -i testsrc2=s=320x180:r=30:d=6 -t 0 "+x264), decode.NoTrack)
	refused(t, filmBy(t, "nothing.wav", sound+"-t 0 -c:a pcm_s16le"), decode.ZeroDuration)
}

// TestOpenRefusesUnnumbered gives films in fragments a track without a usable number,
// with each of which FFmpeg is busy for a third of a second and fragment. A film in
// one piece needs no number.
func TestOpenRefusesUnnumbered(t *testing.T) {
	const recipe = "-f lavfi -i testsrc2=s=64x48:r=10:d=30 -f lavfi -i sine=d=30 " + x264 + "-g 5 -c:a aac "
	pieces := filmBy(t, "pieces.mp4", recipe+"-movflags frag_keyframe+empty_moov")
	unnamed := func(b []byte, header int) []byte { b[header] = 'x'; return b }
	tooHigh := func(b []byte, header int) []byte { b[header+16] = 0x80; return b }
	for _, c := range []struct {
		name  string
		track int
		spoil func(b []byte, header int) []byte
	}{
		{"no header", 0, unnamed},
		{"no header of the sound", 1, unnamed},
		{"more than 31 bits", 0, tooHigh},
		{"more than 31 bits in a header of 64", 0, func(b []byte, at int) []byte { b[at+4], b[at+24] = 1, 0x80; return b }},
		{"tables by the name of a program that hides them", 0, func(b []byte, at int) []byte {
			return bytes.Replace(tooHigh(b, at), []byte("moov"), []byte("hoov"), 1)
		}},
		{"compressed tables", 0, func(b []byte, at int) []byte { return compressed(tooHigh(b, at)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused(t, spoiled(t, pieces, c.track, c.spoil), decode.BrokenHeader)
		})
	}
	if got := open(t, spoiled(t, filmBy(t, "piece.mp4", recipe), 0, tooHigh)).Recording(); got.Video == nil || got.Audio == nil {
		t.Errorf("in one piece: %+v", got)
	}
}

// spoiled is a copy of a film with a track's header spoiled, whose name is at header.
func spoiled(t *testing.T, film string, track int, spoil func(b []byte, header int) []byte) string {
	t.Helper()
	b, err := os.ReadFile(film)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte("tkhd"))
	for range track {
		at += 4 + bytes.Index(b[at+4:], []byte("tkhd"))
	}
	path := filepath.Join(t.TempDir(), "spoiled.mp4")
	if err := os.WriteFile(path, spoil(b, at), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// compressed is a film with its tables as QuickTime may write them.
func compressed(film []byte) []byte {
	at := bytes.Index(film, []byte("moov")) - 4
	moov, rest := film[at:], film[at+int(binary.BigEndian.Uint32(film[at:])):]
	moov = moov[:len(moov)-len(rest)]
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, err := w.Write(moov)
	if errors.Join(err, w.Close()) != nil {
		panic(err)
	}
	cmvd := box.Of("cmvd", box.U32(uint32(len(moov))), b.Bytes())
	return slices.Concat(film[:at], box.Of("moov", box.Of("cmov", box.Of("dcom", []byte("zlib")), cmvd)), rest)
}

// TestCutFile takes films apart: what is left is read, or refused in a sentence.
func TestCutFile(t *testing.T) {
	for _, c := range []struct {
		name string
		read bool
	}{{"bframes.mp4", false}, {"frag.mp4", true}, {"ts.ts", true}, {"mkv.mkv", true}, {"avi.avi", true}, {"sound.wav", true}} {
		t.Run(c.name, func(t *testing.T) {
			whole, err := os.ReadFile(film(t, c.name))
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), c.name)
			if err := os.WriteFile(path, whole[:len(whole)/2], 0o600); err != nil {
				t.Fatal(err)
			}
			if !c.read {
				refused(t, path, decode.BrokenHeader)
				return
			}
			s := open(t, path)
			if d := s.Recording().DurationS; d < 2 || d > 4 {
				t.Errorf("half of 6 s lasts %v s", d)
			}
			if s.Recording().Video != nil {
				checkFilm(t, path)
			}
		})
	}
}

// TestCutFastStart cuts a film whose tables come first: they promise more than
// there is.
func TestCutFastStart(t *testing.T) {
	whole, err := os.ReadFile(filmBy(t, "faststart.mp4", "-i @bframes.mp4 -c copy -movflags faststart"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cut.mp4")
	if err := os.WriteFile(path, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	checkFilm(t, path)
	s := open(t, path)
	if d := s.Recording().DurationS; d < 2 || d > 4 {
		t.Errorf("half of 6 s lasts %v s", d)
	}
	if !s.Cut() || open(t, film(t, "bframes.mp4")).Cut() {
		t.Error("the cut is not told")
	}
}
