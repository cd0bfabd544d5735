package blob

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"golang.org/x/sync/errgroup"
)

// S3 is a Store in a bucket of a store that speaks Amazon's S3, which many machines
// may use at once. A blob lies where it would in a Folder, below a prefix:
// PREFIX/ab/abcd…. Beside that there are
//
//	PREFIX/again/ab/abcd…   empty: when a blob was put that was there already
//	PREFIX/owner            whose blobs these are
type S3 struct {
	core     minio.Core
	endpoint string
	bucket   string
	prefix   string // empty, or with a slash at its end
	dir      string
	fetcher
}

// S3Options say where blobs are to lie, and who asks for them.
type S3Options struct {
	Address  string // s3://BUCKET or s3://BUCKET/PREFIX
	Endpoint string // like https://host:9000
	Region   string // us-east-1 where none is given
	Key      string // with its Secret, and a Session where there is one
	Secret   string
	Session  string
	Dir      string // for what is put until its name is known; made where there is none
}

// sharing is how many connections are used at once for one blob.
const sharing = 4

// NewS3 asks nobody anything yet; Check does.
func NewS3(o S3Options) (*S3, error) {
	bucket, prefix, err := ParseS3(o.Address)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(o.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" {
		return nil, errors.New("the endpoint of the media store must be an address like https://host:9000, without anything behind it")
	}
	if o.Key == "" || o.Secret == "" {
		return nil, errors.New("the media store wants a key and its secret")
	}
	if o.Region == "" {
		o.Region = "us-east-1" // what stores say that have no regions
	}
	way := http.DefaultTransport.(*http.Transport).Clone()
	way.DisableCompression, way.MaxIdleConnsPerHost = true, 4*sharing
	way.DialContext = (&net.Dialer{Timeout: 5 * time.Second}).DialContext
	core, err := minio.NewCore(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(o.Key, o.Secret, o.Session), Secure: u.Scheme == "https", Region: o.Region,
		Transport: patient{way, mostSilence}, MaxRetries: 4, // over some two seconds
	})
	if err != nil {
		return nil, fmt.Errorf("set up the media store: %w", err)
	}
	s := &S3{core: *core, endpoint: u.Scheme + "://" + u.Host, bucket: bucket, prefix: prefix, dir: o.Dir}
	s.fetcher = fetcher{s.begin, time.Second}
	return s, nil
}

var anS3 = regexp.MustCompile(`^s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9._/-]*))?$`)

// ParseS3 takes an address apart. The prefix is empty, or has a slash at its end.
func ParseS3(address string) (bucket, prefix string, err error) {
	parts := anS3.FindStringSubmatch(address)
	if parts == nil {
		return "", "", fmt.Errorf("%q is no media store: s3://BUCKET/PREFIX is wanted, in letters, digits, dots and dashes", address)
	}
	prefix = strings.TrimSuffix(parts[2], "/")
	switch {
	case prefix == "":
		return parts[1], "", nil
	case path.Clean("/"+prefix) != "/"+prefix:
		return "", "", fmt.Errorf("%q is no media store: a prefix must not have . or .. in it, or nothing between slashes", address)
	}
	return parts[1], prefix + "/", nil
}

func shelved(sum Sum) string { return string(sum[:2]) + "/" + string(sum) }

const againPrefix = "again/"

func (s *S3) key(sum Sum) string   { return s.prefix + shelved(sum) }
func (s *S3) again(sum Sum) string { return s.prefix + againPrefix + shelved(sum) }

// sumOf is the blob at a key, where one is.
func (s *S3) sumOf(key, prefix string) (Sum, bool) {
	rest, below := strings.CutPrefix(key, prefix)
	sum, err := ParseSum(path.Base(rest))
	return sum, below && err == nil && rest == shelved(sum)
}

// Put implements Exchange. What comes is written to a file first: its name is known
// at its end alone. That file has no name itself, so that it is gone when this
// process is.
func (s *S3) Put(ctx context.Context, r io.Reader) (Sum, int64, error) {
	f, err := nameless(s.dir)
	if err != nil {
		return "", 0, fmt.Errorf("put into the media store: %w", err)
	}
	defer f.Close()
	all := sha256.New()
	n, err := io.Copy(f, io.TeeReader(reader(ctx, r), all))
	sum := Sum(hex.EncodeToString(all.Sum(nil)))
	if err == nil {
		err = s.keep(ctx, f, sum, n)
	}
	if err != nil {
		return "", 0, fmt.Errorf("put into the media store: %w", err)
	}
	return sum, n, nil
}

