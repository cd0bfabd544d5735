package workers_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"dyade/internal/testenv"
	"dyade/workers"
)

// queue is the Redis of one test.
type queue struct {
	address string
	lose    func() // it is killed, and starts again with nothing; nil: not tried
}

// managed is the one that dyade starts by itself.
func managed(t testing.TB, dir string) queue {
	t.Helper()
	s := &workers.Server{Dir: filepath.Join(dir, "redis"), Log: told()}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	ready := make(chan struct{})
	var once sync.Once
	running.Go(func() {
		if err := s.Run(ctx, func() { once.Do(func() { close(ready) }) }); err != nil {
			t.Error(err)
		}
	})
	<-ready
	t.Cleanup(func() { stop(); running.Wait() })
	return queue{(&url.URL{Scheme: "unix", Path: s.Socket()}).String(), func() {
		if err := os.RemoveAll(filepath.Join(s.Dir, "appendonlydir")); err != nil {
			t.Fatal(err)
		}
		pid := s.Pid()
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		until(t, "redis to be there again", long, func() bool { now := s.Pid(); return now != 0 && now != pid })
	}}
}

// external is one that somebody else runs: over TLS, for who knows a password.
func external(t testing.TB, _ string) queue { return overTLS(t, "127.0.0.1") }

func overTLS(t testing.TB, host string) queue {
	t.Helper()
	const password = "a word between machines"
	cert := certificate(t)
	s := newServer(t, host, func(port string) []string {
		return []string{
			"--port", "0", "--tls-port", port, "--tls-cert-file", cert, "--tls-key-file", cert,
			"--tls-auth-clients", "no", "--requirepass", password,
		}
	})
	s.address = (&url.URL{Scheme: "rediss", User: url.UserPassword("", password), Host: s.at}).String()
	s.start()
	return queue{s.address, func() { s.kill(); s.start() }}
}

// clustered are three that share what they hold.
func clustered(t testing.TB, _ string) queue {
	t.Helper()
	args := []string{"--cluster", "create"}
	var nodes []*server
	for range 3 {
		s := newServer(t, "127.0.0.1", func(port string) []string { return []string{"--port", port, "--cluster-enabled", "yes"} })
		s.start()
		nodes, args = append(nodes, s), append(args, s.at)
	}
	if msg, err := exec.Command("redis-cli", append(args, "--cluster-yes")...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	for _, s := range nodes {
		client := dial(t, s.address)
		until(t, "the cluster to be whole", long, func() bool {
			return strings.Contains(client.ClusterInfo(context.Background()).Val(), "cluster_state:ok")
		})
	}
	return queue{address: fmt.Sprintf("redis://%s?addr=%s&addr=%s", nodes[0].at, nodes[1].at, nodes[2].at)}
}

// watched is one with another in reserve and a Sentinel, which puts that in its
// place where it is lost.
func watched(t testing.TB, _ string) queue {
	t.Helper()
	const password = "word"
	lone := func(port string) []string {
		return []string{"--port", port, "--requirepass", password, "--masterauth", password}
	}
	first := newServer(t, "127.0.0.1", lone)
	first.address = "redis://:" + password + "@" + first.at
	first.start()
	second := newServer(t, "127.0.0.1", func(port string) []string {
		return append(lone(port), "--replicaof", strings.Replace(first.at, ":", " ", 1))
	})
	second.address = "redis://:" + password + "@" + second.at
	second.start()

	sentinel := newServer(t, "127.0.0.1", func(port string) []string { return []string{"--port", port, "--sentinel"} })
	conf := fmt.Sprintf("sentinel monitor dyade %s 1\nsentinel auth-pass dyade %s\nsentinel down-after-milliseconds dyade 1000\n",
		strings.Replace(first.at, ":", " ", 1), password)
	sentinel.conf = filepath.Join(sentinel.dir, "conf")
	if err := os.WriteFile(sentinel.conf, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	sentinel.start()
	asked := redis.NewSentinelClient(&redis.Options{Addr: sentinel.at})
	t.Cleanup(func() { _ = asked.Close() })
	until(t, "the sentinel to know of both", long, func() bool {
		list, err := asked.Replicas(context.Background(), "dyade").Result()
		return err == nil && len(list) == 1 && list[0]["master-link-status"] == "ok"
	})
	return queue{"redis://" + sentinel.at + "?master_name=dyade&password=" + password, func() {
		first.kill()
		until(t, "the other to take its place", long, func() bool {
			now, err := asked.GetMasterAddrByName(context.Background(), "dyade").Result()
			return err == nil && net.JoinHostPort(now[0], now[1]) == second.at
		})
	}}
}

// server is a redis-server that keeps nothing on the disk.
type server struct {
	t       testing.TB
	dir     string
	at      string // host:port
	address string
	conf    string // a file; empty: none
	args    []string

	cmd  *exec.Cmd
	gone <-chan struct{}
}

func newServer(t testing.TB, host string, args func(port string) []string) *server {
	t.Helper()
	port := freePort(t, host)
	s := &server{t: t, dir: t.TempDir(), at: net.JoinHostPort(host, port)}
	s.address = "redis://" + s.at
	s.args = append(args(port), "--bind", host, "--dir", s.dir, "--logfile", "log")
	return s
}

// start starts it and waits until it answers.
func (s *server) start() {
	s.t.Helper()
	args := s.args
	if s.conf == "" {
		args = append([]string{"--save", "", "--appendonly", "no"}, args...)
	} else {
		args = append([]string{s.conf}, args...)
	}
	s.cmd = exec.Command("redis-server", args...)
	s.gone = testenv.Start(s.t, s.cmd)
	client := dial(s.t, s.address)
	until(s.t, "redis to answer", long, func() bool {
		select {
		case <-s.gone:
			doc, err := os.ReadFile(filepath.Join(s.dir, "log"))
			s.t.Fatalf("redis-server ended: %s%v", doc, err)
		default:
		}
		return client.Ping(context.Background()).Err() == nil
	})
}

func (s *server) kill() {
	s.t.Helper()
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Fatal(err)
	}
	<-s.gone
}

// dial makes a client for as long as the test takes.
func dial(t testing.TB, address string) *redis.Client {
	t.Helper()
	client, err := workers.Dial(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	one, ok := client.(*redis.Client)
	if !ok {
		t.Fatalf("%s gives a %T", address, client)
	}
	return one
}

// freePort is one that nobody listens at, nor at that of a cluster's own talk,
// which lies so much above it. None is what systems give to who asks for any.
func freePort(t testing.TB, host string) string {
	t.Helper()
	const above = 10000
	free := func(port int) bool {
		l, err := net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(port)))
		if errors.Is(err, syscall.EADDRINUSE) {
			return false
		}
		if err != nil {
			t.Fatal(err)
		}
		return l.Close() == nil
	}
	for {
		port := 12000 + mathrand.IntN(10000)
		if free(port) && free(port+above) {
			return fmt.Sprint(port)
		}
	}
}

// certificate is the path of a certificate and its key that this process and those
// that it starts trust.
func certificate(t testing.TB) string {
	t.Helper()
	doc, err := issued()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "certificate.pem")
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", path)
	return path
}

// issued is one for a process: it looks once whom it trusts.
var issued = sync.OnceValues(func() ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	const day = 24 * time.Hour
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-day), NotAfter: time.Now().Add(day),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.ParseIP(testenv.StageAddress)},
		IsCA:        true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	var doc bytes.Buffer
	err = errors.Join(
		pem.Encode(&doc, &pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		pem.Encode(&doc, &pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	return doc.Bytes(), err
})
