package workers_test

import (
	"context"
	"errors"
	"testing"

	"github.com/hibiken/asynq"

	"dyade/annotate/store"
	"dyade/workers"
)

// TestManyMayShareARedis: two servers that have the same film in hand at the same
// time do not take each other's work, and do not throw it away.
func TestManyMayShareARedis(t *testing.T) {
	q := external(t, "")
	shared := setting{"shared", func(testing.TB, string) queue { return q }, false}
	path := clip(t, "8", "20")
	places := []*place{newPlace(t, shared), newPlace(t, shared)}
	ids := make([]string, len(places))
	for i, p := range places {
		p.open()
		p.hire()
		ids[i], _ = p.submit(path, store.Default)
	}
	for i, p := range places {
		p.becomes(ids[i], store.Done)
		p.sameAs(ids[i], path)
		p.clean()
	}
}

// TestAFormerEditionsTasksGo: what another edition had in Redis for a data folder is
// nobody's when this one serves it.
func TestAFormerEditionsTasksGo(t *testing.T) {
	ctx := context.Background()
	p := newPlace(t, onExternal)
	const edition = "0123456789abcdef"
	former, other := workers.Realm(p.desk.Realm.Instance()+"-"+edition), workers.Realm("another-"+edition)
	client := asynq.NewClientFromRedisClient(p.desk.Redis)
	for _, r := range []workers.Realm{former, other} {
		if _, err := client.Enqueue(asynq.NewTask("dyade:step", nil), asynq.Queue(r.Queue(store.Batch))); err != nil {
			t.Fatal(err)
		}
		if err := p.desk.Redis.Set(ctx, "dyade:{"+string(r)+"}:reports", "what was done", 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	left := func(r workers.Realm) int {
		keys, err := p.desk.Redis.Keys(ctx, "*"+string(r)+"*").Result()
		if err != nil {
			t.Fatal(err)
		}
		return len(keys)
	}
	before := left(other)
	p.open()
	until(t, "it to go", long, func() bool { return left(former) == 0 })
	if now := left(other); now != before || now == 0 {
		t.Errorf("of another instance there is %d, and was %d", now, before)
	}
}

func TestARealmIsOfThisProgram(t *testing.T) {
	own := newRealm(t)
	if err := own.Check(); err != nil {
		t.Error(err)
	}
	if err := workers.Realm(own.Instance() + "-0123456789abcdef").Check(); !errors.Is(err, workers.ErrEdition) {
		t.Errorf("got %v", err)
	}
}
