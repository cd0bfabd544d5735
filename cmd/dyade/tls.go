package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"dyade/annotate/web/client"
)

// identity is what a door shows to who comes from another machine.
type identity struct {
	cert, key string   // files that the one who runs it has given; empty: made here
	hosts     []string // names under which it is known
}

// Files of the data folder that hold a certificate made here.
const (
	ownCertificate = "own.pem"
	ownKey         = "own.key"
)

// needed tells whether a door at an address is open to other machines.
func (i identity) needed(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	ip := net.ParseIP(host)
	return err == nil && host != "localhost" && (ip == nil || !ip.IsLoopback()) || i.cert != ""
}

// load gives the certificate, made where none is given and none is there that
// still serves, and leaves it without its key for clients to know the server by.
func (i identity) load(data string) (tls.Certificate, error) {
	c, err := i.find(data)
	if err != nil {
		return c, fmt.Errorf("open the server's certificate: %w", err)
	}
	var doc []byte
	for _, der := range c.Certificate {
		doc = append(doc, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	if err := os.WriteFile(filepath.Join(data, client.CertificateFile), doc, 0o600); err != nil {
		return c, fmt.Errorf("show the server's certificate: %w", err)
	}
	return c, nil
}

func (i identity) find(data string) (tls.Certificate, error) {
	if i.cert != "" {
		return tls.LoadX509KeyPair(i.cert, i.key)
	}
	cert, key := filepath.Join(data, ownCertificate), filepath.Join(data, ownKey)
	c, err := tls.LoadX509KeyPair(cert, key)
	if err == nil && i.serves(c.Leaf) {
		return c, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return c, fmt.Errorf("%w (remove %s and %s, and others are made)", err, cert, key)
	}
	if err := i.make(cert, key); err != nil {
		return c, err
	}
	return tls.LoadX509KeyPair(cert, key)
}

// serves tells whether a certificate of ours is good for a while, and for all
// names.
func (i identity) serves(c *x509.Certificate) bool {
	const spare = 30 * 24 * time.Hour
	for _, h := range i.hosts {
		if c.VerifyHostname(h) != nil {
			return false
		}
	}
	return now().Add(spare).Before(c.NotAfter)
}

// ownTime is the longest for which browsers believe a certificate.
const ownTime = 825 * 24 * time.Hour

// make writes a certificate that vouches for itself.
func (i identity) make(cert, key string) error {
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	number, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return err
	}
	about := &x509.Certificate{
		SerialNumber: number, Subject: pkix.Name{CommonName: "dyade"},
		NotBefore: now().Add(-time.Hour), NotAfter: now().Add(ownTime),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true, // it vouches for no other
		DNSNames:              []string{"localhost"},
	}
	for _, h := range append(ownNames(), i.hosts...) {
		if ip := net.ParseIP(h); ip != nil {
			about.IPAddresses = append(about.IPAddresses, ip)
		} else {
			about.DNSNames = append(about.DNSNames, h)
		}
	}
	doc, err := x509.CreateCertificate(rand.Reader, about, about, secret.Public(), secret)
	if err != nil {
		return err
	}
	hidden, err := x509.MarshalPKCS8PrivateKey(secret)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: hidden}), 0o600),
		os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: doc}), 0o600))
}

// ownNames are this machine's name and numbers.
func ownNames() (list []string) {
	if name, err := os.Hostname(); err == nil && name != "" {
		list = append(list, strings.ToLower(name))
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return list // the name may do
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok {
			list = append(list, n.IP.String())
		}
	}
	return list
}

// fingerprint is what browsers show of a certificate, for people to compare.
func fingerprint(c tls.Certificate) string {
	sum := sha256.Sum256(c.Certificate[0])
	return strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
}

// trust makes this process believe servers whose certificate is in a file, beside
// those that the system believes.
func trust(path string) error {
	doc, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the server's certificate: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(doc) {
		return fmt.Errorf("%s holds no certificate: copy %s from the server's data folder", path, client.CertificateFile)
	}
	http.DefaultTransport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return nil
}
