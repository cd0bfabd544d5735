package focus_test

import (
	"slices"
	"testing"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/internal/scene"
	"dyade/pipeline/decode/plan"
	"dyade/pipeline/focus"
	"dyade/pipeline/vision/track"
)

// fine is a distance between looks, in seconds, that asks for none between.
const fine = 0.34

// pose is where somebody is and how they hold their head.
type pose struct {
	x, width, yaw float64
	below, pitch  float64
	away, unposed bool
}

// The parent is on the left, the child on the right; both look ahead. Yaw is
// positive to the right of the picture.
var (
	parent = pose{x: 500, width: 160}
	child  = pose{x: 1300, width: 120}
)

func (p pose) turned(yaw float64) pose { p.yaw = yaw; return p }
func (p pose) to(x float64) pose       { p.x = x; return p }
func (p pose) bent(pitch float64) pose { p.pitch = pitch; return p }
func (p pose) onLap() pose             { p.x, p.below = parent.x, 300; return p }
func (p pose) gone() pose              { p.away = true; return p }
func (p pose) small() pose             { p.width /= 4; return p }
func (p pose) unclear() pose           { p.unposed = true; return p }

func (p pose) face() annotate.Face {
	return annotate.Face{
		Box:  annotate.Box{X: p.x - p.width/2, Y: 400 + p.below, W: p.width, H: p.width * 4 / 3},
		Pose: annotate.Pose{Yaw: p.yaw, Pitch: p.pitch}, PoseKnown: !p.unposed,
	}
}

// film is the two, looked at every step seconds.
func film(step float64, looks ...[2]pose) focus.Input {
	in := focus.Input{People: []annotate.Person{
		{Role: annotate.Other}, {Role: annotate.Child, Seen: map[int]annotate.Face{}}, {Role: annotate.Parent, Seen: map[int]annotate.Face{}},
	}}
	for i, two := range looks {
		in.Sightings = append(in.Sightings, annotate.Sighting{At: timecode.At(float64(i)*step, timecode.Millisecond)})
		for n, p := range two {
			if !p.away {
				in.People[2-n].Seen[i] = p.face()
			}
		}
	}
	return in
}

// becomes is a film of four looks, a second apart, in which one thing changes
// after the second.
func becomes(before, after [2]pose) focus.Input {
	return film(1, before, before, after, after)
}

// starts lists the second at which each stretch begins.
func starts(list []plan.Stretch) []float64 {
	at := []float64{}
	for _, s := range list {
		at = append(at, s.Start.Seconds())
	}
	return at
}

func TestWhereTheTwoChange(t *testing.T) {
	two := func(p, c pose) [2]pose { return [2]pose{p, c} }
	still := two(parent, child)
	for _, c := range []struct {
		name   string
		before [2]pose
		after  [2]pose
		asks   bool
	}{
		{"nothing changes", still, still, false},
		{"they are turned to each other all the while", two(parent.turned(45), child.turned(-45)), two(parent.turned(45), child.turned(-45)), false},
		{"the parent turns to the child", still, two(parent.turned(45), child), true},
		{"the parent ceases to be turned to the child", two(parent.turned(45), child), still, true},
		{"the child turns to the parent", still, two(parent, child.turned(-45)), true},
		{"the child turns from one side to the other", two(parent, child.turned(60)), two(parent, child.turned(-60)), true},
		{"a head already turned away turns further", two(parent.turned(-30), child), two(parent.turned(-70), child), false},
		{"a head already turned to the other turns further", two(parent.turned(60), child), two(parent.turned(80), child), false},
		{"which way the head is turned is lost", still, two(parent.unclear(), child), true},
		{"which way the head is turned was never known", two(parent.unclear(), child), two(parent.unclear(), child), false},
		{"the other side is where the other is", two(parent.to(1300).turned(-45), child.to(500)), two(parent.to(1300), child.to(500)), true},
		{"the parent bends down to a lap", two(parent, child.onLap()), two(parent.bent(-35), child.onLap()), true},
		{"the parent looks up from a lap", two(parent.bent(-35), child.onLap()), two(parent, child.onLap()), true},
		{"beside a lap the head turns to the side", two(parent, child.onLap()), two(parent.turned(45), child.onLap()), false},
		{"the child bends over a thing of its own", still, two(parent, child.bent(-35)), false},
		{"the child comes closer", still, two(parent, child.to(900)), true},
		{"the parent moves off", two(parent.to(900), child), still, true},
		{"the two move together", still, two(parent.to(400), child.to(1200)), false},
		{"far apart, one moves", two(parent.to(100).small(), child.to(1800).small()), two(parent.to(100).small(), child.to(1700).small()), false},
		{"the child comes", two(parent, child.gone()), still, true},
		{"the parent goes", still, two(parent.gone(), child), true},
		{"the parent goes and the child comes", two(parent, child.gone()), two(parent.gone(), child), true},
		{"while one is away the other turns", two(parent, child.gone()), two(parent.turned(45), child.gone()), false},
		{"both are away", two(parent.gone(), child.gone()), two(parent.gone(), child.gone()), false},
	} {
		want := []float64{}
		if c.asks {
			want = append(want, 1)
		}
		got := focus.Where(becomes(c.before, c.after), fine)
		if !slices.Equal(starts(got), want) {
			t.Errorf("%s: got %v, want those from %v on", c.name, got, want)
		}
		for _, s := range got {
			if s.End.Seconds() != 2 || s.Worth <= 0 {
				t.Errorf("%s: asks for %v, worth %v", c.name, s.Span, s.Worth)
			}
		}
	}
}

