package pipeline_test

import (
	"context"
	"os"
	"testing"

	"dyade/pipeline"
	"dyade/pipeline/decode"
)

// Damage is told with its time, and what lies elsewhere is seen as before.
func TestDamageIsToldAndSpoilsNothingElse(t *testing.T) {
	film := clip(t, "8", "9")
	src, err := decode.Open(context.Background(), film)
	if err != nil {
		t.Fatal(err)
	}
	ix := src.Index()
	var at float64
	damaged, err := os.ReadFile(film)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range ix.Packets {
		if at = ix.Time(i).Seconds(); p.Key && at > 3 {
			for k := p.Pos + int64(p.Size)/4; k < p.Pos+int64(p.Size); k++ {
				damaged[k] = byte(0xA5 ^ k*7)
			}
			break
		}
	}
	src.Close()
	whole := result(t, film)
	if err := os.WriteFile(film, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	cut := result(t, film)
	if len(whole.Analysis.Sampling.Damaged) != 0 {
		t.Errorf("damage in a whole film: %v", whole.Analysis.Sampling.Damaged)
	}
	told := cut.Analysis.Sampling.Damaged
	if len(told) != 1 || told[0].StartS > at || told[0].EndS < at || told[0].EndS-told[0].StartS > 2.5 {
		t.Errorf("damaged at %.2f s, told %v", at, told)
	}
	seen := map[float64]int{}
	for _, s := range cut.Sightings {
		seen[s.At.Seconds()] = len(s.Faces)
	}
	for _, s := range whole.Sightings {
		if n, looked := seen[s.At.Seconds()]; looked && s.At.Seconds() < at-0.1 && n != len(s.Faces) {
			t.Errorf("at %.2f s, before the damage: %d faces, were %d", s.At.Seconds(), n, len(s.Faces))
		}
	}
}

func result(t *testing.T, film string) *pipeline.Result {
	t.Helper()
	r, err := pipeline.Analyze(context.Background(), film, pipeline.Options{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}
