package i18n

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"dyade/annotate/timecode"
)

// number prints a float64 with its language's decimal mark.
type number struct {
	v float64
	l Lang
}

// Format implements fmt.Formatter for the verbs that suit a float64.
func (n number) Format(s fmt.State, verb rune) {
	out := fmt.Sprintf(fmt.FormatString(s, verb), n.v)
	if n.l == French {
		out = strings.Replace(out, ".", ",", 1)
	}
	_, _ = s.Write([]byte(out)) // fmt's own buffer takes everything
}

// Count writes n with its thousands apart: 23 141 or 23,141.
func Count(l Lang, n int) string {
	mark := nbsp
	if l == English {
		mark = ","
	}
	digits, sign := strconv.Itoa(n), ""
	if n < 0 {
		digits, sign = digits[1:], "-"
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + mark + digits[i:]
	}
	return sign + digits
}

// Percent writes a share of 0 to 1, never rounding a part to none or to all:
// what is between 0 and 1 shows between 1 and 99.
func Percent(l Lang, share float64) string {
	p := math.Round(share * 100)
	if share > 0 && share < 1 {
		p = min(max(p, 1), 99)
	}
	return T(l, "unit_percent", p)
}

// Fraction writes a share of some time, 0 to 1, as people say it: a quarter of the
// time. Only all of it is all the time.
func Fraction(l Lang, share float64) string {
	for _, f := range []struct {
		below float64
		key   string
	}{
		{0.05, "hardly"}, {0.17, "tenth"}, {0.29, "quarter"}, {0.42, "third"}, {0.58, "half"},
		{0.71, "two_thirds"}, {0.85, "three_quarters"}, {0.995, "most"},
	} {
		if share < f.below {
			return T(l, "unit_time_"+f.key)
		}
	}
	return T(l, "unit_time_all")
}

// Faces writes a distance in widths of a face in words, to a half of one where
// they are few: a face and a half.
func Faces(l Lang, widths float64) string {
	switch halves := max(1, int(math.Round(widths*2))); {
	case halves == 1:
		return T(l, "unit_faces_half")
	case halves == 3 || halves == 5:
		return T(l, fmt.Sprintf("unit_faces_%d_half", halves/2))
	case widths < 6.5:
		return T(l, fmt.Sprintf("unit_faces_%.0f", widths))
	}
	return T(l, "unit_faces_many", math.Round(widths))
}

// Duration writes a length in seconds as people say it: 3,5 s; 29 s;
// 12 min 5 s; 1 h 32 min.
func Duration(l Lang, seconds float64) string {
	tenths := math.Round(seconds * 10)
	if tenths < 100 {
		return T(l, "unit_seconds_tenths", tenths/10)
	}
	s := int(math.Round(seconds))
	switch {
	case s < 60:
		return T(l, "unit_seconds", s)
	case s < 3600 && s%60 == 0:
		return T(l, "unit_minutes", s/60)
	case s < 3600:
		return T(l, "unit_minutes_seconds", s/60, s%60)
	}
	m := int(math.Round(seconds / 60))
	return T(l, "unit_hours_minutes", m/60, m%60)
}

// Clock writes an instant as a player shows it, whole seconds gone by: 4:02, 1:04:02.
func Clock(seconds float64) string {
	t := timecode.At(math.Floor(max(seconds, 0)+1e-9), timecode.Base{Num: 1, Den: 1})
	whole, _, _ := strings.Cut(t.Short(), ",")
	return whole
}
