package sample

import (
	"math"
	"sort"

	"dyade/annotate"
)

// The definitions' own numbers.
const (
	turned      = 25.0 // degrees towards the other from which someone is turned to them
	mutualLeast = 2.0  // s
	closeBy     = 2.6  // mean face widths
	shrink      = 0.35 // of the distance, for an approach
	approachMax = 8.0  // s
	turnGap     = 5.0  // s between turns of speech
	freshAfter  = 3.0  // s without, before a bid
	answerFrom  = 0.5  // s after a bid's onset
	answerTo    = 2.0
	engageLeast = 8.0 // s
	handsGap    = 2.0
	step        = 0.01 // s between the samples that truth is read from
)

// Moment is a stretch that satisfies a kind's definition.
type Moment struct {
	Range
	Kind annotate.MomentKind
}

// Facing is a row of sample.facing.csv.
type Facing struct {
	Range
	Label string
}

// Truth is what a perfect observer labels.
type Truth struct {
	Moments []Moment
	Facing  []Facing
	Faces   []int // visible faces per frame
	Hidden  []Hidden
}

// Hidden is a stretch in which a face cannot be seen.
type Hidden struct {
	Range
	Who string `json:"who"`
	Why string `json:"why"` // out, covered or behind
}

// instant is everything about the two at one time.
type instant struct {
	t       float64
	absent  bool       // one of them is not in the film at all
	yaw     [2]float64 // towards the other
	pose    [2]annotate.Pose
	box     [2]annotate.Box
	visible [2]bool
	why     [2]string // why not visible
	dist    float64   // between the faces, mean face widths from the front
}

func (n *instant) turnedTo(i int) bool { return n.visible[i] && n.yaw[i] >= turned }

// look computes the instant at t.
func (s *Script) look(t float64) instant {
	n := instant{t: t, absent: s.absent[0] || s.absent[1]}
	for i := range s.actors {
		a := &s.actors[i]
		n.pose[i] = a.pose(t)
		n.yaw[i] = n.pose[i].Yaw * s.side(i, t)
		n.box[i] = a.box(t)
	}
	for i := range s.actors {
		n.visible[i], n.why[i] = s.seen(&n, i)
	}
	a, b := n.box[0].Center(), n.box[1].Center()
	n.dist = math.Hypot(a.X-b.X, a.Y-b.Y) / s.meanFace()
	return n
}

// seen tells whether a face is visible, and if not, why: most of it must be in
// the picture, not behind the other's head, and not behind a hand.
func (s *Script) seen(n *instant, i int) (bool, string) {
	if s.absent[i] {
		return false, ""
	}
	b := n.box[i]
	in := s.view.box(b)
	if s.camera != nil {
		in = s.shown(&s.actors[i], n.t)
	}
	if s.outside(in) {
		return false, "out"
	}
	for _, c := range s.covers {
		if c.who == i && n.t > c.StartS && n.t < c.EndS && c.raised(n.t) > 0.7 {
			return false, "covered"
		}
	}
	if i != s.front && s.behind(n, i) > 0.4 {
		return false, "behind"
	}
	return true, ""
}

// behind is the share of a face's box that the other's head hides.
func (s *Script) behind(n *instant, i int) float64 { return hiddenBy(n.box[i], n.box[1-i]) }

// hiddenBy is the share of a box that the head whose face is in o hides.
func hiddenBy(b, o annotate.Box) float64 {
	c := o.Center()
	rx, ry := o.W*0.62, o.H*0.72
	if math.Abs(b.Center().X-c.X) > rx+b.W {
		return 0
	}
	const k = 12
	hit := 0
	for j := range k * k {
		x, y := b.X+b.W*(float64(j%k)+0.5)/k, b.Y+b.H*(float64(j/k)+0.5)/k
		if dx, dy := (x-c.X)/rx, (y-c.Y+0.12*o.H)/ry; dx*dx+dy*dy < 1 {
			hit++
		}
	}
	return float64(hit) / (k * k)
}

