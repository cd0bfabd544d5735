package reel_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/internal/testenv"
	"dyade/pipeline/decode"
	"dyade/pipeline/encode"
	"dyade/pipeline/reel"
	"dyade/pipeline/reel/sound"
)

// pictures are all of a film in grey, w×h.
func pictures(t testing.TB, path string, w, h int) (all [][]byte) {
	t.Helper()
	pix, err := exec.Command(testenv.Program(t, "ffmpeg"), "-v", "error", "-i", path, "-an", "-vsync", "passthrough", "-enc_time_base", "1:90000", "-pix_fmt", "gray", "-f", "rawvideo", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for ; len(pix) >= w*h; pix = pix[w*h:] {
		all = append(all, pix[:w*h])
	}
	return all
}

func mean(pix []byte) float64 {
	sum := 0
	for _, v := range pix {
		sum += int(v)
	}
	return float64(sum) / float64(max(len(pix), 1))
}

// samples is a film's sound, stereo at 48 kHz.
func samples(t testing.TB, path string) (all []float32) {
	t.Helper()
	data, err := exec.Command(testenv.Program(t, "ffmpeg"), "-v", "error", "-i", path, "-vn", "-ac", "2", "-ar", "48000", "-f", "f32le", "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for ; len(data) >= 4; data = data[4:] {
		all = append(all, math.Float32frombits(binary.LittleEndian.Uint32(data)))
	}
	return all
}

// onsets are when sound begins after silence, in seconds.
func onsets(all []float32) (at []float64) {
	quiet := sound.Rate
	for i := 0; i+1 < len(all); i += 2 {
		if math.Abs(float64(all[i])) < 0.05 {
			quiet++
			continue
		}
		if quiet > sound.Rate/5 {
			at = append(at, float64(i/2)/sound.Rate)
		}
		quiet = 0
	}
	return at
}

func near(got, want []float64, within float64) bool {
	return slices.EqualFunc(got, want, func(a, b float64) bool { return math.Abs(a-b) <= within })
}

// TestSlowMotion: pictures of the stretch come at half the speed, none more or less, and
// what follows so much later; sound stays in step.
func TestSlowMotion(t *testing.T) {
	for _, name := range []string{"b.mp4", "vfr.mp4", "hevc.mp4"} {
		s := film(t, name)
		const first, slow, fast, last = 20, 60, 105, 150
		part := cut(name, s, first, last)
		part.Cut.Slow = &annotate.Slow{Start: s.at[slow], End: s.at[fast], Rate: 0.5}
		out, told := render(t, annotate.Reel{Parts: []annotate.Part{part}}, reel.Options{})
		if got := numbers(t, out); !slices.Equal(got, s.numbers[first:last]) {
			t.Errorf("%s: pictures %v", name, got)
		}
		become := func(at float64) float64 {
			a, b := s.at[slow].Seconds(), s.at[fast].Seconds()
			return at - s.at[first].Seconds() + max(0, min(at, b)-a)
		}
		var want []float64
		for _, at := range s.at[first:last] {
			want = append(want, become(at.Seconds()))
		}
		if got := times(t, out); !near(got, want, 1e-3) {
			t.Errorf("%s: shown at %.3f, want %.3f", name, got, want)
		}
		if want := become(s.until(last).Seconds()); math.Abs(told.Film.DurationS-want) > 1e-3 {
			t.Errorf("%s: it lasts %.3f s, want %.3f s", name, told.Film.DurationS, want)
		}
		var clicks []float64
		for at := 1.0; at < 9; at++ {
			if c := at; c >= s.at[first].Seconds() && c < s.until(last).Seconds() {
				clicks = append(clicks, become(c))
			}
		}
		if got := onsets(samples(t, out)); !near(got, clicks, 0.035) {
			t.Errorf("%s: clicks at %.3f, want %.3f", name, got, clicks)
		}
	}
}

// TestFreeze: the picture shown at a time stands still, silent, and the film goes on
// from it.
func TestFreeze(t *testing.T) {
	for _, name := range []string{"p.mp4", "vfr.mp4", "ten.mkv"} {
		s := film(t, name)
		const first, frozen, last, still = 10, 75, 130, 1.5
		part := cut(name, s, first, last)
		at := s.at[frozen]
		at.Ticks++ // in the middle of its picture
		part.Cut.Freeze = &annotate.Freeze{At: at, Seconds: still}
		out, told := render(t, annotate.Reel{Parts: []annotate.Part{part}}, reel.Options{})
		var want []int
		var shown []float64
		all := times(t, out)
		for k, n := range numbers(t, out) {
			if len(want) == 0 || want[len(want)-1] != n {
				want, shown = append(want, n), append(shown, all[k])
			}
		}
		if !slices.Equal(want, s.numbers[first:last]) {
			t.Errorf("%s: pictures %v", name, want)
		}
		for k, got := range shown {
			want := s.at[first+k].Seconds() - s.at[first].Seconds()
			if first+k > frozen {
				want += still
			}
			if math.Abs(got-want) > 2e-3 {
				t.Errorf("%s: picture %d is shown at %.3f s, want %.3f s", name, k, got, want)
			}
		}
		if !slices.ContainsFunc(told.Ranges, func(r reel.Range) bool { return r.Made == reel.Held && r.From.First == s.at[frozen] }) {
			t.Errorf("%s: %+v", name, told.Ranges)
		}
		begin := s.at[frozen].Seconds() - s.at[first].Seconds()
		heard := samples(t, out)
		silent := heard[2*int((begin+0.01)*sound.Rate) : 2*int((begin+still-0.01)*sound.Rate)]
		if slices.Max(silent) > 0.01 {
			t.Errorf("%s: a sound of %f while the picture stands still", name, slices.Max(silent))
		}
	}
}

// TestFreezeAtTheStart, before the first picture of a cut that begins between two: that
// one stands still.
func TestFreezeAtTheStart(t *testing.T) {
	s := film(t, "p.mp4")
	part := cut("p.mp4", s, 10, 40)
	part.Cut.Start.Ticks -= 50
	part.Cut.Freeze = &annotate.Freeze{At: part.Cut.Start, Seconds: 1.5}
	out, told := render(t, annotate.Reel{Parts: []annotate.Part{part}}, reel.Options{})
	if want := 1.5 + s.at[40].Seconds() - s.at[10].Seconds(); math.Abs(told.Film.DurationS-want) > 1e-3 {
		t.Errorf("it lasts %.3f s, want %.3f s", told.Film.DurationS, want)
	}
	if got := slices.Compact(numbers(t, out)); !slices.Equal(got, s.numbers[10:40]) {
		t.Errorf("pictures %v", got)
	}
}

// TestCardsAndCaptions: words are where they are to be, and nowhere else.
func TestCardsAndCaptions(t *testing.T) {
	s := film(t, "p.mp4")
	part := cut("p.mp4", s, 0, 40)
	plain, _ := render(t, annotate.Reel{Parts: []annotate.Part{part}}, reel.Options{})
	part.Cut.Caption = "Que voyez-vous quand il vous tend l’éléphant ?"
	card := annotate.Part{ID: "card", Card: &annotate.Card{Text: "Où ça ?\nÀ la maison", Seconds: 2}}
	out, told := render(t, annotate.Reel{Parts: []annotate.Part{card, part}}, reel.Options{})
	got, was := pictures(t, out, wide, high), pictures(t, plain, wide, high)
	cards := len(got) - len(was)
	if cards < 5 || told.Ranges[0].Made != reel.Drawn || told.Ranges[1].Start.Seconds() != 2 {
		t.Fatalf("%d pictures of a card: %+v", cards, told.Ranges)
	}
	if dark, light := mean(got[0]), slices.Max(got[0]); dark > 80 || light < 180 {
		t.Errorf("a card is %.0f on average and %d at most", dark, light)
	}
	above, below := 0.0, 0.0
	for k, p := range was {
		const band = high * 6 / 10 * wide
		for i := range p {
			d := math.Abs(float64(p[i]) - float64(got[cards+k][i]))
			if i < band {
				above += d / band
			} else {
				below += d / float64(len(p)-band)
			}
		}
	}
	if n := float64(len(was)); above/n > 4 || below/n < 20 {
		t.Errorf("a caption changes the picture by %.1f above and %.1f below", above/n, below/n)
	}
}

// TestPicturesAreDecodedSoonBeforeTheyAreShown: what stands still between others does
// not make the film's clock begin long before its first picture is shown.
func TestPicturesAreDecodedSoonBeforeTheyAreShown(t *testing.T) {
	s := film(t, "b.mp4")
	part := cut("b.mp4", s, 3, 90)
	part.Cut.Freeze = &annotate.Freeze{At: s.at[40], Seconds: 2}
	card := annotate.Part{ID: "card", Card: &annotate.Card{Text: "a", Seconds: 3}}
	out, _ := render(t, annotate.Reel{Parts: []annotate.Part{card, part, card, part}}, reel.Options{Encode: true})
	said, err := exec.Command(testenv.Program(t, "ffprobe"), "-v", "error", "-select_streams", "v", "-show_entries", "packet=dts_time", "-of", "csv=p=0", out).Output()
	if err != nil {
		t.Fatal(err)
	}
	first, err := strconv.ParseFloat(strings.Trim(strings.Fields(string(said))[0], ","), 64)
	if err != nil || first < -0.11 {
		t.Errorf("the first picture is decoded at %.3f s, %v", first, err)
	}
}

// TestStillsDoNotRaiseTheRate: what is hard to code has no more bits a second beside
// stills, of which few pictures come.
func TestStillsDoNotRaiseTheRate(t *testing.T) {
	films.By(t, "noise.mp4", "-f lavfi -i nullsrc=s=960x540:r=30:d=3,noise=alls=100:allf=t -c:v libx264 -preset ultrafast -crf 18")
	noise := annotate.Part{ID: "noise", Cut: &annotate.Cut{
		Recording: "noise.mp4", Start: timecode.Instant{Base: timecode.Millisecond}, End: timecode.Instant{Ticks: 3000, Base: timecode.Millisecond},
	}}
	card := annotate.Part{ID: "card", Card: &annotate.Card{Text: "a", Seconds: 10}}
	_, told := render(t, annotate.Reel{Parts: []annotate.Part{noise, card}}, reel.Options{Encode: true})
	most, err := strconv.Atoi(encode.FilmMost)
	if err != nil {
		t.Fatal(err)
	}
	if got := 8 * told.Film.SizeBytes; got > int64(5*most) { // of 3 s, the buffer and the card
		t.Errorf("%d bits, of at most %d a second", got, most)
	}
}

// TestFading: parts begin and end in the dark and in silence.
func TestFading(t *testing.T) {
	s := film(t, "b.mp4")
	part := cut("b.mp4", s, 15, 200) // from a click on to 6.67 s
	out, told := render(t, annotate.Reel{Faded: true, Parts: []annotate.Part{part, part}}, reel.Options{})
	all := pictures(t, out, wide, high)
	half := len(all) / 2
	for k, want := range map[int][2]float64{0: {0, 20}, half - 1: {0, 20}, half: {0, 20}, len(all) - 1: {0, 20}, 40: {100, 140}, 4: {40, 85}} {
		if got := mean(all[k]); got < want[0] || got > want[1] {
			t.Errorf("picture %d has a brightness of %.0f, want %.0f", k, got, want)
		}
	}
	if got := numbers(t, out)[10:170]; !slices.Equal(got, s.numbers[25:185]) {
		t.Errorf("pictures %v", got)
	}
	if !slices.ContainsFunc(told.Ranges, func(r reel.Range) bool { return r.Made == reel.Copied }) {
		t.Error("what does not fade is not copied")
	}
}

// TestFilmsOfOtherSizes are fitted into the largest, with black beside them.
func TestFilmsOfOtherSizes(t *testing.T) {
	tall := films.By(t, "tall.mp4", "-f lavfi -i color=white:s=64x128:r=25:d=2 -f lavfi -i color=white:s=64x128:r=25:d=2 "+x264)
	s := film(t, "p.mp4")
	white := annotate.Part{ID: "tall", Cut: &annotate.Cut{
		Recording: "tall.mp4", Start: timecode.Instant{Base: timecode.Millisecond}, End: timecode.Instant{Ticks: 1000, Base: timecode.Millisecond},
	}}
	out, told := render(t, annotate.Reel{Parts: []annotate.Part{white, cut("p.mp4", s, 0, 60)}}, reel.Options{})
	if told.Film.Width != wide || told.Film.Height != high {
		t.Fatalf("%+v of %s", told.Film, tall)
	}
	all := pictures(t, out, wide, high)
	if len(all) != 25+60 {
		t.Fatalf("%d pictures", len(all))
	}
	row := all[12][high/2*wide : (high/2+1)*wide]
	if left, middle := mean(row[:60]), mean(row[wide/2-20:wide/2+20]); left > 20 || middle < 220 {
		t.Errorf("a row is %.0f at its side and %.0f in its middle", left, middle)
	}
	if got := numbers(t, out)[25:]; !slices.Equal(got, s.numbers[:60]) {
		t.Errorf("pictures %v", got)
	}
}

// TestChapters: one for each part that has a title, and the reel's own.
func TestChapters(t *testing.T) {
	s := film(t, "p.mp4")
	card := annotate.Part{ID: "card", Card: &annotate.Card{Text: "Début", Seconds: 1}}
	one, two, three := cut("p.mp4", s, 0, 30), cut("p.mp4", s, 30, 60), cut("p.mp4", s, 60, 90)
	one.Cut.Title, three.Cut.Title = "Face-à-face", "Tour de parole"
	out, _ := render(t, annotate.Reel{Title: "Séance du 3 mars", Parts: []annotate.Part{card, one, two, three}}, reel.Options{})
	said, err := exec.Command(testenv.Program(t, "ffprobe"), "-v", "error", "-show_chapters", "-show_entries", "format_tags=title", "-of", "compact", out).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"start_time=0.000000|", "tag:title=Face-à-face", "start_time=3.000000|", "tag:title=Tour de parole", "end_time=4.000000|", "tag:title=Séance du 3 mars"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("no %s in %s", want, said)
		}
	}
	if n := strings.Count(string(said), "chapter|"); n != 2 {
		t.Errorf("%d chapters", n)
	}
}

