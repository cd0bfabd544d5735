package sample

import "dyade/annotate"

// photo is a framed portrait on the wall.
type photo struct {
	frame rectangle // of the stage, without its border
	back  rgb
	shirt rgb
	head  *head
	pose  annotate.Pose
	at    point   // of the head's pivot
	eye   float64 // distance of the eyes
	clip  float64 // which picture of the face's clip, seconds
}

// rectangle is a place of the stage.
type rectangle struct{ x, y, w, h float64 }

// hung is a portrait that fills its frame.
func hung(frame rectangle, m model, key uint64) photo {
	h := newHead(m)
	p := photo{frame: frame, head: h, eye: frame.w * 0.52 / h.faceW, clip: 3 * (1 + unit(key+1)),
		back: wallColours[hash64(key+2)%uint64(len(wallColours))].times(0.75), shirt: shirtColours[hash64(key+3)%uint64(len(shirtColours))],
		pose: annotate.Pose{Yaw: 18 * unit(key+4), Pitch: 4 * unit(key+5), Roll: 4 * unit(key+6)}}
	p.at = point{frame.x + frame.w/2, frame.y + frame.h*0.66}
	return p
}

// drawPhoto paints a photo into the background.
func (c *canvas) drawPhoto(p *photo) {
	f := p.frame
	c.rect(f.x-9, f.y-9, f.w+18, f.h+18, flat(rgb{74, 58, 46}))
	c.rect(f.x, f.y, f.w, f.h, flat(p.back))
	c.clipTo(f)
	c.bust(p.head, p.head.portrait.at(p.clip), p.pose, p.at, p.eye, c.trunk(p.head, p.at, p.eye, f.y+f.h-p.at.Y+4, p.shirt))
	c.within = bounds{0, 0, c.w, c.h}
}

// clipTo has bodies and heads drawn inside a rectangle of the stage only.
func (c *canvas) clipTo(r rectangle) {
	lo, hi := c.at(point{r.x, r.y}), c.at(point{r.x + r.w, r.y + r.h})
	c.within = bounds{max(0, int(lo.X)), max(0, int(lo.Y)), min(c.w, int(hi.X)), min(c.h, int(hi.Y))}
}

// bust draws head and trunk.
func (c *canvas) bust(h *head, face texture, pose annotate.Pose, at point, eye float64, body *torso) {
	c.drawHead(h, face, pose, at.X, at.Y, eye, true)
	c.drawTorso(body, at)
	c.drawHead(h, face, pose, at.X, at.Y, eye, false)
}

// trunk paints the trunk that belongs to a head, as high as given.
func (c *canvas) trunk(h *head, at point, eye, high float64, shirt rgb) *torso {
	a := actor{shirt: shirt, build: eye, y: at.Y}
	for i := range models {
		if models[i].clip == h.model.clip {
			a.model = i
		}
	}
	return newTorsoOf(&a, c.view, high)
}

// screen is a television; somebody talks on it, and the picture is cut to
// somebody else every few seconds.
type screen struct {
	frame rectangle // of the stage, without the case
	key   uint64
	cast  []*head
	cuts  []float64 // when each picture begins
}

// faceOn is a face on a screen.
type faceOn struct {
	head *head
	pose annotate.Pose
	at   point
	eye  float64
}

// newScreen plans what is shown for so many seconds.
func newScreen(frame rectangle, key uint64, cast []*head, seconds float64) *screen {
	s := &screen{frame: frame, key: key, cast: cast}
	for t, i := 0.0, uint64(0); t < seconds; i++ {
		s.cuts = append(s.cuts, t)
		t += 5 + 2*unit(key+1000+i)
	}
	return s
}

// cut is the number of the picture shown at t.
func (s *screen) cut(t float64) int {
	n := 0
	for n+1 < len(s.cuts) && s.cuts[n+1] <= t {
		n++
	}
	return n
}

// faces are those shown at t: one in close-up, or two beside each other, turned
// to each other.
func (s *screen) faces(t float64) []faceOn {
	n := s.cut(t)
	k := hash64(s.key + uint64(n))
	count := 1
	if n%3 == 2 && len(s.cast) > 1 {
		count = 2
	}
	var out []faceOn
	for i := range count {
		h := s.cast[(n+i)%len(s.cast)]
		size := s.frame.h * lerp(0.34, 0.5, 0.5+0.5*unit(k+1)) / float64(count+1) * 2
		x, yaw := 0.5+0.14*unit(k+2), 25*unit(k+3)
		if count == 2 {
			x, yaw = 0.28+0.44*float64(i), 38*float64(1-2*i)
		}
		key := k + uint64(10*i)
		out = append(out, faceOn{h,
			annotate.Pose{Yaw: yaw + 7*wander(key+4, 0.6, t), Pitch: 4 * wander(key+5, 0.7, t), Roll: 3 * wander(key+6, 0.5, t)},
			point{s.frame.x + s.frame.w*x + 0.02*s.frame.w*wander(key+7, 0.4, t), s.frame.y + s.frame.h*0.66},
			size / h.faceW})
	}
	return out
}

// drawScreen draws what is shown at t.
func (c *canvas) drawScreen(s *screen, t float64) {
	f := s.frame
	n := s.cut(t)
	k := hash64(s.key + uint64(n) + 77)
	lo, hi := c.at(point{f.x, f.y}), c.at(point{f.x + f.w, f.y + f.h})
	c.mark(int(lo.X), int(lo.Y), int(hi.X), int(hi.Y))
	studio := rgb{90, 110, 150}.mix(shirtColours[k%uint64(len(shirtColours))], 0.5)
	c.rect(f.x, f.y, f.w, f.h, func(_, y float64) rgb { return studio.times(1.1 - 0.5*(y-f.y)/f.h) })
	c.clipTo(f)
	faces := s.faces(t)
	if c.shown != n+1 {
		c.shown, c.trunks = n+1, nil
		for i, p := range faces {
			c.trunks = append(c.trunks, c.trunk(p.head, p.at, p.eye, f.y+f.h-p.at.Y+4, shirtColours[(k+uint64(i))%uint64(len(shirtColours))]))
		}
	}
	for i, p := range faces {
		c.bust(p.head, p.head.portrait.at(t+float64(n)), p.pose, p.at, p.eye, c.trunks[i])
	}
	c.within = bounds{0, 0, c.w, c.h}
}

// drawCase paints the television round a screen into the background.
func (c *canvas) drawCase(s *screen) {
	f := s.frame
	c.rect(f.x-12, f.y-12, f.w+24, f.h+24, flat(rgb{28, 28, 30}))
	c.rect(f.x, f.y, f.w, f.h, flat(rgb{12, 14, 18}))
}

// backdrop is all that does not move.
func (s *Script) backdrop() []uint8 {
	has := furnished
	if len(s.photos) > 1 {
		has = bare
	} else if len(s.photos) > 0 || s.screen != nil {
		has = pictureless
	}
	c := room(s.view, s.room, has)
	for i := range s.photos {
		c.drawPhoto(&s.photos[i])
	}
	if s.screen != nil {
		c.drawCase(s.screen)
	}
	return c.pix
}

// heads are all that have to be dressed before the script is drawn.
func (s *Script) heads() []*head {
	var out []*head
	for i := range s.actors {
		if !s.absent[i] {
			out = append(out, s.actors[i].head)
		}
	}
	if s.guest != nil {
		out = append(out, s.guest.head)
	}
	for i := range s.photos {
		out = append(out, s.photos[i].head)
	}
	if s.screen != nil {
		out = append(out, s.screen.cast...)
	}
	return out
}
