package decode_test

import (
	"context"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dyade/annotate/timecode"
	"dyade/pipeline/decode"
	"dyade/pipeline/decode/plan"
)

// damage writes a copy of a film in which change has altered the bytes.
func damage(t *testing.T, path string, change func(whole []byte) []byte) string {
	t.Helper()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), filepath.Base(path))
	if err := os.WriteFile(to, change(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

// packetAt is the packet shown at a second of media time.
func packetAt(ix *plan.Index, second float64) plan.Packet {
	for _, i := range ix.Shown() {
		if ix.Time(i).Seconds() >= second-1e-6 {
			return ix.Packets[i]
		}
	}
	return plan.Packet{}
}

// overwrite fills a part of a packet, all behind its first bytes or those too.
func overwrite(t *testing.T, path string, p plan.Packet, skip int) string {
	return damage(t, path, func(whole []byte) []byte {
		for i := int(p.Pos) + skip; i < int(p.Pos)+p.Size; i++ {
			whole[i] = byte(0xA5 ^ i*7)
		}
		return whole
	})
}

// TestDamageStaysWhereItIs damages a film of keys each second in one place:
// the pictures of other groups are what they were, and the damage is told, unless
// it happens to be decodable.
func TestDamageStaysWhereItIs(t *testing.T) {
	for _, name := range []string{"ponly.mp4", "bframes.mp4", "hevc.mp4"} {
		path := film(t, name)
		sound := open(t, path)
		key, middle := packetAt(sound.Index(), 3), packetAt(sound.Index(), 3.5)
		if !key.Key || middle.Key {
			t.Fatalf("%s: no key at 3 s", name)
		}
		ts := filmBy(t, "whole."+name+".ts", "-i @"+name+" -c copy -an")
		for what, at := range map[string]struct {
			from, to float64
			told     bool
			path     string
		}{
			"key":          {3, 4, name != "hevc.mp4", overwrite(t, path, key, 60)},
			"key's header": {3, 4, true, overwrite(t, path, key, 0)},
			"picture":      {3, 4, false, overwrite(t, path, middle, 30)},
			"missing middle": {2.9, 5, true, damage(t, ts, func(whole []byte) []byte {
				from, to := cutFrom(t, ts, 3.1), cutFrom(t, ts, 3.9)
				return slices.Delete(whole, from, to)
			})},
		} {
			t.Run(name+", "+what, func(t *testing.T) {
				whole := sound
				if filepath.Ext(at.path) == ".ts" {
					whole = open(t, ts)
				}
				told := checkDamage(t, whole, open(t, at.path), at.from, at.to)
				if at.told && !told {
					t.Error("the damage is not told")
				}
			})
		}
	}
}

// cutFrom is where in a transport stream the packet of a time begins.
func cutFrom(t *testing.T, path string, second float64) int {
	t.Helper()
	return int(packetAt(open(t, path).Index(), second).Pos) / 188 * 188
}

type shot struct {
	sum       uint32
	concealed bool
}

// checkDamage tells whether damage was told; it lies within from to to seconds.
func checkDamage(t *testing.T, whole, broken *decode.Source, from, to float64) (told bool) {
	t.Helper()
	want, _ := shots(t, whole)
	got, lost := shots(t, broken)
	told = len(lost) > 0 || len(got) < len(want)
	for at, w := range want {
		second := timecode.Instant{Ticks: at, Base: whole.Index().Base}.Seconds()
		g, given := got[at]
		inside := second >= from-0.1 && second < to
		told = told || g.concealed
		if !inside && (!given || g != w) {
			t.Errorf("the picture at %v s is spoilt (given %v)", second, given)
		}
	}
	for _, at := range lost {
		if s := at.Seconds(); s < from-0.1 || s >= to {
			t.Errorf("the picture at %v s is lost", s)
		}
	}
	return told
}

// shots are all pictures of a film by their ticks.
func shots(t *testing.T, s *decode.Source) (map[int64]shot, []timecode.Instant) {
	t.Helper()
	all := map[int64]shot{}
	var lost []timecode.Instant
	for _, c := range plan.All(s.Index()) {
		l, err := s.Frames(context.Background(), c, decode.Options{Width: 160}, func(f decode.Frame) error {
			all[f.At.Ticks] = shot{crc32.ChecksumIEEE(f.Pix), f.Concealed}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		lost = append(lost, l...)
	}
	return all, lost
}

// asked is a context that counts how often it was asked whether it is over.
type asked struct {
	context.Context
	before, after int
}

func (a *asked) Err() error {
	err := a.Context.Err()
	if err == nil {
		a.before++
	} else {
		a.after++
	}
	return err
}

// TestCancelledDecodingStops cancels while pictures are decoded: the context is
// asked before each packet, and nothing is done after it said no.
func TestCancelledDecodingStops(t *testing.T) {
	s := open(t, film(t, "longgop.mp4"))
	for _, after := range []int{1, 7, 100} {
		inner, cancel := context.WithCancel(context.Background())
		ctx := &asked{Context: inner}
		given := 0
		_, err := s.Frames(ctx, plan.All(s.Index())[0], decode.Options{}, func(decode.Frame) error {
			if given++; given == after {
				cancel()
			}
			return nil
		})
		cancel()
		if !errors.Is(err, context.Canceled) || given > after+3 {
			t.Errorf("after %d pictures: %d given, %v", after, given, err)
		}
		if ctx.before < after || ctx.after > 3 {
			t.Errorf("after %d pictures: asked %d times before, %d times after", after, ctx.before, ctx.after)
		}
	}
}

// damagedKeys is a film with every key damaged in its middle.
func damagedKeys(t *testing.T, path string) string {
	t.Helper()
	packets := open(t, path).Index().Packets
	return damage(t, path, func(whole []byte) []byte {
		for _, p := range packets {
			if middle := int(p.Pos) + p.Size/2; p.Key {
				for i := range 64 {
					whole[middle+i] ^= 0x55
				}
			}
		}
		return whole
	})
}

const baseline = "-f lavfi -i testsrc2=s=640x360:r=30:d=6 -vf noise=alls=10:allf=t -c:v libx264 -profile:v baseline -g 30"

// TestConcealmentIsTheSameAfterAnything: a damaged key is decoded alone by a source
// that has decoded nothing, and by one that has decoded others.
func TestConcealmentIsTheSameAfterAnything(t *testing.T) {
	path := damagedKeys(t, filmBy(t, "baseline.mp4", baseline))
	used, guessed := open(t, path), 0
	keys := runs(plan.Keys(used.Index(), 0))
	for _, r := range keys {
		one, o := []plan.Chunk{{Runs: []plan.Run{r}}}, decode.Options{Width: 320, Quality: decode.Fast}
		want, _ := goldenLines(t, open(t, path), one, o, 1)
		for range 2 {
			if got, _ := goldenLines(t, used, one, o, 1); !slices.Equal(got, want) {
				t.Errorf("from packet %d: %v, by a new source %v", r.From, got, want)
			}
		}
		if len(want) > 0 && strings.HasSuffix(want[0], concealed) {
			guessed++
		}
	}
	if guessed < 3 {
		t.Errorf("only %d of %d keys were concealed", guessed, len(keys))
	}
}

// TestDamageWhereADeviceGaveUp: software takes over a damaged film in the middle.
func TestDamageWhereADeviceGaveUp(t *testing.T) {
	path := damagedKeys(t, filmBy(t, "baseline.mp4", baseline))
	s, f := open(t, path), fake("d")
	keys := plan.Keys(s.Index(), 0)
	want, _ := goldenLines(t, open(t, path), keys, decode.Options{Width: 160}, 1)
	h := decode.OpenFakes(nil, f)
	if asked := chunk(t, s, h, f, keys[0]); asked == 0 {
		t.Fatal("the device was not tried")
	}
	f.Breaks = func(int64) bool { return true }
	if got, _ := goldenLines(t, s, keys, decode.Options{Width: 160, Hardware: h}, 1); !slices.Equal(got, want) {
		t.Errorf("%v, by software alone %v", got, want)
	}
}