// TestEvenLoudness: cuts of quiet and of loud films are as loud as each other.
func TestEvenLoudness(t *testing.T) {
	const recipe = "-f lavfi -i testsrc2=s=192x96:r=30:d=6 -f lavfi -i anoisesrc=d=6:c=pink:r=48000:a=%:seed=3 " + x264 + "-c:a aac -shortest"
	films.By(t, "quiet.mp4", strings.ReplaceAll(recipe, "%", "0.2"))
	films.By(t, "loud.mp4", strings.ReplaceAll(recipe, "%", "0.95"))
	var parts []annotate.Part
	for _, name := range []string{"quiet.mp4", "loud.mp4"} {
		parts = append(parts, annotate.Part{ID: name, Cut: &annotate.Cut{
			Recording: name, Start: timecode.Instant{Ticks: 500, Base: timecode.Millisecond}, End: timecode.Instant{Ticks: 5500, Base: timecode.Millisecond},
		}})
	}
	loudness := func(evened bool) (all [2]float64) {
		out, _ := render(t, annotate.Reel{Evened: evened, Parts: parts}, reel.Options{})
		s := samples(t, out)
		if most := slices.Max(s); evened && most > 0.95 {
			t.Errorf("a peak of %f", most)
		}
		for k := range all {
			m := sound.NewMeter()
			m.Add(s[k*len(s)/2 : (k+1)*len(s)/2])
			all[k] = m.Loudness()
		}
		return all
	}
	if was := loudness(false); was[1]-was[0] < 10 {
		t.Errorf("they were %.1f LUFS", was)
	}
	for _, l := range loudness(true) {
		if math.Abs(l-(-16)) > 1 {
			t.Errorf("a cut of %.1f LUFS", l)
		}
	}
}

