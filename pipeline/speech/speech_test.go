package speech_test

import (
	"context"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"dyade/annotate"
	"dyade/models"
	"dyade/pipeline/speech"
)

// pieces is a source that gives sound in pieces of at most size samples.
func pieces(pcm []float32, size int) speech.Source {
	return func(_ context.Context, buf []float32) (int, error) {
		n := copy(buf[:min(size, len(buf))], pcm)
		pcm = pcm[n:]
		if n == 0 {
			return 0, io.EOF
		}
		return n, nil
	}
}

func listen(t *testing.T, pcm []float32) *speech.Heard {
	t.Helper()
	before := models.Live()
	heard, err := speech.Listen(t.Context(), pieces(pcm, 4096), nil)
	if err != nil {
		t.Fatal(err)
	}
	if left := models.Live() - before; left != 0 {
		t.Errorf("%d things were left in C memory", left)
	}
	return heard
}

func seconds(s float64) []float32 { return make([]float32, int(s*speech.Rate)) }

// noise is white, of the given level in dBFS.
func noise(s, level float64) []float32 {
	rng := rand.New(rand.NewPCG(7, 11))
	pcm := seconds(s)
	for i := range pcm {
		pcm[i] = float32(rng.NormFloat64() * math.Pow(10, level/20))
	}
	return pcm
}

func tone(s, hertz float64) []float32 {
	pcm := seconds(s)
	for i := range pcm {
		pcm[i] = float32(0.3 * math.Sin(2*math.Pi*hertz*float64(i)/speech.Rate))
	}
	return pcm
}

func TestWhatIsNotSpeech(t *testing.T) {
	for name, pcm := range map[string][]float32{
		"silence":      seconds(20),
		"noise":        noise(20, -40),
		"faint noise":  noise(20, -70),
		"a tone":       tone(20, 440),
		"mains hum":    tone(20, 50),
		"not a number": {float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))},
	} {
		t.Run(name, func(t *testing.T) {
			if heard := listen(t, pcm); len(heard.Utterances) != 0 {
				t.Errorf("speech was heard: %+v", heard.Utterances)
			}
		})
	}
}

func TestLanesCoverTheSound(t *testing.T) {
	for _, c := range []struct{ samples, activity, level int }{
		{0, 0, 0}, {1, 1, 1}, {512, 1, 1}, {513, 2, 1}, {1600, 4, 1}, {1601, 4, 2},
		{153599, 300, 96}, {153600, 300, 96}, {153601, 301, 97}, {400_000, 782, 250},
	} {
		heard := listen(t, make([]float32, c.samples))
		if len(heard.Activity) != c.activity || len(heard.Level) != c.level || heard.Samples != int64(c.samples) {
			t.Errorf("%d samples: %d probabilities, %d levels, length %d; want %d, %d",
				c.samples, len(heard.Activity), len(heard.Level), heard.Samples, c.activity, c.level)
		}
	}
}

func TestLevels(t *testing.T) {
	for name, c := range map[string]struct {
		pcm   []float32
		level float64
	}{
		"silence":     {seconds(3), -100},
		"nothing":     {nil, 0},
		"hiss":        {noise(3, -90), -90},
		"far away":    {noise(3, -60), -60},
		"a sine wave": {tone(3, 500), 20*math.Log10(0.3) - 3.01},
	} {
		for _, l := range listen(t, c.pcm).Level {
			if math.Abs(float64(l)-c.level) > 0.5 {
				t.Errorf("%s: level %.1f, want %.1f", name, l, c.level)
				break
			}
		}
	}
}

