package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/net/netutil"
	"golang.org/x/sync/errgroup"

	"dyade/annotate/inbox"
	"dyade/annotate/store"
	"dyade/annotate/web"
	"dyade/annotate/web/client"
	"dyade/internal/i18n"
	"dyade/internal/version"
	"dyade/pipeline/decode"
	"dyade/pipeline/vision"
	"dyade/workers"
)

// serve is `dyade serve`.
func serve(ctx context.Context, t *terminal, args []string) error {
	f := t.flags("serve")
	lang := f.String("lang", "", "")
	data := f.String("data", "", "")
	listen := f.String("listen", "127.0.0.1:8765", "")
	address := f.String("redis", "", "")
	media := f.String("media", "", "")
	n := f.Int("workers", runtime.GOMAXPROCS(0), "")
	var id identity
	f.StringVar(&id.cert, "tls-cert", "", "")
	f.StringVar(&id.key, "tls-key", "", "")
	f.StringSliceVar(&id.hosts, "host", nil, "")
	watch := f.StringArray("watch", nil, "")
	if err := t.parse(f, args, 0); err != nil {
		return err
	}
	if err := t.speak(*lang); err != nil {
		return err
	}
	if *n < 0 || (id.cert == "") != (id.key == "") || !isMedia(*media) {
		return wrongUse{i18n.T(t.lang, "cli_help_serve")}
	}
	dir, err := chosen(*data)
	if err != nil {
		return err
	}
	dirs, err := t.watchable(*watch, dir)
	if err != nil {
		return err
	}
	s := &serving{
		t: t, log: logger(t.err), err: t.err, data: dir, watch: dirs, redis: redisAddress(*address), asked: *media, workers: *n, identity: id,
	}
	err = s.open(ctx)
	if errors.Is(err, errInUse) {
		t.say("cli_error", i18n.T(t.lang, "serve_in_use", s.data))
		return errFailed
	}
	if err != nil {
		return err
	}
	return errors.Join(s.run(ctx, []string{*listen}, s.greet), s.close())
}

// serving is all that a server holds.
type serving struct {
	t       *terminal
	log     *slog.Logger
	err     io.Writer // of what it starts
	data    string
	watch   []string // folders from which films are taken in
	redis   string   // empty: a server of our own
	asked   string   // where the media store is to be; empty: where it is
	workers int
	identity

	lock  *os.File
	token string
	inbox *inbox.Inbox // nil: no folder is watched
	realm workers.Realm
	store *store.Store
	own   *workers.Server // nil: another's
	proof string          // the certificate's fingerprint; empty: the door is not open to other machines
	media media
	env   []string // of what it starts that needs keys
	desk  *workers.Desk
	door  *web.Server
}

func (s *serving) open(ctx context.Context) (err error) {
	if err := os.MkdirAll(s.data, 0o700); err != nil {
		return fmt.Errorf("open the data folder: %w", err)
	}
	if err := s.claim(); err != nil {
		return err
	}
	if s.token, err = tokenAt(filepath.Join(s.data, client.TokenFile)); err != nil {
		return err
	}
	if s.realm, err = realmAt(filepath.Join(s.data, realmFile)); err != nil {
		return err
	}
	s.media, err = settleMedia(ctx, s.data, s.asked, s.realm)
	if err != nil {
		return err
	}
	// What reads films that anybody may have made is to know no keys; workers are told.
	s.env = os.Environ()
	if err := errors.Join(forgetKeys(), os.Unsetenv(redisVariable)); err != nil {
		return err
	}
	if err := workers.ClearRooms(filepath.Join(s.data, workFolder)); err != nil {
		return err
	}
	if s.redis == "" {
		s.own = &workers.Server{Dir: filepath.Join(s.data, redisFolder), Log: s.log}
		s.redis = (&url.URL{Scheme: "unix", Path: s.own.Socket()}).String()
	}
	client, err := workers.Dial(s.redis)
	if err != nil {
		return wrongUse{err.Error()}
	}
	if s.store, err = store.Open(ctx, filepath.Join(s.data, databaseFile), now); err != nil {
		return errors.Join(err, client.Close())
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	meter, err := workers.NewMeter(metrics)
	if err == nil {
		s.desk = &workers.Desk{
			Redis: client, Realm: s.realm, Own: s.own != nil, Store: s.store, Media: s.media, Lang: s.t.lang, Now: now, Log: s.log, Meter: meter,
		}
		s.door, err = web.New(web.Options{
			Store: s.store, Media: s.media, Engine: s.desk, Token: s.token, Realm: string(s.realm), Hosts: s.hosts, Versions: versions(),
			Uploads: filepath.Join(s.data, uploadFolder), Aside: filepath.Join(s.data, asideFolder), Metrics: metrics, Log: s.log,
		})
	}
	if err == nil {
		s.inbox, err = s.newInbox(ctx)
	}
	if err != nil {
		return errors.Join(err, client.Close(), s.store.Close())
	}
	return nil
}

// greet says where the door is. The key in the address is for who sits at the
// screen, not for logs.
func (s *serving) greet(url string) {
	if isTerminal(s.t.err) {
		s.t.say("serve_open", url+web.KeyPath+"?token="+s.token)
	} else {
		s.t.say("serve_ready", url, filepath.Join(s.data, client.TokenFile))
	}
	if s.proof != "" {
		s.t.say("serve_certificate", s.proof, filepath.Join(s.data, client.CertificateFile))
	}
}

func (s *serving) close() error {
	return errors.Join(s.store.Close(), s.desk.Redis.Close(), os.RemoveAll(filepath.Join(s.data, asideFolder)), s.lock.Close())
}

// run serves until ctx is over: then no more requests, workers hand back what they
// are at, and Redis writes down what it holds. It tells ready where the door is.
func (s *serving) run(ctx context.Context, addresses []string, ready func(url string)) error {
	door, err := s.listen(ctx, addresses)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find dyade's own program: %w", errors.Join(err, door.Close()))
	}
	projector, cutter, err := s.studio(ctx)
	if err != nil {
		return errors.Join(err, door.Close())
	}
	defer projector.Close()
	s.door.Secure, s.door.Shown, s.door.Reels = s.secure(), projector, cutter
	// Each floor is left once those above it are.
	last, stopLast := context.WithCancel(context.WithoutCancel(ctx))
	defer stopLast()
	grounded := make(chan error, 1) // how our own Redis ended
	if s.own != nil {
		go func() { grounded <- s.own.Run(last, s.desk.Doubt) }()
	}
	deskCtx, stopDesk := context.WithCancel(context.WithoutCancel(ctx))
	defer stopDesk()
	var desk sync.WaitGroup
	desk.Go(func() { s.desk.Run(deskCtx) })

	top, tctx := errgroup.WithContext(ctx)
	for range s.workers {
		staff(top, func() { workers.Hire(tctx, s.worker(self), s.log) })
	}
	top.Go(func() error { return respond(tctx, door, s.door.Handler(), s.log) })
	staff(top, func() { s.door.Run(tctx) })
	staff(top, func() { s.usher(projector).Run(tctx) })
	staff(top, func() { cutter.Run(tctx) })
	if s.inbox != nil {
		staff(top, func() { s.inbox.Run(tctx) })
	}
	if s.own != nil {
		top.Go(func() error {
			select {
			case err := <-grounded: // it cannot be started: no use going on
				grounded <- nil
				return err
			case <-tctx.Done():
				return nil
			}
		})
	}
	top.Go(func() error { return s.post(door, ready) })
	err = top.Wait()
	err = errors.Join(err, os.RemoveAll(filepath.Join(s.data, client.AddressFile)))
	stopDesk()
	desk.Wait()
	stopLast()
	if s.own != nil {
		err = errors.Join(err, <-grounded)
	}
	if ctx.Err() != nil {
		return nil // it was asked to stop, and did
	}
	return err
}

