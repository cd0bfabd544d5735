package report_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"dyade/annotate"
	"dyade/annotate/report"
	"dyade/annotate/timecode"
	"dyade/internal/i18n"
)

// visit is a made-up recording of a play session: people and voices that come
// and go, faces that hide, moments of every kind.
type visit struct {
	seconds float64
	moments int
	picture bool
	sound   bool
	tall    bool
	name    string
}

func usual() visit {
	return visit{seconds: 754.2, moments: 8, picture: true, sound: true, name: "visite 3, jeu des blocs.mp4"}
}

func ms(s float64) timecode.Instant { return timecode.At(s, timecode.Millisecond) }

// input is the visit as the report's writer gets it.
func (v visit) input(t testing.TB, l i18n.Lang) report.Input {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 17))
	a := v.analysis(r)
	in := report.Input{Lang: l, Analysis: a, Thumbs: map[string][]report.Thumb{}}
	if !v.picture {
		return in
	}
	in.Lanes = v.lanes(r)
	for i, m := range a.Moments {
		n := 3 + i%3
		for k := range n {
			at := m.StartS + (m.EndS-m.StartS)*(float64(k)+0.5)/float64(n)
			in.Thumbs[m.ID] = append(in.Thumbs[m.ID], v.thumb(t, at))
		}
	}
	return in
}

func (v visit) analysis(r *rand.Rand) *annotate.Analysis {
	hash := func(c string) string { return strings.Repeat(c, 32) }
	a := &annotate.Analysis{
		Schema: annotate.AnalysisSchema, Dyade: "0.1.0",
		Models:    []annotate.ModelUsed{{Name: "centerface", Version: "1.5.0", SHA256: hash("3f")}, {Name: "silero-vad", Version: "6.2.3", SHA256: hash("a9")}},
		Recording: annotate.Recording{SHA256: hash("7c"), Name: v.name, SizeBytes: 1 << 30, Container: "mov,mp4,m4a,3gp,3g2,mj2", DurationS: v.seconds, Duration: ms(v.seconds)},
		Quality:   []annotate.Warning{},
		Coach:     []annotate.Warning{},
		People:    []annotate.Person{},
		Speech:    []annotate.Utterance{},
		Moments:   []annotate.Moment{},
	}
	a.Sampling.Damaged = []annotate.Range{}
	if v.picture {
		size := [2]int{1920, 1080}
		if v.tall {
			size = [2]int{1080, 1920}
		}
		a.Recording.Video = &annotate.Video{Codec: "h264", Width: size[0], Height: size[1], BitDepth: 8, Base: timecode.Base{Num: 1, Den: 90000}, Start: ms(0), Frames: int(v.seconds * 30)}
		a.Sampling = annotate.Sampling{Frames: int(v.seconds * 4), OfFrames: int(v.seconds * 30), LargestGap: 0.5, InputWidth: 640, Damaged: []annotate.Range{}}
		a.People = append(a.People, annotate.Person{ID: "p1", Role: annotate.Parent, RoleConfidence: 0.93}, annotate.Person{ID: "p2", Role: annotate.Child, RoleConfidence: 0.9})
		a.Quality = append(a.Quality, annotate.Warning{Code: "too_dark", Share: 0.34})
	} else {
		a.Quality = append(a.Quality, annotate.Warning{Code: "no_picture", Share: 1})
	}
	if v.sound {
		a.Recording.Audio = &annotate.Audio{Stream: 1, Codec: "aac", Rate: 48000, Channels: 2, Base: timecode.Base{Num: 1, Den: 48000}}
		a.Speech = speech(r, v.seconds)
	} else {
		a.Quality = append(a.Quality, annotate.Warning{Code: "no_sound", Share: 1})
	}
	for i := range v.moments {
		a.Moments = append(a.Moments, v.moment(r, i))
	}
	return a
}

func speech(r *rand.Rand, seconds float64) []annotate.Utterance {
	out := []annotate.Utterance{}
	for at := 4.0; at < seconds-6; {
		who, voice, long := 1, annotate.AdultVoice, 1+2.5*r.Float64()
		switch n := r.IntN(12); {
		case n == 0:
			who, voice = 0, annotate.UnknownVoice
		case n < 5:
			who, voice, long = 2, annotate.ChildVoice, 0.5+r.Float64()
		}
		out = append(out, annotate.Utterance{Span: timecode.Span{Start: ms(at), End: ms(at + long)}, Speaker: who, Voice: voice, Confidence: 0.8})
		at += long + 0.4 + 12*math.Pow(r.Float64(), 3)
	}
	return out
}

