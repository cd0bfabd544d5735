package reel_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/timecode"
	"dyade/internal/testenv"
	"dyade/pipeline/decode"
	"dyade/pipeline/encode"
	"dyade/pipeline/encode/h264"
	"dyade/pipeline/reel"
)

func TestMain(m *testing.M) {
	testenv.Main(m, decode.Live, testenv.Count("encoders", encode.Live), films.Remove)
}

// Pictures are of 12 columns that are white or black, above as the bits of the picture's
// number are, below the other way round.
const (
	wide, high, columns = 192, 96, 12

	marks = "-f lavfi -i nullsrc=s=192x96:r=30:d=10,geq=lum='32+180*mod(floor(N/pow(2\\,floor(X/16)))+gte(Y\\,48)\\,2)':cb=128:cr=128,format=yuv420p "
	click = "-f lavfi -i aevalsrc=if(lt(mod(t\\,1)\\,0.02)*gte(t\\,0.5)\\,0.8*sin(6000*t)\\,0.0):s=44100:d=10 "
	x264  = "-c:v libx264 -preset veryfast -crf 18 "
	aac   = "-c:a aac -shortest "
)

var films = &testenv.Films{Recipes: map[string]string{
	"p.mp4":        marks + click + x264 + "-bf 0 -g 30 " + aac,
	"b.mp4":        marks + click + x264 + "-bf 3 -g 48 " + aac,
	"open.mp4":     marks + click + x264 + "-bf 3 -x264-params open-gop=1:keyint=24:scenecut=0 " + aac,
	"vfr.mp4":      marks + click + "-vf setpts=(N+mod(N\\,3)*0.4+12*gte(N\\,150))/30/TB -vsync vfr -video_track_timescale 90000 " + x264 + "-bf 2 -g 40 " + aac,
	"rotated.mp4":  "-i @turned.mp4 -c copy -metadata:s:v rotate=90",
	"turned.mp4":   marks + click + "-vf transpose=2 " + x264 + "-g 30 " + aac,
	"hevc.mp4":     marks + click + "-c:v libx265 -preset ultrafast -x265-params keyint=50:bframes=3:log-level=none -tag:v hvc1 " + aac,
	"ten.mkv":      marks + click + "-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params keyint=50:log-level=none " + aac,
	"ts.ts":        "-i @b.mp4 -c copy",
	"tsopen.ts":    "-i @open.mp4 -c copy",
	"editlist.mp4": "-ss 0.87 -i @b.mp4 -c copy",
	"b.mkv":        "-i @b.mp4 -c copy",
	"intra.mp4":    marks + click + x264 + "-g 1 " + aac,
	"silent.mp4":   "-i @p.mp4 -c copy -an",
	"sound.m4a":    click + "-c:a aac",
}}

// numbers are the marks of all pictures that ffmpeg decodes of a film.
func numbers(t testing.TB, path string) (all []int) {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command(testenv.Program(t, "ffmpeg"), "-v", "error", "-i", path, "-an", "-vsync", "passthrough", "-enc_time_base", "1:90000", "-pix_fmt", "gray",
		"-vf", fmt.Sprintf("scale=%d:%d", wide, high), "-f", "rawvideo", "-")
	cmd.Stderr = &said
	pix, err := cmd.Output()
	if err != nil || said.Len() > 0 {
		t.Fatalf("ffmpeg: %v: %s", err, &said)
	}
	for ; len(pix) >= wide*high; pix = pix[wide*high:] {
		all = append(all, number(t, pix[:wide*high]))
	}
	return all
}

func number(t testing.TB, pix []byte) (n int) {
	t.Helper()
	const w = wide / columns
	for c := range columns {
		above, below := 0, 0
		for y := 8; y < high/2-8; y++ {
			for x := c*w + 4; x < (c+1)*w-4; x++ {
				above += int(pix[y*wide+x])
				below += int(pix[(y+high/2)*wide+x])
			}
		}
		if d := (above - below) / ((high/2 - 16) * (w - 8)); d > 60 {
			n |= 1 << c
		} else if d > -60 {
			return -1 // no mark
		}
	}
	return n
}

