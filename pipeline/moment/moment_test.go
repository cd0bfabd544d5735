package moment_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/internal/scene"
	"dyade/pipeline/moment"
	"dyade/pipeline/signal"
	"dyade/pipeline/vision/track"
)

// play runs the whole chain after the detectors over a scripted scene.
func play(s scene.Scene, spoken []annotate.Utterance) []annotate.Moment {
	return seen(s, s.Sightings(), spoken)
}

// seen is play of a scene of which there are these sightings.
func seen(s scene.Scene, sightings []annotate.Sighting, spoken []annotate.Utterance) []annotate.Moment {
	people := track.People(sightings)
	rec := s.Recording()
	table := signal.Build(signal.Input{
		Recording: rec, Sightings: sightings, People: people,
		Heard: signal.Heard{Known: true, Utterances: spoken},
	})
	return moment.Find(moment.Input{SHA256: rec.SHA256, DurationS: rec.DurationS, Width: rec.Width(), Table: table, Utterances: spoken, People: people}, moment.DefaultRules())
}

func say(from, to float64, speaker int) annotate.Utterance {
	return annotate.Utterance{
		Span:    timecode.Span{Start: timecode.At(from, timecode.Voice), End: timecode.At(to, timecode.Voice)},
		Speaker: speaker, Voice: annotate.AdultVoice, Confidence: 0.9,
	}
}

// cry is a voice without words.
func cry(from, to float64) annotate.Utterance {
	u := say(from, to, 0)
	u.Voice = annotate.VocalVoice
	return u
}

// behind is a television's talk.
func behind(from, to float64) annotate.Utterance {
	u := say(from, to, 0)
	u.Voice = annotate.BackgroundVoice
	return u
}

// The parent stands on the left, the child on the right.
func parent(at, yaw float64) scene.Key { return scene.Key{At: at, X: 500, Y: 400, W: 160, Yaw: yaw} }
func child(at, yaw float64) scene.Key  { return scene.Key{At: at, X: 1300, Y: 500, W: 115, Yaw: yaw} }

func pair(p, c []scene.Key, seconds float64) scene.Scene {
	return scene.Scene{Seconds: seconds, Rate: 4, Noise: 3, Actors: []scene.Actor{{Look: 0, Keys: p}, {Look: 1, Keys: c}}}
}

func hidden(k scene.Key) scene.Key           { k.Hidden = true; return k }
func stand(k scene.Key, x float64) scene.Key { k.X = x; return k }

// hands move between two who sit close.
func hands(from, to float64) func(at float64, col, row int) uint8 {
	return func(at float64, col, row int) uint8 {
		if at >= from && at < to && col >= 12 && col < 15 && row >= 11 && row < 14 {
			return 60
		}
		return 1
	}
}

// overWith are two who sit close and bend their heads from 8 to 13 s, turned by so much.
func overWith(p, c, tiltP, tiltC float64, motion func(at float64, col, row int) uint8) scene.Scene {
	bend := func(k scene.Key, yaw, tilt float64) []scene.Key {
		down := k
		down.Yaw, down.Pitch = yaw, tilt
		at := func(k scene.Key, at float64) scene.Key { k.At = at; return k }
		return []scene.Key{k, at(k, 7.8), at(down, 8.2), at(down, 12.8), at(k, 13.2)}
	}
	s := pair(bend(stand(parent(0, 0), 800), p, tiltP), bend(stand(child(0, 0), 1080), c, tiltC), 30)
	s.Motion = motion
	return s
}

// want is a moment that is to be found.
type want struct {
	kind     annotate.MomentKind
	from, to float64
}

// ruled is what is played, said, and to be found in it.
type ruled struct {
	scene  scene.Scene
	spoken []annotate.Utterance
	want   []want
}

func (c ruled) check(t *testing.T) {
	got := play(c.scene, c.spoken)
	if len(got) != len(c.want) {
		t.Fatalf("got %s, want %v", list(got), c.want)
	}
	for i, w := range c.want {
		m := got[i]
		if m.Kind != w.kind || math.Abs(m.StartS-w.from) > 0.6 || math.Abs(m.EndS-w.to) > 0.6 {
			t.Errorf("got %s, want %v", list(got), w)
		}
		if m.Score <= 0 || m.Score > 1 || m.Confidence <= 0 || m.Confidence > 1 || len(m.Evidence) == 0 || len(m.People) != 2 {
			t.Errorf("%+v lacks what a person needs to judge it", m)
		}
	}
}

