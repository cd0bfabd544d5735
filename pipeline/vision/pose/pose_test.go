package pose_test

import (
	"math"
	"testing"

	"dyade/annotate"
	"dyade/pipeline/vision/pose"
)

func TestEstimateFindsTheTurnItWasGiven(t *testing.T) {
	for yaw := -80.0; yaw <= 80; yaw += 10 {
		for pitch := -25.0; pitch <= 25; pitch += 25 {
			for roll := -20.0; roll <= 20; roll += 20 {
				want := annotate.Pose{Yaw: yaw, Pitch: pitch, Roll: roll}
				got, misfit, ok := pose.Estimate(pose.Project(want, annotate.Point{X: 300, Y: 200}, 40))
				if !ok || misfit > 0.1 {
					t.Fatalf("%+v: fitted %v, misfit %g", want, ok, misfit)
				}
				if math.Abs(got.Yaw-yaw) > 6 || math.Abs(got.Pitch-pitch) > 10 || math.Abs(got.Roll-roll) > 12 {
					t.Errorf("%+v came out as %+v", want, got)
				}
			}
		}
	}
}

func TestMirroredFaceHasMirroredYaw(t *testing.T) {
	for _, yaw := range []float64{15, 40, 65} {
		marks := pose.Project(annotate.Pose{Yaw: yaw, Pitch: 8, Roll: 5}, annotate.Point{X: 100, Y: 100}, 30)
		marks[2].X += 1.5 // not a perfect face
		var mirrored [5]annotate.Point
		for i, j := range []int{1, 0, 2, 4, 3} {
			mirrored[i] = annotate.Point{X: 200 - marks[j].X, Y: marks[j].Y}
		}
		a, _, _ := pose.Estimate(marks)
		b, _, _ := pose.Estimate(mirrored)
		if math.Abs(a.Yaw+b.Yaw) > 0.5 {
			t.Errorf("yaw %.1f mirrored is %.1f", a.Yaw, b.Yaw)
		}
	}
}

func TestScatteredPointsAreNoFace(t *testing.T) {
	for name, marks := range map[string][5]annotate.Point{
		"all in one place": {{X: 5, Y: 5}, {X: 5, Y: 5}, {X: 5, Y: 5}, {X: 5, Y: 5}, {X: 5, Y: 5}},
		"mouth above eyes": {{X: 0, Y: 60}, {X: 60, Y: 60}, {X: 30, Y: 90}, {X: 5, Y: 0}, {X: 55, Y: 0}},
		"not numbers":      {{X: math.NaN()}, {X: 1}, {X: 2}, {X: 3}, {X: 4}},
	} {
		if p, _, ok := pose.Estimate(marks); ok {
			t.Errorf("%s: fitted %+v", name, p)
		}
	}
}

func TestSmallFaintAndCrookedFacesAreLessCertain(t *testing.T) {
	marks := pose.Project(annotate.Pose{Yaw: 20}, annotate.Point{X: 300, Y: 200}, 40)
	p, straight, _ := pose.Estimate(marks)
	marks[3].X += 8
	q, crooked, ok := pose.Estimate(marks)
	if !ok {
		t.Fatal("no fit")
	}
	best := pose.Errors(p, straight, 60, 0.9)
	for name, off := range map[string]annotate.Pose{
		"small": pose.Errors(p, straight, 15, 0.9), "faint": pose.Errors(p, straight, 60, 0.4), "crooked": pose.Errors(q, crooked, 60, 0.9),
	} {
		if off.Yaw < 1.2*best.Yaw || off.Roll < best.Roll || off.Pitch < best.Pitch {
			t.Errorf("%s: %+v degrees, at best %+v", name, off, best)
		}
	}
	if side := pose.Errors(annotate.Pose{Yaw: -70}, straight, 60, 0.9); side.Roll < 2*best.Roll || side.Yaw > 1.1*best.Yaw {
		t.Errorf("turned to the side: %+v degrees, at best %+v", side, best)
	}
}