// TestFilmsWithoutPictureOrSound: there is darkness, and silence.
func TestFilmsWithoutPictureOrSound(t *testing.T) {
	heard := annotate.Part{ID: "heard", Cut: &annotate.Cut{
		Recording: "sound.m4a", Start: timecode.Instant{Ticks: 700, Base: timecode.Millisecond}, End: timecode.Instant{Ticks: 3700, Base: timecode.Millisecond}, Caption: "La voix",
	}}
	s := film(t, "silent.mp4")
	out, told := render(t, annotate.Reel{Evened: true, Parts: []annotate.Part{cut("silent.mp4", s, 0, 60), heard}}, reel.Options{})
	if d := told.Film.DurationS; math.Abs(d-5) > 1e-3 {
		t.Errorf("it lasts %.3f s", d)
	}
	if got := onsets(samples(t, out)); !near(got, []float64{2.3, 3.3, 4.3}, 0.01) {
		t.Errorf("clicks at %.3f", got)
	}
	if got := numbers(t, out)[:60]; !slices.Equal(got, s.numbers[:60]) {
		t.Errorf("pictures %v", got)
	}
}

// TestInStepToTheEnd: after five minutes of cuts, flashes and clicks that came together
// in the film come together still.
func TestInStepToTheEnd(t *testing.T) {
	// Every 30th picture is white, at 30000/1001 a second, and a click begins with it.
	films.By(t, "flash.mp4", "-f lavfi -i color=black:s=96x64:r=30000/1001:d=60,drawbox=w=96:h=64:color=white:t=fill:enable='eq(mod(n\\,30)\\,0)',format=yuv420p "+
		"-f lavfi -i aevalsrc=if(lt(mod(t\\,1.001)\\,0.03)\\,0.8*sin(6000*t)\\,0.0):s=44100:d=60 "+x264+"-bf 2 -g 90 "+aac)
	var parts []annotate.Part
	for k := range 24 {
		start := timecode.Instant{Ticks: int64(17*k*1979) % 47_000, Base: timecode.Millisecond}
		end := start
		end.Ticks += 12_500
		parts = append(parts, annotate.Part{ID: "flash", Cut: &annotate.Cut{Recording: "flash.mp4", Start: start, End: end}})
	}
	out, told := render(t, annotate.Reel{Evened: true, Parts: parts}, reel.Options{})
	if math.Abs(told.Film.DurationS-300) > 24*0.034 {
		t.Errorf("it lasts %.3f s", told.Film.DurationS)
	}
	at := times(t, out)
	var flashes []float64
	for k, p := range pictures(t, out, 96, 64) {
		if mean(p) > 128 {
			flashes = append(flashes, at[k])
		}
	}
	clicks := onsets(samples(t, out))
	offsets := make([]float64, 0, len(flashes))
	for _, f := range flashes {
		best := math.Inf(1)
		for _, c := range clicks {
			if math.Abs(c-f) < math.Abs(best) {
				best = c - f
			}
		}
		if math.Abs(best) < 0.2 { // else a cut begins in the middle of it
			offsets = append(offsets, best)
		}
	}
	n := len(offsets)
	if n < 280 {
		t.Fatalf("%d flashes of %d and %d clicks belong together", n, len(flashes), len(clicks))
	}
	first, last := median(offsets[:20]), median(offsets[n-20:])
	t.Logf("clicks come %.1f ms after flashes at the start, %.1f ms at the end, between %.1f and %.1f ms", 1e3*first, 1e3*last, 1e3*slices.Min(offsets), 1e3*slices.Max(offsets))
	if math.Abs(last) > 0.005 || math.Abs(last-first) > 0.002 {
		t.Errorf("clicks come %.1f ms after flashes at the start, %.1f ms at the end", 1e3*first, 1e3*last)
	}
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// TestWhatDoesNotFit: reels that cannot be are refused, and say why.
func TestWhatDoesNotFit(t *testing.T) {
	s := film(t, "p.mp4")
	good := cut("p.mp4", s, 0, 10)
	with := func(change func(c *annotate.Cut)) annotate.Part {
		p, c := good, *good.Cut
		change(&c)
		p.Cut = &c
		return p
	}
	late := timecode.Instant{Ticks: 50, Base: timecode.Base{Num: 1, Den: 1}}
	for name, x := range map[string]struct {
		part annotate.Part
		why  reel.Why
	}{
		"neither":           {annotate.Part{}, reel.NotOne},
		"both":              {annotate.Part{Cut: good.Cut, Card: &annotate.Card{Seconds: 1}}, reel.NotOne},
		"a card of 0 s":     {annotate.Part{Card: &annotate.Card{}}, reel.BadTime},
		"a foreign card":    {annotate.Part{Card: &annotate.Card{Text: "مرحبا", Seconds: 1}}, reel.NoLetters},
		"a foreign caption": {with(func(c *annotate.Cut) { c.Caption = "你看到什么" }), reel.NoLetters},
		"backwards":         {with(func(c *annotate.Cut) { c.Start, c.End = c.End, c.Start }), reel.BadTime},
		"before all":        {with(func(c *annotate.Cut) { c.Start.Ticks = -1 }), reel.BadTime},
		"no base":           {with(func(c *annotate.Cut) { c.End.Base = timecode.Base{} }), reel.BadTime},
		"too slow":          {with(func(c *annotate.Cut) { c.Slow = &annotate.Slow{Start: c.Start, End: c.End, Rate: 0.01} }), reel.BadTime},
		"too still":         {with(func(c *annotate.Cut) { c.Freeze = &annotate.Freeze{At: c.Start, Seconds: 1e9} }), reel.BadTime},
		"another film":      {with(func(c *annotate.Cut) { c.Recording = "other" }), reel.NoFilm},
		"long before sound": {with(func(c *annotate.Cut) {
			c.Recording, c.Start = "sound.m4a", timecode.Instant{Ticks: -1e9, Base: late.Base}
		}), reel.BadTime},
		"after the end": {with(func(c *annotate.Cut) { c.Start, c.End = late, timecode.Instant{Ticks: 60, Base: late.Base} }), reel.NoPicture},
	} {
		out := filepath.Join(t.TempDir(), "reel.mp4")
		_, err := reel.Render(context.Background(), annotate.Reel{Parts: []annotate.Part{good, x.part}}, map[string]string{"p.mp4": s.path, "sound.m4a": films.Film(t, "sound.m4a")}, out, reel.Options{})
		var unfit *reel.Unfit
		if !errors.As(err, &unfit) || unfit.Why != x.why || unfit.Part != 2 {
			t.Errorf("%s: %v", name, err)
		}
		nothing(t, out)
	}
	_, err := reel.Render(context.Background(), annotate.Reel{}, nil, filepath.Join(t.TempDir(), "reel.mp4"), reel.Options{})
	var unfit *reel.Unfit
	if !errors.As(err, &unfit) || unfit.Why != reel.NoParts {
		t.Errorf("an empty reel: %v", err)
	}
	cards := make([]annotate.Part, 100_000)
	for i := range cards {
		cards[i].Card = &annotate.Card{Seconds: 600}
	}
	_, err = reel.Render(context.Background(), annotate.Reel{Parts: cards}, nil, filepath.Join(t.TempDir(), "reel.mp4"), reel.Options{})
	if !errors.As(err, &unfit) || unfit.Why != reel.TooLong || unfit.Part != 37 {
		t.Errorf("a reel of two years: %v", err)
	}
}

// nothing fails where something was left in a file's folder.
func nothing(t testing.TB, out string) {
	t.Helper()
	left, err := os.ReadDir(filepath.Dir(out))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestAFilmThatCannotBeRead is told as everywhere.
func TestAFilmThatCannotBeRead(t *testing.T) {
	s := film(t, "p.mp4")
	path := filepath.Join(t.TempDir(), "words.mp4")
	if err := os.WriteFile(path, []byte("words"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "reel.mp4")
	_, err := reel.Render(context.Background(), annotate.Reel{Parts: []annotate.Part{cut("p.mp4", s, 0, 10)}}, map[string]string{"p.mp4": path}, out, reel.Options{})
	var unreadable *decode.Unreadable
	if !errors.As(err, &unreadable) || unreadable.Reason != decode.NotMedia || unreadable.Path != path {
		t.Errorf("%v", err)
	}
	nothing(t, out)
}

// TestWhatIsNotReplaced by a reel: a film of it, and what is no file.
func TestWhatIsNotReplaced(t *testing.T) {
	s, dir := film(t, "p.mp4"), t.TempDir()
	for out, want := range map[string]error{s.path: reel.ErrItself, dir: reel.ErrNoFile} {
		_, err := reel.Render(context.Background(), annotate.Reel{Parts: []annotate.Part{cut("p.mp4", s, 0, 10)}}, map[string]string{"p.mp4": s.path}, out, reel.Options{})
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", out, err)
		}
	}
	_, err := reel.Render(context.Background(), annotate.Reel{Parts: []annotate.Part{cut("p.mp4", s, 0, 10)}}, map[string]string{"p.mp4": "is not opened"}, filepath.Join(dir, "no", "reel.mp4"), reel.Options{})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), filepath.Join(dir, "no")) {
		t.Errorf("into no folder: %v", err)
	}
	if out, _ := render(t, annotate.Reel{Parts: []annotate.Part{cut("p.mp4", s, 0, 10)}}, reel.Options{}); !reel.Rendered(out) || reel.Rendered(s.path) {
		t.Error("it is not known again")
	}
}

