package decode_test

import (
	"context"
	"os"
	"os/exec"
	"runtime"
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
