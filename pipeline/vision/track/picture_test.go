package track_test

import (
	"testing"

	"dyade/annotate"
	"dyade/internal/scene"
	"dyade/pipeline/vision/track"
)

// roles counts people by their role.
func roles(s scene.Scene) map[annotate.Role]int {
	n := map[annotate.Role]int{}
	for _, p := range track.People(s.Sightings()) {
		n[p.Role]++
	}
	return n
}

// restless sways about a place, as someone who sits does.
func restless(k scene.Key, seconds float64) (keys []scene.Key) {
	for t := 0.0; t < seconds; t += 2 {
		k.At, k.Yaw = t, 15-k.Yaw
		k.X += 12
		keys = append(keys, k)
		k.X -= 12
	}
	for i := range keys {
		keys[i].X += float64(i%3) * 14
	}
	return keys
}

func hide(k scene.Key, at float64) scene.Key {
	k.At, k.Hidden = at, true
	return k
}

// covered is hidden for 2 s of every 20.
func covered(k scene.Key, seconds float64) (keys []scene.Key) {
	for t := 0.0; t < seconds; t += 20 {
		k.At, k.Hidden = t, false
		keys = append(keys, k, hide(k, t+18))
	}
	return keys
}

func TestAPhotographIsNobody(t *testing.T) {
	photo := scene.Key{X: 960, Y: 120, W: 70}
	for name, c := range map[string]struct {
		actors []scene.Actor
		want   map[annotate.Role]int
	}{
		"beside two people": {
			[]scene.Actor{{Look: 0, Keys: restless(left, 60)}, {Look: 1, Keys: restless(right, 60)}, {Look: 2, Keys: []scene.Key{photo}}},
			map[annotate.Role]int{annotate.Parent: 1, annotate.Child: 1, annotate.Picture: 1},
		},
		"covered now and then, and seen more than the child": {
			[]scene.Actor{{Look: 0, Keys: restless(left, 120)}, {Look: 1, Keys: []scene.Key{right, hide(right, 30)}}, {Look: 2, Keys: covered(photo, 120)}},
			map[annotate.Role]int{annotate.Parent: 1, annotate.Child: 1, annotate.Picture: 1},
		},
		"alone": {
			[]scene.Actor{{Look: 2, Keys: []scene.Key{photo}}}, map[annotate.Role]int{annotate.Picture: 1},
		},
		"someone who sits is no photograph": {
			[]scene.Actor{{Look: 0, Keys: restless(left, 60)}}, map[annotate.Role]int{annotate.RoleUnknown: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := roles(scene.Scene{Seconds: 60, Rate: 2, Noise: 1, Actors: c.actors})
			if len(got) != len(c.want) {
				t.Fatalf("got %v, want %v", got, c.want)
			}
			for role, n := range c.want {
				if got[role] != n {
					t.Errorf("got %v, want %v", got, c.want)
				}
			}
		})
	}
}

// A television shows one face after another at its place.
func TestAScreenIsNobody(t *testing.T) {
	s := scene.Scene{Seconds: 60, Rate: 2, Noise: 2, Actors: []scene.Actor{
		{Look: 0, Keys: restless(left, 60)}, {Look: 1, Keys: restless(right, 60)},
	}}
	for shot := range 12 {
		from := 5 * float64(shot)
		key := scene.Key{At: from, X: 950 + 20*float64(shot%2), Y: 130, W: 50 + 25*float64(shot%2), Yaw: 20 * float64(shot%3)}
		gone := key
		gone.At, gone.Hidden = from+4.9, true
		s.Actors = append(s.Actors, scene.Actor{Look: 2, Keys: []scene.Key{key, gone}})
	}
	got := roles(s)
	if got[annotate.Parent] != 1 || got[annotate.Child] != 1 || got[annotate.Other] != 0 || got[annotate.Picture] == 0 {
		t.Errorf("got %v", got)
	}
}

// Who is lost and found again in their chair, looking the same, is there.
func TestAFaceLostNowAndThenIsNoScreen(t *testing.T) {
	keys := restless(right, 60)
	for i := range keys {
		keys[i].Hidden = i%3 == 1
	}
	s := scene.Scene{Seconds: 60, Rate: 2, Noise: 2, Actors: []scene.Actor{{Look: 0, Keys: restless(left, 60)}, {Look: 1, Keys: keys}}}
	if got := roles(s); got[annotate.Parent] != 1 || got[annotate.Child] != 1 || got[annotate.Picture] != 0 {
		t.Errorf("got %v", got)
	}
}

// Who plays peekaboo is there, however much of the face is to be seen each time.
func TestPeekabooIsNoScreen(t *testing.T) {
	var keys []scene.Key
	for i := range 10 {
		k := at(left, float64(i))
		k.W *= 1 - 0.35*float64(i%2)
		keys = append(keys, k, at(k, float64(i)+0.9))
	}
	s := scene.Scene{Seconds: 10, Rate: 10, Noise: 2, Actors: []scene.Actor{{Look: 0, Keys: keys}, {Look: 1, Keys: restless(right, 10)}}}
	if got := roles(s); got[annotate.Picture] != 0 {
		t.Errorf("got %v", got)
	}
}
