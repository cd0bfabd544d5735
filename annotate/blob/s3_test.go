package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"dyade/annotate/blob"
	"dyade/internal/testenv"
)

// inS3 is a store in a bucket of a real server.
type inS3 struct {
	*blob.S3
	server *testenv.S3
	dir    string // where it puts what has no name yet
	t      *testing.T
}

const s3Prefix = "family/films/"

func bucket(t *testing.T) *inS3 {
	t.Helper()
	s := &inS3{server: testenv.StartS3(t), dir: t.TempDir(), t: t}
	s.S3 = s.with(func(*blob.S3Options) {})
	if err := s.Check(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

// with is the same store with other options.
func (s *inS3) with(change func(*blob.S3Options)) *blob.S3 {
	s.t.Helper()
	o := blob.S3Options{
		Address: "s3://" + s.server.Bucket + "/" + s3Prefix, Endpoint: s.server.Endpoint, Key: s.server.Key, Secret: s.server.Secret, Dir: s.dir,
	}
	change(&o)
	made, err := blob.NewS3(o)
	if err != nil {
		s.t.Fatal(err)
	}
	made.Hasten()
	return made
}

func (s *inS3) subject() subject { return subject{s.S3, s.server.Dir, s.path, s.spoil} }

func (s *inS3) path(sum blob.Sum) string {
	return filepath.Join(s.server.Dir, s3Prefix, string(sum[:2]), string(sum))
}

// client is another program's.
func (s *inS3) client() *minio.Client {
	s.t.Helper()
	c, err := minio.New(strings.TrimPrefix(s.server.Endpoint, "http://"), &minio.Options{Creds: credentials.NewStaticV4(s.server.Key, s.server.Secret, "")})
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func (s *inS3) spoil(t *testing.T, sum blob.Sum, now string) {
	t.Helper()
	_, err := s.client().PutObject(context.Background(), s.server.Bucket, s3Prefix+string(sum[:2])+"/"+string(sum), strings.NewReader(now), int64(len(now)), minio.PutObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

func TestS3SaysWhatIsWrong(t *testing.T) {
	s := bucket(t)
	sum := put(t, s, "a film")
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	full := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			w.WriteHeader(http.StatusInsufficientStorage)
			_, _ = io.WriteString(w, `<Error><Code>InsufficientStorage</Code><Message>no room</Message></Error>`)
			return
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(full.Close)
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	for name, c := range map[string]struct {
		change func(*blob.S3Options)
		want   error
		says   string
	}{
		"secret": {func(o *blob.S3Options) { o.Secret = "another" }, blob.ErrRefused, "check the key and its secret"},
		"key":    {func(o *blob.S3Options) { o.Key = "another" }, blob.ErrRefused, "check the key and its secret"},
		"bucket": {func(o *blob.S3Options) { o.Address = "s3://another/x" }, blob.ErrRefused, "make the bucket"},
		"region": {func(o *blob.S3Options) { o.Region = "mars-1" }, blob.ErrRefused, "check the region"},
		"away":   {func(o *blob.S3Options) { o.Endpoint = closed.URL }, blob.ErrAway, "check that it runs"},
		"full":   {func(o *blob.S3Options) { o.Endpoint = full.URL }, syscall.ENOSPC, "InsufficientStorage"},
		"trust":  {func(o *blob.S3Options) { o.Endpoint = untrusted.URL }, blob.ErrRefused, "SSL_CERT_FILE"},
		"TLS":    {func(o *blob.S3Options) { o.Endpoint = strings.Replace(s.server.Endpoint, "http:", "https:", 1) }, blob.ErrRefused, "http://"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // some wait for who does not answer
			x := s.with(c.change)
			_, _, putting := x.Put(context.Background(), strings.NewReader("another film"))
			fails := []error{putting}
			if name != "full" {
				_, sizing := x.Size(context.Background(), sum)
				_, getting := x.Get(context.Background(), sum)
				_, local := x.Local(context.Background(), sum, t.TempDir())
				fails = append(fails, x.Check(context.Background()), sizing, getting, local, x.Remove(context.Background(), sum))
			}
			for i, err := range fails {
				if !errors.Is(err, c.want) {
					t.Errorf("%d: %v", i, err)
				}
				if err != nil && strings.Contains(err.Error(), s.server.Secret) {
					t.Errorf("it tells its secret: %v", err)
				}
			}
			if !strings.Contains(putting.Error(), c.says) {
				t.Errorf("it says: %v", putting)
			}
		})
	}
}

// TestS3GoesOnAfterItsServerDied: it is killed in the midst of a fetch and started
// again meanwhile.
func TestS3GoesOnAfterItsServerDied(t *testing.T) {
	s := bucket(t)
	film := noise(40<<20, 7)
	sum := put(t, s, string(film))
	into := t.TempDir()
	way := between(t, s, func(*http.Request) {})
	r := s.with(func(o *blob.S3Options) { o.Endpoint = way.url })
	dead := make(chan struct{})
	way.when(8<<20, func() { s.server.Kill(); s.server.Start(); close(dead) })
	path, err := r.Checked(context.Background(), sum, into)
	if err != nil {
		t.Fatal(err)
	}
	<-dead
	if got, err := blob.OfFile(context.Background(), path); err != nil || got != sum {
		t.Errorf("fetched %s, %v", got, err)
	}
	if from := way.ranges(); len(from) < 2 || from[0] != "" || from[1] == "" {
		t.Errorf("asked for %q: it did not go on from where it was", from)
	}
	// What is read with nobody fetching it goes on as well.
	o, err := r.Open(context.Background(), sum)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if _, err := io.CopyN(io.Discard, o, 1<<20); err != nil {
		t.Fatal(err)
	}
	s.server.Kill()
	s.server.Start()
	if n, err := io.Copy(io.Discard, o); err != nil || n != int64(len(film))-1<<20 {
		t.Errorf("read %d more, %v", n, err)
	}
}

// TestS3LeavesNothingOfAPutThatEnds in the midst of bringing parts.
func TestS3LeavesNothingOfAPutThatEnds(t *testing.T) {
	s := bucket(t)
	ctx, cancel := context.WithCancel(context.Background())
	var parts atomic.Int32
	way := between(t, s, func(r *http.Request) {
		if r.URL.Query().Has("partNumber") && parts.Add(1) == 3 {
			cancel()
		}
	})
	w := s.with(func(o *blob.S3Options) { o.Endpoint = way.url })
	if _, _, err := w.Put(ctx, strings.NewReader(string(noise(70<<20, 8)))); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	if parts.Load() < 3 {
		t.Fatalf("it ended before the third part")
	}
	if got := listed(t, s); len(got) > 0 {
		t.Errorf("there are %v", got)
	}
	if got := s.unfinished(); len(got) > 0 {
		t.Errorf("unfinished: %v", got)
	}
	if got := files(t, s.dir); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
}

func (s *inS3) unfinished() (keys []string) {
	s.t.Helper()
	for u := range s.client().ListIncompleteUploads(context.Background(), s.server.Bucket, "", true) {
		if u.Err != nil {
			s.t.Fatal(u.Err)
		}
		keys = append(keys, u.Key)
	}
	return keys
}

// TestS3SweepsWhatNobodyGoesOnWith: a killed process leaves parts; a slow one may have
// begun long ago and is still bringing some. What lies outside the prefix is not ours.
func TestS3SweepsWhatNobodyGoesOnWith(t *testing.T) {
	ctx := context.Background()
	s := bucket(t)
	core := minio.Core{Client: s.client()}
	begin := func(key string) string {
		id, err := core.NewMultipartUpload(ctx, s.server.Bucket, key, minio.PutObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	dead, live, foreign := s3Prefix+"ab/dead", s3Prefix+"ab/live", "elsewhere/ab/dead"
	begin(dead)
	begin(foreign)
	id := begin(live)
	part := func() {
		if _, err := core.PutObjectPart(ctx, s.server.Bucket, live, id, 1, strings.NewReader("part"), 4, minio.PutObjectPartOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	film := put(t, s, "a film")
	put(t, s, "a film")
	part()
	if err := s.Sweep(ctx, time.Now().Add(-time.Hour)); err != nil || len(s.unfinished()) != 3 {
		t.Errorf("left: %v, %v", s.unfinished(), err)
	}
	s.age(t, filepath.Join(s.server.Dir, ".sgwtmp"), true)
	part()
	s.age(t, filepath.Join(s.server.Dir, ".sgwtmp"), false)
	if err := s.Sweep(ctx, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.unfinished(), " "); got != foreign+" "+live {
		t.Errorf("left: %v", got)
	}
	if err := s.Sweep(ctx, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.unfinished(), " "); got != foreign {
		t.Errorf("left: %v", got)
	}
	if left := files(t, filepath.Join(s.server.Dir, s3Prefix)); len(left) != 1 || left[0] != s.path(film) {
		t.Errorf("left: %v", left)
	}
}

// age makes what lies below a folder of the server's two hours old, folders alone or
// files too.
func (s *inS3) age(t *testing.T, dir string, too bool) {
	t.Helper()
	old := time.Now().Add(-2 * time.Hour)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && (too || d.IsDir()) {
			err = os.Chtimes(path, old, old)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestS3ForgetsWhatIsDeleted(t *testing.T) {
	ctx := context.Background()
	s := bucket(t)
	if err := s.client().EnableVersioning(ctx, s.server.Bucket); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(ctx); !errors.Is(err, blob.ErrVersions) {
		t.Errorf("a bucket that would not: %v", err)
	}
	if err := s.client().SuspendVersioning(ctx, s.server.Bucket); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(ctx); err != nil {
		t.Error(err)
	}
}

func TestS3IsOneOwnersAlone(t *testing.T) {
	ctx := context.Background()
	s := bucket(t)
	for _, c := range []struct {
		owner string
		fresh bool
		want  error
	}{
		{"one", false, blob.ErrNobodys}, {"one", true, nil}, {"one", true, nil}, {"one", false, nil},
		{"two", true, blob.ErrOthers}, {"two", false, blob.ErrOthers},
	} {
		if err := s.Claim(ctx, c.owner, c.fresh); !errors.Is(err, c.want) {
			t.Errorf("%v: %v", c, err)
		}
	}
	beside := s.with(func(o *blob.S3Options) { o.Address = "s3://" + s.server.Bucket + "/family" })
	if err := beside.Claim(ctx, "two", true); err != nil {
		t.Error(err)
	}
	put(t, s, "a film")
	if got := listed(t, beside); len(got) > 0 {
		t.Errorf("it takes another's for its own: %v", got)
	}
}

func TestS3Addresses(t *testing.T) {
	for address, want := range map[string]string{
		"s3://films": "films|", "s3://films/": "films|", "s3://films/a": "films|a/", "s3://films.of/a/b/": "films.of|a/b/",
		"": "", "films": "", "s3://": "", "s3://F/x": "", "s3://films/../x": "", "s3://films//x": "", "s3://films/a/./b": "",
		"s3://films/a?b": "", "s3://key:secret@films/a": "", "https://films/a": "",
	} {
		bucket, prefix, err := blob.ParseS3(address)
		if got := bucket + "|" + prefix; (want == "") != (err != nil) || err == nil && got != want {
			t.Errorf("%q: %s, %v", address, got, err)
		}
	}
	for _, endpoint := range []string{"", "host:9000", "ftp://host", "https://key:secret@host", "https://host/s3"} {
		if _, err := blob.NewS3(blob.S3Options{Address: "s3://films", Endpoint: endpoint, Key: "k", Secret: "s"}); err == nil || !strings.Contains(err.Error(), "https://host:9000") || strings.Contains(err.Error(), "key:secret") {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}

// way is one to a server that sees what passes.
type way struct {
	url   string
	seen  chan string // what GETs asked for, by range
	limit atomic.Int64
	then  atomic.Pointer[func()]
}

func between(t *testing.T, s *inS3, sees func(*http.Request)) *way {
	t.Helper()
	to, err := url.Parse(s.server.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	w := &way{seen: make(chan string, 100)}
	p := &httputil.ReverseProxy{
		ErrorLog: log.New(io.Discard, "", 0),
		Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(to); r.Out.Host = r.In.Host }, // which is signed
		ModifyResponse: func(r *http.Response) error {
			if r.Request.Method == http.MethodGet {
				r.Body = &counted{r.Body, w}
			}
			return nil
		},
	}
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		sees(r)
		if r.Method == http.MethodGet {
			w.seen <- r.Header.Get("Range")
		}
		p.ServeHTTP(rw, r)
	}))
	t.Cleanup(func() { srv.CloseClientConnections(); srv.Close() })
	w.url = srv.URL
	return w
}

// when has something done once so many bytes have passed.
func (w *way) when(bytes int64, then func()) { w.then.Store(&then); w.limit.Store(bytes) }

func (w *way) ranges() (list []string) {
	for len(w.seen) > 0 {
		list = append(list, <-w.seen)
	}
	return list
}

type counted struct {
	io.ReadCloser
	way *way
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if c.way.limit.Add(-int64(n)) < 0 {
		if then := c.way.then.Swap(nil); then != nil {
			(*then)()
		}
	}
	return n, err
}

// TestS3KeepsNoFileOfItsOwn that would outlive it.
func TestS3KeepsNoFileOfItsOwn(t *testing.T) {
	s := bucket(t)
	seen := func() []string { return files(t, s.dir) }
	slow := io.MultiReader(strings.NewReader("half"), did(func() {
		if left := seen(); len(left) > 0 {
			t.Errorf("a killed process would leave %v", left)
		}
	}), strings.NewReader("whole"))
	if _, _, err := s.Put(context.Background(), slow); err != nil {
		t.Error(err)
	}
	if err := os.RemoveAll(s.dir); err != nil {
		t.Fatal(err)
	}
	put(t, s, "a film") // it makes its folder anew
}

// TestPatienceEnds where nothing moves any more.
func TestPatienceEnds(t *testing.T) {
	over := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/half":
			w.Header().Set("Content-Length", "17")
			_, _ = io.WriteString(w, "a film")
			_ = http.NewResponseController(w).Flush()
		case "/takes":
			_, _ = io.Copy(io.Discard, r.Body)
		}
		<-over
	}))
	t.Cleanup(srv.Close)
	t.Cleanup(func() { close(over) })
	c := &http.Client{Transport: blob.Patient(http.DefaultTransport, 50*time.Millisecond)}
	for _, path := range []string{"/half", "/takes", "/takesNothing"} {
		r, err := http.NewRequest(http.MethodPut, srv.URL+path, bytes.NewReader(make([]byte, 32<<20)))
		if err != nil {
			t.Fatal(err)
		}
		a, err := c.Do(r)
		if err == nil {
			_, err = io.Copy(io.Discard, a.Body)
			a.Body.Close()
		}
		if !errors.Is(err, blob.ErrSilent) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
