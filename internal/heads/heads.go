// Package heads draws a sheet of heads as dyade finds them turned, to be checked by eye:
// no label says how somebody's head was turned on a real film.
package heads

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"path/filepath"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"dyade/annotate"
	"dyade/annotate/timecode"
	"dyade/pipeline"
	"dyade/pipeline/decode"
	"dyade/pipeline/media"
)

// The sheet: a row for each film, a column for each step of yaw, and under each head its
// yaw and pitch, with their standard errors, when it is seen and how wide it is.
const (
	stepYaw = 15.0          // degrees
	columns = 13            // from -90 to 90
	side    = 144           // pixels of a head's picture
	line    = 14            // of a line of text
	high    = side + 3*line // of a row: the film's name, heads, two lines under each
	around  = 1.9           // face widths shown
)

// head is one that is shown.
type head struct {
	at   timecode.Instant
	face annotate.Face
}

// Sheet analyses films as shipped and shows of each, for each 15° of yaw from left to
// right, the head that is largest and surest, with a line to where it is found turned.
func Sheet(ctx context.Context, films []string, workers int) (image.Image, error) {
	sheet := image.NewRGBA(image.Rect(0, 0, columns*side, len(films)*high))
	draw.Draw(sheet, sheet.Bounds(), image.White, image.Point{}, draw.Src)
	for i, film := range films {
		if err := row(ctx, sheet, i*high, film, workers); err != nil {
			return nil, fmt.Errorf("heads of %s: %w", filepath.Base(film), err)
		}
	}
	return sheet, nil
}

func row(ctx context.Context, sheet *image.RGBA, top int, film string, workers int) error {
	r, err := pipeline.Analyze(ctx, film, pipeline.Options{Workers: workers})
	if err != nil {
		return err
	}
	defer r.Close()
	video := r.Analysis.Recording.Video
	if video == nil {
		return errors.New("there are no pictures in it")
	}
	write(sheet, 2, top+line-3, filepath.Base(film))
	for i, h := range chosen(r.Sightings) {
		if h == nil {
			continue
		}
		at := image.Rect(i*side, top+line, (i+1)*side, top+line+side)
		if err := show(ctx, sheet, at, r.Source, video.Width, *h); err != nil {
			return err
		}
	}
	return nil
}

// chosen are the heads of each column; nil where nobody is turned so.
func chosen(sightings []annotate.Sighting) (list [columns]*head) {
	worth := func(f annotate.Face) float64 { return f.Box.W * f.Score }
	for _, s := range sightings {
		for _, f := range s.Faces {
			i := int(math.Round(f.Pose.Yaw/stepYaw)) + columns/2
			if !f.PoseKnown || i < 0 || i >= columns || list[i] != nil && worth(list[i].face) >= worth(f) {
				continue
			}
			list[i] = &head{s.At, f}
		}
	}
	return list
}

// show draws one head into the sheet.
func show(ctx context.Context, sheet *image.RGBA, at image.Rectangle, src *decode.Source, width int, h head) error {
	still, err := media.Still(ctx, src, h.at, width)
	if err != nil {
		return err
	}
	if still == nil {
		return fmt.Errorf("the picture at %.1f s cannot be had", h.at.Seconds())
	}
	film, err := jpeg.Decode(bytes.NewReader(still.JPEG))
	if err != nil {
		return err
	}
	f, half := h.face, around*h.face.Box.W/2
	c := f.Box.Center()
	place := func(p annotate.Point) (x, y float64) {
		k := float64(side) / (2 * half)
		return float64(at.Min.X) + (p.X-c.X+half)*k, float64(at.Min.Y) + (p.Y-c.Y+half)*k
	}
	from := image.Rect(int(c.X-half), int(c.Y-half), int(c.X+half), int(c.Y+half)).Intersect(film.Bounds())
	left, top := place(annotate.Point{X: float64(from.Min.X), Y: float64(from.Min.Y)})
	right, bottom := place(annotate.Point{X: float64(from.Max.X), Y: float64(from.Max.Y)})
	draw.BiLinear.Scale(sheet, image.Rect(int(left), int(top), int(right), int(bottom)), film, from, draw.Src, nil)
	for _, m := range f.Landmarks {
		x, y := place(m)
		dot(sheet.SubImage(at).(*image.RGBA), x, y, 2)
	}
	towards(sheet.SubImage(at).(*image.RGBA), place, f)
	write(sheet, at.Min.X+2, at.Max.Y+line-3, fmt.Sprintf("%+.0f(%.0f) %+.0f(%.0f)", f.Pose.Yaw, f.PoseError.Yaw, f.Pose.Pitch, f.PoseError.Pitch))
	write(sheet, at.Min.X+2, at.Max.Y+2*line-3, fmt.Sprintf("%.1f s, %.0f px", h.at.Seconds(), f.Box.W))
	return nil
}

// towards draws a line from the tip of the nose to where the head points.
func towards(sheet *image.RGBA, place func(annotate.Point) (x, y float64), f annotate.Face) {
	const rad = math.Pi / 180
	nose := f.Landmarks[2]
	along := annotate.Point{X: math.Sin(f.Pose.Yaw*rad) * math.Cos(f.Pose.Pitch*rad), Y: -math.Sin(f.Pose.Pitch * rad)}
	const dots = 60
	for i := range dots {
		d := 0.6 * f.Box.W * float64(i) / dots
		x, y := place(annotate.Point{X: nose.X + d*along.X, Y: nose.Y + d*along.Y})
		dot(sheet, x, y, 1)
	}
}

func dot(sheet *image.RGBA, x, y float64, r int) {
	at := image.Rect(int(x)-r, int(y)-r, int(x)+r, int(y)+r)
	draw.Draw(sheet, at, image.NewUniform(color.RGBA{R: 230, G: 40, B: 40, A: 255}), image.Point{}, draw.Src)
}

func write(sheet *image.RGBA, x, y int, text string) {
	d := font.Drawer{Dst: sheet, Src: image.Black, Face: basicfont.Face7x13, Dot: fixed.P(x, y)}
	d.DrawString(text)
}