func TestRules(t *testing.T) {
	together := pair([]scene.Key{stand(parent(0, 0), 800)}, []scene.Key{stand(child(0, 0), 1080)}, 30)
	busy, apart := together, pair([]scene.Key{parent(0, 0)}, []scene.Key{child(0, 0)}, 30)
	busy.Motion, apart.Motion = hands(8, 22), hands(8, 22)
	over := func(p, c float64, motion func(float64, int, int) uint8) scene.Scene {
		return overWith(p, c, -20, -20, motion)
	}
	for name, c := range map[string]ruled{
		"turned to each other": {
			pair([]scene.Key{parent(0, 0), parent(5, 0), parent(5.4, 45), parent(11, 45), parent(11.4, 0)},
				[]scene.Key{child(0, 0), child(5, 0), child(5.4, -50), child(11, -50), child(11.4, 0)}, 20), nil,
			[]want{{annotate.FaceToFace, 5.2, 11.2}},
		},
		"turned away from each other": {
			pair([]scene.Key{parent(0, -45)}, []scene.Key{child(0, 45)}, 20), nil, nil,
		},
		"only one is turned": {
			pair([]scene.Key{parent(0, 45)}, []scene.Key{child(0, 0)}, 20), nil, nil,
		},
		"a glance is too short": {
			pair([]scene.Key{parent(0, 45)},
				[]scene.Key{child(0, 0), child(5, 0), child(5.3, -50), child(6, -50), child(6.3, 0)}, 20), nil, nil,
		},
		"one face hidden is unknown, not turned": {
			pair([]scene.Key{parent(0, 45)}, []scene.Key{hidden(child(0, -45)), child(19, -45)}, 20), nil, nil,
		},
		"they come close": {
			pair([]scene.Key{parent(0, 0), parent(8, 0), stand(parent(11, 0), 960)}, []scene.Key{child(0, 0)}, 20), nil,
			[]want{{annotate.Approach, 8, 11}},
		},
		"they move apart": {
			pair([]scene.Key{stand(parent(0, 0), 960), stand(parent(8, 0), 960), parent(11, 0)}, []scene.Key{child(0, 0)}, 20), nil, nil,
		},
		"they come a little nearer": {
			pair([]scene.Key{parent(0, 0), parent(8, 0), stand(parent(11, 0), 640)}, []scene.Key{child(0, 0)}, 20), nil, nil,
		},
		"close, with hands between them": {
			busy, nil, []want{{annotate.SharedEngagement, 8, 22}},
		},
		"hands move while they are far apart": {apart, nil, nil},
		"close, but nothing moves":            {together, nil, nil},
		"both bent over one thing, with hands at it": {
			over(17, -17, hands(8, 13)), nil, []want{{annotate.JointAttention, 8, 13}},
		},
		"both bent over one thing that nobody touches": {over(17, -17, nil), nil, nil},
		"each bent over a thing of their own":          {over(-10, 10, hands(8, 13)), nil, nil},
		"each bent over what is nearly the same place": {over(9, -9, hands(8, 13)), nil, nil},
		"one bent over a thing, the other looks at it, upright": {
			overWith(17, -17, -20, 0, hands(8, 13)), nil, nil,
		},
		"one bent over a thing, the other looks at them": {
			overWith(-12, -52, -20, 4, hands(8, 13)), nil, nil,
		},
	} {
		t.Run(name, c.check)
	}
}

func list(ms []annotate.Moment) string {
	s := ""
	for _, m := range ms {
		s += fmt.Sprintf(" %s %.1f–%.1f", m.Kind, m.StartS, m.EndS)
	}
	return "[" + s + " ]"
}

// What moves is not known while the camera does: that is no stillness, and it is told.
func TestUnknownMotionIsNotStillness(t *testing.T) {
	shared := pair([]scene.Key{stand(parent(0, 0), 800)}, []scene.Key{stand(child(0, 0), 1080)}, 30)
	shared.Motion = hands(8, 22)
	for kind, c := range map[annotate.MomentKind]struct {
		scene   scene.Scene
		unknown func(at float64) bool
		share   float64
	}{
		annotate.JointAttention:   {overWith(17, -17, -20, -20, hands(11.2, 13)), func(at float64) bool { return at > 8 && at < 11.2 }, 0.6},
		annotate.SharedEngagement: {shared, func(at float64) bool { return at > 10 && at < 20 && int(at)%2 == 0 }, 0.35},
	} {
		sightings := c.scene.Sightings()
		for i, k := range sightings {
			if c.unknown(k.At.Seconds()) {
				sightings[i].Motion, sightings[i].ShiftKnown = nil, false
			}
		}
		got := seen(c.scene, sightings, nil)
		i := slices.IndexFunc(got, func(m annotate.Moment) bool { return m.Kind == kind })
		if i < 0 {
			t.Errorf("no %s: %s", kind, list(got))
			continue
		}
		active := 0.0
		for _, e := range got[i].Evidence {
			if e.Cue == "shared_motion" {
				active = e.Value
			}
		}
		if math.Abs(got[i].Unknown-c.share) > 0.15 || active < 0.8 || got[i].Confidence > 1-c.share+0.15 {
			t.Errorf("%s: unknown %.2f, want %.2f; something moves for %.2f, sure to %.2f", kind, got[i].Unknown, c.share, active, got[i].Confidence)
		}
	}
}

