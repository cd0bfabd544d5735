package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

// mostListed is how many keys come in one answer.
const mostListed = 1000

// stored is a blob as it is listed.
type stored struct {
	sum Sum
	put time.Time
}

// Each implements Store.
func (s *S3) Each(ctx context.Context, give func(Sum, time.Time) error) error {
	var page []stored
	after := Sum("")
	for o := range s.core.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix, Recursive: true}) {
		if o.Err != nil {
			return fmt.Errorf("list the media store: %w", s.fault(ctx, o.Err))
		}
		sum, ok := s.sumOf(o.Key, s.prefix)
		if !ok {
			continue
		}
		if page = append(page, stored{sum, o.LastModified}); len(page) < mostListed {
			continue
		}
		if err := s.give(ctx, page, after, give); err != nil {
			return err
		}
		page, after = page[:0], sum
	}
	if err := ctx.Err(); err != nil { // the list was cut short
		return fmt.Errorf("list the media store: %w", err)
	}
	return s.give(ctx, page, after, give)
}

// give tells of some blobs, all behind one and in their order: what was put again is
// looked for late, or what is put meanwhile would seem old.
func (s *S3) give(ctx context.Context, page []stored, after Sum, give func(Sum, time.Time) error) error {
	if len(page) == 0 {
		return nil
	}
	o := minio.ListObjectsOptions{Prefix: s.prefix + againPrefix, Recursive: true}
	if after != "" {
		o.StartAfter = s.again(after)
	}
	again := map[Sum]time.Time{}
	for o := range s.core.ListObjectsIter(ctx, s.bucket, o) {
		if o.Err != nil {
			return fmt.Errorf("list the media store: %w", s.fault(ctx, o.Err))
		}
		sum, ok := s.sumOf(o.Key, s.prefix+againPrefix)
		if ok && sum > page[len(page)-1].sum {
			break
		}
		again[sum] = o.LastModified
	}
	for _, b := range page {
		if err := ctx.Err(); err != nil {
			return err
		}
		if t, ok := again[b.sum]; ok && t.After(b.put) {
			b.put = t
		}
		if err := give(b.sum, b.put); err != nil {
			return err
		}
	}
	return nil
}

// Sweep implements Store.
func (s *S3) Sweep(ctx context.Context, before time.Time) error {
	err := s.sweepNotes(ctx, before)
	if err == nil {
		err = s.sweepParts(ctx, before)
	}
	if err == nil {
		err = ctx.Err() // what was listed may have been cut short
	}
	if err != nil {
		return fmt.Errorf("sweep the media store: %w", s.fault(ctx, err))
	}
	return nil
}

// sweepNotes forgets of blobs that they were put again before then.
func (s *S3) sweepNotes(ctx context.Context, before time.Time) error {
	for o := range s.core.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix + againPrefix, Recursive: true}) {
		if o.Err != nil {
			return o.Err
		}
		if !o.LastModified.Before(before) {
			continue
		}
		if err := s.core.RemoveObject(ctx, s.bucket, o.Key, minio.RemoveObjectOptions{}); err != nil {
			return err
		}
	}
	return nil
}

// sweepParts gives up what nobody has added a part to since then: a film may take
// longer than that.
func (s *S3) sweepParts(ctx context.Context, before time.Time) error {
	lctx, cancel := context.WithCancel(ctx)
	defer cancel() // or who lists waits for ever to tell of the next
	for u := range s.core.ListIncompleteUploads(lctx, s.bucket, s.prefix, true) {
		if u.Err != nil {
			return u.Err
		}
		if !u.Initiated.Before(before) {
			continue
		}
		live, err := s.grown(ctx, u, before)
		if err == nil && !live {
			err = s.core.AbortMultipartUpload(ctx, s.bucket, u.Key, u.UploadID)
		}
		if err != nil && minio.ToErrorResponse(err).Code != "NoSuchUpload" { // it has ended since
			return err
		}
	}
	return nil
}

// grown tells whether any part came after a time.
func (s *S3) grown(ctx context.Context, u minio.ObjectMultipartInfo, since time.Time) (bool, error) {
	for marker := 0; ; {
		parts, err := s.core.ListObjectParts(ctx, s.bucket, u.Key, u.UploadID, marker, mostListed)
		if err != nil {
			return false, err
		}
		for _, p := range parts.ObjectParts {
			if !p.LastModified.Before(since) {
				return true, nil
			}
		}
		if !parts.IsTruncated || parts.NextPartNumberMarker <= marker {
			return false, nil
		}
		marker = parts.NextPartNumberMarker
	}
}

// Errors of Check and Claim, wrapped.
var (
	ErrRefused  = errors.New("the media store refuses")
	ErrAway     = errors.New("the media store cannot be used now")
	ErrVersions = errors.New("the bucket keeps what is deleted as an old version, which must not be: switch its versioning off, or choose another bucket")
	ErrOthers   = errors.New("what lies there is another data folder's: choose another prefix")
	ErrNobodys  = errors.New("nothing of this data folder lies there: check the endpoint of the media store, and the bucket")
)

// Check makes sure that the bucket is there, can be used, and forgets what is
// deleted.
func (s *S3) Check(ctx context.Context) error {
	err := s.there(ctx)
	if err == nil {
		kept, err := s.core.GetBucketVersioning(ctx, s.bucket) // not all stores know of it, or let everybody ask
		if err == nil && kept.Enabled() {
			return fmt.Errorf("open the media store %s: %w", s, ErrVersions)
		}
		return nil
	}
	return fmt.Errorf("open the media store %s: %w", s, err)
}

// String is its address.
func (s *S3) String() string { return "s3://" + strings.TrimSuffix(s.bucket+"/"+s.prefix, "/") }

// there makes sure that the bucket is, and may be used.
func (s *S3) there(ctx context.Context) error {
	for o := range s.core.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix, Recursive: true, MaxKeys: 1}) {
		return s.fault(ctx, o.Err)
	}
	return ctx.Err()
}

// Claim makes sure that what lies below the prefix is one owner's alone: of two, each
// would sweep away what is the other's. A fresh owner may have nothing there yet.
func (s *S3) Claim(ctx context.Context, owner string, fresh bool) error {
	had, err := s.owner(ctx)
	if err == nil && had == "" && fresh {
		_, err = s.core.Client.PutObject(ctx, s.bucket, s.prefix+ownerKey, strings.NewReader(owner), int64(len(owner)), minio.PutObjectOptions{})
		if err = s.fault(ctx, err); err == nil {
			had, err = s.owner(ctx) // another may have come at the same time
		}
	}
	switch {
	case err != nil:
	case had == "":
		err = ErrNobodys
	case had != owner:
		err = ErrOthers
	default:
		return nil
	}
	return fmt.Errorf("open the media store %s: %w", s, err)
}

const ownerKey = "owner"

// owner is empty where there is none.
func (s *S3) owner(ctx context.Context) (string, error) {
	const most = 1 << 10
	body, _, _, err := s.core.GetObject(ctx, s.bucket, s.prefix+ownerKey, minio.GetObjectOptions{})
	if err = s.fault(ctx, err); errors.Is(err, ErrMissing) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer body.Close()
	doc, err := io.ReadAll(io.LimitReader(body, most))
	return string(doc), s.fault(ctx, err)
}
