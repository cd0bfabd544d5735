package speech_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"testing"

	"dyade/models"
	"dyade/pipeline/speech"
)

// notes is a memory that knows in which order things were put into it.
type notes struct {
	names []string
	data  map[string][]byte
}

func newNotes() *notes { return &notes{data: map[string][]byte{}} }

func (n *notes) Get(name string) ([]byte, bool) {
	data, ok := n.data[name]
	return data, ok
}

func (n *notes) Put(name string, data []byte) error {
	n.names = append(n.names, name)
	n.data[name] = data
	return nil
}

// with holds what the named entries of n do.
func (n *notes) with(names []string) *notes {
	some := newNotes()
	for _, name := range names {
		some.data[name] = n.data[name]
	}
	return some
}

// evening is long enough for several pieces of sound and of voices: the
// conversation time and again, in a quiet room.
func evening(t *testing.T) []float32 {
	t.Helper()
	pcm, _ := conversation(t)
	film := noise(8*62+3.21, -58)
	for n := range 8 {
		for i, v := range pcm {
			film[n*62*speech.Rate+i] += v
		}
	}
	return film
}

// counted counts the samples that a source gives.
func counted(next speech.Source, samples *int) speech.Source {
	return func(ctx context.Context, buf []float32) (int, error) {
		n, err := next(ctx, buf)
		*samples += n
		return n, err
	}
}

// endsAtOnce is a source that ends with its last samples, and is not asked again.
func endsAtOnce(t *testing.T, pcm []float32, size int) speech.Source {
	return func(_ context.Context, buf []float32) (int, error) {
		if pcm == nil {
			t.Error("read after its end")
		}
		n := copy(buf[:min(size, len(buf))], pcm)
		if pcm = pcm[n:]; len(pcm) == 0 {
			pcm = nil
			return n, io.EOF
		}
		return n, nil
	}
}

// TestListeningGoesOn: wherever listening is stopped, and whatever is missing of
// what was kept or damaged, the rest is heard, no more, and the result is the
// same.
func TestListeningGoesOn(t *testing.T) {
	film, full := evening(t), newNotes()
	alone, err := speech.Listen(t.Context(), pieces(film, 4096), nil)
	if err != nil {
		t.Fatal(err)
	}
	same := func(what string, size int, kept *notes, again []string) {
		t.Helper()
		live, read := models.Live(), 0
		heard, err := speech.Listen(t.Context(), counted(endsAtOnce(t, film, size), &read), kept)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if !reflect.DeepEqual(heard, alone) {
			t.Errorf("%s: another result", what)
		}
		if !slices.Equal(kept.names, again) {
			t.Errorf("%s: %q were done, want %q", what, kept.names, again)
		}
		for _, name := range kept.names {
			if !slices.Equal(kept.data[name], full.data[name]) {
				t.Errorf("%s: another %s", what, name)
			}
		}
		if sound := slices.ContainsFunc(again, func(name string) bool { return name[0] == 's' }); sound != (read > 0) {
			t.Errorf("%s: %d samples were read", what, read)
		}
		if left := models.Live() - live; left != 0 {
			t.Errorf("%s: %d things were left in C memory", what, left)
		}
	}
	if _, err := speech.Listen(t.Context(), pieces(film, 4096), full); err != nil {
		t.Fatal(err)
	}
	names := full.names
	checkSize(t, full, alone.Samples)
	for n := range len(names) + 1 {
		same(fmt.Sprintf("stopped after %d pieces", n), 4096-n, full.with(names[:n]), names[n:])
	}
	for first := range 2 {
		spoilt, again := damage(full, first)
		same(fmt.Sprintf("%q spoilt", again), 1<<20, spoilt, again)
	}
}

// damage spoils every other entry, from the first or from the second on: by
// cutting it, by putting another in its place, or with nonsense.
func damage(full *notes, first int) (spoilt *notes, names []string) {
	spoilt = full.with(full.names)
	for n := first; n < len(full.names); n += 2 {
		name := full.names[n]
		names = append(names, name)
		switch n % 3 {
		case 0:
			spoilt.data[name] = full.data[full.names[(n+1)%len(full.names)]]
		case 1:
			spoilt.data[name] = full.data[name][:len(full.data[name])/2]
		default:
			spoilt.data[name] = []byte("neither sound nor voices")
		}
	}
	return spoilt, names
}

// checkSize wants each piece kept once, and all to be about as large as what is
// held of the sound.
func checkSize(t *testing.T, kept *notes, samples int64) {
	t.Helper()
	total, most := 0, 0
	for _, data := range kept.data {
		total += len(data)
		most = max(most, len(data))
	}
	perSecond := float64(total) * speech.Rate / float64(samples)
	t.Logf("%.0f bytes kept for a second of sound, %d in the largest of %d pieces", perSecond, most, len(kept.names))
	if len(kept.names) < 5 || len(kept.data) != len(kept.names) || perSecond > 8000 || most > 1.6e6 {
		t.Errorf("%d pieces are kept under %d names", len(kept.names), len(kept.data))
	}
}

// TestSoundThatEndsWithAPiece: nothing follows a whole number of pieces.
func TestSoundThatEndsWithAPiece(t *testing.T) {
	film := seconds(240)
	alone := listen(t, film)
	for name, next := range map[string]func() speech.Source{
		"with its last samples": func() speech.Source { return endsAtOnce(t, film, 4096) },
		"after them":            func() speech.Source { return pieces(film, 4096) },
	} {
		full := newNotes()
		for range 2 {
			heard, err := speech.Listen(t.Context(), next(), full)
			if err != nil || !reflect.DeepEqual(heard, alone) {
				t.Errorf("it ends %s: another result, %v", name, err)
			}
		}
		first := full.with(full.names[:1])
		if heard, err := speech.Listen(t.Context(), next(), first); err != nil || !reflect.DeepEqual(heard, alone) {
			t.Errorf("it ends %s, stopped: another result, %v", name, err)
		}
	}
}

func TestMemoryOfMoreSound(t *testing.T) {
	film, full := seconds(250), newNotes()
	if _, err := speech.Listen(t.Context(), pieces(film, 4096), full); err != nil {
		t.Fatal(err)
	}
	begun := full.with(full.names[:1])
	if _, err := speech.Listen(t.Context(), pieces(film[:200*speech.Rate], 4096), begun); !errors.Is(err, speech.ErrOtherSound) {
		t.Errorf("a memory of 240 s for a sound of 200 s: %v", err)
	}
}

// forgetful is a memory that takes nothing.
type forgetful struct{}

func (forgetful) Get(string) ([]byte, bool) { return nil, false }
func (forgetful) Put(string, []byte) error  { return io.ErrShortWrite }

func TestMemoryThatTakesNothing(t *testing.T) {
	pcm, _ := conversation(t)
	heard, err := speech.Listen(t.Context(), pieces(pcm, 4096), forgetful{})
	if err != nil || !reflect.DeepEqual(heard, listen(t, pcm)) {
		t.Errorf("another result, %v", err)
	}
}
