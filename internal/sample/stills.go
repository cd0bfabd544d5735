package sample

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"dyade/annotate"
	"dyade/internal/ordered"
)

// The stills' own numbers.
const (
	stillCount = 600
	stillEmpty = 100 // of them, without anybody
	stillWidth = 640 // pixels, as a detector is given them
	stillFine  = 2   // they are drawn so many times larger, and made smaller
	stillRooms = 16
	faceLeast  = 10.0 // pixels
	faceMost   = 64.0
)

// stillTake is a folder of pictures for the face detector, and what is in them.
func stillTake(seed uint64) take {
	return take{name: fmt.Sprintf("stills-%d", seed), seed: seed, tags: []string{"stills"},
		note: fmt.Sprintf("%d pictures, in %d of them nobody; faces 10 to 64 pixels wide, turned, in all light", stillCount, stillEmpty),
		make: func(ctx context.Context, w *wardrobe, stem string) ([]string, error) {
			return makeStills(ctx, w, stem, seed, stillCount)
		}}
}

// still is a picture to be made. Places are pixels of it as drawn, stillFine
// times too large.
type still struct {
	file   string
	room   int  // of the rooms
	x0, y0 int  // a quarter of the room from here on is shown, enlarged; negative: all of it
	mirror bool // left and right exchanged
	light  float64
	blur   int     // half width of the boxes that it is blurred by
	noise  float64 // standard deviation, steps
	salt   uint64
	heads  []stillHead
	luma   float64 // mean of the finished picture, 0 to 255
}

// blurPx is the standard deviation of the blur in the finished picture.
func (p *still) blurPx() float64 {
	w := float64(2*p.blur + 1)
	return math.Sqrt((w*w-1)/6) / stillFine
}

type stillHead struct {
	model int
	pose  annotate.Pose
	at    point
	eye   float64
	clip  float64
	shirt rgb
	box   annotate.Box
}

