package speech

import "math"

// center is the mean of the prints named by index, zero if there are none.
func center(prints []voiceprint, index []int) []float64 {
	mean := make([]float64, voiceSize)
	for _, i := range index {
		for d, v := range prints[i].voice {
			mean[d] += float64(v)
		}
	}
	for d := range mean {
		mean[d] /= math.Max(1, float64(len(index)))
	}
	return mean
}

// direction makes v one long, in place; zero stays zero.
func direction(v []float64) []float64 {
	if n := math.Sqrt(dot(v, v)); n > 0 {
		for d := range v {
			v[d] /= n
		}
	}
	return v
}

func dot(a, b []float64) (sum float64) {
	for d, v := range a {
		sum += v * b[d]
	}
	return sum
}

func cosine(a, b []float32) (sum float64) {
	for d, v := range a {
		sum += float64(v) * float64(b[d])
	}
	return sum
}

// along is how far a voice lies along the axis, from the origin (nil: zero).
func along(voice []float32, origin, axis []float64) (sum float64) {
	for d, v := range voice {
		x := float64(v)
		if origin != nil {
			x -= origin[d]
		}
		sum += x * axis[d]
	}
	return sum
}

// mainAxis is the first principal axis of the prints around their mean, by
// power iteration from the print that lies furthest out.
func mainAxis(prints []voiceprint, group []int, mean []float64) []float64 {
	axis := make([]float64, voiceSize)
	most := -1.0
	for _, i := range group {
		out := make([]float64, voiceSize)
		for d, v := range prints[i].voice {
			out[d] = float64(v) - mean[d]
		}
		if n := dot(out, out); n > most {
			axis, most = out, n
		}
	}
	direction(axis)
	for range axisRuns {
		next := make([]float64, voiceSize)
		for _, i := range group {
			far := along(prints[i].voice, mean, axis)
			for d, v := range prints[i].voice {
				next[d] += far * (float64(v) - mean[d])
			}
		}
		direction(next)
		same := dot(next, axis)
		axis = next
		if same > 1-1e-12 {
			break
		}
	}
	return axis
}

// cholesky factors the symmetric positive matrix m (n×n, row by row) into its
// lower triangle, in place. It reports whether m was positive.
func cholesky(m []float64, n int) bool {
	for i := range n {
		for j := 0; j <= i; j++ {
			sum := m[i*n+j]
			for k := range j {
				sum -= m[i*n+k] * m[j*n+k]
			}
			switch {
			case i != j:
				m[i*n+j] = sum / m[j*n+j]
			case sum <= 0:
				return false
			default:
				m[i*n+i] = math.Sqrt(sum)
			}
		}
	}
	return true
}

// solve gives x with L·Lᵀ·x = b, L as cholesky leaves it.
func solve(l []float64, n int, b []float64) []float64 {
	x := append([]float64(nil), b...)
	for i := range n {
		for k := range i {
			x[i] -= l[i*n+k] * x[k]
		}
		x[i] /= l[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= l[k*n+i] * x[k]
		}
		x[i] /= l[i*n+i]
	}
	return x
}
