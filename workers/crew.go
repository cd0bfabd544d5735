package workers

import (
	"context"
	"fmt"

	"github.com/hibiken/asynq"

	"dyade/annotate/store"
)

// Crew counts who takes this desk's work from Redis, and who of them has a step.
func (d *Desk) Crew(ctx context.Context) (all, busy int, err error) {
	if err := d.Redis.Ping(ctx).Err(); err != nil {
		return 0, 0, fmt.Errorf("ask redis who works: %w", err)
	}
	servers, err := asynq.NewInspectorFromRedisClient(d.Redis).Servers()
	if err != nil {
		return 0, 0, fmt.Errorf("ask redis who works: %w", err)
	}
	for _, s := range servers {
		if _, ours := s.Queues[d.Realm.Queue(store.Default)]; !ours {
			continue
		}
		all++
		if len(s.ActiveWorkers) > 0 {
			busy++
		}
	}
	return all, busy, nil
}
