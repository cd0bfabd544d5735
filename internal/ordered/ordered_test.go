package ordered_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"dyade/internal/ordered"
)

var errWork = errors.New("work failed")

func TestResultsComeInOrderWhateverIsFirst(t *testing.T) {
	const n = 200
	late := make(chan struct{})
	var got []int
	err := ordered.Do(context.Background(), n, 4,
		func(_ context.Context, i int) (int, error) {
			if i == 0 {
				<-late // the first ends after others
			}
			if i == 3 {
				close(late)
			}
			return i * i, nil
		},
		func(i, v int) error {
			if v != i*i {
				t.Errorf("result %d is %d", i, v)
			}
			got = append(got, i)
			return nil
		})
	if err != nil || len(got) != n {
		t.Fatalf("%d results, %v", len(got), err)
	}
	for i, v := range got {
		if v != i {
			t.Fatalf("result %d came at place %d", v, i)
		}
	}
}

func TestWorkersStayWithinBounds(t *testing.T) {
	var now, most, ahead, taken atomic.Int64
	err := ordered.Do(context.Background(), 100, 3,
		func(context.Context, int) (int, error) {
			n := now.Add(1)
			for {
				m := most.Load()
				if n <= m || most.CompareAndSwap(m, n) {
					break
				}
			}
			ahead.Store(max(ahead.Load(), n-taken.Load()))
			now.Add(-1)
			return 0, nil
		},
		func(int, int) error { taken.Add(1); return nil })
	if err != nil || most.Load() > 3 {
		t.Errorf("%d at once, %v", most.Load(), err)
	}
}

func TestTheFirstErrorEndsAll(t *testing.T) {
	var done atomic.Int64
	err := ordered.Do(context.Background(), 1_000_000, 2,
		func(_ context.Context, i int) (int, error) {
			done.Add(1)
			if i == 5 {
				return 0, errWork
			}
			return i, nil
		},
		func(int, int) error { return nil })
	if !errors.Is(err, errWork) {
		t.Errorf("error %v", err)
	}
	if n := done.Load(); n > 1000 {
		t.Errorf("%d were still done", n)
	}
	err = ordered.Do(context.Background(), 100, 2,
		func(_ context.Context, i int) (int, error) { return i, nil },
		func(i, _ int) error {
			if i == 7 {
				return errWork
			}
			return nil
		})
	if !errors.Is(err, errWork) {
		t.Errorf("error of take: %v", err)
	}
}

func TestCancelEndsAll(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	err := ordered.Do(ctx, 1_000_000, 2,
		func(ctx context.Context, i int) (int, error) {
			if i == 3 {
				cancel()
			}
			return i, ctx.Err()
		},
		func(int, int) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestNothingToDo(t *testing.T) {
	if err := ordered.Do(context.Background(), 0, 2, func(context.Context, int) (int, error) { return 0, errWork }, func(int, int) error { return nil }); err != nil {
		t.Error(err)
	}
}
