package sample

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// table reads a label file that has a header.
func table(t *testing.T, dir, ext, header string) [][]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, "sample."+ext))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], ","); got != header {
		t.Fatalf("sample.%s begins with %q, want %q", ext, got, header)
	}
	return rows[1:]
}

func num(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestLabelsReadBack(t *testing.T) {
	f := films()[3]
	dir := t.TempDir()
	if err := f.script.WriteLabels(dir); err != nil {
		t.Fatal(err)
	}
	rows := table(t, dir, "moments.csv", "start_s,end_s,kind")
	for i, m := range f.truth.Moments {
		if num(t, rows[i][0]) != m.StartS || num(t, rows[i][1]) != m.EndS || rows[i][2] != string(m.Kind) {
			t.Errorf("row %d of the moments is %v, want %+v", i, rows[i], m)
		}
	}
	rows = table(t, dir, "facing.csv", "start_s,end_s,label,note")
	for i, r := range f.truth.Facing {
		if num(t, rows[i][0]) != r.StartS || rows[i][2] != r.Label {
			t.Errorf("row %d of the facing is %v, want %+v", i, rows[i], r)
		}
	}
	rows = table(t, dir, "faces.csv", "frame,faces")
	for i, n := range f.truth.Faces {
		if rows[i][0] != strconv.Itoa(i) || rows[i][1] != strconv.Itoa(n) {
			t.Fatalf("row %d of the faces is %v, want %d", i, rows[i], n)
		}
	}
	rows = table(t, dir, "people.csv", "time_s,person,x,y,w,h,yaw,pitch,visible")
	if want := 2 * int(f.script.Duration*5); len(rows) != want {
		t.Errorf("%d rows of people, want %d", len(rows), want)
	}
	n := f.script.look(num(t, rows[40][0]))
	if b := n.box[0]; math.Abs(b.X-num(t, rows[40][2])) > 0.051 || math.Abs(n.pose[0].Yaw-num(t, rows[40][6])) > 0.051 {
		t.Errorf("row 40 of people is %v, want %+v", rows[40], n)
	}
}

func TestRTTMReadsBack(t *testing.T) {
	s := films()[3].script
	var b bytes.Buffer
	if err := writeRTTM(&b, "sample", s.turns()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	for i, u := range s.spoken() {
		var start, long float64
		var who string
		if _, err := fmt.Sscanf(lines[i], "SPEAKER sample 1 %f %f <NA> <NA> %s <NA> <NA>", &start, &long, &who); err != nil {
			t.Fatalf("%q: %v", lines[i], err)
		}
		if start != u.StartS || math.Abs(start+long-u.EndS) > 1e-6 || who != string(s.actors[u.who].role) {
			t.Errorf("%q, want %+v", lines[i], u)
		}
	}
}

func TestTruthFileHoldsThePoses(t *testing.T) {
	f := films()[3]
	var b bytes.Buffer
	if err := f.script.writeTruth(&b, f.truth); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Schema   string
		Seed     uint64
		Episodes []Episode
		Samples  []struct {
			T   float64
			Yaw []float64
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != TruthSchema || got.Seed != 3 || len(got.Episodes) != len(f.script.Episodes) || len(got.Samples) != int(f.script.Duration*10) {
		t.Errorf("schema %s, seed %d, %d episodes, %d samples", got.Schema, got.Seed, len(got.Episodes), len(got.Samples))
	}
	if r := got.Samples[57]; math.Abs(r.Yaw[1]-f.script.look(5.7).pose[1].Yaw) > 0.006 {
		t.Errorf("sample 57 is %+v", r)
	}
}

func TestAnUnwritableFolderIsAnError(t *testing.T) {
	if err := films()[3].script.WriteLabels(filepath.Join(t.TempDir(), "absent")); err == nil {
		t.Error("no error")
	}
}

func TestNoHalfFileIsLeft(t *testing.T) {
	dir := t.TempDir()
	err := writeFile(filepath.Join(dir, "x"), func(w io.Writer) error {
		fmt.Fprint(w, "half")
		return io.ErrShortWrite
	})
	left, _ := os.ReadDir(dir)
	if err == nil || len(left) != 0 {
		t.Errorf("error %v, %d files left", err, len(left))
	}
}

func TestTheSoundTrack(t *testing.T) {
	s := &Script{Seed: 9, Duration: 4, excerpts: []excerpt{{1, 2, 2}}}
	voice := make([]float64, 3*soundRate)
	for i := range voice {
		voice[i] = 0.25 * math.Sin(float64(i))
	}
	level := func(x []float64) float64 {
		var sum float64
		for _, v := range x {
			sum += v * v
		}
		return 20 * math.Log10(math.Sqrt(sum/float64(len(x))))
	}
	out := s.mix(voice)
	if l := level(out[:2*soundRate]); math.Abs(l+55) > 2 {
		t.Errorf("the room's noise is at %.1f dBFS", l)
	}
	if l := level(out[2*soundRate+400 : 3*soundRate-400]); math.Abs(l-20*math.Log10(voiceGain*0.25/math.Sqrt2)) > 0.5 {
		t.Errorf("the voice is at %.1f dBFS", l)
	}
	data, err := wavSamples(wav(out))
	if err != nil || len(data) != 2*4*soundRate {
		t.Fatalf("%d bytes, %v", len(data), err)
	}
	if v := float64(int16(binary.LittleEndian.Uint16(data[2*40000:]))) / 32767; math.Abs(v-out[40000]) > 1e-4 {
		t.Errorf("sample 40000 is %.5f, want %.5f", v, out[40000])
	}
}

func FuzzWAV(f *testing.F) {
	f.Add(wav(make([]float64, 10)))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVEfmt \xff\xff\xff\x7f"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if data, err := wavSamples(raw); err == nil && len(data)%2 != 0 {
			t.Error("half a sample")
		}
	})
}

// The sample recording stays what it was, whatever else this package makes:
// figures that are told of it elsewhere would no longer hold.
func TestTheSampleStaysWhatItWas(t *testing.T) {
	s := NewScript(1)
	h := sha256.New()
	for _, f := range s.labels("sample", s.Truth()) {
		if err := f.write(h); err != nil {
			t.Fatal(err)
		}
	}
	const was = "32a49c92e8ddc302ff89ceb02b4335100fe1b99a215c0cf1e5f31e83cefc4a12"
	if got := hex.EncodeToString(h.Sum(nil)); got != was {
		t.Errorf("the labels of seed 1 are %s, were %s", got, was)
	}
}
