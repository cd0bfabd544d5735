package sample

import (
	"math"
	"testing"

	"dyade/annotate"
)

func TestAnAimCanBeUndone(t *testing.T) {
	a := aim{zoom: 1.2, roll: 7, x: 30, y: -12}
	p := point{300, 800}
	if q := a.from(a.of(p)); math.Hypot(q.X-p.X, q.Y-p.Y) > 1e-9 {
		t.Errorf("%+v came back as %+v", p, q)
	}
}

// A camera shows things where the labels say that they are.
func TestACameraMovesPicturesAsItMovesLabels(t *testing.T) {
	v := smallView(tinyWidth)
	for _, camera := range []func(t float64) aim{handHeld(5), movedOnce(3)} {
		s := &Script{view: v, camera: camera}
		for _, at := range []float64{0, 2.5, 3.4, 9} {
			p := point{700, 480}
			f := frame{view: v, script: s, t: at, pix: make([]uint8, v.sizeFrame())}
			aimed{}.through(f, func(_ float64, pix []uint8) {
				q := v.at(p)
				for y := int(q.Y) - 3; y <= int(q.Y)+3; y++ {
					for x := int(q.X) - 3; x <= int(q.X)+3; x++ {
						pix[y*v.w+x] = 200
					}
				}
			})
			var sx, sy, n float64
			for i, l := range f.pix[:v.w*v.h] {
				sx, sy, n = sx+float64(l)*float64(i%v.w), sy+float64(l)*float64(i/v.w), n+float64(l)
			}
			q := v.at(p)
			want := v.at(camera(at).of(point{p.X + (math.Floor(q.X)-q.X)/v.k, p.Y + (math.Floor(q.Y)-q.Y)/v.k}))
			if math.Hypot(sx/n-want.X, sy/n-want.Y) > 0.2 {
				t.Errorf("at %.1f s the mark is at %.2f, %.2f, the labels say %.2f, %.2f", at, sx/n, sy/n, want.X, want.Y)
			}
		}
	}
}

func TestBoxesFollowTheCamera(t *testing.T) {
	s := ordinary(5, 0)
	a := &s.actors[0]
	flat := s.shown(a, 6)
	s.camera = func(float64) aim { return aim{zoom: 1.25, x: 60, y: 30} }
	got := s.shown(a, 6)
	c := s.view.at(s.camera(6).of(point{flat.X / s.view.k, flat.Y / s.view.k}))
	if math.Abs(got.W-1.25*flat.W) > 1e-6 || math.Abs(got.X-c.X) > 1e-6 || math.Abs(got.Y-c.Y) > 1e-6 {
		t.Errorf("%+v became %+v", flat, got)
	}
	s.camera = func(float64) aim { return aim{zoom: 1, x: Width} }
	if s.look(6).visible[0] || s.sightings(6)[0].visible {
		t.Error("whom the camera does not show is visible")
	}
}

func TestFarFacesAreSmall(t *testing.T) {
	for _, one := range conditions(101) {
		if one.tags[0] != "far" {
			continue
		}
		s := ordinary(one.seed, 0)
		s.view = farView
		for _, p := range s.sightings(0.5) {
			if p.box.W < 24 || p.box.W > 60 || !p.visible {
				t.Errorf("%+v", p)
			}
		}
	}
}

func TestExposure(t *testing.T) {
	v := smallView(tinyWidth)
	f := frame{view: v, script: &Script{Seed: 3}, pix: make([]uint8, v.sizeFrame())}
	exposure{gain: always(0.2), luma: 5, color: 3}.through(f, func(_ float64, pix []uint8) {
		for i := range pix {
			pix[i] = 128
		}
		for i := range v.w * v.h {
			pix[i] = 116
		}
	})
	mean, sd := spread(f.pix[:v.w*v.h])
	if math.Abs(mean-36) > 0.2 || math.Abs(sd-5) > 0.2 {
		t.Errorf("luma of 116 became %.1f ± %.1f, want 36 ± 5", mean, sd)
	}
	if mean, sd = spread(f.pix[v.w*v.h:]); math.Abs(mean-128) > 0.2 || math.Abs(sd-3) > 0.2 {
		t.Errorf("colours became %.1f ± %.1f, want 128 ± 3", mean, sd)
	}
}

// spread are mean and standard deviation.
func spread(pix []uint8) (mean, sd float64) {
	for _, v := range pix {
		mean += float64(v) / float64(len(pix))
	}
	for _, v := range pix {
		sd += (float64(v) - mean) * (float64(v) - mean) / float64(len(pix))
	}
	return mean, math.Sqrt(sd)
}

func TestBlurKeepsTheLightAndSpreadsIt(t *testing.T) {
	p := channel{w: 41, h: 41, pix: make([]uint8, 41*41)}
	for y := 16; y < 25; y++ {
		for x := 16; x < 25; x++ {
			p.pix[y*41+x] = 250
		}
	}
	before, _ := spread(p.pix)
	p.soften(2)
	after, _ := spread(p.pix)
	if math.Abs(after-before) > 0.4 || p.pix[20*41+14] == 0 || p.pix[20*41+20] < 200 || p.pix[20*41+16] > 200 {
		t.Errorf("mean %.2f became %.2f; row %v", before, after, p.pix[20*41+10:20*41+31])
	}
}

// A masked face is nothing but cells; what is said of facing stays.
func TestAMaskHidesFacesAndNothingElse(t *testing.T) {
	open, s := ordinary(9, 0), ordinary(9, 0)
	open.Duration, s.Duration = 4, 4
	s.lens = mask{}
	b := s.shown(&s.actors[0], 1)
	p := channel{s.view.w, s.view.h, make([]uint8, s.view.w*s.view.h)}
	for i := range p.pix {
		p.pix[i] = uint8(hash64(uint64(i)))
	}
	cell := max(4, int(b.W/3.2)) &^ 1
	p.pixelate(b, cell)
	values := map[uint8]bool{}
	for y := int(b.Y); y < int(b.Y+b.H); y++ {
		for x := int(b.X); x < int(b.X+b.W); x++ {
			values[p.pix[y*p.w+x]] = true
		}
	}
	if len(values) > 40 {
		t.Errorf("%d values are left in a face", len(values))
	}
	for _, f := range s.sightings(1) {
		if f.visible {
			t.Errorf("%s can be seen", f.role)
		}
	}
	if a, b := open.Truth().Facing, s.Truth().Facing; len(a) == 0 || len(a) != len(b) {
		t.Errorf("facing has %d rows, masked %d", len(a), len(b))
	}
}

func TestOthersAreInTheLabels(t *testing.T) {
	s := ordinary(5, 40)
	s.guest = visitor(s)
	s.photos = []photo{hung(rectangle{850, 14, 168, 204}, models[0], 3)}
	s.screen = newScreen(rectangle{100, 14, 300, 170}, 4, []*head{newHead(models[1]), newHead(models[2])}, 40)
	seen := func(at float64) map[annotate.Role]int {
		n := map[annotate.Role]int{}
		for _, f := range s.sightings(at) {
			if f.visible {
				n[f.role]++
			}
		}
		return n
	}
	if n := seen(1); n[annotate.Other] != 0 || n[rolePicture] < 2 || n[annotate.Parent] != 1 {
		t.Errorf("at first: %v", n)
	}
	if n := seen(36); n[annotate.Other] != 1 {
		t.Errorf("when the guest is there: %v", n)
	}
	if len(s.heads()) != 6 || len(s.identities()) > 4 {
		t.Errorf("%d heads, identities %v", len(s.heads()), s.identities())
	}
}