// TestCancelled: nothing is left, neither of the file nor in memory.
func TestCancelled(t *testing.T) {
	for _, o := range []reel.Options{{}, {Encode: true}} {
		s := film(t, "b.mp4")
		ctx, cancel := context.WithCancel(context.Background())
		told := 0
		o.Progress = func(done, of float64) {
			if told++; done > of {
				t.Errorf("%.1f of %.1f s are done", done, of)
			}
			if done > 0 { // else films are opened
				cancel()
			}
		}
		out := filepath.Join(t.TempDir(), "reel.mp4")
		_, err := reel.Render(ctx, annotate.Reel{Parts: []annotate.Part{cut("b.mp4", s, 1, 290)}}, map[string]string{"b.mp4": s.path}, out, o)
		if !errors.Is(err, context.Canceled) || told == 0 {
			t.Errorf("told %d times, %v", told, err)
		}
		nothing(t, out)
		if n := decode.Live(); n != "" {
			t.Errorf("left open: %s", n)
		}
	}
}

// late is cancelled by the first who asks it once it is armed.
type late struct {
	context.Context
	armed atomic.Bool
	over  chan struct{}
	once  sync.Once
}

func (l *late) Done() <-chan struct{} { return l.over }

func (l *late) Err() error {
	if !l.armed.Load() {
		return nil
	}
	l.once.Do(func() { close(l.over) })
	return context.Canceled
}