func TestPiecesDoNotMatter(t *testing.T) {
	pcm, _ := conversation(t)
	pcm = append(pcm, noise(3, -50)...)
	whole, err := speech.Listen(t.Context(), pieces(pcm, len(pcm)), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{160, 1024, 4999} {
		heard, err := speech.Listen(t.Context(), pieces(pcm, size), nil)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(whole, heard) {
			t.Errorf("pieces of %d samples give another result than the whole", size)
		}
	}
}

func TestSourcesThatFail(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		next speech.Source
		want error
	}{
		"error":                   {func(context.Context, []float32) (int, error) { return 10, broken }, broken},
		"never ends":              {func(context.Context, []float32) (int, error) { return 0, nil }, io.ErrNoProgress},
		"gives too much":          {func(_ context.Context, b []float32) (int, error) { return len(b) + 1, nil }, nil},
		"gives less than nothing": {func(context.Context, []float32) (int, error) { return -1, nil }, nil},
	} {
		before := models.Live()
		heard, err := speech.Listen(t.Context(), c.next, nil)
		if err == nil || heard != nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, %v", name, heard, err)
		}
		if left := models.Live() - before; left != 0 {
			t.Errorf("%s: %d things were left in C memory", name, left)
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	blocks := 0
	_, err := speech.Listen(ctx, func(_ context.Context, b []float32) (int, error) {
		if blocks++; blocks == 3 {
			cancel()
		}
		return len(b), nil
	}, nil)
	if !errors.Is(err, context.Canceled) || blocks > 3 {
		t.Errorf("after %d blocks: %v", blocks, err)
	}
}

func TestEdgesOfUtterances(t *testing.T) {
	pcm, _ := conversation(t)
	cut := pcm[12*speech.Rate : 13*speech.Rate] // one voice, in the middle of a sentence
	heard := listen(t, cut)
	if len(heard.Utterances) == 0 {
		t.Fatal("speech that fills the sound was not heard")
	}
	last := 0.0
	for _, u := range heard.Utterances {
		if u.Start.Seconds() < last || u.End.Compare(u.Start) <= 0 || u.End.Ticks > heard.Samples {
			t.Errorf("utterance from %v to %v in %d samples", u.Start, u.End, heard.Samples)
		}
		last = u.End.Seconds()
	}
}

func TestQuietSpeechIsHeard(t *testing.T) {
	pcm, rows := conversation(t)
	for _, down := range []float64{20, 35} {
		quiet := make([]float32, len(pcm))
		for i, v := range pcm {
			quiet[i] = v * float32(math.Pow(10, -down/20))
		}
		if f := speechF1(listen(t, quiet), rows); f < 0.97 {
			t.Errorf("%.0f dB down: speech F1 %.3f", down, f)
		}
	}
}

// After minutes in which nobody speaks, the first syllables count.
func TestSpeechAfterLongSilence(t *testing.T) {
	pcm, rows := conversation(t)
	const wait = 150.0
	late := noise(wait+30, -58)
	for i, v := range pcm {
		late[int(wait*speech.Rate)+i] += v
	}
	for i := range rows {
		rows[i].from += wait
		rows[i].to += wait
	}
	if f := speechF1(listen(t, late), rows); f < 0.97 {
		t.Errorf("speech F1 %.3f", f)
	}
}

func TestOneVoiceIsNotSplit(t *testing.T) {
	pcm, _ := conversation(t)
	var alone []float32
	for _, cut := range [][2]float64{{14.75, 17.85}, {21.9, 27.7}} {
		alone = append(alone, noise(3, -58)...)
		alone = append(alone, pcm[int(cut[0]*speech.Rate):int(cut[1]*speech.Rate)]...)
	}
	heard := listen(t, alone)
	for _, u := range heard.Utterances {
		if u.Speaker > 1 {
			t.Errorf("a monologue has speaker %d from %.1f s", u.Speaker, u.Start.Seconds())
		}
	}
}

func TestVoicesOfAdultsAreNoChildren(t *testing.T) {
	pcm, _ := conversation(t)
	for _, u := range listen(t, pcm).Utterances {
		if u.Voice == annotate.ChildVoice {
			t.Errorf("an adult from %.1f s is called a child", u.Start.Seconds())
		}
	}
}

func BenchmarkListen(b *testing.B) {
	pcm, _ := conversation(b)
	for b.Loop() {
		if _, err := speech.Listen(b.Context(), pieces(pcm, 4096), nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/(float64(len(pcm))/speech.Rate), "s/s")
}

// faster plays sound at a higher speed: pitch and formants rise as if the
// speaker were smaller.
func faster(pcm []float32, speed float64) []float32 {
	out := make([]float32, int(float64(len(pcm)-1)/speed))
	for i := range out {
		at := float64(i) * speed
		n := int(at)
		share := float32(at - float64(n))
		out[i] = pcm[n]*(1-share) + pcm[n+1]*share
	}
	return out
}

func TestAdultAndSmallVoice(t *testing.T) {
	pcm, _ := conversation(t)
	film := noise(2, -58)
	type part struct {
		from, to float64
		voice    annotate.Voice
	}
	var parts []part
	say := func(sound []float32, voice annotate.Voice) {
		from := float64(len(film)) / speech.Rate
		film = append(film, sound...)
		parts = append(parts, part{from, float64(len(film)) / speech.Rate, voice})
		film = append(film, noise(0.6, -58)...)
	}
	adult, small := [][2]float64{{14.75, 17.85}, {21.9, 24.4}, {24.4, 27.6}}, [][2]float64{{11, 14.4}, {18.7, 21.45}, {8.45, 9.85}}
	for i := range adult {
		say(pcm[int(adult[i][0]*speech.Rate):int(adult[i][1]*speech.Rate)], annotate.AdultVoice)
		say(faster(pcm[int(small[i][0]*speech.Rate):int(small[i][1]*speech.Rate)], 1.6), annotate.UnknownVoice)
	}
	speakers := map[annotate.Voice]int{}
	for _, u := range listen(t, film).Utterances {
		middle := (u.Start.Seconds() + u.End.Seconds()) / 2
		for _, p := range parts {
			if middle < p.from || middle > p.to {
				continue
			}
			if u.Voice != p.voice {
				t.Errorf("%.1f to %.1f s: %s voice instead of %s", u.Start.Seconds(), u.End.Seconds(), u.Voice, p.voice)
			}
			if n, met := speakers[p.voice]; met && n != u.Speaker {
				t.Errorf("%.1f s: speaker %d instead of %d", middle, u.Speaker, n)
			}
			speakers[p.voice] = u.Speaker
		}
	}
	if len(speakers) != 2 || speakers[annotate.AdultVoice] == speakers[annotate.UnknownVoice] {
		t.Errorf("speakers of the two voices: %v", speakers)
	}
}
