package archive

import (
	"context"
	"errors"
	"time"

	"dyade/annotate/blob"
	"dyade/annotate/store"
)

// Health is what a data folder holds, and what is wrong with it.
type Health struct {
	Recordings int       `json:"recordings"`
	Blobs      int       `json:"blobs"`  // that recordings need
	Bytes      int64     `json:"bytes"`  // of those
	Strays     int       `json:"strays"` // blobs that no recording needs: work under way, or left by it
	Problems   []Problem `json:"problems"`
}

// Problem is one thing that is wrong.
type Problem struct {
	Code      Code     `json:"code"`
	Recording string   `json:"recording,omitempty"` // id of one that it concerns
	Name      string   `json:"name,omitempty"`      // of its film
	Sum       blob.Sum `json:"sha256,omitempty"`    // of the blob
	Detail    string   `json:"detail"`
}

// Code says what kind of problem one is.
type Code string

// Codes.
const (
	BadDatabase Code = "database"   // the database is damaged
	Missing     Code = "missing"    // a blob is not there
	Damaged     Code = "damaged"    // a blob is not what was put
	Unreadable  Code = "unreadable" // a blob cannot be read
)

// Check reads all that a data folder holds. What is wrong is no error of Check,
// which ends with one where ctx is over.
func Check(ctx context.Context, k Keeper) (Health, error) {
	h := Health{Problems: []Problem{}}
	sums, err := h.database(ctx, k.Store)
	if err == nil {
		err = h.media(ctx, k, sums)
	}
	if err != nil { // it does not answer
		h.Problems = append(h.Problems, Problem{Code: BadDatabase, Detail: err.Error()})
	}
	if ctx.Err() != nil {
		return Health{}, ctx.Err()
	}
	return h, nil
}

// database looks at the database, and lists what it needs.
func (h *Health) database(ctx context.Context, s *store.Store) ([]blob.Sum, error) {
	if err := s.Check(ctx); err != nil {
		return nil, err
	}
	all, err := s.Recordings(ctx)
	if err != nil {
		return nil, err
	}
	sums, err := s.AllNeeded(ctx)
	h.Recordings, h.Blobs = len(all), len(sums)
	return sums, err
}

// media looks at each blob; an error is one of the database.
func (h *Health) media(ctx context.Context, k Keeper, sums []blob.Sum) error {
	needed := map[blob.Sum]bool{}
	for _, sum := range sums {
		needed[sum] = true
		size, bad := k.Media.Size(ctx, sum)
		if bad == nil {
			h.Bytes += size
			bad = blob.Verify(ctx, k.Media, sum)
		}
		if bad == nil {
			continue
		}
		who, err := k.Store.NeededBy(ctx, sum) // nobody, where they were deleted meanwhile
		if err != nil {
			return err
		}
		for _, r := range who {
			h.Problems = append(h.Problems, Problem{codeOf(bad), r.ID, r.Name, sum, bad.Error()})
		}
	}
	err := k.Media.Each(ctx, func(sum blob.Sum, _ time.Time) error {
		if !needed[sum] {
			h.Strays++
		}
		return nil
	})
	if err != nil {
		h.Problems = append(h.Problems, Problem{Code: Unreadable, Detail: err.Error()})
	}
	return nil
}

func codeOf(err error) Code {
	switch {
	case errors.Is(err, blob.ErrMissing):
		return Missing
	case errors.Is(err, blob.ErrDamaged):
		return Damaged
	}
	return Unreadable
}