// makeStills writes the pictures into a folder, and stills.heads.csv with them.
func makeStills(ctx context.Context, w *wardrobe, dir string, seed uint64, count int) ([]string, error) {
	var heads []*head
	var clips []string
	for _, m := range models {
		heads, clips = append(heads, newHead(m)), append(clips, m.clip)
	}
	if err := w.dress(ctx, heads); err != nil {
		return nil, err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, err
	}
	plans := planStills(seed, count, heads)
	rooms := make([]*canvas, stillRooms)
	err := ordered.Do(ctx, stillRooms, runtime.GOMAXPROCS(0), func(_ context.Context, i int) (*canvas, error) {
		return room(smallView(setWidth), hash64(seed+uint64(i)), furnished), nil
	}, func(i int, c *canvas) error {
		rooms[i] = c
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = ordered.Do(ctx, len(plans), runtime.GOMAXPROCS(0), func(_ context.Context, i int) (struct{}, error) {
		return struct{}{}, plans[i].write(dir, rooms[plans[i].room], heads)
	}, func(int, struct{}) error { return nil })
	if err != nil {
		return nil, err
	}
	return clips, writeFile(filepath.Join(dir, "stills.heads.csv"), func(w io.Writer) error { return writeHeads(w, plans) })
}

// planStills draws what is in the pictures: the first stillEmpty of each
// stillCount are empty.
func planStills(seed uint64, count int, heads []*head) []*still {
	rng := rand.New(rand.NewPCG(seed, 0x7374696c6c))
	between := func(lo, hi float64) float64 { return lo + (hi-lo)*rng.Float64() }
	var out []*still
	for i := range count {
		p := &still{file: fmt.Sprintf("%04d.jpg", i), room: rng.IntN(stillRooms), x0: -1, mirror: rng.IntN(2) == 0,
			light: between(0.6, 1.1), noise: between(0, 5), salt: rng.Uint64()}
		if rng.IntN(2) == 0 {
			p.x0, p.y0 = rng.IntN(stillWidth), rng.IntN(stillWidth*Height/Width)
		}
		if rng.IntN(3) == 0 {
			p.light, p.noise = between(0.12, 0.6), between(2, 14)
		}
		if rng.IntN(3) == 0 {
			p.blur = 1 + rng.IntN(4)
		}
		if i >= count*stillEmpty/stillCount {
			p.people(rng, heads)
		}
		out = append(out, p)
	}
	return out
}

// people puts one to three heads into a picture, clear of each other.
func (p *still) people(rng *rand.Rand, heads []*head) {
	between := func(lo, hi float64) float64 { return lo + (hi-lo)*rng.Float64() }
	const w, h = stillFine * stillWidth, stillFine * stillWidth * Height / Width
	want := 1 + rng.IntN(3)
	for try := 0; len(p.heads) < want && try < 200; try++ {
		n := stillHead{model: rng.IntN(len(models)), clip: between(0, 9), shirt: shirtColours[rng.IntN(len(shirtColours))],
			pose: annotate.Pose{Yaw: between(-75, 75), Pitch: between(-20, 20), Roll: between(-15, 15)},
			at:   point{between(0, w), between(0, h)}}
		n.eye = stillFine * faceLeast * math.Pow(faceMost/faceLeast, rng.Float64()) / heads[n.model].faceW
		n.box = heads[n.model].faceBox(n.pose, n.at.X, n.at.Y, n.eye)
		if b := n.box; b.X < 0 || b.Y < 0 || b.X+b.W > w || b.Y+b.H > h {
			continue
		}
		if p.clear(n) {
			p.heads = append(p.heads, n)
		}
	}
	slices.SortStableFunc(p.heads, func(a, b stillHead) int { return cmp.Compare(a.at.Y, b.at.Y) }) // who is lower is nearer
}

// clear tells whether a head hides none and is hidden by none.
func (p *still) clear(n stillHead) bool {
	c := n.box.Center()
	for _, o := range p.heads {
		d, size := o.box.Center(), 5*max(n.eye, o.eye)
		if math.Abs(c.X-d.X) < size && math.Abs(c.Y-d.Y) < 1.6*size {
			return false
		}
	}
	return true
}

// write draws the picture and writes it into a folder.
func (p *still) write(dir string, in *canvas, heads []*head) error {
	c := newCanvas(view{w: in.w, h: in.h, k: 1}, p.wall(in))
	for _, n := range p.heads {
		h := heads[n.model]
		c.bust(h, h.portrait.at(n.clip), n.pose, n.at, n.eye, c.trunk(h, n.at, n.eye, min(9*n.eye, float64(c.h)-n.at.Y), n.shirt))
	}
	f, err := os.Create(filepath.Join(dir, p.file))
	if err != nil {
		return err
	}
	err = jpeg.Encode(f, p.develop(c), &jpeg.Options{Quality: 92})
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// wall is the part of a room behind the people.
func (p *still) wall(in *canvas) []uint8 {
	out := make([]uint8, len(in.pix))
	for y := range in.h {
		for x := range in.w {
			sx, sy := x, y
			if p.x0 >= 0 {
				sx, sy = p.x0+x/2, p.y0+y/2
			}
			if p.mirror {
				sx = in.w - 1 - sx
			}
			copy(out[3*(y*in.w+x):], in.pix[3*(sy*in.w+sx):3*(sy*in.w+sx)+3])
		}
	}
	return out
}

// develop makes the picture as small as it is to be, blurs and darkens it and
// adds noise.
func (p *still) develop(c *canvas) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, c.w/stillFine, c.h/stillFine))
	rng, wide := rand.New(rand.NewPCG(p.salt, 1)), c.w/stillFine
	grey := make([]float64, wide*c.h/stillFine)
	for i := range grey {
		grey[i] = p.noise * rng.NormFloat64()
	}
	for ch := range 3 {
		one := channel{c.w, c.h, make([]uint8, c.w*c.h)}
		for i := range one.pix {
			one.pix[i] = c.pix[3*i+ch]
		}
		one.soften(p.blur)
		for i := range grey {
			o := i/wide*stillFine*c.w + i%wide*stillFine
			v := float64(int(one.pix[o])+int(one.pix[o+1])+int(one.pix[o+c.w])+int(one.pix[o+c.w+1])) / 4
			out.Pix[4*i+ch] = tone(p.light*v + grey[i] + 0.5*p.noise*rng.NormFloat64())
		}
	}
	var total float64
	for i := range grey {
		px := out.Pix[4*i : 4*i+4]
		px[3] = 255
		total += 0.2126*float64(px[0]) + 0.7152*float64(px[1]) + 0.0722*float64(px[2])
	}
	p.luma = total / float64(len(grey))
	return out
}

// writeHeads writes a row for each head; a picture without any has one row,
// whose identity is none.
func writeHeads(w io.Writer, plans []*still) error {
	if _, err := fmt.Fprintln(w, "file,x,y,w,h,yaw,pitch,roll,identity,luma,blur_px,noise,visible"); err != nil {
		return err
	}
	row := func(p *still, b annotate.Box, pose annotate.Pose, identity string, visible int) error {
		_, err := fmt.Fprintf(w, "%s,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,%s,%.1f,%.2f,%.1f,%d\n", p.file,
			b.X/stillFine, b.Y/stillFine, b.W/stillFine, b.H/stillFine, pose.Yaw, pose.Pitch, pose.Roll, identity, p.luma, p.blurPx(), p.noise, visible)
		return err
	}
	for _, p := range plans {
		if len(p.heads) == 0 {
			if err := row(p, annotate.Box{}, annotate.Pose{}, "none", 0); err != nil {
				return err
			}
		}
		for _, n := range p.heads {
			if err := row(p, n.box, n.pose, models[n.model].clip, 1); err != nil {
				return err
			}
		}
	}
	return nil
}
