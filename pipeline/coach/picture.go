package coach

// Limits of a picture in which faces can be found.
const (
	darkLuma    = 45.0 // mean luma below which a picture, or a face, is too dark
	brightLuma  = 90.0 // mean luma of a picture whose faces ought not to be
	blurSharp   = 12.0 // variance of the Laplacian below which a picture is blurred
	movingShare = 0.02 // picture widths per second above which the camera moves
	leaning     = 8.0  // degrees to the same side by which two heads tell a tilted camera
)

func (v view) noPicture() float64 { return holds(v.Recording.Video == nil) }

func holds(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func (v view) dark() float64 {
	return v.shareOf("luma", func(x float64) bool { return x < darkLuma })
}

// againstLight: the faces are in the dark though the picture is bright.
func (v view) againstLight() float64 {
	faces, picture := v.Table.Get("face_luma"), v.Table.Get("luma")
	return v.share(func(i int) (is, known bool) {
		face, known := faces.At(i)
		return face < darkLuma && picture.Value(i) >= brightLuma, known
	})
}

// blurred: in the dark nothing is sharp, and light is what it wants.
func (v view) blurred() float64 {
	sharp, luma := v.Table.Get("sharpness"), v.Table.Get("luma")
	return v.share(func(i int) (is, known bool) {
		x, known := sharp.At(i)
		return x < blurSharp, known && luma.Value(i) >= darkLuma
	})
}

func (v view) moving() float64 {
	return v.shareOf("camera_motion", func(x float64) bool { return x > movingShare })
}

// tilted: both heads lean to the same side. Two who bend to each other lean to
// opposite ones.
func (v view) tilted() float64 {
	parent, child := v.Table.Get("parent_roll"), v.Table.Get("child_roll")
	return v.share(func(i int) (is, known bool) {
		p, seen := parent.At(i)
		c, too := child.At(i)
		return min(p, c) >= leaning || max(p, c) <= -leaning, seen && too
	})
}