// staff does what cannot fail.
func staff(top *errgroup.Group, do func()) {
	top.Go(func() error {
		do()
		return nil
	})
}

// mostCallers is how many may be at the door at once.
const mostCallers = 1024

// listen opens the door: to other machines over TLS alone.
func (s *serving) listen(ctx context.Context, addresses []string) (net.Listener, error) {
	door, err := bind(ctx, addresses)
	if err != nil {
		return nil, fmt.Errorf("%w (choose another address with --listen)", err)
	}
	door = netutil.LimitListener(door, mostCallers)
	if !s.needed(addresses[0]) {
		return door, nil
	}
	c, err := s.load(s.data)
	if err != nil {
		return nil, errors.Join(err, door.Close())
	}
	s.proof = fingerprint(c)
	return tls.NewListener(door, &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, Certificates: []tls.Certificate{c},
	}), nil
}

// post writes down where the door is, for those who may look into the folder.
func (s *serving) post(door net.Listener, ready func(url string)) error {
	url := "http://" + door.Addr().String()
	if s.secure() {
		url = "https://" + reachable(door.Addr())
	}
	if err := os.WriteFile(filepath.Join(s.data, client.AddressFile), []byte(url+"\n"), 0o600); err != nil {
		return fmt.Errorf("write down the address: %w", err)
	}
	ready(url)
	return nil
}

// versions are of what results depend on.
func versions() []string {
	return []string{"dyade " + version.Version, "FFmpeg " + decode.FFmpegVersion(), "OpenCV " + vision.OpenCVVersion()}
}

// reachable is an address at which this machine reaches a door that may be open at
// all of its addresses.
func reachable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsUnspecified() {
		return a.String()
	}
	return net.JoinHostPort("127.0.0.1", port)
}

func (s *serving) secure() bool { return s.proof != "" }

// worker is the command of one of our workers. Redis' address may hold a password,
// which the list of processes is not to show.
func (s *serving) worker(self string) func() *exec.Cmd {
	return func() *exec.Cmd {
		cmd := exec.Command(self, "worker", "--data", s.data, "--lang", s.t.lang.String())
		cmd.Env = append(slices.Clone(s.env), redisVariable+"="+s.redis)
		cmd.Stderr = s.err
		return cmd
	}
}

// respond answers at a door until ctx is over.
func respond(ctx context.Context, door net.Listener, handler http.Handler, log *slog.Logger) error {
	srv := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog:    slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		// Requests end with ctx; a moment is left for their answers.
		sctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		if srv.Shutdown(sctx) != nil {
			stopped <- srv.Close()
			return
		}
		stopped <- nil
	}()
	if err := srv.Serve(door); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("answer requests: %w", err)
	}
	return <-stopped
}
