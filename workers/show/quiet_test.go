package show_test

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"dyade/annotate/shown"
	"dyade/workers/show"
)

func TestWhatNobodyAskedForIsMadeReady(t *testing.T) {
	b := open(t, "")
	ctx := context.Background()
	if c := b.Copied(sum); c != shown.CopyNone {
		t.Errorf("before: %s", c)
	}
	b.gate = make(chan struct{})
	changed, made := b.Changed(), make(chan error)
	go func() { made <- b.PrepareCopy(ctx, sum) }()
	<-changed
	if c := b.Copied(sum); c != shown.CopyMaking {
		t.Errorf("under way: %s", c)
	}
	changed = b.Changed()
	close(b.gate)
	if err := <-made; err != nil {
		t.Fatal(err)
	}
	<-changed
	if c := b.Copied(sum); c != shown.CopyWhole {
		t.Errorf("at the end: %s", c)
	}
	for range 2 {
		if err := b.PrepareClip(ctx, sum, time.Second, 2*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	g, err := b.Clip(ctx, sum, time.Second, 2*time.Second)
	if err != nil || !g.Whole() {
		t.Errorf("the clip is not ready: %v", err)
	}
	playable(t, all(t, g, err), 30)
	if n := b.opened.Load(); n != 2 {
		t.Errorf("made %d times", n)
	}
	if err := b.PrepareClip(ctx, sum, time.Second, time.Second); !errors.Is(err, show.ErrBounds) {
		t.Errorf("an empty clip: %v", err)
	}
	changed = b.Changed()
	if err := b.Forget(ctx, sum); err != nil {
		t.Fatal(err)
	}
	<-changed
	if c := b.Copied(sum); c != shown.CopyNone {
		t.Errorf("forgotten: %s", c)
	}
}

func TestMakingReadyEnds(t *testing.T) {
	b := open(t, "stall")
	ctx, cancel := context.WithCancel(context.Background())
	made := make(chan error)
	go func() { made <- b.PrepareCopy(ctx, sum) }()
	b.until("it to begin", func() bool { return len(b.files("aside")) == 1 })
	cancel()
	if err := <-made; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	b.Close()
	if err := b.PrepareCopy(context.Background(), sum); !errors.Is(err, shown.ErrBusy) {
		t.Errorf("after the end: %v", err)
	}
}

func TestRoomIsLeft(t *testing.T) {
	b := open(t, "", func(o *show.Options) { o.Bytes = 4 << 10 })
	if !b.Room() {
		t.Error("there is none at first")
	}
	g, err := b.Thumb(context.Background(), sum, 0, 160)
	all(t, g, err)
	b.until("the room to be looked at", func() bool {
		size := int64(0)
		for _, name := range b.files(string(sum)) {
			if info, err := os.Stat(b.dir + "/" + string(sum) + "/" + name); err == nil {
				size += info.Size()
			}
		}
		return b.Room() == (size < 2<<10)
	})
	if err := b.Forget(t.Context(), sum); err != nil || !b.Room() {
		t.Errorf("there is none once all is gone: %v", err)
	}
}
