package decode_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"dyade/annotate/timecode"
	"dyade/pipeline/decode"
)

// clicks is 6 s of silence with a click of 20 ms at each whole second from 1 s
// on, and pictures.
const clicks = "-f lavfi -i aevalsrc=if(lt(mod(t\\,1)\\,0.02)*gte(t\\,0.5)\\,0.8*sin(6000*t)\\,0):s=44100:d=6 "

// onsets are when sound begins, in seconds: after 0.2 s below a threshold.
func onsets(samples []float32) []float64 {
	var at []float64
	quiet := decode.SampleRate
	for k, v := range samples {
		if math.Abs(float64(v)) < 0.05 {
			quiet++
			continue
		}
		if quiet > decode.SampleRate/5 {
			at = append(at, float64(k)/decode.SampleRate)
		}
		quiet = 0
	}
	return at
}

func checkOnsets(t *testing.T, samples []float32, want ...float64) {
	t.Helper()
	got := onsets(samples)
	ok := len(got) == len(want)
	for i := range min(len(got), len(want)) {
		ok = ok && math.Abs(got[i]-want[i]) < 0.004
	}
	if !ok {
		t.Errorf("sound begins at %v, want %v", got, want)
	}
}

func TestAudioKeepsMediaTime(t *testing.T) {
	for _, c := range []struct {
		name, recipe string
		first        float64 // the others follow at whole seconds after it
		clicks       int
	}{
		{"click.wav", clicks + "-c:a pcm_s16le", 1, 5},
		{"click.m4a", clicks + "-c:a aac", 1, 5},
		{"click.mp4", picture + clicks + x264 + "-c:a aac", 1, 5},
		{"click.flac", clicks + "-c:a flac", 1, 5},
		{"click.webm", clicks + "-c:a libopus -ar 48000", 1, 5},
		{"click16k.wav", "-i @click.wav -ar 16000 -c:a pcm_f32le", 1, 5},
		{"click51.mov", "-i @click.wav -ac 6 -c:a pcm_s24le", 1, 5},
		{"clicklate.mp4", "-i @click.mp4 -itsoffset 0.7 -i @click.mp4 -map 0:v -map 1:a -c copy", 1.7, 5},
		{"clickedit.mp4", "-ss 1.5 -i @click.mp4 -c copy", 0.5, 4},
		{"clickboth.ts", "-itsoffset 3600 -i @click.mp4 -c copy", 1.023, 5},
		{"clickearly.mkv", "-i @click.mp4 -itsoffset -0.3 -i @click.mp4 -map 0:v -map 1:a -c copy -avoid_negative_ts disabled", 0.7, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			var want []float64
			for n := range c.clicks {
				want = append(want, c.first+float64(n))
			}
			checkOnsets(t, hear(t, open(t, filmBy(t, c.name, c.recipe))), want...)
		})
	}
}