func nameless(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(dir, "*")
	if err != nil {
		return nil, err
	}
	return f, gone(f.Name())
}

// Adopt takes a file in that nobody writes to any more, and that is to be in the
// media store alone from now on. Where it fails, the file stays where it was.
func (s *S3) Adopt(ctx context.Context, path string) (Sum, int64, error) {
	sum, n, err := s.adopt(ctx, path)
	if err == nil {
		err = gone(path)
	}
	if err != nil {
		return "", 0, fmt.Errorf("take a file into the media store: %w", err)
	}
	return sum, n, nil
}

func (s *S3) adopt(ctx context.Context, path string) (Sum, int64, error) {
	f, err := plain(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	all := sha256.New()
	n, err := io.Copy(all, reader(ctx, f))
	if err != nil {
		return "", 0, err
	}
	sum := Sum(hex.EncodeToString(all.Sum(nil)))
	return sum, n, s.keep(ctx, f, sum, n)
}

// seal is in the metadata of what was put by us, and is not in those of what another
// program puts in its place.
const seal = "Dyade-Sha256"

// keep brings a blob to its place, unless it is there.
func (s *S3) keep(ctx context.Context, from io.ReaderAt, sum Sum, n int64) error {
	there, err := s.renew(ctx, sum, n)
	if err != nil || there {
		return err
	}
	if n <= partSize {
		_, err = s.core.Client.PutObject(ctx, s.bucket, s.key(sum), io.NewSectionReader(from, 0, n), n, s.sealed(sum))
		return s.fault(ctx, err)
	}
	return s.fault(ctx, s.inParts(ctx, from, sum, n))
}

func (s *S3) sealed(sum Sum) minio.PutObjectOptions {
	return minio.PutObjectOptions{UserMetadata: map[string]string{seal: string(sum)}, PartSize: partSize, ContentType: "application/octet-stream"}
}

// renew notes that a blob was put again, where it is there: its own time cannot be
// changed but by copying it, which for a film takes long, and is done by each store
// in a way of its own.
func (s *S3) renew(ctx context.Context, sum Sum, n int64) (there bool, err error) {
	if there, err = s.has(ctx, sum, n); err != nil || !there {
		return false, err
	}
	if _, err := s.core.Client.PutObject(ctx, s.bucket, s.again(sum), strings.NewReader(""), 0, minio.PutObjectOptions{}); err != nil {
		return false, s.fault(ctx, err)
	}
	return s.has(ctx, sum, n) // it may have been swept away before we noted that
}

func (s *S3) has(ctx context.Context, sum Sum, n int64) (bool, error) {
	info, err := s.stat(ctx, sum)
	if errors.Is(err, ErrMissing) {
		return false, nil
	}
	return info.Size == n && info.UserMetadata[seal] == string(sum), err
}

// stat asks for what is known of a blob. Such an answer cannot say why it refuses.
func (s *S3) stat(ctx context.Context, sum Sum) (minio.ObjectInfo, error) {
	info, err := s.core.StatObject(ctx, s.bucket, s.key(sum), minio.StatObjectOptions{})
	err = s.fault(ctx, err)
	if errors.Is(err, ErrRefused) {
		err = cmp.Or(s.there(ctx), err)
	}
	return info, err
}

// Stores take no more than mostParts for one blob.
const (
	partSize  = 16 << 20
	mostParts = 10_000
)

// inParts brings a long blob: it is there when its last part is, and not before.
func (s *S3) inParts(ctx context.Context, from io.ReaderAt, sum Sum, n int64) (err error) {
	key := s.key(sum)
	id, err := s.core.NewMultipartUpload(ctx, s.bucket, key, s.sealed(sum))
	if err != nil {
		return err
	}
	size := max(partSize, (n+mostParts-1)/mostParts)
	parts := make([]minio.CompletePart, (n+size-1)/size)
	all, pctx := errgroup.WithContext(ctx)
	all.SetLimit(sharing)
	for i := range parts {
		all.Go(func() error {
			at := int64(i) * size
			part := io.NewSectionReader(from, at, min(size, n-at))
			done, err := s.core.PutObjectPart(pctx, s.bucket, key, id, i+1, part, part.Size(), minio.PutObjectPartOptions{})
			parts[i] = minio.CompletePart{PartNumber: i + 1, ETag: done.ETag}
			return err
		})
	}
	if err = all.Wait(); err == nil {
		_, err = s.core.CompleteMultipartUpload(ctx, s.bucket, key, id, parts, minio.PutObjectOptions{})
	}
	if err != nil { // what cannot be given up now is swept away later
		actx, cancel := context.WithTimeout(context.WithoutCancel(ctx), mostSilence)
		defer cancel()
		err = errors.Join(err, s.core.AbortMultipartUpload(actx, s.bucket, key, id))
	}
	return err
}

// Get implements Exchange.
func (s *S3) Get(ctx context.Context, sum Sum) (io.ReadCloser, error) {
	o := s.object(ctx, sum)
	body, info, err := s.from(o.ctx, sum, 0)
	if err != nil {
		o.cancel()
		return nil, fmt.Errorf("get %s from the media store: %w", sum, err)
	}
	o.body, o.size = body, info.Size
	return o, nil
}

// Open implements Store. What is read comes as one answer, until it is read
// elsewhere.
func (s *S3) Open(ctx context.Context, sum Sum) (io.ReadSeekCloser, error) {
	size, err := s.Size(ctx, sum)
	if err != nil {
		return nil, err
	}
	o := s.object(ctx, sum)
	o.size = size
	return o, nil
}

// from reads a blob from an offset, as far as one answer goes.
func (s *S3) from(ctx context.Context, sum Sum, at int64) (io.ReadCloser, minio.ObjectInfo, error) {
	var o minio.GetObjectOptions
	if at > 0 {
		o.Set("Range", fmt.Sprintf("bytes=%d-", at))
	}
	body, info, _, err := s.core.GetObject(ctx, s.bucket, s.key(sum), o)
	return body, info, s.fault(ctx, err)
}

func (s *S3) begin(ctx context.Context, sum Sum, at int64) (io.ReadCloser, error) {
	body, _, err := s.from(ctx, sum, at)
	return body, err
}

// Size implements Store.
func (s *S3) Size(ctx context.Context, sum Sum) (int64, error) {
	info, err := s.stat(ctx, sum)
	if errors.Is(err, ErrMissing) {
		err = cmp.Or(s.there(ctx), err) // it may be the bucket that is missing
	}
	if err != nil {
		return 0, fmt.Errorf("look for %s in the media store: %w", sum, err)
	}
	return info.Size, nil
}

// Remove implements Store.
func (s *S3) Remove(ctx context.Context, sum Sum) error {
	for _, key := range []string{s.key(sum), s.again(sum)} {
		err := s.fault(ctx, s.core.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{}))
		if err != nil && !errors.Is(err, ErrMissing) {
			return fmt.Errorf("remove %s from the media store: %w", sum, err)
		}
	}
	return nil
}

