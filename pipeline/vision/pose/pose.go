// Package pose turns five face landmarks into a head's direction.
package pose

import (
	"math"

	"dyade/annotate"
)

// A generic adult face in millimetres from the tip of the nose: x to the
// picture's right, y down, z towards the camera when it looks into it. Eye
// distance and heights follow the means of Farkas, Anthropometry of the Head
// and Face (1994); proportions hold for children within the error of the
// landmarks.
var face = [5][3]float64{
	{-32, -35, -32}, // eye on the picture's left
	{+32, -35, -32}, // eye on its right
	{0, 0, 0},       // tip of the nose
	{-25, +31, -24}, // mouth corner on the left
	{+25, +31, -24}, // mouth corner on the right
}

// Fit limits.
const (
	// maxMisfit is the largest root mean square distance between landmarks
	// and the fitted face, in eye distances of that face, that counts as a fit.
	maxMisfit = 0.20
	// tilt is the weight that keeps pitch and roll small where five points
	// cannot tell: rms misfit per radian².
	tilt = 0.004
)

// Estimate gives the head's direction by perspective-n-point under weak
// perspective (the face is shallow against its distance): the rotation whose
// projection of the generic face, best scaled and shifted, has the least square
// distance to the landmarks. What is left of that distance is misfit, in eye distances of
// the face. ok is false where they do not fit a face.
//
// The rotation is yaw about the vertical, then pitch, then roll about the
// head's own axes, so that yaw and pitch alone give where the nose points.
func Estimate(marks [5]annotate.Point) (p annotate.Pose, misfit float64, ok bool) {
	size := spread(marks)
	if size == 0 || math.IsNaN(size) || math.IsInf(size, 0) {
		return annotate.Pose{}, 0, false
	}
	best := math.Inf(1)
	var angles [3]float64
	for _, yaw := range []float64{0, -1, 1} {
		a, cost := descend(marks, size, [3]float64{yaw, 0, 0})
		if cost < best-1e-9 {
			best, angles = cost, a
		}
	}
	rms, scale := residual(marks, angles)
	misfit = rms / (64 * scale)
	if scale <= 0 || misfit > maxMisfit {
		return annotate.Pose{}, 0, false
	}
	deg := func(r float64) float64 { return r * 180 / math.Pi }
	return annotate.Pose{Yaw: deg(angles[0]), Pitch: deg(angles[1]), Roll: deg(angles[2])}, misfit, true
}

// uncertainty is how large an angle's standard error is: that of a sure find 32 pixels
// wide, how it grows as widths and scores shrink, with the misfit, and with the turn to
// the side.
type uncertainty struct{ atBest, byWidth, byScore, byMisfit, byTurn float64 }

// Fitted to the heads found on the stills of the tuning split (seed 51); the yaw's is
// scaled to hold on those of seed 251 as well. Five landmarks hardly tell a tilt: what is
// told of it is as uncertain in large faces as in small ones.
var (
	ofYaw   = uncertainty{atBest: 4.0, byWidth: 0.21, byScore: 2.1, byMisfit: 8.2}
	ofPitch = uncertainty{atBest: 9.0}
	ofRoll  = uncertainty{atBest: 2.8, byScore: 1.2, byMisfit: 1.9, byTurn: 1}
)

// What the errors at best are of.
const (
	bestWidth = 32.0 // pixels
	bestScore = 0.8
	farTurn   = 60.0 // degrees, at which byTurn counts in full
)

func (u uncertainty) degrees(yaw, misfit, width, score float64) float64 {
	return u.atBest * math.Pow(bestWidth/width, u.byWidth) *
		math.Exp(u.byScore*(bestScore-score)+u.byMisfit*misfit+u.byTurn*math.Abs(yaw)/farTurn)
}

// Errors are the standard errors in degrees of a pose and misfit that Estimate gives of a
// face so many pixels wide as it was looked at, with the detector's score: in 95 of 100
// the truth is at most two of them off.
func Errors(p annotate.Pose, misfit, width, score float64) annotate.Pose {
	return annotate.Pose{
		Yaw:   ofYaw.degrees(p.Yaw, misfit, width, score),
		Pitch: ofPitch.degrees(p.Yaw, misfit, width, score),
		Roll:  ofRoll.degrees(p.Yaw, misfit, width, score),
	}
}

