package timecode_test

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"dyade/annotate/timecode"
)

func in(ticks, num, den int64) timecode.Instant {
	return timecode.Instant{Ticks: ticks, Base: timecode.Base{Num: num, Den: den}}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]timecode.Instant{
		"0":                in(0, 1, 1),
		"75":               in(75, 1, 1),
		"1:15":             in(75, 1, 1),
		"01:01:01.250":     in(3661250, 1, 1000),
		"00:00:04,5":       in(45, 1, 10),
		"2.123456789":      in(2123456789, 1, 1_000_000_000),
		"100:00:00":        in(360000, 1, 1),
		"00:00:00.0000001": in(1, 1, 10_000_000),
	} {
		if got, err := timecode.Parse(text); err != nil || got != want {
			t.Errorf("%q is %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-1", "a", "1:60", "1:2:3:4", "1:", ":1", "1.1.1", "1.", "1e3", "1.1234567890", "+1", "1:75:00", "99999999999"} {
		got, err := timecode.Parse(text)
		if !errors.Is(err, timecode.ErrSyntax) {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1:02:03.456", "12,5", "::", "9999999999.999999999", "-0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := timecode.Parse(text)
		if err != nil {
			if !errors.Is(err, timecode.ErrSyntax) {
				t.Errorf("error without kind: %v", err)
			}
			return
		}
		if got.Ticks < 0 || !got.Base.Valid() {
			t.Errorf("%q is %+v", text, got)
		}
		// What is written can be read, and says the same to the millisecond.
		back, err := timecode.Parse(got.Format())
		if err != nil || back.In(timecode.Millisecond) != got.In(timecode.Millisecond) {
			t.Errorf("%q is written %q and read back %+v, %v", text, got.Format(), back, err)
		}
	})
}

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		at          timecode.Instant
		long, short string
	}{
		{in(0, 1, 1), "00:00:00.000", "0:00,0"},
		{in(90_000*61+45_000, 1, 90_000), "00:01:01.500", "1:01,5"},
		{in(3_599_999, 1, 1000), "00:59:59.999", "59:59,9"},
		{in(3_600_000, 1, 1000), "01:00:00.000", "1:00:00,0"},
		{in(-1500, 1, 1000), "-00:00:01.500", "-0:01,5"},
		{timecode.Instant{}, "00:00:00.000", "0:00,0"},
	} {
		if c.at.Format() != c.long || c.at.Short() != c.short {
			t.Errorf("%+v is %s and %s", c.at, c.at.Format(), c.at.Short())
		}
	}
}

func TestInIsExact(t *testing.T) {
	if got := in(1001, 1, 30000).In(timecode.Base{Num: 1, Den: 90000}); got.Ticks != 3003 {
		t.Errorf("a frame of 29.97 is %d of 90000", got.Ticks)
	}
	if got := in(math.MaxInt64, 1, 1).In(timecode.Millisecond); got.Ticks != math.MaxInt64 {
		t.Errorf("beyond 64 bits is %d", got.Ticks)
	}
	if got := in(-3, 1, 2).In(timecode.Base{Num: 1, Den: 1}); got.Ticks != -2 {
		t.Errorf("minus one and a half is %d", got.Ticks)
	}
}

// Against arithmetic of any size: rescaling rounds to the nearest tick.
func FuzzIn(f *testing.F) {
	f.Add(int64(1001), int64(1), int64(30000), int64(1), int64(90000))
	f.Add(int64(-7), int64(2), int64(3), int64(1), int64(1000))
	f.Fuzz(func(t *testing.T, ticks, num, den, toNum, toDen int64) {
		const limit = 1 << 31
		if num <= 0 || den <= 0 || toNum <= 0 || toDen <= 0 || num >= limit || den >= limit || toNum >= limit || toDen >= limit || ticks == math.MinInt64 {
			return
		}
		got := in(ticks, num, den).In(timecode.Base{Num: toNum, Den: toDen})
		exact := new(big.Rat).SetInt64(ticks)
		exact.Mul(exact, big.NewRat(num, den)).Mul(exact, big.NewRat(toDen, toNum))
		off := new(big.Rat).Sub(exact, new(big.Rat).SetInt64(got.Ticks))
		if off.Abs(off).Cmp(big.NewRat(1, 2)) > 0 && got.Ticks != math.MaxInt64 && got.Ticks != -math.MaxInt64 {
			t.Errorf("%d × %d/%d in %d/%d is %d, off by %s", ticks, num, den, toNum, toDen, got.Ticks, off.FloatString(3))
		}
	})
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		a, b timecode.Instant
		want int
	}{
		{in(1, 1, 3), in(2, 1, 6), 0},
		{in(1, 1, 3), in(333333, 1, 1_000_000), 1},
		{in(333333, 1, 1_000_000), in(1, 1, 3), -1},
		{in(5, 1, 10), in(6, 1, 10), -1},
		{in(7, 1, 10), in(6, 1, 10), 1},
		{in(6, 1, 10), in(6, 1, 10), 0},
		{in(0, 1, 90000), in(0, 1, 48000), 0},
	} {
		if got := c.a.Compare(c.b); got != c.want {
			t.Errorf("%+v against %+v is %d", c.a, c.b, got)
		}
	}
}

func TestIoU(t *testing.T) {
	span := func(a, b int64) timecode.Span { return timecode.Span{Start: in(a, 1, 10), End: in(b, 1, 10)} }
	for _, c := range []struct {
		a, b timecode.Span
		want float64
	}{
		{span(0, 10), span(0, 10), 1},
		{span(0, 10), span(5, 15), 1.0 / 3},
		{span(0, 10), span(10, 20), 0},
		{span(0, 10), span(20, 30), 0},
		{span(5, 5), span(5, 5), 0},
	} {
		if got := c.a.IoU(c.b); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v and %v: %g", c.a, c.b, got)
		}
	}
}