func TestWhereLooksAreNearEnough(t *testing.T) {
	before, after := [2]pose{parent, child}, [2]pose{parent.turned(45), child.gone()}
	for step, asks := range map[float64]int{0.1: 0, fine: 0, fine + 0.001: 1, 5: 1} {
		in := film(step, before, after)
		in.Moments = []annotate.Moment{{Kind: annotate.FaceToFace, StartS: step / 2, EndS: 100}}
		if got := focus.Where(in, fine); len(got) != asks {
			t.Errorf("looks %v s apart: %v", step, got)
		}
	}
}

func TestWhereMomentsBeginAndEnd(t *testing.T) {
	quiet := [2]pose{parent, child}
	for _, c := range []struct {
		name     string
		kind     annotate.MomentKind
		from, to float64
		want     []float64
	}{
		{"both ends", annotate.FaceToFace, 1.5, 3.2, []float64{1, 3}},
		{"within a second", annotate.Approach, 2.2, 2.8, []float64{2}},
		{"at a look: before and after it", annotate.Reunion, 1, 9, []float64{0, 1}},
		{"between voices pictures tell nothing", annotate.TurnTaking, 1.5, 3.2, []float64{}},
		{"outside of what was looked at", annotate.JointAttention, 4.5, 9, []float64{}},
	} {
		in := film(1, quiet, quiet, quiet, quiet, quiet)
		in.Moments = []annotate.Moment{{Kind: c.kind, StartS: c.from, EndS: c.to}}
		if got := starts(focus.Where(in, fine)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
		in.People = nil // whoever they are of
		if got := starts(focus.Where(in, fine)); !slices.Equal(got, c.want) {
			t.Errorf("%s, nobody known: got %v, want %v", c.name, got, c.want)
		}
	}
}

// TestWhereSomeoneSpeaksUp: a voice after a silence asks for a look, others
// that follow it do not.
func TestWhereSomeoneSpeaksUp(t *testing.T) {
	still := make([][2]pose, 60)
	for i := range still {
		still[i] = [2]pose{parent, child}
	}
	in := film(1, still...)
	say := func(from, to float64) {
		in.Utterances = append(in.Utterances, annotate.Utterance{
			Span: timecode.Span{Start: timecode.At(from, timecode.Voice), End: timecode.At(to, timecode.Voice)},
		})
	}
	for from := 5.3; from < 30; from += 0.7 {
		say(from, from+0.6)
	}
	say(50.3, 50.8)
	got := starts(focus.Where(in, fine))
	for second, asks := range map[float64]bool{2: false, 5: true, 20: false, 29: false, 40: false, 50: true, 58: false} {
		if slices.Contains(got, second) != asks {
			t.Errorf("second %v: asked for among %v", second, got)
		}
	}
	voice := focus.Where(in, fine)[0].Worth
	in.People = nil
	if got := focus.Where(in, fine); len(got) != 0 {
		t.Errorf("nobody known: %v", got)
	}
	worthMore(t, "a turn than a voice", becomes([2]pose{parent, child}, [2]pose{parent.turned(45), child}), voice)
}

// TestWhereMuchMoves: seconds in which far more changes than in others.
func TestWhereMuchMoves(t *testing.T) {
	var packets []plan.Packet
	for i := range int64(100) {
		p := plan.Packet{PTS: 100 * i, DTS: 100 * i, Size: 1000, Key: i%10 == 0}
		if i/10 == 5 {
			p.Size = 10000
		}
		packets = append(packets, p)
	}
	still := make([][2]pose, 10)
	for i := range still {
		still[i] = [2]pose{parent, child}
	}
	in := film(1, still...)
	in.Motion = plan.NewMotion(plan.NewIndex(timecode.Millisecond, packets))
	if got := starts(focus.Where(in, fine)); !slices.Equal(got, []float64{5}) {
		t.Errorf("asks for %v", got)
	}
	in.People = nil
	if got := focus.Where(in, fine); len(got) != 0 {
		t.Errorf("nobody known: %v", got)
	}
}

// TestWhereNeedsThePair: what others do asks for nothing.
func TestWhereNeedsThePair(t *testing.T) {
	for _, role := range []annotate.Role{annotate.Parent, annotate.Child} {
		in := becomes([2]pose{parent, child}, [2]pose{parent.turned(45), child.turned(-45).to(900)})
		for i := range in.People {
			if in.People[i].Role == role {
				in.People[i].Role = annotate.RoleUnknown
			}
		}
		if got := focus.Where(in, fine); len(got) != 0 {
			t.Errorf("without the %s: %v", role, got)
		}
	}
	if got := focus.Where(focus.Input{}, fine); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
}

// TestWorth: the ends of the best moments come first, then turns, then
// distances, then who is there.
func TestWorth(t *testing.T) {
	still := [2]pose{parent, child}
	change := func(after [2]pose) focus.Input { return becomes(still, after) }
	moments := func(rank int) focus.Input {
		in := becomes(still, still)
		for n := range rank + 1 {
			m := annotate.Moment{Kind: annotate.FaceToFace, StartS: 50, EndS: 60}
			if n == rank {
				m.StartS = 1.5
			}
			in.Moments = append(in.Moments, m)
		}
		return in
	}
	last := 0.0
	for _, c := range []struct {
		name string
		in   focus.Input
	}{
		{"the end of a moment far down the list", moments(200)},
		{"who is there", change([2]pose{parent, child.gone()})},
		{"distance", change([2]pose{parent, child.to(900)})},
		{"a turn", change([2]pose{parent.turned(45), child})},
		{"a turn and a distance", change([2]pose{parent.turned(45), child.to(900)})},
	} {
		last = worthMore(t, c.name, c.in, last)
	}
	last = 0
	for _, rank := range []int{200, 30, 10, 1, 0} {
		last = worthMore(t, "the end of a moment higher up the list", moments(rank), last)
	}
	worthMore(t, "a better moment's end than a turn", moments(0), focus.Where(change([2]pose{parent.turned(45), child}), fine)[0].Worth)
	both := moments(0)
	both.People = change([2]pose{parent.turned(45), child}).People
	worthMore(t, "a turn at a moment's end", both, last)
}

func worthMore(t *testing.T, what string, in focus.Input, than float64) float64 {
	t.Helper()
	list := focus.Where(in, fine)
	if len(list) != 1 {
		t.Fatalf("%s: asks for %v", what, list)
	}
	if list[0].Worth <= than {
		t.Errorf("%s is worth %v, no more than %v", what, list[0].Worth, than)
	}
	return list[0].Worth
}

// TestWhereOfAPlay looks at a scripted minute and a half once a second: the
// seconds in which heads turn, the child comes and goes or the two come closer
// are asked for, in order of time, and of the rest few.
func TestWhereOfAPlay(t *testing.T) {
	play, _ := scene.Play()
	play.Rate, play.Noise = 1, 1
	in := focus.Input{Sightings: play.Sightings()}
	in.People = track.People(in.Sightings)
	asked := map[int]bool{}
	last := timecode.At(-1, timecode.Millisecond)
	for _, s := range focus.Where(in, fine) {
		if s.Start.Compare(last) <= 0 || s.Seconds() != 1 {
			t.Errorf("%v after %v", s.Span, last)
		}
		last = s.Start
		asked[int(s.Start.Seconds())] = true
	}
	for _, second := range []int{8, 14, 30, 31, 32, 52, 54, 59, 62, 81, 86} {
		if !asked[second] {
			t.Errorf("second %d is not asked for", second)
		}
	}
	for _, second := range []int{2, 11, 20, 40, 45, 70, 75, 84} {
		if asked[second] {
			t.Errorf("second %d is asked for", second)
		}
	}
}
