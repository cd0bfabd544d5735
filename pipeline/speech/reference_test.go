package speech_test

import (
	"bufio"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dyade/annotate"
	"dyade/internal/testenv"
	"dyade/pipeline/speech"
)

// row is one line of a reference: who speaks from when to when.
type row struct {
	from, to float64
	who      string
}

// figures of the conversation in share/sample, asserted with some room; a
// change is between two rows of the reference that follow each other.
const (
	wantSpeech  = 0.985
	wantChanges = 0.84
)

func TestConversation(t *testing.T) {
	pcm, rows := conversation(t)
	heard := listen(t, pcm)
	if f := speechF1(heard, rows); f < wantSpeech {
		t.Errorf("speech F1 %.4f, want %.4f", f, wantSpeech)
	} else {
		t.Logf("speech F1 at 10 ms: %.4f", f)
	}
	if f := changeF1(changesOf(heardRows(heard)), changesOf(rows)); f < wantChanges {
		t.Errorf("speaker changes within 0.5 s: F1 %.2f, want %.2f", f, wantChanges)
	} else {
		t.Logf("speaker changes within 0.5 s: F1 %.2f", f)
	}
	checkSpeakers(t, heard, rows, 0.85)
}

// A film has long pauses, a noisy room and one voice at a time: the speakers'
// numbers must hold throughout.
func TestFilmOfTheConversation(t *testing.T) {
	pcm, rows := conversation(t)
	film := noise(100, -55)
	var truth []row
	for _, cut := range []struct{ from, to, at float64 }{
		{7.4, 17.95, 6}, {21.78, 27.4, 28}, {19.36, 21.49, 46}, {11.63, 13.92, 56}, {7.4, 17.95, 80},
	} {
		for i := int(cut.from * speech.Rate); i < int(cut.to*speech.Rate); i++ {
			film[i+int((cut.at-cut.from)*speech.Rate)] += 1.5 * pcm[i]
		}
		for _, r := range rows {
			if from, to := math.Max(r.from, cut.from), math.Min(r.to, cut.to); from < to {
				truth = append(truth, row{from + cut.at - cut.from, to + cut.at - cut.from, r.who})
			}
		}
	}
	heard := listen(t, film)
	if f := speechF1(heard, truth); f < 0.97 {
		t.Errorf("speech F1 %.3f", f)
	}
	if f := changeF1(changesOf(heardRows(heard)), changesOf(truth)); f < 0.7 {
		t.Errorf("speaker changes: F1 %.2f", f)
	}
	checkSpeakers(t, heard, truth, 0.82)
	for _, span := range []row{{28, 33.6, ""}, {46, 48.1, ""}, {56, 58.2, ""}} {
		if n := len(changesOf(within(heardRows(heard), span))); n > 0 {
			t.Errorf("a monologue from %.0f s has %d changes of speaker", span.from, n)
		}
	}
}

// checkSpeakers wants one number per speaker, over the whole recording, for at
// least the given share of the time that both speak alone or together.
func checkSpeakers(t *testing.T, heard *speech.Heard, rows []row, want float64) {
	t.Helper()
	together := map[string]map[string]float64{}
	var total float64
	for _, r := range rows {
		total += r.to - r.from
		for _, h := range heardRows(heard) {
			if both := math.Min(r.to, h.to) - math.Max(r.from, h.from); both > 0 {
				if together[r.who] == nil {
					together[r.who] = map[string]float64{}
				}
				together[r.who][h.who] += both
			}
		}
	}
	var right float64
	taken := map[string]string{}
	for who, numbers := range together {
		best := ""
		for n, s := range numbers {
			if best == "" || s > numbers[best] {
				best = n
			}
		}
		if other, ok := taken[best]; ok {
			t.Errorf("%s and %s are both speaker %s", who, other, best)
		}
		taken[best] = who
		right += numbers[best]
	}
	if share := right / total; share < want {
		t.Errorf("the right speaker for %.3f of the time, want %.3f", share, want)
	} else {
		t.Logf("the right speaker for %.3f of the time", share)
	}
}

func heardRows(heard *speech.Heard) []row {
	var rows []row
	for _, u := range heard.Utterances {
		rows = append(rows, row{u.Start.Seconds(), u.End.Seconds(), strconv.Itoa(u.Speaker)})
	}
	return rows
}

func within(rows []row, span row) []row {
	var in []row
	for _, r := range rows {
		if (r.from+r.to)/2 > span.from && (r.from+r.to)/2 < span.to {
			in = append(in, r)
		}
	}
	return in
}

// changesOf are the beginnings of rows by another speaker than the row before.
func changesOf(rows []row) []float64 {
	var at []float64
	for i := 1; i < len(rows); i++ {
		if rows[i].who != rows[i-1].who {
			at = append(at, rows[i].from)
		}
	}
	return at
}

