package sample

import (
	"math"
	"testing"

	"dyade/annotate"
)

// testPortrait is a smooth picture that is its own mirror image when even is
// true; its red grows with x, its green with y.
func testPortrait(even bool) *portrait {
	pix := newTexture(portraitW, portraitH)
	for y := range portraitH {
		for x := range portraitW {
			u := float64(x)/portraitScale - portraitLeft
			if even {
				u = math.Abs(u)
			}
			pix.set(x, y, rgb{120 + 60*u, 40 + 0.5*float64(y), 90})
		}
	}
	return &portrait{frames: []texture{pix}, rate: 25}
}

// drawnHead gives a head on a grey canvas, its pivot in the middle.
func drawnHead(h *head, pose annotate.Pose) *canvas {
	back := make([]uint8, 3*Width*Height)
	for i := range back {
		back[i] = 128
	}
	c := newCanvas(fullView, back)
	c.drawHead(h, h.portrait.at(0), pose, Width/2, Height/2, portraitScale, true)
	c.drawHead(h, h.portrait.at(0), pose, Width/2, Height/2, portraitScale, false)
	return c
}

func TestAHeadSeenFromTheFrontIsThePortrait(t *testing.T) {
	for _, m := range models {
		p := testPortrait(false)
		h := newHead(m)
		h.dress(p)
		c := drawnHead(h, annotate.Pose{})
		for y := -0.6; y < m.chin()-0.5; y += 0.1 {
			for x := -0.55; x <= 0.55; x += 0.05 {
				want := p.frames[0].at((portraitLeft+x)*portraitScale, (portraitTop+y)*portraitScale)
				o := 3 * ((Height/2+int(math.Round((y-pivot)*portraitScale)))*Width + Width/2 + int(math.Round(x*portraitScale)))
				if d := math.Abs(float64(c.pix[o])-want.R) + math.Abs(float64(c.pix[o+1])-want.G); d > 6 {
					t.Fatalf("%s: at %.2f, %.2f the colour is off by %.0f", m.clip, x, y, d)
				}
			}
		}
	}
}

// A head whose face is its own mirror image looks, turned one way, like the
// mirror image of the head turned the other way (below the hair, whose strands
// are drawn at random).
func TestTurningIsSymmetric(t *testing.T) {
	m := models[1]
	h := newHead(m)
	h.dress(testPortrait(true))
	for _, yaw := range []float64{15, 35, 55} {
		l, r := drawnHead(h, annotate.Pose{Yaw: -yaw}), drawnHead(h, annotate.Pose{Yaw: yaw})
		var sum, n float64
		for y := Height/2 - 60; y < Height/2+90; y++ {
			for x := -150; x <= 150; x++ {
				a, b := l.pix[3*(y*Width+Width/2+x)], r.pix[3*(y*Width+Width/2-x)]
				if a != 128 || b != 128 {
					sum += math.Abs(float64(a) - float64(b))
					n++
				}
			}
		}
		if n < 12000 || sum/n > 5 {
			t.Errorf("yaw %.0f: mirror images differ by %.1f on %.0f pixels", yaw, sum/n, n)
		}
	}
}

func TestPosesTurnTheNoseTheRightWay(t *testing.T) {
	tip := vec{0, 0.5, 1.6}
	for _, c := range []struct {
		name string
		pose annotate.Pose
		ok   func(v vec) bool
	}{
		{"yaw to the right edge", annotate.Pose{Yaw: 40}, func(v vec) bool { return v.X > 0.8 }},
		{"yaw to the left edge", annotate.Pose{Yaw: -40}, func(v vec) bool { return v.X < -0.8 }},
		{"pitch up", annotate.Pose{Pitch: 20}, func(v vec) bool { return v.Y < 0.1 }},
		{"pitch down", annotate.Pose{Pitch: -20}, func(v vec) bool { return v.Y > 0.9 }},
	} {
		turn := newTurn(c.pose)
		if v := turn.of(tip); !c.ok(v) {
			t.Errorf("%s brings the nose to %+v", c.name, v)
		}
	}
	// Yaw and pitch alone say where the nose points, however the head leans.
	far, leaning := newTurn(annotate.Pose{Yaw: 60, Pitch: 20}), newTurn(annotate.Pose{Yaw: 60, Pitch: 20, Roll: 15})
	for _, v := range []vec{far.of(vec{Z: 1}), leaning.of(vec{Z: 1})} {
		if math.Abs(v.X-math.Sin(math.Pi/3)*math.Cos(math.Pi/9)) > 1e-9 || math.Abs(v.Y+math.Sin(math.Pi/9)) > 1e-9 {
			t.Errorf("turned and tilted, the nose points to %+v", v)
		}
	}
	clockwise := newTurn(annotate.Pose{Roll: 30})
	if v := clockwise.of(vec{0, -1, 0}); v.X < 0.4 {
		t.Errorf("clockwise roll brings the crown to %+v", v)
	}
}

func TestTheFaceBoxFollowsTheTurn(t *testing.T) {
	h := newHead(models[2])
	front := h.faceBox(annotate.Pose{}, 500, 500, 80)
	if c := front.Center(); math.Abs(c.X-500) > 1 {
		t.Errorf("the box of a frontal face is centred at %.1f", c.X)
	}
	if front.W < 1.7*80 || front.W > 2.6*80 || front.H < 2.3*80 || front.H > 3.2*80 {
		t.Errorf("the box of a frontal face is %.0f × %.0f", front.W, front.H)
	}
	right := h.faceBox(annotate.Pose{Yaw: 50}, 500, 500, 80)
	if right.Center().X < 520 {
		t.Errorf("turned right the box is centred at %.1f", right.Center().X)
	}
}

func TestTheTableOfFacesCoversEveryModel(t *testing.T) {
	for _, m := range models {
		rows, err := placements(m.clip)
		if err != nil || len(rows) < 60 {
			t.Errorf("%s: %d rows, %v", m.clip, len(rows), err)
		}
		for i := 1; i < len(rows); i++ {
			if rows[i].frame != rows[i-1].frame+1 {
				t.Errorf("%s: frame %d follows %d", m.clip, rows[i].frame, rows[i-1].frame)
			}
		}
	}
}

func TestAPortraitRunsForthAndBack(t *testing.T) {
	p := &portrait{rate: 1, frames: []texture{{w: 0}, {w: 1}, {w: 2}}}
	for i, want := range []int{0, 1, 2, 1, 0, 1, 2} {
		if got := p.at(float64(i)).w; got != want {
			t.Errorf("at %d s frame %d, want %d", i, got, want)
		}
	}
}
