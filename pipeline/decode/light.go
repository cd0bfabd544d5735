package decode

/*
#include "shrink.h"
*/
import "C"

import (
	"math"
	"sync"
)

// Pictures of high dynamic range are shown as a screen of ordinary range would
// show them: the white of paper, at 203 cd/m² (ITU-R BT.2408, 3.2), is white,
// what is brighter is pressed into the top of the range, and the wide colours of
// BT.2020 are brought to those of BT.709. Good enough to find faces, not to
// grade films.

// white is the light of paper in cd/m².
const white = 203

// pq is for films of the perceptual quantiser (SMPTE ST 2084; BT.2100, table 4).
var pq = sync.OnceValue(func() *C.dy_lights {
	const m1, m2, c1, c2, c3 = 2610.0 / 16384, 2523.0 / 4096 * 128, 3424.0 / 4096, 2413.0 / 4096 * 32, 2392.0 / 4096 * 32
	return newLights(func(coded float64) float64 {
		p := math.Pow(coded, 1/m2)
		return 10000 * math.Pow(max(p-c1, 0)/(c2-c3*p), 1/m1) / white
	}, func(float64) float64 { return 1 })
})

// hlg is for films of hybrid log-gamma (BT.2100, table 5), on a screen of 1000
// cd/m², whose system gamma is 1.2.
var hlg = sync.OnceValue(func() *C.dy_lights {
	const a, b, c = 0.17883277, 1 - 4*0.17883277, 0.55991073
	return newLights(func(coded float64) float64 {
		if coded <= 0.5 {
			return coded * coded / 3
		}
		return (math.Exp((coded-c)/a) + b) / 12
	}, func(luminance float64) float64 { return 1000 * math.Pow(luminance, 0.2) / white })
})

// newLights tabulates what linear and system say.
func newLights(linear, system func(float64) float64) *C.dy_lights {
	t := &C.dy_lights{}
	for i := range t.linear {
		t.linear[i] = C.float(linear(float64(i) / float64(len(t.linear)-1)))
		t.system[i] = C.float(system(float64(i) / float64(len(t.system)-1)))
	}
	for i := range t.coded {
		root := float64(i) / float64(len(t.coded)-1)
		t.coded[i] = C.uint8_t(math.Round(255 * math.Pow(press(2*root*root), 1/2.4))) // BT.1886
	}
	t.luma = [3]C.float{0.2627, 0.6780, 0.0593}
	t.gamut = [9]C.float{ // BT.2087, the inverse of its 2.2
		1.6605, -0.5876, -0.0728,
		-0.1246, 1.1329, -0.0083,
		-0.0182, -0.1006, 1.1187,
	}
	return t
}

// press leaves light as it is up to 0.7 of white, and brings all above below 1.
func press(light float64) float64 {
	const knee = 0.7
	if light <= knee {
		return light
	}
	return 1 - (1-knee)*math.Exp(-(light-knee)/(1-knee))
}
