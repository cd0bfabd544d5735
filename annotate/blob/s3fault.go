package blob

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
)

// fault says what an error of the store means, and what to try.
func (s *S3) fault(ctx context.Context, err error) error {
	var said minio.ErrorResponse
	var untrusted *tls.CertificateVerificationError
	var local *fs.PathError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // whatever that made fail
	case errors.As(err, &said):
		return s.refusal(said)
	case errors.As(err, &local):
		return err // what was to be brought cannot be read here
	case errors.As(err, &untrusted):
		return fmt.Errorf("%w at %s: %w: name its certificate's issuer in SSL_CERT_FILE", ErrRefused, s.endpoint, untrusted)
	case strings.Contains(err.Error(), "HTTP response to HTTPS client"):
		return fmt.Errorf("%w at %s: it speaks no TLS: check whether the endpoint is to be http://", ErrRefused, s.endpoint)
	}
	return fmt.Errorf("%w at %s: %v: check that it runs, its address and the network", ErrAway, s.endpoint, err)
}

func (s *S3) refusal(said minio.ErrorResponse) error {
	kind, try := ErrRefused, "its log may say more"
	switch said.Code {
	case minio.NoSuchKey:
		return ErrMissing
	case minio.NoSuchBucket:
		try = "make the bucket, or check its name and the endpoint"
	case "RequestTimeTooSkewed":
		try = "set the clocks of this machine and of the store"
	case "AuthorizationHeaderMalformed", "InvalidRegion", "PermanentRedirect":
		try = "check the region"
	case "XMinioStorageFull", "InsufficientStorage", "QuotaExceeded", "XMinioAdminBucketQuotaExceeded":
		return s.full(said)
	case minio.AccessDenied, "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "XAdminUserNotFound":
		try = "check the key and its secret, and what they may do in the bucket"
	default:
		switch {
		case said.StatusCode == http.StatusInsufficientStorage:
			return s.full(said)
		case said.StatusCode >= http.StatusInternalServerError:
			kind = ErrAway
		}
	}
	return fmt.Errorf("%w (bucket %s at %s): %s, %s: %s", kind, s.bucket, s.endpoint, said.Code, strings.TrimSuffix(said.Message, "."), try)
}

func (s *S3) full(said minio.ErrorResponse) error {
	return fmt.Errorf("%w (bucket %s at %s): %s: %w", ErrRefused, s.bucket, s.endpoint, said.Code, syscall.ENOSPC)
}

// patient ends requests in which nothing moves any more. Time in which nobody reads
// an answer does not count.
type patient struct {
	next    http.RoundTripper
	silence time.Duration
}

// RoundTrip implements http.RoundTripper.
func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	silence := p.silence
	if r.Method == http.MethodPost {
		silence *= 20 // a long film's parts are put together before the answer comes
	}
	ctx, w := newWatch(r.Context(), silence)
	r = r.Clone(ctx)
	if body := r.Body; body != nil {
		r.Body = &struct {
			watched
			io.Closer
		}{watched{w, body}, body}
	}
	resp, err := p.next.RoundTrip(r)
	if err != nil {
		err = w.why(err)
		w.end()
		return nil, err
	}
	w.timer.Stop()
	resp.Body = &answer{w, resp.Body}
	return resp, nil
}

// answer is watched while it is read.
type answer struct {
	watch *watch
	body  io.ReadCloser
}

func (a *answer) Read(p []byte) (int, error) {
	a.watch.timer.Reset(a.watch.silence)
	n, err := a.body.Read(p)
	a.watch.timer.Stop()
	if err != nil {
		err = a.watch.why(err)
	}
	return n, err
}

func (a *answer) Close() error {
	defer a.watch.end()
	return a.body.Close()
}