// changeF1 pairs each reference change with the nearest free one within 0.5 s.
func changeF1(found, want []float64) float64 {
	free := slices.Clone(found)
	hits := 0
	for _, w := range want {
		best := -1
		for i, f := range free {
			if math.Abs(f-w) <= 0.5 && (best < 0 || math.Abs(f-w) < math.Abs(free[best]-w)) {
				best = i
			}
		}
		if best >= 0 {
			free = slices.Delete(free, best, best+1)
			hits++
		}
	}
	return 2 * float64(hits) / float64(max(1, len(found)+len(want)))
}

// speechF1 compares speech with the reference every 10 ms.
func speechF1(heard *speech.Heard, rows []row) float64 {
	n := int(heard.Samples / 160)
	found, want := ticks(heardRows(heard), n), ticks(rows, n)
	var both, all float64
	for i := range n {
		if found[i] && want[i] {
			both++
		}
		if found[i] {
			all++
		}
		if want[i] {
			all++
		}
	}
	return 2 * both / math.Max(1, all)
}

func ticks(rows []row, n int) []bool {
	on := make([]bool, n)
	for _, r := range rows {
		for i := int(math.Round(r.from * 100)); i < min(n, int(math.Round(r.to*100))); i++ {
			on[i] = true
		}
	}
	return on
}

// conversation is the real one that `make setup` installs.
func conversation(t testing.TB) ([]float32, []row) {
	t.Helper()
	dir := filepath.Join("..", "..", "share", "sample", "pyannote")
	return readWAV(t, filepath.Join(dir, "sample.wav")), readRTTM(t, filepath.Join(dir, "sample.rttm"))
}

// footage is a folder of recordings that the project may not hold.
func TestFootageTwoSpeakers(t *testing.T) {
	heard := listen(t, readWAV(t, testenv.Footage(t, "speech/two-speakers.wav")))
	rows := readRTTM(t, testenv.Footage(t, "labels/two-speakers.rttm"))
	if f := speechF1(heard, rows); f < 0.97 {
		t.Errorf("speech F1 %.4f", f)
	}
	if f := changeF1(changesOf(heardRows(heard)), changesOf(rows)); f < 0.6 {
		t.Errorf("speaker changes: F1 %.2f", f)
	}
}

func TestFootageFourSpeakers(t *testing.T) {
	heard := listen(t, readWAV(t, testenv.Footage(t, "speech/four-speakers.wav")))
	var rows []row
	for _, f := range fields(t, testenv.Footage(t, "labels/four-speakers.csv")) {
		rows = append(rows, row{number(t, f[0]), number(t, f[1]), f[2]})
	}
	if f := changeF1(changesOf(heardRows(heard)), changesOf(rows)); f < 0.9 {
		t.Errorf("speaker changes: F1 %.2f", f)
	}
	for _, u := range heard.Utterances {
		if u.Voice == annotate.ChildVoice {
			t.Errorf("an adult from %.1f s is called a child", u.Start.Seconds())
		}
	}
}

func TestFootageWomanAndChild(t *testing.T) {
	heard := listen(t, readWAV(t, testenv.Footage(t, "speech/woman-child.wav")))
	var rows []row
	for _, r := range readRTTM(t, testenv.Footage(t, "labels/woman-child.machine.rttm")) {
		if r.who == "SPEECH" {
			rows = append(rows, r)
		}
	}
	if f := speechF1(heard, rows); f < 0.7 {
		t.Errorf("speech as a machine labelled it: F1 %.3f", f)
	}
}

func readRTTM(t testing.TB, path string) []row {
	t.Helper()
	var rows []row
	for _, f := range fields(t, path) {
		from := number(t, f[3])
		rows = append(rows, row{from, from + number(t, f[4]), f[7]})
	}
	return rows
}

func fields(t testing.TB, path string) [][]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var rows [][]string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if f := strings.Fields(lines.Text()); len(f) > 0 {
			rows = append(rows, f)
		}
	}
	return rows
}

func number(t testing.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// readWAV reads 16 kHz mono 16-bit sound behind a header of 44 bytes.
func readWAV(t testing.TB, path string) []float32 {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run `make setup`)", err)
	}
	at := strings.Index(string(raw[:min(len(raw), 4096)]), "data")
	if at < 0 {
		t.Fatalf("%s is not a WAV file", path)
	}
	raw = raw[at+8:]
	pcm := make([]float32, len(raw)/2)
	for i := range pcm {
		pcm[i] = float32(int16(binary.LittleEndian.Uint16(raw[2*i:]))) / 32768
	}
	return pcm
}
