package decode_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
)

// benchFilm is DYADE_BENCH_FILM, or 10 s of 1080p made for the occasion: P
// pictures only, 16 Mb/s, a key each second.
func benchFilm(b *testing.B) string {
	if path := os.Getenv("DYADE_BENCH_FILM"); path != "" {
		return path
	}
	return film(b, "big.mp4")
}

// everything is the peer's work: each picture decoded, and nothing else.
var everything = []string{"-f", "null", "-"}

// benchPlan decodes what a plan wants on all cores and reports the wall time
// against ffmpeg's for its own work, in the same run.
func benchPlan(b *testing.B, choose func(*plan.Index) []plan.Chunk, peer ...string) {
	path := benchFilm(b)
	s := open(b, path)
	chunks := choose(s.Index())
	var ours, theirs, ourWork, theirWork time.Duration
	for b.Loop() {
		cmd := exec.Command("ffmpeg", append([]string{"-v", "error", "-nostdin", "-i", path, "-map", "0:v"}, peer...)...)
		start := time.Now()
		if err := cmd.Run(); err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(start)
		theirWork += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		start, used := time.Now(), work(b)
		decodeAll(b, s, chunks)
		ours += time.Since(start)
		ourWork += work(b) - used
	}
	cost := plan.CostOf(s.Index(), chunks)
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "×ffmpeg")
	b.ReportMetric(ourWork.Seconds()/theirWork.Seconds(), "×ffmpeg-cpu") // steadier where others use the machine too
	b.ReportMetric(float64(cost.Bytes)/float64(cost.OfBytes), "bytes/all")
	b.ReportMetric(ours.Seconds()/float64(b.N), "s/film")
}

// work is the processor time that this process has used.
func work(b *testing.B) time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func decodeAll(b *testing.B, s *decode.Source, chunks []plan.Chunk) {
	var wg sync.WaitGroup
	todo := make(chan plan.Chunk)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for c := range todo {
				o := decode.Options{Width: 640, Quality: decode.Fast}
				if _, err := s.Frames(context.Background(), c, o, func(decode.Frame) error { return nil }); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for _, c := range chunks {
		todo <- c
	}
	close(todo)
	wg.Wait()
}

func BenchmarkAll(b *testing.B) { benchPlan(b, plan.All, everything...) }

func BenchmarkSample034(b *testing.B) {
	benchPlan(b, func(ix *plan.Index) []plan.Chunk { return plan.Fill(ix, plan.Sample(ix, 0.34), 5) }, everything...)
}

func BenchmarkSample075(b *testing.B) {
	benchPlan(b, func(ix *plan.Index) []plan.Chunk { return plan.Fill(ix, plan.Sample(ix, 0.75), 2) }, everything...)
}

func BenchmarkKeyframes(b *testing.B) {
	benchPlan(b, func(ix *plan.Index) []plan.Chunk { return plan.Keys(ix, 0) }, everything...)
}

func BenchmarkKeyframesAndTwo(b *testing.B) {
	benchPlan(b, func(ix *plan.Index) []plan.Chunk { return plan.Keys(ix, 2) }, everything...)
}

func BenchmarkEven5(b *testing.B) {
	benchPlan(b, func(ix *plan.Index) []plan.Chunk { return plan.Even(ix, 5) },
		"-vf", "fps=5,scale=640:-2", "-f", "rawvideo", "-pix_fmt", "bgr24", "-y", os.DevNull)
}

func BenchmarkOpen(b *testing.B) {
	path := benchFilm(b)
	for b.Loop() {
		s, err := decode.Open(context.Background(), path)
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

// hardwareFilms are those of DYADE_BENCH_FILMS, apart by colons, or some of each codec
// that phones write.
func hardwareFilms(b *testing.B) []string {
	if list := os.Getenv("DYADE_BENCH_FILMS"); list != "" {
		return filepath.SplitList(list)
	}
	var list []string
	for _, name := range []string{"big.mp4", "bframes.mp4", "hevc.mp4", "hevc10.mkv"} {
		list = append(list, film(b, name))
	}
	return list
}

// BenchmarkHardware decodes a trial's pictures on each device of this machine that
// opens, beside software in the same run, and says how far its pictures differ.
// Where no device opens there is nothing to measure.
func BenchmarkHardware(b *testing.B) {
	h, err := decode.OpenHardware("auto", nil)
	if err != nil {
		b.Fatal(err)
	}
	defer h.Close()
	opened := h.Devices()
	for _, path := range hardwareFilms(b) {
		s := open(b, path)
		for n := range h.Count() {
			if !slices.Contains(opened, h.NameOf(n)) {
				continue
			}
			b.Run(filepath.Base(path)+" on "+h.NameOf(n), func(b *testing.B) { benchDevice(b, s, h, n) })
		}
		b.Logf("%s is decoded by %s", filepath.Base(path), h.Verdict(b.Context(), s, decode.Options{Width: 640, Quality: decode.Fast, Hardware: h}))
	}
}

func benchDevice(b *testing.B, s *decode.Source, h *decode.Hardware, device int) {
	o := decode.Options{Width: 640, Quality: decode.Exhaustive} // devices leave nothing out
	want, _, err := h.Timed(b.Context(), s, -1, o)
	if err != nil {
		b.Fatal(err)
	}
	got, first, err := h.Timed(b.Context(), s, device, o) // also opens its decoders
	if err != nil {
		b.Fatal(err)
	}
	o.Quality = decode.Fast
	var ours, theirs time.Duration
	for b.Loop() {
		_, t, err := h.Timed(b.Context(), s, -1, o)
		theirs += t
		_, u, err2 := h.Timed(b.Context(), s, device, o)
		ours += u
		if err := errors.Join(err, err2); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "×software")
	b.ReportMetric(first.Seconds()*1000, "ms-first")
	b.ReportMetric(apart(got, want), "levels-apart")
}

// apart is the mean difference of all values, of 0 to 255.
func apart(got, want [][]byte) float64 {
	sum := 0.0
	for i, w := range want {
		sum += difference(got[i], w)
	}
	return sum / float64(max(1, len(want)))
}
