package sample

import "dyade/annotate"

// rolePicture is whose face is but a picture's: on a wall, or on a television.
const rolePicture annotate.Role = "picture"

// sighting is a face as the film shows it.
type sighting struct {
	role    annotate.Role
	box     annotate.Box // pixels of the picture
	pose    annotate.Pose
	visible bool
}

// sightings are all faces at t: of the two, of a guest, of pictures.
func (s *Script) sightings(t float64) []sighting {
	n := s.look(t)
	var out []sighting
	for i := range s.actors {
		if a := &s.actors[i]; !s.absent[i] {
			box := s.view.box(n.box[i])
			if s.camera != nil {
				box = s.shown(a, t)
			}
			out = append(out, sighting{a.role, box, n.pose[i], n.visible[i]})
		}
	}
	if g := s.guest; g != nil {
		box := s.shown(g, t)
		out = append(out, sighting{g.role, box, g.pose(t), !s.outside(box) && !s.obscured(&n, g.box(t))})
	}
	for i := range s.photos {
		p := &s.photos[i]
		out = append(out, s.pictured(&n, p.head, p.pose, p.at, p.eye))
	}
	if s.screen != nil {
		for _, p := range s.screen.faces(t) {
			out = append(out, s.pictured(&n, p.head, p.pose, p.at, p.eye))
		}
	}
	if m, ok := s.lens.(mask); ok {
		m.hide(out)
	}
	return out
}

// pictured is the sighting of a face in a picture.
func (s *Script) pictured(n *instant, h *head, pose annotate.Pose, at point, eye float64) sighting {
	box := s.seenAs(h, pose, at, eye, n.t)
	return sighting{rolePicture, box, pose, !s.outside(box) && !s.obscured(n, h.faceBox(pose, at.X, at.Y, eye))}
}

// obscured tells whether a face behind the two is hidden by one of their heads.
func (s *Script) obscured(n *instant, b annotate.Box) bool {
	for i := range s.actors {
		if !s.absent[i] && hiddenBy(b, n.box[i]) > 0.4 {
			return true
		}
	}
	return false
}

// shown is the box of someone's face in the picture.
func (s *Script) shown(a *actor, t float64) annotate.Box {
	return s.seenAs(a.head, a.pose(t), a.place(t), a.eye, t)
}

// seenAs is the box in the picture of a head that stands at a place of the stage.
// A camera that is turned about its own axis turns the head alike.
func (s *Script) seenAs(h *head, pose annotate.Pose, at point, eye, t float64) annotate.Box {
	if s.camera != nil {
		c := s.camera(t)
		at, eye = c.of(at), eye*c.zoom
		pose.Roll += c.roll
	}
	return s.view.box(h.faceBox(pose, at.X, at.Y, eye))
}

// outside tells whether less than 60 % of a box is in the picture.
func (s *Script) outside(b annotate.Box) bool {
	w := min(b.X+b.W, float64(s.view.w)) - max(b.X, 0)
	h := min(b.Y+b.H, float64(s.view.h)) - max(b.Y, 0)
	return w < 0.6*b.W || h < 0.6*b.H
}
