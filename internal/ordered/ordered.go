// Package ordered does work in parallel and hands its results on in order.
package ordered

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// Do does work(0) to work(n-1) on several workers and hands the results
// to take one by one, in order. Workers run ahead of the slowest by a few
// results at most, so memory stays flat however many there are. The first error
// ends all.
func Do[T any](ctx context.Context, n, workers int, work func(ctx context.Context, i int) (T, error), take func(i int, v T) error) error {
	group, ctx := errgroup.WithContext(ctx)
	slots := make(chan chan T, 2*workers)
	free := make(chan struct{}, workers)
	group.Go(func() error {
		defer close(slots)
		for i := range n {
			slot := make(chan T, 1)
			select {
			case slots <- slot:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case free <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			group.Go(func() error {
				defer func() { <-free }()
				v, err := work(ctx, i)
				if err == nil {
					slot <- v
				}
				return err
			})
		}
		return nil
	})
	group.Go(func() error {
		i := 0
		for slot := range slots {
			select {
			case v := <-slot:
				if err := take(i, v); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
			i++
		}
		return nil
	})
	return group.Wait()
}