// A head turned down to a child on the lap is as surely turned as one to the side.
func TestTurnedToALapIsSure(t *testing.T) {
	sure := func(p, c scene.Key) float64 {
		for _, m := range play(scene.Scene{Seconds: 20, Rate: 4, Noise: 1, Actors: []scene.Actor{{Look: 0, Keys: []scene.Key{p}}, {Look: 1, Keys: []scene.Key{c}}}}, nil) {
			if m.Kind == annotate.FaceToFace {
				return m.Confidence
			}
		}
		t.Fatal("not face to face")
		return 0
	}
	beside := sure(parent(0, 50), child(0, -50))
	lap := sure(scene.Key{X: 960, Y: 300, W: 160, Pitch: -35}, scene.Key{X: 970, Y: 560, W: 120, Pitch: 35})
	if lap < beside-0.2 {
		t.Errorf("confidence %.2f of a lap, %.2f side by side", lap, beside)
	}
}

func TestUnknownIsCounted(t *testing.T) {
	s := pair([]scene.Key{parent(0, 45)},
		[]scene.Key{child(0, 0), child(5, 0), child(5.4, -50), hidden(child(8, -50)), child(9.0, -50), child(14, -50), child(14.3, 0)}, 20)
	got := play(s, nil)
	if len(got) == 0 || got[0].Kind != annotate.FaceToFace || got[0].Unknown < 0.03 {
		t.Errorf("a second of a hidden face is not told: %+v", got)
	}
}

func TestIdsAreStableAndDistinct(t *testing.T) {
	s := pair([]scene.Key{parent(0, 45)}, []scene.Key{child(0, 0), child(3, 0), child(3.4, -45), child(8, -45), child(8.4, 0), child(13, 0), child(13.4, -45)}, 20)
	a, b := play(s, nil), play(s, nil)
	if !slices.EqualFunc(a, b, func(x, y annotate.Moment) bool { return x.ID == y.ID && x.StartS == y.StartS }) {
		t.Error("two runs differ")
	}
	if len(a) < 2 || a[0].ID == a[1].ID {
		t.Errorf("ids: %+v", a)
	}
}

func TestSpeechIsNotCut(t *testing.T) {
	s := pair([]scene.Key{parent(0, 45)},
		[]scene.Key{child(0, 0), child(5, 0), child(5.4, -50), child(11, -50), child(11.4, 0)}, 20)
	got := play(s, []annotate.Utterance{say(10, 11.5, 1)})
	i := slices.IndexFunc(got, func(m annotate.Moment) bool { return m.Kind == annotate.FaceToFace })
	if i < 0 || got[i].EndS < 11.5 {
		t.Errorf("got %s", list(got))
	}
}

func TestRankingVariesKinds(t *testing.T) {
	keys := []scene.Key{child(0, 0)}
	for k := range 4 {
		s := 6 + float64(k)*9
		keys = append(keys, child(s, 0), child(s+0.4, -50), child(s+5, -50), child(s+5.4, 0))
	}
	moved := parent(60, 45)
	moved.X += 60 // nobody alive keeps still for a minute
	s := pair([]scene.Key{parent(0, 45), moved}, keys, 60)
	got := play(s, []annotate.Utterance{say(48, 49, 1), say(49.2, 50, 2), say(50.4, 52, 1)})
	if len(got) < 5 || got[0].Kind == got[1].Kind {
		t.Errorf("got %s", list(got))
	}
}

func TestRulesFileIsStrict(t *testing.T) {
	if _, err := moment.ParseRules([]byte(`{"face_to_face": {"least": 2}}`)); err == nil {
		t.Error("a misspelt limit is taken")
	}
	if r := moment.DefaultRules(); r.TurnTaking.MostPauseS != 5 {
		t.Errorf("pause is %v", r.TurnTaking.MostPauseS)
	}
}

func FuzzParseRules(f *testing.F) {
	f.Add([]byte(`{"snap_s": 0.6}`))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = moment.ParseRules(data) })
}