// Truth reads the labels off the script's signals.
func (s *Script) Truth() Truth {
	var at []instant
	for i := 0; float64(i)*step <= s.Duration; i++ {
		at = append(at, s.look(float64(i)*step))
	}
	var tr Truth
	tr.Moments = append(tr.Moments, faceToFace(at)...)
	tr.Moments = append(tr.Moments, s.approaches()...)
	tr.Moments = append(tr.Moments, turnTaking(s.spoken())...)
	tr.Moments = append(tr.Moments, bids(at, s.spoken())...)
	tr.Moments = append(tr.Moments, s.engagements(at)...)
	if s.joint {
		for _, r := range s.jointAttentions(at) {
			tr.Moments = append(tr.Moments, Moment{r, annotate.JointAttention})
		}
		for _, r := range s.reunions(at) {
			tr.Moments = append(tr.Moments, Moment{r, annotate.Reunion})
		}
	}
	sort.SliceStable(tr.Moments, func(i, j int) bool { return tr.Moments[i].StartS < tr.Moments[j].StartS })
	tr.Facing = facing(at)
	tr.Hidden = s.hidden(at)
	for f := range s.Frames() {
		count := 0
		for _, p := range s.sightings(float64(f) / float64(s.rate)) {
			if p.visible {
				count++
			}
		}
		tr.Faces = append(tr.Faces, count)
	}
	return tr
}

// stretches are the maximal runs of samples for which ok holds.
func stretches(at []instant, ok func(*instant) bool) []Range {
	var out []Range
	open := -1
	for i := range at {
		switch yes := ok(&at[i]); {
		case yes && open < 0:
			open = i
		case !yes && open >= 0:
			out = append(out, Range{StartS: round3(at[open].t), EndS: round3(at[i].t)})
			open = -1
		}
	}
	if open >= 0 {
		out = append(out, Range{StartS: round3(at[open].t), EndS: round3(at[len(at)-1].t)})
	}
	return out
}

func faceToFace(at []instant) []Moment {
	var out []Moment
	for _, r := range stretches(at, func(n *instant) bool { return n.turnedTo(0) && n.turnedTo(1) }) {
		if r.EndS-r.StartS >= mutualLeast {
			out = append(out, Moment{r, annotate.FaceToFace})
		}
	}
	return out
}

// approaches are the movements, as scripted, that bring the two together. Small
// sway is left out: it would break a movement into pieces.
func (s *Script) approaches() []Moment {
	var out []Moment
	a, b := &s.actors[0], &s.actors[1]
	dy := a.box(0).Center().Y - b.box(0).Center().Y
	dist := func(t float64) float64 { return math.Hypot(a.x.at(t)-b.x.at(t), dy) / s.meanFace() }
	for t := 0.0; t+step < s.Duration; t += step {
		if dist(t+step) >= dist(t)-1e-6 {
			continue
		}
		start := t
		seen := s.look(start).visible
		for t+step < s.Duration && dist(t+step) < dist(t)-1e-6 {
			t += step
			if !seen[0] || !seen[1] { // who comes from outside approaches from where they are seen
				start, seen = t, s.look(t).visible
			}
		}
		if d := dist(t); d <= closeBy && d <= (1-shrink)*dist(start) && t-start <= approachMax && seen[0] && seen[1] {
			out = append(out, Moment{Range{StartS: round3(start), EndS: round3(t)}, annotate.Approach})
		}
	}
	return out
}

// turnTaking finds runs of at least three turns. A turn is all that one says
// before the other begins.
func turnTaking(speech []utterance) []Moment {
	var out []Moment
	var run Range
	turns, who := 0, -1
	flush := func() {
		if turns >= 3 {
			out = append(out, Moment{run, annotate.TurnTaking})
		}
		turns, who = 0, -1
	}
	for _, u := range speech {
		if turns > 0 && u.StartS-run.EndS > turnGap {
			flush()
		}
		if turns == 0 {
			run = u.Range
		}
		if u.who != who {
			turns, who = turns+1, u.who
		}
		run.EndS = max(run.EndS, u.EndS)
	}
	flush()
	return out
}

// bid is what one does for the other to answer.
type bid struct {
	onset, end float64 // end: until when it lasts as far as an answer may come answerTo later
	who        int
}

