package decode_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
)

// notes is a memory of verdicts.
type notes map[string]string

func (n notes) Get(name string) ([]byte, bool) {
	text, ok := n[name]
	return []byte(text), ok
}

func (n notes) Put(name string, data []byte) error {
	n[name] = string(data)
	return nil
}

const quick = 50 * time.Millisecond

func fake(name string) *decode.Fake { return &decode.Fake{Name: name, Took: quick} }

// decoded gives the lines of all pictures of a film decoded with h.
func decoded(t *testing.T, s *decode.Source, h *decode.Hardware) []string {
	t.Helper()
	lines, lost := goldenLines(t, s, plan.All(s.Index()), decode.Options{Width: 160, Hardware: h}, 3)
	if len(lost) > 0 {
		t.Errorf("%d pictures lost", len(lost))
	}
	return lines
}

// chunk decodes one chunk and tells how many pictures the device was asked for.
func chunk(t *testing.T, s *decode.Source, h *decode.Hardware, f *decode.Fake, c plan.Chunk) (asked int64) {
	t.Helper()
	before := f.Given.Load()
	goldenLines(t, s, []plan.Chunk{c}, decode.Options{Width: 160, Hardware: h}, 1)
	return f.Given.Load() - before
}

// key wants the film's first picture.
func key(s *decode.Source) plan.Chunk {
	r := plan.Keys(s.Index(), 0)[0].Runs[0]
	return plan.Chunk{Runs: []plan.Run{r}}
}

// TestHardwareIsChosen: a device decodes where it gives the right pictures and is
// clearly faster; the pictures are the same either way.
func TestHardwareIsChosen(t *testing.T) {
	slow, wrong, absent, broken, better := fake("slow"), fake("wrong"), fake("absent"), fake("broken"), fake("better")
	slow.Took, better.Took = 80*time.Millisecond, 30*time.Millisecond
	wrong.Wrong, absent.Absent = true, true
	broken.Breaks = func(n int64) bool { return n%20 == 0 }
	for _, c := range []struct {
		verdict string
		devices []*decode.Fake
	}{
		{"good", []*decode.Fake{fake("good")}},
		{"better", []*decode.Fake{fake("good"), better, slow}},
		{"good", []*decode.Fake{absent, broken, wrong, fake("good")}},
		{"software", []*decode.Fake{slow}},
		{"software", []*decode.Fake{wrong}},
		{"software", []*decode.Fake{absent}},
		{"software", []*decode.Fake{broken}},
		{"", nil},
	} {
		films := []string{"bframes.mp4"}
		if c.verdict == "good" {
			films = append(films, "hevc10.mkv", "rotated.mp4")
		}
		for _, name := range films {
			memory := notes{}
			h := decode.OpenFakes(memory, c.devices...)
			s := open(t, film(t, name))
			want := decoded(t, s, nil)
			if got := decoded(t, s, h); !slices.Equal(got, want) {
				t.Errorf("%s with %s: other pictures than by software", name, c.verdict)
			}
			for _, verdict := range memory {
				if verdict != c.verdict || len(memory) != 1 {
					t.Errorf("%s: %v, want %s", name, memory, c.verdict)
				}
			}
			if (len(memory) == 0) != (c.devices == nil) {
				t.Errorf("%s: %v", name, memory)
			}
			for _, f := range c.devices {
				if asked := chunk(t, s, h, f, plan.All(s.Index())[0]); (asked > 0) != (f.Name == c.verdict) {
					t.Errorf("%s: %s was asked for %d pictures, the verdict is %s", name, f.Name, asked, c.verdict)
				}
			}
			h.Close()
		}
	}
}

// TestHardwareIsRemembered: the next run on such a film makes no trial.
func TestHardwareIsRemembered(t *testing.T) {
	for _, took := range []time.Duration{quick, 90 * time.Millisecond} {
		memory := notes{}
		first, again, other := fake("d"), fake("d"), fake("d")
		first.Took, again.Took, other.Took = took, took, took
		s := open(t, film(t, "bframes.mp4"))
		c := key(s)
		tried := chunk(t, s, decode.OpenFakes(memory, first), first, c)
		want := int64(0)
		if took == quick {
			want = 1
		}
		if asked := chunk(t, s, decode.OpenFakes(memory, again), again, c); asked != want || tried < 20 {
			t.Errorf("%d pictures asked for at first, then %d, want %d", tried, asked, want)
		}
		hevc := open(t, film(t, "hevc.mp4"))
		if asked := chunk(t, hevc, decode.OpenFakes(memory, other), other, key(hevc)); asked < 20 || len(memory) != 2 {
			t.Errorf("%d pictures asked for of a film of another codec: %v", asked, memory)
		}
	}
}

