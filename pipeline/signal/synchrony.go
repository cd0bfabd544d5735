package signal

import (
	"math"
	"slices"
)

// Windows of the cross-correlation of two bodies' motion (Boker et al. 2002,
// windowed cross-lagged correlation).
const (
	syncHalf = 20 // steps to each side
	syncLag  = 10 // steps
)

// Surrogates: one body's motion against the other's of another time, which tells how
// much correlation chance alone gives (Ramseyer & Tschacher 2010).
const (
	surrogates    = 19    // shifts of the whole recording
	surrogateStep = 10    // steps between windows
	surrogateGap  = 100   // steps that a shift is at least
	leastChance   = 100   // windows without which chance is not known
	beyondChance  = 0.975 // quantile of the surrogates from which it is not chance
)

// synchrony fills the largest windowed correlation of parent's and child's motion over
// lags of up to a second, and, where it is more than chance gives, who leads.
func (b *builder) synchrony() {
	p, c := b.Get("parent_motion"), b.Get("child_motion")
	chance, known := chanceOf(p, c)
	for i := range b.Steps {
		r, lag, ok := strongestLag(p, c, i, 0)
		if !ok {
			continue
		}
		b.Get("synchrony").Set(i, r)
		if known && r > chance {
			b.Get("lead").Set(i, float64(lag)*b.Seconds(1))
		}
	}
}

// strongestLag is the largest correlation of p around step i with c around a step so
// much later, and how far c then lags behind.
func strongestLag(p, c *Series, i, later int) (best float64, lag int, found bool) {
	for l := -syncLag; l <= syncLag; l += 2 {
		if r, ok := correlation(p, c, i, later+l); ok && (!found || r > best) {
			best, lag, found = r, l, true
		}
	}
	return best, lag, found
}

// chanceOf is the correlation that motions of unlike times seldom exceed; false where
// there is too little to tell.
func chanceOf(p, c *Series) (float64, bool) {
	var list []float64
	n := p.steps
	for s := 1; s <= surrogates; s++ {
		shift := s * n / (surrogates + 1)
		if shift < surrogateGap || n-shift < surrogateGap {
			continue
		}
		for i := 0; i < n; i += surrogateStep {
			later := shift
			if i+shift >= n {
				later -= n
			}
			if r, _, ok := strongestLag(p, c, i, later); ok {
				list = append(list, r)
			}
		}
	}
	if len(list) < leastChance {
		return 0, false
	}
	slices.Sort(list)
	return list[int(beyondChance*float64(len(list)-1))], true
}

// correlation of p around step i with c shifted by lag; false where less than
// three quarters of it is known or nothing varies.
func correlation(p, c *Series, i, lag int) (float64, bool) {
	var n, sp, sc, spp, scc, spc float64
	for k := -syncHalf; k <= syncHalf; k++ {
		x, okX := p.At(i + k)
		y, okY := c.At(i + k + lag)
		if okX && okY {
			n, sp, sc, spp, scc, spc = n+1, sp+x, sc+y, spp+x*x, scc+y*y, spc+x*y
		}
	}
	if n < 1.5*syncHalf {
		return 0, false
	}
	vp, vc := spp-sp*sp/n, scc-sc*sc/n
	if vp < 1e-9 || vc < 1e-9 {
		return 0, false
	}
	return max(-1, min(1, (spc-sp*sc/n)/math.Sqrt(vp*vc))), true
}
