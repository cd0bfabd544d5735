package report

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"

	"dyade/annotate"
	"dyade/internal/i18n"
)

// view is what the page's template reads: texts and figures ready to show.
type view struct {
	Lang     string
	Policy   string
	Style    template.CSS
	Script   template.JS
	Name     string
	Lead     string
	Facts    []fact
	Quality  []warning
	Lanes    []lane
	Ticks    []tick
	Moments  []moment
	Unclear  *Unclear // why no moment is clear; nil: one is
	Kinds    []fact   // what the proposed kinds mean
	Looked   []fact
	Models   []annotate.ModelUsed
	SHA256   string
	Duration float64 // seconds
	Voices   bool    // someone is heard
}

type fact struct{ Name, Value string }

type warning struct{ Text, Share string }

type moment struct {
	Rank           int
	ID             string
	Kind, From, To string
	Length         string
	People         []person
	Thumbs         []thumb
	Strip          string // class of the strip: how many pictures, how they stand
	Silent         bool   // no picture to show because the recording has none
	Why, Note      string
	Score, Sure    string
	Unknown        string
	ScoreSays      string
	BarFit         string // width of the score's bar
	BarUnknown     string // of the bar below it, the share of time not known; empty where all is
}

type person struct{ Class, Name string }

type thumb struct {
	Src           template.URL
	Alt, At       string
	Width, Height int
}

func newPage(in Input) (*view, error) {
	a, l := in.Analysis, in.Lang
	v := &view{
		Lang: l.String(), Policy: policy(),
		Style: template.CSS(pageStyle), Script: template.JS(pageScript), //nolint:gosec // the page's own files, embedded
		Name: clean(a.Recording.Name), Lead: lead(l, a), Facts: facts(l, a), Quality: quality(l, a), Unclear: Nothing(l, a),
		Kinds: kinds(l, a.Moments), Looked: looked(l, a), Models: a.Models,
		SHA256: a.Recording.SHA256, Duration: a.Recording.DurationS, Voices: len(a.Speech) > 0,
	}
	if a.Recording.DurationS > 0 {
		v.Lanes, v.Ticks = lanes(in), ticks(a.Recording.DurationS)
	}
	roles := map[string]annotate.Role{}
	for _, p := range a.People {
		roles[p.ID] = p.Role
	}
	for i, m := range a.Moments {
		mv, err := newMoment(in, i+1, m, roles)
		if err != nil {
			return nil, err
		}
		v.Moments = append(v.Moments, mv)
	}
	return v, nil
}

func newMoment(in Input, rank int, m annotate.Moment, roles map[string]annotate.Role) (moment, error) {
	l := in.Lang
	score, unknown := share(m.Score), share(m.Unknown)
	mv := moment{
		Rank: rank, ID: clean(m.ID), Kind: KindName(l, m.Kind),
		From: i18n.Clock(m.StartS), To: i18n.Clock(m.EndS), Length: i18n.Duration(l, max(m.EndS-m.StartS, 0)),
		Silent: in.Analysis.Recording.Video == nil, Why: Why(l, m), Note: UnknownNote(l, m),
		Score: i18n.Percent(l, score), Sure: i18n.Percent(l, share(m.Confidence)), Unknown: i18n.Percent(l, unknown),
		BarFit: percent(score),
	}
	if unknown > 0 {
		mv.BarUnknown = percent(unknown)
	}
	mv.ScoreSays = i18n.T(l, "moment_score_says", mv.Score, mv.Unknown)
	for _, id := range m.People {
		mv.People = append(mv.People, newPerson(l, roles[id]))
	}
	tall := false
	for _, t := range in.Thumbs[m.ID] {
		tv, err := newThumb(l, t)
		if err != nil {
			return moment{}, fmt.Errorf("moment %s: %w", m.ID, err)
		}
		mv.Thumbs = append(mv.Thumbs, tv)
		tall = tall || t.Height > t.Width
	}
	mv.Strip = fmt.Sprintf("strip n%d", min(len(mv.Thumbs), 5))
	if tall {
		mv.Strip += " tall"
	}
	return mv, nil
}

func newPerson(l i18n.Lang, r annotate.Role) person {
	switch r {
	case annotate.Parent, annotate.Child, annotate.Other, annotate.Picture:
		return person{string(r), i18n.T(l, "role_"+string(r))}
	}
	return person{"other", i18n.T(l, "role_unknown")}
}

