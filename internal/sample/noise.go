package sample

import "math"

// hash64 mixes a key into 64 well spread bits (the finalizer of SplitMix64).
func hash64(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// unit maps a key to [-1, 1).
func unit(key uint64) float64 {
	return float64(hash64(key)>>11)/(1<<52) - 1
}

// wander is smooth noise over time in [-1, 1], about rate changes of direction
// a second; equal keys wander alike.
func wander(key uint64, rate, t float64) float64 {
	x := t * rate
	i := math.Floor(x)
	f := x - i
	k := hash64(key) + uint64(int64(i))*0x9e3779b97f4a7c15
	a, b := unit(k), unit(k+0x9e3779b97f4a7c15)
	return a + (b-a)*smooth(f)
}

// wander2 is smooth noise over a plane in [-1, 1], one cell to a unit.
func wander2(key uint64, x, y float64) float64 {
	i, j := math.Floor(x), math.Floor(y)
	fx, fy := smooth(x-i), smooth(y-j)
	at := func(di, dj float64) float64 {
		return unit(hash64(key+uint64(int64(i+di))*0x8da6b343) + uint64(int64(j+dj))*0xd8163841)
	}
	top := at(0, 0)*(1-fx) + at(1, 0)*fx
	low := at(0, 1)*(1-fx) + at(1, 1)*fx
	return top*(1-fy) + low*fy
}

// smooth eases 0 to 1 with no jump in speed or acceleration.
func smooth(f float64) float64 {
	f = clamp(f, 0, 1)
	return f * f * f * (f*(f*6-15) + 10)
}

func clamp(x, lo, hi float64) float64 { return min(max(x, lo), hi) }

func lerp(a, b, f float64) float64 { return a + (b-a)*f }
