package sample

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"testing"

	"dyade/annotate"
)

func TestTryHeads(t *testing.T) {
	out := os.Getenv("TRY_OUT")
	if out == "" {
		t.Skip()
	}
	back := make([]uint8, 3*Width*Height)
	for i := range back {
		back[i] = 190
	}
	c := newCanvas(back)
	yaws := []float64{-60, -50, -40, 0, 40, 50, 60}
	for mi, m := range models {
		c.mark(0, 0, Width-1, Height-1)
		c.wipe()
		p, err := loadPortrait("../../share/sample", m)
		if err != nil {
			t.Fatal(err)
		}
		h := newHead(m)
		h.dress(p)
		t.Log(m.clip, h.faceW)
		for r := range 4 {
			for i, y := range yaws {
				c.drawHead(h, p.at(0.2+1.7*float64(r)), annotate.Pose{Yaw: y}, 140+float64(i)*270, 150+float64(r)*265, 64, true)
				c.drawHead(h, p.at(0.2+1.7*float64(r)), annotate.Pose{Yaw: y}, 140+float64(i)*270, 150+float64(r)*265, 64, false)
			}
		}
		save(c, out+"-"+m.clip+".png")
		_ = mi
	}
}

func save(c *canvas, out string) {
	img := image.NewRGBA(image.Rect(0, 0, Width, Height))
	for i := 0; i < Width*Height; i++ {
		img.Set(i%Width, i/Width, color.RGBA{c.pix[3*i], c.pix[3*i+1], c.pix[3*i+2], 255})
	}
	f, _ := os.Create(out)
	png.Encode(f, img)
	f.Close()
}

func TestTryScene(t *testing.T) {
	out := os.Getenv("TRY_SCENE")
	if out == "" {
		t.Skip()
	}
	for seed := uint64(1); seed <= 3; seed++ {
		s := NewScript(seed)
		for i := range s.actors {
			p, err := loadPortrait("../../share/sample", s.actors[i].head.model)
			if err != nil {
				t.Fatal(err)
			}
			s.actors[i].head.dress(p)
		}
		st := newStage(s)
		c := newCanvas(st.back)
		buf := make([]uint8, sizeFrame)
		n := 0
		for _, e := range s.Episodes {
			if seed == 1 || e.Name == "crossing" || e.Name == "approach" || n < 1 {
				n++
				st.draw(c, int((e.StartS*0.4+e.EndS*0.6)*30), buf)
				save(c, out+"-"+string(rune('0'+seed))+"-"+e.Name[:8]+string(rune('a'+n))+".png")
			}
		}
	}
}
