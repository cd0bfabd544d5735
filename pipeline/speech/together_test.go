package speech_test

import (
	"math"
	"testing"

	"dyade/annotate"
)

// atOnce are the hundredths of a second at which two speak.
func atOnce(rows []row, n int) []bool {
	count, both := make([]int, n), make([]bool, n)
	for _, r := range rows {
		for i := max(0, int(100*r.from)); i < min(n, int(100*r.to)); i++ {
			count[i]++
			both[i] = count[i] > 1
		}
	}
	return both
}

// Two who speak at once are heard as two: of the time in which they do a third is found
// at least, and of what is found half is so.
func TestTwoAtOnce(t *testing.T) {
	pcm, rows := conversation(t)
	heard := listen(t, pcm)
	said, found := atOnce(rows, 3000), atOnce(heardRows(heard), 3000)
	var truth, claimed, hits float64
	for i := range said {
		if said[i] {
			truth++
		}
		if found[i] {
			claimed++
		}
		if said[i] && found[i] {
			hits++
		}
	}
	t.Logf("two at once: %.1f s, %.1f s found, %.1f s of both", truth/100, claimed/100, hits/100)
	if hits < truth/3 || hits < claimed/2 {
		t.Errorf("two speak at once for %.1f s, and %.1f s were found, %.1f s of them rightly", truth/100, claimed/100, hits/100)
	}
}

// behindIt is the conversation three times, with pauses between, and a loudspeaker that
// talks on all the while, so many decibels below it: the same people's voices backwards,
// without high and low tones. Its rows are those of the people.
func behindIt(t *testing.T, below float64) (film []float32, rows []row) {
	t.Helper()
	pcm, said := conversation(t)
	film = noise(3*38, -60)
	for n := range 3 {
		at := float64(n) * 38
		for i, v := range pcm {
			film[int(at*16000)+i] += v
		}
		for _, r := range said {
			rows = append(rows, row{r.from + at, r.to + at, r.who})
		}
	}
	var low, slow, power float64
	tv := make([]float64, len(film))
	from, to := int(6.7*16000), len(pcm)
	for i := range tv {
		v := float64(pcm[to-1-i%(to-from)])
		low += 0.6 * (v - low)
		slow += 0.08 * (low - slow)
		tv[i] = low - slow
		power += tv[i] * tv[i] / float64(len(tv))
	}
	for i, v := range tv {
		film[i] += float32(v / math.Sqrt(power) * math.Pow(10, (-27-below)/20))
	}
	return film, rows
}

// A television that talks on behind the people is not one of them.
func TestTelevisionBehind(t *testing.T) {
	film, rows := behindIt(t, 12)
	heard := listen(t, film)
	background := 0.0
	for _, u := range heard.Utterances {
		if u.Voice == annotate.BackgroundVoice {
			background += u.Seconds()
			if u.Speaker != 0 {
				t.Errorf("what is behind, from %.1f s, is speaker %d's", u.Start.Seconds(), u.Speaker)
			}
		}
	}
	if background < 20 {
		t.Errorf("%.1f s of speech are in the background, and the television talks alone for more than 40", background)
	}
	heard.Utterances = annotate.Spoken(heard.Utterances)
	f := speechF1(heard, rows)
	t.Logf("speech of the people: F1 %.3f, %.1f s in the background", f, background)
	if f < 0.8 {
		t.Errorf("speech of the people: F1 %.3f", f)
	}
}

// People who pause have nobody behind them, however faint one of them is.
func TestNobodyBehind(t *testing.T) {
	pcm, rows := conversation(t)
	for _, r := range rows {
		if r.who == rows[0].who {
			continue
		}
		for i := int(r.from * 16000); i < min(len(pcm), int(r.to*16000)); i++ {
			pcm[i] *= 0.2
		}
	}
	film := noise(3*38, -60)
	for n := range 3 {
		for i, v := range pcm {
			film[n*38*16000+i] += v
		}
	}
	for _, u := range listen(t, film).Utterances {
		if u.Voice == annotate.BackgroundVoice {
			t.Fatalf("from %.1f s somebody is taken for the background", u.Start.Seconds())
		}
	}
}
