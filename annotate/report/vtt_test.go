package report_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"dyade/annotate"
	"dyade/annotate/report"
	"dyade/annotate/timecode"
	"dyade/internal/i18n"
)

func TestWriteVTTGolden(t *testing.T) {
	for _, l := range i18n.Langs {
		t.Run(l.String(), func(t *testing.T) {
			var out bytes.Buffer
			if err := report.WriteVTT(&out, l, short().input(t, l).Analysis); err != nil {
				t.Fatal(err)
			}
			golden(t, "moments."+l.String()+".vtt", out.String())
		})
	}
}

func vtt(t testing.TB, moments ...annotate.Moment) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.WriteVTT(&out, i18n.French, &annotate.Analysis{Moments: moments}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func span(start, end timecode.Instant) annotate.Moment {
	return annotate.Moment{Kind: annotate.Approach, Start: start, End: end}
}

func TestWriteVTTTimes(t *testing.T) {
	ntsc := timecode.Base{Num: 1001, Den: 30000}
	tests := []struct {
		name    string
		moments []annotate.Moment
		want    []string
	}{
		{"none", nil, nil},
		{"ranked, not in time order", []annotate.Moment{span(ms(9), ms(12)), span(ms(2), ms(10))},
			[]string{"00:00:02.000 --> 00:00:10.000", "00:00:09.000 --> 00:00:12.000"}},
		{"other bases", []annotate.Moment{span(timecode.Instant{Ticks: 30, Base: ntsc}, timecode.Instant{Ticks: 60, Base: ntsc})},
			[]string{"00:00:01.001 --> 00:00:02.002"}},
		{"no length", []annotate.Moment{span(ms(5), ms(5))}, []string{"00:00:05.000 --> 00:00:05.001"}},
		{"end before start", []annotate.Moment{span(ms(5), ms(4))}, []string{"00:00:05.000 --> 00:00:05.001"}},
		{"before zero", []annotate.Moment{span(ms(-1), ms(1))}, []string{"00:00:00.000 --> 00:00:01.000"}},
		{"hours", []annotate.Moment{span(ms(5399.5), ms(5400))}, []string{"01:29:59.500 --> 01:30:00.000"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for line := range strings.Lines(vtt(t, tt.moments...)) {
				if strings.Contains(line, "-->") {
					got = append(got, strings.TrimSpace(line))
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzWriteVTT: whatever the texts, one cue comes out, and no
// mark-up that a text brought along.
func FuzzWriteVTT(f *testing.F) {
	f.Add("face_to_face", "close")
	f.Add("a-->b", "<c.x>&lt;\r\n\r\n2\n00:00 --> 00:01\nx")
	f.Add("\u2028\x00\u0085", "WEBVTT\n\nNOTE")
	f.Add("", "\xff\xfe")
	f.Fuzz(func(t *testing.T, kind, cue string) {
		text := vtt(t, annotate.Moment{Kind: annotate.MomentKind(kind), End: ms(1), Evidence: []annotate.Evidence{{Cue: cue, Value: 1}}})
		blocks := strings.Split(strings.TrimSuffix(text, "\n"), "\n\n")
		if len(blocks) != 2 || strings.Count(text, "-->") != 1 || strings.ContainsAny(text, "<\r\x00") {
			t.Errorf("not one cue: %q", text)
		}
	})
}
