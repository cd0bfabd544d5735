package movie_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dyade/pipeline/encode/box"
	"dyade/pipeline/encode/movie"
)

// boxes are those of a film by their paths, such as moov/trak/mdia; of several alike
// each has its number behind it.
func boxes(data []byte, path string, all map[string][]byte) {
	count := map[string]int{}
	for len(data) >= 8 {
		size, kind, head := uint64(binary.BigEndian.Uint32(data)), string(data[4:8]), uint64(8)
		if size == 1 {
			size, head = binary.BigEndian.Uint64(data[8:]), 16
		}
		name := path + kind
		if kind == "trak" {
			name += fmt.Sprint(count[kind])
		}
		count[kind]++
		all[name] = data[head:size]
		if strings.Contains("moov trak mdia minf stbl edts tref udta", kind) {
			boxes(data[head:size], name+"/", all)
		}
		data = data[size:]
	}
}

func numbers(b []byte) (all []int64) {
	for ; len(b) >= 4; b = b[4:] {
		all = append(all, int64(binary.BigEndian.Uint32(b)))
	}
	return all
}

// sample is what is read of one.
type sample struct {
	at   int64
	data string
	key  bool
}

// samples reads a track as a player does.
func samples(t *testing.T, file []byte, all map[string][]byte, trak string) (list []sample, late int64) {
	t.Helper()
	table := func(name string) []int64 { return numbers(all["moov/"+trak+"/mdia/minf/stbl/"+name]) }
	if edit := numbers(all["moov/"+trak+"/edts/elst"]); edit != nil {
		late = edit[3]
	}
	sizes, stts, ctts, stsc, stco := table("stsz")[3:], table("stts")[2:], table("ctts"), table("stsc")[2:], table("stco")[2:]
	now := int64(0)
	for i := 0; i < len(stts); i += 2 {
		for range stts[i] {
			list = append(list, sample{at: now - late})
			now += stts[i+1]
		}
	}
	for i, n := 2, 0; i < len(ctts); i += 2 {
		for range ctts[i] {
			list[n].at += ctts[i+1]
			n++
		}
	}
	if stss := table("stss"); stss != nil {
		for _, n := range stss[2:] {
			list[n-1].key = true
		}
	}
	n := 0
	for c, at := range stco {
		for i := len(stsc) - 3; ; i -= 3 {
			if stsc[i] > int64(c+1) {
				continue
			}
			for range stsc[i+1] {
				list[n].data = string(file[at : at+sizes[n]])
				at += sizes[n]
				n++
			}
			break
		}
	}
	if n != len(list) || len(sizes) != n {
		t.Errorf("%s: %d samples lie in chunks, %d have times, %d sizes", trak, n, len(list), len(sizes))
	}
	return list, late
}

var (
	picture = &box.Picture{Width: 64, Height: 48, SPS: [][]byte{{0x67, 77, 0, 30}, {0x67, 100, 0, 40}}, PPS: [][]byte{{0x68, 1}, {0x68, 2}}}
	heard   = &box.Sound{Channels: 2, Rate: 48000, Config: []byte{0x11, 0x90}}
)