// TestCancelledWhileItIsLookedAt: after all is written, nobody asks before the file is
// opened again.
func TestCancelledWhileItIsLookedAt(t *testing.T) {
	s := film(t, "p.mp4")
	ctx := &late{Context: context.Background(), over: make(chan struct{})}
	out := filepath.Join(t.TempDir(), "reel.mp4")
	_, err := reel.Render(ctx, annotate.Reel{Parts: []annotate.Part{cut("p.mp4", s, 0, 60)}}, map[string]string{"p.mp4": s.path}, out, reel.Options{
		Progress: func(done, _ float64) { ctx.armed.Store(done > 0) },
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	nothing(t, out)
}

// TestProgressGoesOn to the end.
func TestProgressGoesOn(t *testing.T) {
	s := film(t, "p.mp4")
	opened, last, whole := 0, 0.0, 0.0
	_, told := render(t, annotate.Reel{Parts: []annotate.Part{cut("p.mp4", s, 0, 250)}}, reel.Options{Progress: func(done, of float64) {
		if done < last {
			t.Errorf("%.3f s are done after %.3f s", done, last)
		}
		if last, whole = done, of; done == 0 {
			opened++
		}
	}})
	if opened != 1 {
		t.Errorf("told %d times of one film that it is open", opened)
	}
	if whole != told.Film.DurationS || last != whole {
		t.Errorf("%.3f of %.3f s are done, it lasts %.3f s", last, whole, told.Film.DurationS)
	}
}

// TestAnythingGoes renders what a person may put together, at random: whatever is slow,
// stands still, has words or fades, each picture comes in its order, and all lasts as
// long as its parts.
func TestAnythingGoes(t *testing.T) {
	luck := rand.New(rand.NewPCG(9, 9))
	some := func(one float64) bool { return luck.Float64() < one }
	for n := range 20 {
		r := annotate.Reel{Title: "Tout", Evened: some(0.5), Faded: some(0.3)}
		var want []int
		length := 0.0
		for k := range 1 + luck.IntN(4) {
			if some(0.2) {
				seconds := 0.04 + 2*luck.Float64()
				r.Parts = append(r.Parts, annotate.Part{ID: "card", Card: &annotate.Card{Text: "Où ?", Seconds: seconds}})
				length += seconds
				continue
			}
			name := all[luck.IntN(len(all))]
			s := film(t, name)
			first := luck.IntN(len(s.at))
			if some(0.1) {
				first = len(s.at) - 1
			}
			last := min(len(s.at), first+1+luck.IntN(70))
			part := cut(name, s, first, last)
			seconds := s.until(last).Seconds() - s.at[first].Seconds()
			at := func() int { return first + luck.IntN(last-first) }
			if a, b := at(), at()+1; some(0.5) && a < b {
				rate := []float64{0.25, 0.5, 0.77, 1}[luck.IntN(4)]
				part.Cut.Slow = &annotate.Slow{Start: s.at[a], End: s.until(b), Rate: rate}
				seconds += (s.until(b).Seconds() - s.at[a].Seconds()) * (1/rate - 1)
			}
			if some(0.4) {
				part.Cut.Freeze = &annotate.Freeze{At: s.at[at()], Seconds: 0.1 + luck.Float64()}
				seconds += part.Cut.Freeze.Seconds
			}
			part.ID, part.Cut.Title = fmt.Sprint(k), name
			r.Parts = append(r.Parts, part)
			want, length = append(want, s.numbers[first:last]...), length+seconds
		}
		out, told := render(t, r, reel.Options{})
		var got []int
		for _, x := range numbers(t, out) {
			if x >= 0 && (len(got) == 0 || got[len(got)-1] != x) {
				got = append(got, x)
			}
		}
		if want = slices.Compact(want); !r.Faded && !slices.Equal(got, want) {
			t.Errorf("reel %d: pictures %v\nwant %v\n%+v", n, got, want, told.Ranges)
		}
		if math.Abs(told.Film.DurationS-length) > 0.002*float64(len(r.Parts)) {
			t.Errorf("reel %d lasts %.4f s, want %.4f s", n, told.Film.DurationS, length)
		}
		if heard := float64(len(samples(t, out))) / 2 / sound.Rate; math.Abs(heard-length) > 0.025 {
			t.Errorf("reel %d: its sound lasts %.4f s, want %.4f s", n, heard, length)
		}
	}
}
