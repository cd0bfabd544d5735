package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/internal/i18n"
)

// WriteVTT writes one WebVTT cue per moment, in time order: its kind, then why
// it was proposed and what of it was not seen. Cues may overlap.
func WriteVTT(w io.Writer, l i18n.Lang, a *annotate.Analysis) error {
	moments := slices.Clone(a.Moments)
	slices.SortStableFunc(moments, func(x, y annotate.Moment) int {
		if c := x.Start.Compare(y.Start); c != 0 {
			return c
		}
		return x.End.Compare(y.End)
	})
	var out bytes.Buffer
	out.WriteString("WEBVTT\n")
	for i, m := range moments {
		start, end := cueTimes(m)
		fmt.Fprintf(&out, "\n%d\n%s --> %s\n", i+1, start.Format(), end.Format())
		for _, line := range []string{vttText(KindName(l, m.Kind)), vttText(Why(l, m) + " " + UnknownNote(l, m))} {
			if line != "" { // an empty line would end the cue
				out.WriteString(line + "\n")
			}
		}
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("writing moments as WebVTT: %w", err)
	}
	return nil
}

// cueTimes are m's ends in milliseconds, made valid for a player: not before
// zero, and the end after the start.
func cueTimes(m annotate.Moment) (start, end timecode.Instant) {
	start, end = m.Start.In(timecode.Millisecond), m.End.In(timecode.Millisecond)
	start.Ticks = max(start.Ticks, 0)
	end.Ticks = max(end.Ticks, start.Ticks+1)
	return start, end
}

var vttEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// vttText is s as the text of a cue: one line, nothing that ends or marks it.
func vttText(s string) string { return vttEscapes.Replace(clean(s)) }

// KindName is the name of a kind of moment; the code itself where the
// catalogue lacks it.
func KindName(l i18n.Lang, k annotate.MomentKind) string {
	if key := "kind_" + string(k); i18n.Has(key) {
		return i18n.T(l, key)
	}
	return clean(string(k))
}