// bids pairs each bid with the answer to it; of two bids with one answer the
// first counts.
func bids(at []instant, speech []utterance) []Moment {
	var all []bid
	var starts [2][]Range
	for i := range 2 {
		starts[i] = stretches(at, func(n *instant) bool { return n.turnedTo(i) })
		for k, r := range starts[i] {
			if r.StartS >= freshAfter && (k == 0 || r.StartS-starts[i][k-1].EndS >= freshAfter) {
				all = append(all, bid{r.StartS, r.StartS, i})
			}
		}
		all = append(all, spokenBids(speech, i)...)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].onset < all[j].onset })
	answered := map[float64]bool{}
	var out []Moment
	for _, b := range all {
		for _, r := range starts[1-b.who] {
			until := max(b.onset+answerTo, b.end+answerTo)
			if b.end == b.onset {
				until = b.onset + answerTo
			}
			if r.StartS < b.onset+answerFrom || r.StartS > until || answered[r.StartS] || turnedAt(starts[1-b.who], b.onset) {
				continue
			}
			answered[r.StartS] = true
			out = append(out, Moment{Range{StartS: b.onset, EndS: round3(r.StartS + 1)}, annotate.BidResponse})
			break
		}
	}
	return out
}

func turnedAt(rs []Range, t float64) bool {
	for _, r := range rs {
		if t >= r.StartS && t < r.EndS {
			return true
		}
	}
	return false
}

// spokenBids are what one says after having been silent for long enough.
func spokenBids(speech []utterance, who int) []bid {
	var out []bid
	last := 0.0
	for _, u := range speech {
		if u.who != who {
			continue
		}
		if u.StartS-last >= freshAfter {
			out = append(out, bid{u.StartS, u.EndS, who})
		}
		last = max(last, u.EndS)
	}
	return out
}

// handsBetween are stretches in which the hands of both move between the two.
func (s *Script) handsBetween() []Range {
	var hands []Range
	for _, p := range s.plays {
		if !p.together {
			continue
		}
		if n := len(hands); n > 0 && p.StartS-hands[n-1].EndS < handsGap {
			hands[n-1].EndS = p.EndS
			continue
		}
		hands = append(hands, p.Range)
	}
	return hands
}

func (s *Script) engagements(at []instant) []Moment {
	hands := s.handsBetween()
	var out []Moment
	for _, r := range stretches(at, func(n *instant) bool { return n.dist <= closeBy && turnedAt(hands, n.t) }) {
		if r.EndS-r.StartS >= engageLeast {
			out = append(out, Moment{r, annotate.SharedEngagement})
		}
	}
	return out
}

// facing labels every time by who is turned to whom. Where neither is, a parent
// who looks into the camera is told apart.
func facing(at []instant) []Facing {
	label := func(n *instant) string {
		switch {
		case n.absent:
			return "none"
		case !n.visible[0] || !n.visible[1]:
			return "unknown"
		case n.turnedTo(0) && n.turnedTo(1):
			return "mutual"
		case n.turnedTo(1):
			return "child_faces_parent"
		case n.turnedTo(0):
			return "parent_faces_child"
		case math.Abs(n.yaw[0]) <= 12 && math.Abs(n.pose[0].Pitch) <= 9:
			return "parent_faces_camera"
		}
		return "none"
	}
	var out []Facing
	for i := range at {
		l := label(&at[i])
		if k := len(out); k == 0 || out[k-1].Label != l {
			if k > 0 {
				out[k-1].EndS = round3(at[i].t)
			}
			out = append(out, Facing{Range{StartS: round3(at[i].t)}, l})
		}
	}
	out[len(out)-1].EndS = round3(at[len(at)-1].t)
	return out
}

func (s *Script) hidden(at []instant) []Hidden {
	var out []Hidden
	for i := range s.actors {
		for _, why := range []string{"out", "covered", "behind"} {
			for _, r := range stretches(at, func(n *instant) bool { return n.why[i] == why }) {
				out = append(out, Hidden{r, string(s.actors[i].role), why})
			}
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].StartS < out[j].StartS })
	return out
}

// spoken is who speaks when, in order, cut at the film's end.
func (s *Script) spoken() []utterance {
	var out []utterance
	for _, u := range s.speech {
		if u.StartS >= s.Duration {
			continue
		}
		u.EndS = min(u.EndS, s.Duration)
		out = append(out, u)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].StartS < out[j].StartS })
	return out
}

// FrameRate is the sample recording's, frames a second.
const FrameRate = 30

// Frames is how many frames the film has.
func (s *Script) Frames() int { return int(math.Round(s.Duration * float64(s.rate))) }