// spread is the root mean square distance of the landmarks from their middle.
func spread(marks [5]annotate.Point) float64 {
	var cx, cy, s float64
	for _, m := range marks {
		cx, cy = cx+m.X/5, cy+m.Y/5
	}
	for _, m := range marks {
		s += (m.X-cx)*(m.X-cx) + (m.Y-cy)*(m.Y-cy)
	}
	return math.Sqrt(s / 5)
}

// descend finds a local least cost by shrinking coordinate steps: three angles
// and a smooth cost need no derivative, and the result is the same everywhere.
func descend(marks [5]annotate.Point, size float64, a [3]float64) ([3]float64, float64) {
	cost := func(a [3]float64) float64 {
		if math.Abs(a[0]) > 1.6 || math.Abs(a[1]) > 1.2 || math.Abs(a[2]) > 1.6 {
			return math.Inf(1)
		}
		misfit, scale := residual(marks, a)
		if scale <= 0 {
			return math.Inf(1)
		}
		rel := misfit / size
		return rel*rel + tilt*(a[1]*a[1]+a[2]*a[2]/4)
	}
	c := cost(a)
	for step := 0.35; step > 0.002; {
		improved := false
		for i := range a {
			for _, d := range []float64{step, -step} {
				b := a
				b[i] += d
				if cb := cost(b); cb < c {
					a, c, improved = b, cb, true
				}
			}
		}
		if !improved {
			step /= 2
		}
	}
	return a, c
}

// residual projects the face turned by a (yaw, pitch, roll) and gives the root
// mean square distance left after the best scale and shift, and that scale.
func residual(marks [5]annotate.Point, a [3]float64) (rms, scale float64) {
	r := rotation(a)
	var p [5][2]float64
	var mx, my, px, py float64
	for i, f := range face {
		p[i][0] = r[0][0]*f[0] + r[0][1]*f[1] + r[0][2]*f[2]
		p[i][1] = r[1][0]*f[0] + r[1][1]*f[1] + r[1][2]*f[2]
		px, py = px+p[i][0]/5, py+p[i][1]/5
		mx, my = mx+marks[i].X/5, my+marks[i].Y/5
	}
	var pp, pm, mm float64
	for i := range p {
		x, y := p[i][0]-px, p[i][1]-py
		u, v := marks[i].X-mx, marks[i].Y-my
		pp += x*x + y*y
		pm += x*u + y*v
		mm += u*u + v*v
	}
	scale = pm / pp
	return math.Sqrt(math.Max(0, mm-scale*pm) / 5), scale
}

// rotation is Ry(yaw)·Rx(pitch)·Rz(roll) with the signs of annotate.Pose.
func rotation(a [3]float64) [3][3]float64 {
	sy, cy := math.Sincos(a[0])
	sp, cp := math.Sincos(a[1])
	sr, cr := math.Sincos(a[2])
	// Looking up moves the nose (z) to negative y.
	rx := [3][3]float64{{1, 0, 0}, {0, cp, -sp}, {0, sp, cp}}
	ry := [3][3]float64{{cy, 0, sy}, {0, 1, 0}, {-sy, 0, cy}}
	rz := [3][3]float64{{cr, -sr, 0}, {sr, cr, 0}, {0, 0, 1}}
	return mul(mul(ry, rx), rz)
}

func mul(a, b [3][3]float64) (c [3][3]float64) {
	for i := range 3 {
		for j := range 3 {
			c[i][j] = a[i][0]*b[0][j] + a[i][1]*b[1][j] + a[i][2]*b[2][j]
		}
	}
	return c
}

// Project gives where the generic face's landmarks fall when it is turned by p,
// scaled to eye distance (pixels, when frontal), its nose at the given point:
// the inverse of Estimate, for tests and drawings.
func Project(p annotate.Pose, nose annotate.Point, eyes float64) [5]annotate.Point {
	rad := func(d float64) float64 { return d * math.Pi / 180 }
	r := rotation([3]float64{rad(p.Yaw), rad(p.Pitch), rad(p.Roll)})
	var out [5]annotate.Point
	for i, f := range face {
		out[i].X = nose.X + eyes/64*(r[0][0]*f[0]+r[0][1]*f[1]+r[0][2]*f[2])
		out[i].Y = nose.Y + eyes/64*(r[1][0]*f[0]+r[1][1]*f[1]+r[1][2]*f[2])
	}
	return out
}
