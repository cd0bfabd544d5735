package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/store"
)

// BenchmarkAccept is what it takes to accept the result of a step: one transaction,
// safe on the disk.
func BenchmarkAccept(b *testing.B) {
	ctx := context.Background()
	s, err := store.Open(ctx, b.TempDir()+"/dyade.db", time.Now)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	_, err = s.Submit(ctx, store.Submission{Sum: blob.Of(nil), Name: "x", Queue: store.Batch, First: store.NewStep{Key: "probe", Name: "probe"}})
	if err != nil {
		b.Fatal(err)
	}
	claim := func() []store.Attempt {
		var all []store.Attempt
		for {
			some, err := s.Claim(ctx, 50)
			if err != nil {
				b.Fatal(err)
			}
			if all = append(all, some...); len(some) == 0 {
				return all
			}
		}
	}
	var wave []store.NewStep
	for i := range b.N {
		wave = append(wave, store.NewStep{Key: fmt.Sprint("look-", i), Name: "look"})
	}
	first := store.Outcome{Result: blob.Of([]byte("w")), More: wave, Then: &store.NewStep{Key: "assemble-1", Name: "assemble"}}
	if ok, _, err := s.Accept(ctx, claim()[0].ID, first); err != nil || !ok {
		b.Fatal(ok, err)
	}
	attempts := claim()
	b.ResetTimer()
	for i, a := range attempts {
		ok, _, err := s.Accept(ctx, a.ID, store.Outcome{Result: blob.Of([]byte(fmt.Sprint(i)))})
		if err != nil || !ok {
			b.Fatal(ok, err)
		}
	}
}

// BenchmarkRecordings is what it takes to list a thousand that are being analysed,
// which happens at each change while somebody listens.
func BenchmarkRecordings(b *testing.B) {
	ctx := context.Background()
	s, err := store.Open(ctx, b.TempDir()+"/dyade.db", time.Now)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var films []store.Submission
	for n := range 1000 {
		films = append(films, film(n))
	}
	if _, err := s.Submit(ctx, films...); err != nil {
		b.Fatal(err)
	}
	list, err := s.Claim(ctx, len(films))
	if err != nil {
		b.Fatal(err)
	}
	var more []store.NewStep
	for i := range 20 {
		more = append(more, store.NewStep{Key: fmt.Sprint("look-", i), Name: "look"})
	}
	for _, a := range list {
		if _, _, err := s.Accept(ctx, a.ID, store.Outcome{Result: sum("probe", 1), Probe: []byte(`{}`), More: more}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := s.Recordings(ctx); err != nil {
			b.Fatal(err)
		}
	}
}
