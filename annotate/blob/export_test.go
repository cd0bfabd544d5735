package blob

import (
	"net/http"
	"time"
)

// ErrSilent is errSilent.
var ErrSilent = errSilent

// Hasten makes r wait no longer than so for a sign of life, and not before it goes
// on.
func (r *Remote) Hasten(silence time.Duration) { r.silence, r.pause = silence, 0 }

// Hasten makes s wait for nothing before it goes on.
func (s *S3) Hasten() { s.pause = 0 }

// Patient is patient.
func Patient(next http.RoundTripper, silence time.Duration) http.RoundTripper {
	return patient{next, silence}
}
