package sample

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// facesCSV holds, per frame of the source clips, where the face lies: the
// similarity (a, b, tx, ty) that takes face coordinates to source pixels,
// x = a·u − b·v + tx, y = b·u + a·v + ty, where the unit is the distance
// between the eyes, the origin midway between them, u right and v down.
// Measured once with CenterFace's five landmarks, smoothed over 1.6 frames.
//
//go:embed faces.csv
var facesCSV []byte

// A portrait's raster in face coordinates.
const (
	portraitScale = 80.0 // pixels to an eye distance
	portraitLeft  = 1.6  // eye distances left of the origin
	portraitTop   = 2.0  // above it
	portraitW     = 256
	portraitH     = 328
)

// rgb is a colour, 0 to 255 each.
type rgb struct{ R, G, B float64 }

func (c rgb) times(f float64) rgb { return rgb{c.R * f, c.G * f, c.B * f} }

func (c rgb) mix(d rgb, f float64) rgb {
	return rgb{lerp(c.R, d.R, f), lerp(c.G, d.G, f), lerp(c.B, d.B, f)}
}

// placement is one row of facesCSV.
type placement struct {
	frame        int
	a, b, tx, ty float64
}

// portrait is a moving face seen from the front, upright and of one size.
type portrait struct {
	frames []texture // portraitW × portraitH
	rate   float64   // frames a second to play it at
}

// at is the frame to show at t seconds: the clip runs forth and back, so that
// it never jumps.
func (p *portrait) at(t float64) texture {
	n := len(p.frames)
	if n == 1 {
		return p.frames[0]
	}
	i := int(t*p.rate) % (2*n - 2)
	if i >= n {
		i = 2*n - 2 - i
	}
	return p.frames[i]
}

// placements reads the rows of one clip.
func placements(clip string) ([]placement, error) {
	r := csv.NewReader(bytes.NewReader(facesCSV))
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("reading the table of faces: %w", err)
	}
	var out []placement
	for _, row := range rows[1:] {
		if row[0] != clip {
			continue
		}
		var v [5]float64
		for i := range v {
			if v[i], err = strconv.ParseFloat(row[i+1], 64); err != nil {
				return nil, fmt.Errorf("reading the table of faces, clip %s: %w", clip, err)
			}
		}
		out = append(out, placement{int(v[0]), v[1], v[2], v[3], v[4]})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("reading the table of faces: no clip %q", clip)
	}
	return out, nil
}

// wardrobe keeps the portraits that were read, by clip.
type wardrobe struct {
	material string // its folder
	kept     map[string]*portrait
}

// dress gives heads their faces.
func (w *wardrobe) dress(ctx context.Context, heads []*head) error {
	if w.kept == nil {
		w.kept = map[string]*portrait{}
	}
	for _, h := range heads {
		if h.portrait != nil {
			continue
		}
		p := w.kept[h.model.clip]
		if p == nil {
			var err error
			if p, err = loadPortrait(ctx, w.material, h.model); err != nil {
				return err
			}
			w.kept[h.model.clip] = p
		}
		h.dress(p)
	}
	return nil
}

// loadPortrait reads a clip through the ffmpeg program and lays every frame of
// the table onto the portrait's raster.
func loadPortrait(ctx context.Context, dir string, m model) (*portrait, error) {
	rows, err := placements(m.clip)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, filepath.FromSlash(m.file))
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("looking for a face clip: %w", err)
	}
	cmd := exec.CommandContext(ctx, "ffmpeg", "-v", "error", "-threads", "1", "-bitexact", "-i", path, "-map", "0:v:0",
		"-fps_mode", "passthrough", "-frames:v", strconv.Itoa(rows[len(rows)-1].frame+1),
		"-sws_flags", "+bitexact+accurate_rnd", "-pix_fmt", "rgb24", "-f", "rawvideo", "-")
	var said bytes.Buffer
	cmd.Stderr = &said
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("reading the face clip %s: %w", m.file, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting ffmpeg: %w", err)
	}
	p, err := readPortrait(pipe, m, rows)
	if werr := cmd.Wait(); err == nil {
		err = werr
	}
	if err != nil {
		return nil, fmt.Errorf("reading the face clip %s: %w: %s", m.file, err, bytes.TrimSpace(said.Bytes()))
	}
	return p, nil
}

func readPortrait(r io.Reader, m model, rows []placement) (*portrait, error) {
	p := &portrait{rate: m.rate}
	src := make([]uint8, 3*m.w*m.h)
	frame := 0
	for _, row := range rows {
		for ; frame <= row.frame; frame++ {
			if _, err := io.ReadFull(r, src); err != nil {
				return nil, fmt.Errorf("frame %d: %w", frame, err)
			}
		}
		p.frames = append(p.frames, lay(src, m, row).halved())
	}
	if _, err := io.Copy(io.Discard, r); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return p, nil
}

// lay resamples one source frame onto the portrait's raster; beyond the
// source's edge its last pixels are repeated.
func lay(src []uint8, m model, at placement) texture {
	out := newTexture(portraitW, portraitH)
	for j := range portraitH {
		v := float64(j)/portraitScale - portraitTop
		for i := range portraitW {
			u := float64(i)/portraitScale - portraitLeft
			x := clamp(at.a*u-at.b*v+at.tx, 0, float64(m.w)-1.001)
			y := clamp(at.b*u+at.a*v+at.ty, 0, float64(m.h)-1.001)
			c := bilinear(src, m.w, x, y)
			if m.blueScreen {
				c = unscreen(c, m, v)
			}
			out.set(i, j, rgb{c.R * m.gain.R, c.G * m.gain.G, c.B * m.gain.B})
		}
	}
	return out
}

// unscreen replaces a blue background by hair, or by skin below eye level.
func unscreen(c rgb, m model, v float64) rgb {
	under := m.hair.mix(m.skin.times(0.85), smooth((v-0.05)/0.2))
	return c.mix(under, smooth((c.B-max(c.R, c.G)-2)/22))
}

// bilinear samples packed RGB of width w at x, y, both inside the raster less
// one pixel.
func bilinear(pix []uint8, w int, x, y float64) rgb {
	i, j := int(x), int(y)
	fx, fy := x-float64(i), y-float64(j)
	a, b, c, d := (1-fx)*(1-fy), fx*(1-fy), (1-fx)*fy, fx*fy
	o := 3 * (j*w + i)
	p, q := pix[o:o+6:o+6], pix[o+3*w:o+3*w+6:o+3*w+6]
	return rgb{
		a*float64(p[0]) + b*float64(p[3]) + c*float64(q[0]) + d*float64(q[3]),
		a*float64(p[1]) + b*float64(p[4]) + c*float64(q[1]) + d*float64(q[4]),
		a*float64(p[2]) + b*float64(p[5]) + c*float64(q[2]) + d*float64(q[5]),
	}
}

// tone rounds to a pixel value.
func tone(v float64) uint8 { return uint8(clamp(v+0.5, 0, 255)) }