func (v visit) moment(r *rand.Rand, i int) annotate.Moment {
	kinds := []annotate.MomentKind{annotate.TurnTaking, annotate.BidResponse, annotate.FaceToFace, annotate.SharedEngagement, annotate.Approach}
	if !v.picture {
		kinds = kinds[:1]
	}
	kind := kinds[i%len(kinds)]
	long := min(map[annotate.MomentKind]float64{annotate.TurnTaking: 29, annotate.BidResponse: 4.2, annotate.FaceToFace: 6.5, annotate.SharedEngagement: 47, annotate.Approach: 7.6}[kind], v.seconds/3)
	start := r.Float64() * (v.seconds - long)
	ev := func(cue string, value float64, unit string) annotate.Evidence {
		return annotate.Evidence{Cue: cue, StartS: start, EndS: start + long, Value: value, Unit: unit}
	}
	m := annotate.Moment{
		ID: fmt.Sprintf("m%08x", r.Uint32()), Kind: kind, StartS: start, EndS: start + long, Start: ms(start), End: ms(start + long),
		Score: max(0.93-0.6*float64(i)/float64(max(v.moments, 1)), 0.2), Confidence: 0.88 - 0.03*float64(i%7), People: []string{"p1", "p2"},
	}
	if i%3 != 1 {
		m.Unknown = 0.09 * float64(1+i%4)
	}
	switch kind {
	case annotate.TurnTaking:
		m.Evidence = []annotate.Evidence{ev("turns", 6, "count"), ev("response_latency", 0.8, "s"), ev("overlap", 0.6, "s"), ev("turned_to_each_other", 11, "s")}
	case annotate.BidResponse:
		m.Evidence = []annotate.Evidence{ev("bid_voice", 1, "count"), ev("response_turn", 1, "count"), ev("response_latency", 1.2, "s")}
	case annotate.FaceToFace:
		m.Evidence = []annotate.Evidence{ev("turned_to_each_other", 6.5, "s"), ev("distance_end", 2.1, "face_widths"), ev("speech", 3.2, "s")}
	case annotate.SharedEngagement:
		m.Evidence = []annotate.Evidence{ev("close", 47, "s"), ev("shared_motion", 0.72, "share"), ev("motion_synchrony", 0.4, "share")}
	case annotate.Approach:
		m.Evidence = []annotate.Evidence{ev("distance_start", 4.04, "face_widths"), ev("distance_end", 1.5, "face_widths"), ev("speed", 0.7, "face_widths_per_s")}
	}
	if !v.picture {
		m.People = []string{}
	}
	return m
}

// lanes are slow random walks at 10 Hz, with faces that hide for a while.
func (v visit) lanes(r *rand.Rand) []annotate.Lane {
	n := int(v.seconds * 10)
	seen := func(hides float64) annotate.Lane {
		l := annotate.Lane{Step: timecode.Grid, Values: make([]float64, n), Known: make([]bool, n)}
		for i := 0; i < n; {
			run := 20 + r.IntN(n/6+20)
			visible := r.Float64() > hides
			for ; run > 0 && i < n; i, run = i+1, run-1 {
				l.Known[i] = visible
				if visible {
					l.Values[i] = 1
				}
			}
		}
		return l
	}
	level := func(known []bool) annotate.Lane {
		l := annotate.Lane{Step: timecode.Grid, Values: make([]float64, n), Known: slices.Clone(known)}
		at, aim := 0.4, 0.4
		for i := range n {
			if i%60 == 0 {
				aim = r.Float64()
			}
			at += (aim-at)*0.04 + 0.02*(r.Float64()-0.5)
			l.Values[i] = min(max(at, 0), 1)
		}
		return l
	}
	parent, child := seen(0.2), seen(0.35)
	both, all := make([]bool, n), make([]bool, n)
	for i := range n {
		both[i], all[i] = parent.Known[i] && child.Known[i], true
	}
	facing, near, motion := level(both), level(both), level(all)
	for i, x := range facing.Values {
		facing.Values[i] = math.Floor(x + 0.35)
	}
	parent.Name, child.Name, facing.Name, near.Name, motion.Name = "lane_parent_seen", "lane_child_seen", "lane_facing", "lane_closeness", "lane_motion"
	return []annotate.Lane{parent, child, facing, near, motion}
}

// thumb is a picture at a time: one of twelve, drawn once for all tests.
func (v visit) thumb(t testing.TB, at float64) report.Thumb {
	t.Helper()
	w, h := 320, 180
	if v.tall {
		w, h = 180, 320
	}
	drawn.Lock()
	defer drawn.Unlock()
	key := picture{w, h, int(at*2) % 12}
	if drawn.pictures[key] == nil {
		drawn.pictures[key] = key.draw(t)
	}
	return report.Thumb{AtS: at, Width: w, Height: h, JPEG: drawn.pictures[key]}
}

type picture struct{ w, h, phase int }

var drawn = struct {
	sync.Mutex
	pictures map[picture][]byte
}{pictures: map[picture][]byte{}}

// draw makes a room with two people and their blocks, a little different in
// each phase.
func (p picture) draw(t testing.TB) []byte {
	t.Helper()
	w, h := p.w, p.h
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	unit := float64(min(w, h)) / 180
	cx, floor := float64(w)/2, float64(h)*0.72
	sway := 9 * math.Sin(float64(p.phase)/2)
	shapes := []struct {
		x, y, rx, ry float64
		c            color.RGBA
	}{
		{cx - 52, floor + 58, 40, 74, color.RGBA{47, 111, 143, 255}},
		{cx + 50, floor + 66, 30, 56, color.RGBA{217, 138, 75, 255}},
		{cx - 50 + sway, floor - 50, 27, 31, color.RGBA{74, 52, 40, 255}},
		{cx - 46 + sway, floor - 44, 22, 27, color.RGBA{216, 183, 156, 255}},
		{cx + 47 - sway, floor - 12, 21, 22, color.RGBA{122, 84, 48, 255}},
		{cx + 44 - sway, floor - 8, 18, 19, color.RGBA{232, 196, 168, 255}},
		{cx - 6, floor + 38, 12, 10, color.RGBA{224, 193, 90, 255}},
		{cx + 14, floor + 42, 11, 9, color.RGBA{181, 84, 60, 255}},
	}
	for y := range h {
		for x := range w {
			shade := uint8(20 * y / h)
			c := color.RGBA{205 - shade, 203 - shade, 194 - shade, 255}
			if float64(y) > floor {
				c = color.RGBA{150, 128, 104, 255}
			}
			for _, s := range shapes {
				dx, dy := (float64(x)-cx-(s.x-cx)*unit)/(s.rx*unit), (float64(y)-floor-(s.y-floor)*unit)/(s.ry*unit)
				if dx*dx+dy*dy < 1 {
					c = s.c
				}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, img, &jpeg.Options{Quality: 82}); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}