// TestHardwareBreaks: a device that fails in the middle of a chunk is replaced
// there by software, and given up the second time.
func TestHardwareBreaks(t *testing.T) {
	s := open(t, film(t, "bframes.mp4"))
	want, _ := goldenLines(t, s, []plan.Chunk{{Runs: tens(s)}}, decode.Options{Width: 160}, 1)
	f := fake("d")
	h := decode.OpenFakes(nil, f)
	if asked := chunk(t, s, h, f, key(s)); asked < 30 {
		t.Fatalf("asked for %d pictures: no trial", asked)
	}
	before := f.Given.Load()
	f.Breaks = func(n int64) bool { return n == before+5 || n == before+38 }
	var got []string
	for _, run := range tens(s) {
		lines, _ := goldenLines(t, s, []plan.Chunk{{Runs: []plan.Run{run}}}, decode.Options{Width: 160, Hardware: h}, 1)
		got = append(got, lines...)
	}
	if len(got) != 60 || !slices.Equal(got, want) {
		t.Errorf("%d pictures, others than the %d by software", len(got), len(want))
	}
	// 4 and the one that fails of the first ten, three tens, 8; then none.
	if asked := f.Given.Load() - before; asked != 38 {
		t.Errorf("asked for %d pictures", asked)
	}
}

// tens are ten pictures of each group.
func tens(s *decode.Source) []plan.Run { return runs(plan.Keys(s.Index(), 9)) }

func runs(chunks []plan.Chunk) []plan.Run {
	var all []plan.Run
	for _, c := range chunks {
		all = append(all, c.Runs...)
	}
	return all
}

// TestHardwareIsNotBlamed: pictures that software cannot decode either are the
// film's fault.
func TestHardwareIsNotBlamed(t *testing.T) {
	data, err := os.ReadFile(film(t, "silent.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("ffprobe", "-v", "error", "-show_entries", "packet=size,pos,flags", "-of", "csv=p=0", film(t, "silent.mp4")).Output()
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Fields(string(out)) {
		var size, pos int
		if _, err := fmt.Sscanf(line, "%d,%d,K", &size, &pos); err == nil && (n == 60 || n == 150) {
			clear(data[pos+8 : pos+size])
		}
	}
	path := filepath.Join(t.TempDir(), "damaged.mp4")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	f := fake("d")
	h := decode.OpenFakes(nil, f)
	chunks := plan.Keys(s.Index(), 0)
	lost := 0
	for range 2 {
		_, missing := goldenLines(t, s, chunks, decode.Options{Width: 160, Hardware: h}, 1)
		lost += len(missing)
	}
	if asked := chunk(t, s, h, f, chunks[0]); asked == 0 || lost < 4 {
		t.Errorf("%d pictures lost, then the device asked for %d", lost, asked)
	}
}

func TestHardwareTrialIsCancelled(t *testing.T) {
	s := open(t, film(t, "bframes.mp4"))
	ctx, cancel := context.WithCancel(context.Background())
	f, memory := fake("d"), notes{}
	f.Breaks = func(int64) bool { cancel(); return false }
	h := decode.OpenFakes(memory, f)
	o := decode.Options{Width: 160, Hardware: h}
	_, err := s.Frames(ctx, plan.All(s.Index())[0], o, func(decode.Frame) error { return nil })
	if !errors.Is(err, context.Canceled) || len(memory) != 0 {
		t.Errorf("%v, remembered %v", err, memory)
	}
	if asked := chunk(t, s, h, f, key(s)); asked < 20 {
		t.Errorf("asked for %d pictures: no trial afterwards", asked)
	}
}

func TestHardwareChoice(t *testing.T) {
	for _, choice := range append([]string{""}, decode.Choices...) {
		h, err := decode.OpenHardware(choice, nil)
		if err != nil {
			t.Error(err)
			continue
		}
		if choice == "none" && h.Devices() != nil {
			t.Errorf("none gives %v", h.Devices())
		}
		h.Close()
	}
	if _, err := decode.OpenHardware("voodoo", nil); err == nil || !strings.Contains(err.Error(), "none") {
		t.Error(err)
	}
	var none *decode.Hardware
	none.Close()
	if none.Devices() != nil {
		t.Error(none.Devices())
	}
}

// TestHardwareThatDoesNotOpen: device files behind which nothing is are passed
// over, and no library says a word of it. It runs itself to see what is said.
func TestHardwareThatDoesNotOpen(t *testing.T) {
	if dir := os.Getenv("DYADE_TEST_DEVICES"); dir != "" {
		for choice, devices := range map[string]int{"auto": 3, "cuda": 1, "qsv": 1, "vaapi": 1, "none": 0} {
			h := decode.OpenHardwareAt(dir, choice)
			if n := h.Count(); n != devices || h.Devices() != nil {
				t.Errorf("%s: %d devices, of which open %v", choice, n, h.Devices())
			}
			s := open(t, film(t, "ponly.mp4"))
			if lines := decoded(t, s, h); len(lines) != 180 {
				t.Errorf("%s: %d pictures", choice, len(lines))
			}
			h.Close()
		}
		return
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "dri"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"dri/renderD128", "dri/card0", "nvidiactl", "nvidia99", "nvidia-uvm"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var told strings.Builder
	cmd := exec.Command(os.Args[0], "-test.run", "^TestHardwareThatDoesNotOpen$")
	cmd.Env = append(os.Environ(), "DYADE_TEST_DEVICES="+dir)
	cmd.Stderr = &told
	if out, err := cmd.Output(); err != nil || told.Len() > 0 {
		t.Errorf("%v\n%s\nstandard error: %q", err, out, told.String())
	}
}