// object is a blob that is read: from anywhere, over breaks, and compared with its
// name where that is in one go.
type object struct {
	*lasting
	size    int64
	want    Sum
	sum     hash.Hash
	skipped bool
}

func (s *S3) object(ctx context.Context, sum Sum) *object {
	return &object{lasting: s.lasting(ctx, sum), want: sum, sum: sha256.New()}
}

func (o *object) Read(p []byte) (int, error) {
	if o.at >= o.size {
		if !o.skipped && hex.EncodeToString(o.sum.Sum(nil)) != string(o.want) {
			return 0, ErrDamaged
		}
		return 0, io.EOF
	}
	n, err := o.lasting.Read(p[:min(int64(len(p)), o.size-o.at)])
	o.sum.Write(p[:n])
	if errors.Is(err, io.EOF) {
		if err = nil; o.at < o.size {
			err = io.ErrUnexpectedEOF
		}
	}
	return n, err
}

// Seek implements io.Seeker.
func (o *object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.at
	case io.SeekEnd:
		offset += o.size
	}
	if offset < 0 {
		return 0, fmt.Errorf("look into a blob before its start: %w", fs.ErrInvalid)
	}
	if offset != o.at {
		o.turn(offset)
	}
	o.skipped = offset != 0
	o.sum.Reset()
	return offset, nil
}
