// Package timecode holds media time as integer ticks of a rational time base.
//
// Seconds are a way to show an instant, never a way to store one: 1/30000 s and
// 1/90000 s have no exact binary fraction, and a film with a variable frame
// rate has no frame number that could stand for a time.
package timecode

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// ErrSyntax is wrapped by every error of Parse.
var ErrSyntax = errors.New("not a time code")

// Base is the length of one tick, Num/Den seconds, both positive.
type Base struct {
	Num int64 `json:"num"`
	Den int64 `json:"den"`
}

// Bases used where no stream gives one.
var (
	Millisecond = Base{1, 1000}
	Grid        = Base{1, 10}    // the signal grid, 10 Hz
	Voice       = Base{1, 16000} // the speech models' sample rate
)

// Valid tells whether b is a positive length.
func (b Base) Valid() bool { return b.Num > 0 && b.Den > 0 }

func (b Base) String() string { return fmt.Sprintf("%d/%d", b.Num, b.Den) }

// Instant is a point in media time: Ticks × Base seconds after the recording's
// start, as a browser's player counts it.
type Instant struct {
	Ticks int64 `json:"ticks"`
	Base  Base  `json:"base"`
}

// At returns the instant nearest to s seconds in base b.
func At(s float64, b Base) Instant {
	return Instant{int64(math.Round(s * float64(b.Den) / float64(b.Num))), b}
}

// Seconds converts for display and arithmetic that tolerates rounding. The zero
// Instant is zero seconds.
func (t Instant) Seconds() float64 {
	if t.Base.Den == 0 {
		return 0
	}
	return float64(t.Ticks) * float64(t.Base.Num) / float64(t.Base.Den)
}

// In returns t in base b, rounded to the nearest tick (halves away from zero).
// It saturates where the result does not fit 64 bits.
func (t Instant) In(b Base) Instant {
	if t.Base == b || !t.Base.Valid() || !b.Valid() {
		return Instant{t.Ticks, b}
	}
	neg := t.Ticks < 0
	n := uint64(t.Ticks)
	if neg {
		n = -n
	}
	num, ok1 := mul(uint64(t.Base.Num), uint64(b.Den))
	den, ok2 := mul(uint64(t.Base.Den), uint64(b.Num))
	if !ok1 || !ok2 {
		return At(t.Seconds(), b)
	}
	hi, lo := bits.Mul64(n, num)
	lo, carry := bits.Add64(lo, den/2, 0)
	hi += carry
	out := uint64(math.MaxInt64)
	if hi < den {
		if q, _ := bits.Div64(hi, lo, den); q < out {
			out = q
		}
	}
	if neg {
		return Instant{-int64(out), b}
	}
	return Instant{int64(out), b}
}

func mul(a, b uint64) (uint64, bool) {
	hi, lo := bits.Mul64(a, b)
	return lo, hi == 0
}

// Compare orders two instants exactly, whatever their bases: -1, 0 or 1.
func (t Instant) Compare(u Instant) int {
	if t.Base == u.Base {
		switch {
		case t.Ticks < u.Ticks:
			return -1
		case t.Ticks > u.Ticks:
			return 1
		}
		return 0
	}
	if d := t.Seconds() - u.Seconds(); math.Abs(d) > 1e-6 {
		return int(math.Copysign(1, d))
	}
	fine := Base{1, lcm(t.Base.Den, u.Base.Den)}
	return t.In(fine).Compare(u.In(fine))
}

func lcm(a, b int64) int64 {
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	if x == 0 {
		return 1
	}
	return a / x * b
}

// Span is a stretch of media time, Start included, End excluded.
type Span struct {
	Start Instant `json:"start"`
	End   Instant `json:"end"`
}

// Seconds is the length of the span.
func (s Span) Seconds() float64 { return s.End.Seconds() - s.Start.Seconds() }

// IoU is the intersection of two spans over their union, 0 to 1.
func (s Span) IoU(o Span) float64 {
	inter := math.Min(s.End.Seconds(), o.End.Seconds()) - math.Max(s.Start.Seconds(), o.Start.Seconds())
	union := math.Max(s.End.Seconds(), o.End.Seconds()) - math.Min(s.Start.Seconds(), o.Start.Seconds())
	if inter <= 0 || union <= 0 {
		return 0
	}
	return inter / union
}

// Format writes t as HH:MM:SS.mmm (WebVTT's form; hours always there).
func (t Instant) Format() string { return format(t, true) }

// Short writes t as M:SS,d for people: tenths, and hours only where needed.
func (t Instant) Short() string { return format(t, false) }

func format(t Instant, full bool) string {
	ms := t.In(Millisecond).Ticks
	sign := ""
	if ms < 0 {
		sign, ms = "-", -ms
	}
	h, m, s, f := ms/3600000, ms/60000%60, ms/1000%60, ms%1000
	switch {
	case full:
		return fmt.Sprintf("%s%02d:%02d:%02d.%03d", sign, h, m, s, f)
	case h > 0:
		return fmt.Sprintf("%s%d:%02d:%02d,%d", sign, h, m, s, f/100)
	}
	return fmt.Sprintf("%s%d:%02d,%d", sign, m, s, f/100)
}

// Parse reads [[HH:]MM:]SS[.fff] with a point or a comma before the fraction
// and up to nine digits of it, exactly. Minutes and seconds stay below 60 where
// a larger unit stands before them. Errors wrap ErrSyntax.
func Parse(s string) (Instant, error) {
	fail := func(why string) (Instant, error) {
		return Instant{}, fmt.Errorf("%q: %w: %s (write HH:MM:SS.mmm or seconds)", s, ErrSyntax, why)
	}
	whole, frac, point := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	if point && frac == "" {
		return fail("nothing follows the point")
	}
	fields := strings.Split(whole, ":")
	if len(fields) > 3 {
		return fail("more than three fields")
	}
	var secs int64
	for i, f := range fields {
		n, err := strconv.ParseUint(f, 10, 31)
		if err != nil {
			return fail("a field is not a number")
		}
		if i > 0 && n >= 60 {
			return fail("minutes and seconds go to 59")
		}
		secs = secs*60 + int64(n)
	}
	base := Base{1, 1}
	if len(frac) > 9 {
		return fail("more than nine digits of fraction")
	}
	ticks := secs
	for _, c := range frac {
		if c < '0' || c > '9' {
			return fail("the fraction is not a number")
		}
		if ticks > (math.MaxInt64-9)/10 {
			return fail("too long")
		}
		ticks, base.Den = ticks*10+int64(c-'0'), base.Den*10
	}
	return Instant{ticks, base}, nil
}