func newThumb(l i18n.Lang, t Thumb) (thumb, error) {
	at := i18n.Clock(t.AtS)
	if len(t.JPEG) < 3 || t.JPEG[0] != 0xff || t.JPEG[1] != 0xd8 || t.Width <= 0 || t.Height <= 0 {
		return thumb{}, fmt.Errorf("picture at %s is not a JPEG of a known size", at)
	}
	alt := clean(t.Alt)
	if alt == "" {
		alt = i18n.T(l, "moment_thumb_alt", at)
	}
	// The address is made here, of base64 alone, so that it is safe as it stands.
	src := template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(t.JPEG)) //nolint:gosec // as the line above says
	return thumb{src, alt, at, t.Width, t.Height}, nil
}

func lead(l i18n.Lang, a *annotate.Analysis) string {
	length := i18n.Duration(l, a.Recording.DurationS)
	if len(a.Moments) == 0 {
		return i18n.T(l, "report_lead_none", length)
	}
	return i18n.T(l, "report_lead", len(a.Moments), length)
}

func facts(l i18n.Lang, a *annotate.Analysis) []fact {
	r := a.Recording
	picture, sound := i18n.T(l, "fact_none_picture"), i18n.T(l, "fact_none_sound")
	if r.Video != nil {
		picture = i18n.T(l, "fact_picture_value", r.Video.Width, r.Video.Height, codec(r.Video.Codec))
	}
	if r.Audio != nil {
		sound = i18n.T(l, "fact_sound_value", codec(r.Audio.Codec), float64(r.Audio.Rate)/1000)
	}
	people := i18n.T(l, "fact_people_none")
	if len(a.People) > 0 {
		var names []string
		for _, p := range a.People {
			names = append(names, i18n.T(l, "fact_person", newPerson(l, p.Role).Name, i18n.Percent(l, share(p.RoleConfidence))))
		}
		people = strings.Join(names, ", ")
	}
	return []fact{
		{i18n.T(l, "fact_length"), i18n.Duration(l, r.DurationS)},
		{i18n.T(l, "fact_picture"), picture},
		{i18n.T(l, "fact_sound"), sound},
		{i18n.T(l, "fact_people"), people},
	}
}

// codec writes FFmpeg's name of a codec as its users know it.
func codec(name string) string {
	switch name {
	case "h264":
		return "H.264"
	case "hevc":
		return "H.265 (HEVC)"
	}
	return strings.ToUpper(clean(name))
}

func quality(l i18n.Lang, a *annotate.Analysis) []warning {
	var out []warning
	for _, s := range Counsel(l, a) {
		out = append(out, warning{s.Text, shareSays(l, s.Warning)})
	}
	return out
}

// kinds explains each kind among the moments, in the order in which they first come.
func kinds(l i18n.Lang, moments []annotate.Moment) []fact {
	var out []fact
	seen := map[annotate.MomentKind]bool{}
	for _, m := range moments {
		about := "kind_" + string(m.Kind) + "_about"
		if seen[m.Kind] || !i18n.Has(about) {
			continue
		}
		seen[m.Kind] = true
		out = append(out, fact{i18n.T(l, "how_kind_is", KindName(l, m.Kind)), i18n.T(l, about)})
	}
	return out
}

func looked(l i18n.Lang, a *annotate.Analysis) []fact {
	var out []fact
	s := a.Sampling
	if a.Recording.Video != nil && s.OfFrames > 0 {
		out = append(out,
			fact{i18n.T(l, "looked_frames"), i18n.T(l, "looked_frames_value", i18n.Count(l, s.Frames), i18n.Count(l, s.OfFrames), i18n.Percent(l, share(float64(s.Frames)/float64(s.OfFrames))))},
			fact{i18n.T(l, "looked_gap"), i18n.T(l, "looked_gap_value", s.LargestGap)},
			fact{i18n.T(l, "looked_width"), i18n.T(l, "looked_width_value", s.InputWidth)})
	}
	if len(s.Damaged) > 0 {
		var stretches []string
		for _, d := range s.Damaged {
			stretches = append(stretches, i18n.T(l, "moment_from_to", i18n.Clock(d.StartS), i18n.Clock(d.EndS)))
		}
		out = append(out, fact{i18n.T(l, "looked_damaged"), strings.Join(stretches, i18n.T(l, "why_join"))})
	}
	return append(out, fact{i18n.T(l, "looked_version"), clean(a.Dyade)})
}

// share keeps v within 0 to 1; what is not a number counts as none.
func share(v float64) float64 {
	if v != v {
		return 0
	}
	return min(max(v, 0), 1)
}

// percent writes a share as a length of SVG.
func percent(v float64) string { return fmt.Sprintf("%.2f%%", v*100) }
