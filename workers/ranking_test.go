package workers_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"dyade/annotate"
	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/pipeline"
)

// TestMomentsAppearWhileTheAnalysisRuns: those that analyze tells of after the same
// pass, from the first on, each better than the one before it.
func TestMomentsAppearWhileTheAnalysisRuns(t *testing.T) { everywhere(t, momentsAppear) }

func momentsAppear(t *testing.T, p *place) {
	ctx := context.Background()
	path := clip(t, "8", "20")
	want := map[int]string{}
	r, err := pipeline.Analyze(ctx, path, pipeline.Options{Workers: 2, Ranked: func(r annotate.Ranking) {
		doc, err := json.Marshal(r)
		if err != nil {
			t.Error(err)
		}
		want[r.Pass] = string(doc)
	}})
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	p.open()
	p.hire()
	id, _ := p.submit(path, store.Interactive)
	var passes []int
	until(t, "the analysis to be done", long, func() bool {
		now := p.recording(id)
		if n := len(passes); now.Ranked > 0 && (n == 0 || passes[n-1] != now.Ranked) {
			passes = append(passes, now.Ranked)
			p.ranks(id, want)
		}
		return now.State == store.Done
	})
	if len(passes) == 0 { // who looks too late misses some
		t.Errorf("told of passes %v of %d", passes, len(want))
	}
	for i := 1; i < len(passes); i++ {
		if passes[i] <= passes[i-1] {
			t.Errorf("told of passes %v", passes)
		}
	}
	if _, err := p.store.Ranking(ctx, id); !errors.Is(err, store.ErrMissing) || p.recording(id).Ranked != 0 {
		t.Errorf("at the end there is a ranking: %v", err)
	}
	p.sameAs(id, path)
	p.clean()
}

// ranks compares the ranking that there is.
func (p *place) ranks(id string, want map[int]string) {
	p.t.Helper()
	sum, err := p.store.Ranking(context.Background(), id)
	if errors.Is(err, store.ErrMissing) {
		return // the analysis is done since
	}
	var doc []byte
	if err == nil {
		doc, err = blob.Bytes(context.Background(), p.media, sum)
	}
	if errors.Is(err, blob.ErrMissing) {
		return
	}
	var r annotate.Ranking
	if err == nil {
		err = json.Unmarshal(doc, &r)
	}
	if err != nil || string(doc) != want[r.Pass] {
		p.t.Errorf("the ranking of pass %d differs from analyze's: %v", r.Pass, err)
	}
}