// times are when packets are shown, by ffprobe, in order.
func times(t testing.TB, path string) (all []float64) {
	t.Helper()
	out, err := exec.Command(testenv.Program(t, "ffprobe"), "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time", "-of", "csv=p=0", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range strings.Fields(string(out)) {
		v, err := strconv.ParseFloat(strings.Trim(word, ","), 64)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	slices.Sort(all)
	return all
}

// shown is a film as it was made: what its pictures are and when.
type shown struct {
	path    string
	numbers []int
	at      []timecode.Instant
	end     timecode.Instant
}

var known = map[string]*shown{}

func film(t testing.TB, name string) *shown {
	t.Helper()
	if s, ok := known[name]; ok {
		return s
	}
	s := &shown{path: films.Film(t, name)}
	src, err := decode.Open(context.Background(), s.path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	ix := src.Index()
	for _, i := range ix.Shown() {
		s.at = append(s.at, ix.Time(i))
	}
	s.end = timecode.Instant{Ticks: ix.End - ix.Origin, Base: ix.Base}
	s.numbers = numbers(t, s.path)
	if len(s.numbers) != len(s.at) {
		t.Fatalf("%s has %d pictures by its index, %d by ffmpeg", name, len(s.at), len(s.numbers))
	}
	known[name] = s
	return s
}

// cut asks for the pictures from the first to the last, excluded.
func cut(name string, s *shown, first, last int) annotate.Part {
	end := s.end
	if last < len(s.at) {
		end = s.at[last]
	}
	return annotate.Part{ID: fmt.Sprint(name, first), Cut: &annotate.Cut{Recording: name, Start: s.at[first], End: end}}
}

func (s *shown) until(n int) timecode.Instant {
	if n < len(s.at) {
		return s.at[n]
	}
	return s.end
}

// render renders parts of films that go by their names.
func render(t testing.TB, r annotate.Reel, o reel.Options) (string, *reel.Provenance) {
	t.Helper()
	paths := map[string]string{}
	for _, p := range r.Parts {
		if p.Cut != nil {
			paths[p.Cut.Recording] = films.Film(t, p.Cut.Recording)
		}
	}
	out := filepath.Join(t.TempDir(), "reel.mp4")
	told, err := reel.Render(context.Background(), r, paths, out, o)
	if err != nil {
		t.Fatal(err)
	}
	return out, told
}

var all = []string{"p.mp4", "b.mp4", "open.mp4", "vfr.mp4", "rotated.mp4", "hevc.mp4", "ten.mkv", "ts.ts", "tsopen.ts", "editlist.mp4", "b.mkv", "intra.mp4", "silent.mp4"}

// planned is what a reel of plain cuts is to be: its pictures, and when each is shown.
type planned struct {
	parts   []annotate.Part
	numbers []int
	at      []float64
	length  float64
}

func (p *planned) add(t testing.TB, name string, first, last int) {
	t.Helper()
	s := film(t, name)
	p.parts = append(p.parts, cut(name, s, first, last))
	for k := first; k < last; k++ {
		p.numbers = append(p.numbers, s.numbers[k])
		p.at = append(p.at, p.length+s.at[k].Seconds()-s.at[first].Seconds())
	}
	p.length += s.until(last).Seconds() - s.at[first].Seconds()
}

// held fails where a rendered film is not as planned.
func (p *planned) held(t testing.TB, out string, told *reel.Provenance) {
	t.Helper()
	if got := numbers(t, out); !slices.Equal(got, p.numbers) {
		t.Errorf("pictures %v\nwant %v\n%+v", got, p.numbers, told.Ranges)
	}
	got := times(t, out)
	for k := range min(len(got), len(p.at)) {
		if d := math.Abs(got[k] - p.at[k]); d > 1e-4 {
			t.Errorf("picture %d is shown at %.6f s, want %.6f s", k, got[k], p.at[k])
			break
		}
	}
	if d := math.Abs(told.Film.DurationS - p.length); d > 1e-4 {
		t.Errorf("it lasts %.6f s, want %.6f s", told.Film.DurationS, p.length)
	}
}

// TestEveryPictureIsTheAskedOne cuts films at random, and looks at all pictures that
// come of it, and at when they are shown.
func TestEveryPictureIsTheAskedOne(t *testing.T) {
	const cuts, each = 200, 8
	luck := rand.New(rand.NewPCG(7, 7))
	for n := range cuts / each {
		var p planned
		for range each {
			name := all[luck.IntN(len(all))]
			if n%2 == 0 { // films that can be copied together
				name = all[n/2%len(all)]
			}
			shown := len(film(t, name).at)
			first := luck.IntN(shown - 1)
			p.add(t, name, first, min(shown, first+1+luck.IntN(90)))
		}
		out, told := render(t, annotate.Reel{Parts: p.parts}, reel.Options{})
		p.held(t, out, told)
	}
}

// copyable are films of which pictures are copied, and how many of those of a cut from
// picture 17 to 140 are at least.
var copyable = map[string]int{"p.mp4": 110, "b.mp4": 90, "vfr.mp4": 95, "ts.ts": 90, "editlist.mp4": 95, "b.mkv": 90, "silent.mp4": 110}

// TestWhatIsUnchangedIsCopied: bit for bit, of the films that allow it, and of no others.
func TestWhatIsUnchangedIsCopied(t *testing.T) {
	for _, name := range all {
		t.Run(name, func(t *testing.T) {
			var p planned
			p.add(t, name, 17, 140)
			out, told := render(t, annotate.Reel{Parts: p.parts}, reel.Options{})
			p.held(t, out, told)
			copied := 0
			for _, r := range told.Ranges {
				if r.Made == reel.Copied {
					copied += r.Last - r.First + 1
					sameBits(t, films.Film(t, name), out, r)
				}
			}
			if copied < copyable[name] || copyable[name] == 0 && copied > 0 {
				t.Errorf("%d pictures of 123 are copied, want %d: %+v", copied, copyable[name], told.Ranges)
			}
			_, told = render(t, annotate.Reel{Parts: p.parts}, reel.Options{Encode: true})
			if len(told.Ranges) != 1 || told.Ranges[0].Made != reel.Encoded {
				t.Errorf("all was to be coded anew: %+v", told.Ranges)
			}
		})
	}
}

// slices of a film's pictures, by when they are shown.
func slicesOf(t *testing.T, path string, from, to timecode.Instant) (all [][]byte) {
	t.Helper()
	src, err := decode.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	ix, c := src.Index(), src.Coded()
	sets, err := h264.ReadSets(c.Header)
	if err != nil {
		t.Fatal(err)
	}
	byTime := map[int64][]byte{}
	err = src.Packets(context.Background(), 0, len(ix.Packets), func(i int, data []byte) error {
		at := ix.Time(i)
		if ix.Packets[i].Hidden || at.Compare(from) < 0 || at.Compare(to) > 0 {
			return nil
		}
		units, err := h264.Units(bytes.Clone(data), sets.Prefix)
		byTime[at.Ticks] = h264.Pack(units)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range slices.Sorted(maps.Keys(byTime)) {
		all = append(all, byTime[at])
	}
	return all
}

func sameBits(t *testing.T, film, out string, r reel.Range) {
	t.Helper()
	end := r.End
	end.Ticks--
	got, want := slicesOf(t, out, r.Start, end), slicesOf(t, film, r.From.First, r.From.Last)
	if !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("pictures %d to %d are not those of the film, bit for bit", r.First, r.Last)
	}
}

// TestProvenance: every picture of a reel is in it once, from where it is.
func TestProvenance(t *testing.T) {
	var p planned
	p.add(t, "b.mp4", 30, 120)
	p.add(t, "hevc.mp4", 4, 9)
	out, told := render(t, annotate.Reel{Parts: append(p.parts, annotate.Part{ID: "end", Card: &annotate.Card{Text: "Fin", Seconds: 1}})}, reel.Options{})
	next := 0
	at := timecode.Instant{Base: told.Film.Duration.Base}
	for _, r := range told.Ranges {
		if r.First != next || r.Start != at || r.End.Ticks <= r.Start.Ticks {
			t.Errorf("%+v follows picture %d at %+v", r, next-1, at)
		}
		next, at = r.Last+1, r.End
		if (r.From == nil) != (r.Made == reel.Drawn) {
			t.Errorf("%+v", r)
		}
		if r.From == nil {
			continue
		}
		s := film(t, r.From.Recording)
		first, last := slices.Index(s.at, r.From.First), slices.Index(s.at, r.From.Last)
		if first < 0 || last-first != r.Last-r.First || s.numbers[first] != p.numbers[r.First] {
			t.Errorf("%+v is from pictures %d to %d", r, first, last)
		}
	}
	if next != told.Film.Frames || at != told.Film.Duration || told.Film.Frames != len(times(t, out)) {
		t.Errorf("%d pictures and %+v are told of, there are %+v", next, at, told.Film)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if string(blob.Of(data)) != told.Film.SHA256 || int64(len(data)) != told.Film.SizeBytes {
		t.Errorf("the file is another than %+v", told.Film)
	}
}