// TestAudioDamage zeroes and removes stretches of sound: what remains keeps its
// time.
func TestAudioDamage(t *testing.T) {
	whole, err := os.ReadFile(filmBy(t, "click.ts", "-i @ponly.mp4 "+clicks+"-map 0:v -map 1:a -c:v copy -c:a aac"))
	if err != nil {
		t.Fatal(err)
	}
	third := len(whole) / 188 / 3 * 188
	broken := append(append([]byte{}, whole[:third]...), whole[third+third/2:]...)
	for i := 2*third - third/2; i < len(broken)-200000 && i < 2*third-third/2+4000; i++ {
		broken[i] = 0
	}
	path := filepath.Join(t.TempDir(), "broken.ts")
	if err := os.WriteFile(path, broken, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	if s.Recording().DurationS < 5.9 {
		t.Fatalf("lasts %v", s.Recording().DurationS)
	}
	samples := hear(t, s)
	got := onsets(samples)
	if len(got) < 3 || len(got) > 5 {
		t.Errorf("sound begins at %v", got)
	}
	for _, at := range got {
		if _, part := math.Modf(at); part > 0.06 && part < 0.99 {
			t.Errorf("a click at %v", at)
		}
	}
}

// TestSoundOfJoinedFilms: the clock jumps back where the second begins, and sound from
// any time on is what comes there when all is heard.
func TestSoundOfJoinedFilms(t *testing.T) {
	one, err := os.ReadFile(filmBy(t, "clickjoin.ts", picture+clicks+x264+"-c:a aac -output_ts_offset 3600"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "joined.ts")
	if err := os.WriteFile(path, slices.Concat(one, one, one), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	all := onsets(hear(t, s))
	if len(all) != 15 {
		t.Fatalf("sound begins at %v", all)
	}
	ix := s.Index()
	shown := ix.Shown()
	for n, at := range all { // in step with the pictures of its own film
		film := n / 5
		if want := all[n%5] + ix.Time(shown[film*len(shown)/3]).Seconds() - ix.Time(shown[0]).Seconds(); math.Abs(at-want) > 0.004 {
			t.Errorf("a sound begins at %.3f s, its pictures would have it at %.3f s", at, want)
		}
	}
	for _, ms := range []int64{0, 500, 3500, 5900, 6050, 7500, 11_950, 12_100, 15_500, 17_500} {
		a, err := s.Stereo(context.Background(), timecode.Instant{Ticks: ms, Base: timecode.Millisecond}, decode.SampleRate)
		if err != nil {
			t.Fatal(err)
		}
		var heard []float32 // on the left
		for k, v := range read(t, a) {
			if k%2 == 0 {
				heard = append(heard, v)
			}
		}
		a.Close()
		var want []float64
		for _, at := range all {
			if at -= float64(ms) / 1000; at > 0 {
				want = append(want, at)
			}
		}
		t.Logf("from %d ms", ms)
		checkOnsets(t, heard, want...)
	}
	if d := s.Recording().DurationS; d < 18 || d > 18.2 {
		t.Errorf("it lasts %.3f s", d)
	}
	if end := s.SoundEnd().Seconds(); end < 18 || end > 18.2 {
		t.Errorf("its sound ends at %.3f s", end)
	}
}

// TestSoundBehindAWrongTime: one packet that says it comes minutes later makes no joint
// of the film. What follows is heard where it is.
func TestSoundBehindAWrongTime(t *testing.T) {
	path := filmBy(t, "clickjoin.ts", picture+clicks+x264+"-c:a aac -output_ts_offset 3600")
	want := onsets(hear(t, open(t, path)))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const packet, sound = 188, "\x00\x00\x01\xc0"
	middle := len(data) / 2 / packet * packet
	at := middle + bytes.Index(data[middle:], []byte(sound))
	data[at+10] ^= 1 << 5 // of the time stamp: 25 minutes
	damaged := filepath.Join(t.TempDir(), "late.ts")
	if err := os.WriteFile(damaged, data, 0o600); err != nil {
		t.Fatal(err)
	}
	const ms = 4500
	a, err := open(t, damaged).Stereo(context.Background(), timecode.Instant{Ticks: ms, Base: timecode.Millisecond}, decode.SampleRate)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var left []float32
	for k, v := range read(t, a) {
		if k%2 == 0 {
			left = append(left, v)
		}
	}
	checkOnsets(t, left, want[len(want)-1]-ms/1000.0)
}

func TestAudioNextFillsSmallBuffers(t *testing.T) {
	s := open(t, film(t, "sound.wav"))
	want := hear(t, s)
	a, err := s.Audio(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	buf := make([]float32, 7)
	for k := 0; ; {
		n, err := a.Next(context.Background(), buf)
		if errors.Is(err, io.EOF) {
			if k != len(want) || n != 0 {
				t.Errorf("ends after %d of %d", k, len(want))
			}
			return
		}
		if err != nil || n == 0 {
			t.Fatal(n, err)
		}
		for _, v := range buf[:n] {
			if v != want[k] {
				t.Fatalf("sample %d is %v, want %v", k, v, want[k])
			}
			k++
		}
	}
}

func TestAudioIsCancelled(t *testing.T) {
	a, err := open(t, film(t, "sound.m4a")).Audio(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if n, err := a.Next(ctx, make([]float32, 100)); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d samples, %v", n, err)
	}
}