// TestSamplesComeBack writes films of pictures in many orders and lengths, and reads
// them as players do.
func TestSamplesComeBack(t *testing.T) {
	luck := rand.New(rand.NewPCG(3, 4))
	for film := range 60 {
		n := 1 + luck.IntN(200)
		times := make([]int64, n)
		for i := 1; i < n; i++ {
			times[i] = times[i-1] + 1 + luck.Int64N(9000)
		}
		end := times[n-1] + 1 + luck.Int64N(9000)
		for i := 1; i+2 < n; i += 3 { // decoded before two that are shown before it
			times[i], times[i+1], times[i+2] = times[i+2], times[i], times[i+1]
		}
		if film%3 == 0 {
			slices.Sort(times)
		}
		path := filepath.Join(t.TempDir(), "film.mp4")
		out, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		heardEnd := end * 48000 / 90000
		blocks := int(heardEnd/1024) + 2
		w, err := movie.New(out, movie.Options{
			Tracks: []movie.Track{{Scale: 90000, Picture: picture, Most: n}, {Scale: 48000, Sound: heard, Skip: 1024, Most: blocks}},
			Title:  "Jeu", Chapters: []movie.Chapter{{Title: "Première"}, {Start: end / 2, Title: strings.Repeat("é", 200)}}, Seconds: float64(end) / 90000,
		})
		if err != nil {
			t.Fatal(err)
		}
		var pictures, sounds []sample
		sound := func(until int64) {
			for at := int64(1024 * (len(sounds) - 1)); len(sounds) < blocks && at <= until*48000/90000; at += 1024 {
				s := sample{at: at, data: fmt.Sprint("sound", at)}
				sounds = append(sounds, s)
				if err := w.Add(1, movie.Sample{Data: []byte(s.data), At: at}); err != nil {
					t.Fatal(err)
				}
			}
		}
		for i, at := range times {
			sound(at)
			s := sample{at, strings.Repeat("p", luck.IntN(300)), i%7 == 0}
			pictures = append(pictures, s)
			if err := w.Add(0, movie.Sample{Data: []byte(s.data), At: at, Key: s.key}); err != nil {
				t.Fatal(err)
			}
		}
		sound(end)
		if err := w.Close(end, heardEnd); err != nil {
			t.Fatal(err)
		}
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(file)) != w.Written() {
			t.Errorf("%d bytes are said to be written, %d are", w.Written(), len(file))
		}
		all := map[string][]byte{}
		boxes(file, "", all)
		if got, _ := samples(t, file, all, "trak0"); !slices.Equal(got, pictures) {
			t.Fatalf("film %d: pictures %v\nwant %v", film, got, pictures)
		}
		if got, late := samples(t, file, all, "trak1"); !slices.Equal(got, sounds) || late != 1024 {
			t.Fatalf("film %d: sounds %v\nwant %v", film, got, sounds)
		}
		titles, _ := samples(t, file, all, "trak2")
		if len(titles) != 2 || !strings.Contains(titles[0].data, "Première") || titles[1].at != end/2 {
			t.Errorf("chapters %v", titles)
		}
		if list := all["moov/udta/chpl"]; !bytes.Contains(list, []byte("Première")) || bytes.Contains(list, []byte("\xc3\x00")) {
			t.Errorf("a list of chapters %q", list)
		}
		if !bytes.Contains(all["moov/udta/meta"], []byte("Jeu")) {
			t.Error("the title is lost")
		}
		if i, j := bytes.Index(file, []byte("moov")), bytes.Index(file, []byte("mdat")); i > j {
			t.Error("the tables stand behind what they tell of")
		}
	}
}

// TestLittleIsHeld, also where no picture comes for long.
func TestLittleIsHeld(t *testing.T) {
	out, err := os.Create(filepath.Join(t.TempDir(), "film.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	const seconds, rate, block = 600, 48000, 1024
	w, err := movie.New(out, movie.Options{
		Tracks:  []movie.Track{{Scale: 1000, Picture: picture, Most: 2}, {Scale: rate, Sound: heard, Most: seconds*rate/block + 1}},
		Seconds: seconds,
	})
	if err != nil {
		t.Fatal(err)
	}
	begun, given := w.Written(), int64(0)
	add := func(track int, at int64) {
		if err := w.Add(track, movie.Sample{Data: make([]byte, 400), At: at}); err != nil {
			t.Fatal(err)
		}
		given += 400
		if held := given - (w.Written() - begun); held > 400*(rate/block+2) {
			t.Fatalf("%d bytes are held at %d of track %d", held, at, track)
		}
	}
	add(0, 0)
	for at := int64(0); at < (seconds-1)*rate; at += block {
		add(1, at)
	}
	add(0, (seconds-1)*1000)
	if err := w.Close(seconds*1000, seconds*rate); err != nil {
		t.Error(err)
	}
}

func TestHeadersAskForTheBetterDecoder(t *testing.T) {
	entry := picture.Entry()
	i := bytes.Index(entry, []byte("avcC"))
	if want := []byte{1, 100, 0, 40, 0xff, 0xe2}; !bytes.Equal(entry[i+4:i+10], want) {
		t.Errorf("%x, want %x", entry[i+4:i+10], want)
	}
}

// TestWhatCannotBeWritten: films that would not play are refused.
func TestWhatCannotBeWritten(t *testing.T) {
	write := func(o movie.Options, end int64, times ...int64) error {
		out, err := os.Create(filepath.Join(t.TempDir(), "film.mp4"))
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		w, err := movie.New(out, o)
		if err != nil {
			return err
		}
		for _, at := range times {
			if err := w.Add(0, movie.Sample{Data: []byte("p"), At: at}); err != nil {
				return err
			}
		}
		return w.Close(end)
	}
	one := movie.Options{Tracks: []movie.Track{{Scale: 1000, Picture: picture, Most: 3}}, Seconds: 1}
	if err := write(one, 30, 0, 10, 20); err != nil {
		t.Error(err)
	}
	late := one
	late.Chapters = []movie.Chapter{{Start: 5, Title: "late"}}
	for name, err := range map[string]error{
		"nothing": write(one, 30), "more than said": write(one, 50, 0, 10, 20, 30), "one time twice": write(one, 30, 0, 10, 10),
		"an end before the last": write(one, 10, 0, 10), "a start that is late": write(one, 30, 10, 20), "a time before the start": write(one, 30, -10, 20),
		"chapters that begin late": write(late, 30, 0),
	} {
		if err == nil {
			t.Errorf("%s is written", name)
		}
	}
}
