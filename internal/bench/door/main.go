// Command door measures how soon the door of a busy `dyade serve` answers: while two
// recordings are analysed, some listen to their progress, some look at a film, and one
// asks for this and that. It fails where an answer is not what it should be, or where
// a listener is not told of the end.
package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"dyade/annotate/store"
	"dyade/annotate/web"
	"dyade/annotate/web/client"
)

func main() {
	program := flag.String("program", "bin/dyade", "dyade")
	listeners := flag.Int("listeners", 50, "who are told of progress")
	viewers := flag.Int("viewers", 4, "who look at a film")
	rate := flag.Float64("rate", 3, "megabytes a second that each of those takes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := errors.New("two films are wanted")
	if flag.NArg() == 2 {
		err = measure(ctx, *program, flag.Args(), *listeners, *viewers, *rate*1e6)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// crowd is who is at the door.
type crowd struct {
	server *client.Client
	films  []web.Recording
	rate   float64 // bytes a second of a viewer

	mu   sync.Mutex
	took map[string][]time.Duration // by what was asked for
}

func measure(ctx context.Context, program string, films []string, listeners, viewers int, rate float64) error {
	dir, err := os.MkdirTemp(filepath.Dir(films[0]), ".door-*") // beside the film: it has room
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	cmd := exec.CommandContext(ctx, program, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}()
	c := &crowd{rate: rate, took: map[string][]time.Duration{}}
	if c.server, err = client.Await(ctx, dir); err != nil {
		return err
	}
	for _, film := range films {
		x, err := c.submit(ctx, film)
		if err != nil {
			return err
		}
		c.films = append(c.films, x)
	}
	begun := time.Now()
	if err := c.come(ctx, listeners, viewers); err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "%d listeners, %d viewers at %.0f MB/s, two analyses, %.0f s\n", listeners, viewers, rate/1e6, time.Since(begun).Seconds())
	c.tell()
	return nil
}

func (c *crowd) submit(ctx context.Context, film string) (web.Recording, error) {
	f, err := os.Open(film)
	if err != nil {
		return web.Recording{}, err
	}
	defer f.Close()
	return c.server.Submit(ctx, filepath.Base(film), store.Interactive, f)
}

// come has all at the door until both analyses are done.
func (c *crowd) come(ctx context.Context, listeners, viewers int) error {
	all, ctx := errgroup.WithContext(ctx)
	busy, over := context.WithCancel(ctx)
	var listening sync.WaitGroup
	for i := range listeners {
		listening.Add(1)
		all.Go(func() error {
			defer listening.Done()
			return c.listen(ctx, i)
		})
	}
	all.Go(func() error {
		listening.Wait()
		over()
		return nil
	})
	for i := range viewers {
		all.Go(func() error { return c.view(busy, c.films[i%len(c.films)]) })
	}
	all.Go(func() error { return c.ask(busy) })
	return all.Wait()
}

// get begins to read an answer.
func (c *crowd) get(ctx context.Context, path string, headers ...string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.server.URL+path, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.server.Token)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	a, err := http.DefaultClient.Do(r)
	if err == nil && a.StatusCode >= 300 {
		return nil, errors.Join(fmt.Errorf("%s: %s", path, a.Status), a.Body.Close())
	}
	return a, err
}

// listen hears of all recordings, or of one, until their work has ended.
func (c *crowd) listen(ctx context.Context, number int) error {
	path, wait := "/api/events", map[string]bool{c.films[0].ID: true, c.films[1].ID: true}
	if number%2 == 1 {
		one := c.films[number/2%2].ID
		path, wait = "/api/recordings/"+one+"/events", map[string]bool{one: true}
	}
	a, err := c.get(ctx, path)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	steps := map[string]int{}
	for lines := bufio.NewScanner(a.Body); lines.Scan(); {
		doc, ok := strings.CutPrefix(lines.Text(), "data: ")
		var x web.Recording
		if !ok || json.Unmarshal([]byte(doc), &x) != nil || x.ID == "" {
			continue
		}
		if x.State == store.Working && x.StepsDone < steps[x.ID] {
			return fmt.Errorf("a listener is told of %d steps after %d", x.StepsDone, steps[x.ID])
		}
		steps[x.ID] = x.StepsDone
		if x.State == store.Done {
			delete(wait, x.ID)
		}
		if len(wait) == 0 {
			return nil
		}
	}
	return fmt.Errorf("a listener was not told of the end of %d analyses", len(wait))
}

// view looks at a film again and again, at a pace, and checks what it sees.
func (c *crowd) view(ctx context.Context, film web.Recording) error {
	for ctx.Err() == nil {
		a, err := c.get(ctx, "/api/recordings/"+film.ID+"/original")
		if err == nil {
			sum := sha256.New()
			_, err = io.Copy(sum, &paced{ctx, a.Body, c.rate, time.Now(), 0})
			err = errors.Join(err, a.Body.Close())
			if err == nil && hex.EncodeToString(sum.Sum(nil)) != string(film.SHA256) {
				err = errors.New("a viewer sees another film")
			}
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// paced reads so many bytes a second.
type paced struct {
	ctx   context.Context
	r     io.Reader
	rate  float64
	begun time.Time
	had   int64
}

func (p *paced) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.had += int64(n)
	select {
	case <-p.ctx.Done():
		return n, p.ctx.Err()
	case <-time.After(time.Until(p.begun.Add(time.Duration(float64(p.had) / p.rate * 1e9)))):
	}
	return n, err
}

// ask asks for this and that, twenty times a second.
func (c *crowd) ask(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	luck := rand.New(rand.NewPCG(1, 1))
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		film := c.films[luck.IntN(len(c.films))]
		one := "/api/recordings/" + film.ID
		what := []string{"/api/recordings", one, "/api/status", "/healthz", "/metrics", "/", one + "/original"}[luck.IntN(7)]
		var headers []string
		name := strings.Replace(what, film.ID, "{id}", 1)
		if strings.HasSuffix(what, "original") {
			at := luck.Int64N(film.SizeBytes - 1<<16)
			headers, name = []string{"Range", fmt.Sprintf("bytes=%d-%d", at, at+1<<16-1)}, name+" (64 kB of it)"
		}
		asked := time.Now()
		a, err := c.get(ctx, what, headers...)
		if err == nil {
			_, err = io.Copy(io.Discard, a.Body)
			err = errors.Join(err, a.Body.Close())
		}
		if err != nil && ctx.Err() == nil {
			return err
		}
		c.mu.Lock()
		c.took[name] = append(c.took[name], time.Since(asked))
		c.mu.Unlock()
	}
}

// tell prints how long answers took.
func (c *crowd) tell() {
	fmt.Fprintln(os.Stdout, "| asked for | times | median ms | p99 ms | most ms |\n|---|---|---|---|---|")
	var all []time.Duration
	names := make([]string, 0, len(c.took))
	for name, took := range c.took {
		names, all = append(names, name), append(all, took...)
	}
	slices.Sort(names)
	for _, name := range names {
		row(name, c.took[name])
	}
	row("all", all)
}

func row(name string, took []time.Duration) {
	slices.Sort(took)
	at := func(share float64) float64 {
		return float64(took[min(len(took)-1, int(share*float64(len(took))))].Microseconds()) / 1e3
	}
	fmt.Fprintf(os.Stdout, "| %s | %d | %.1f | %.1f | %.1f |\n", name, len(took), at(.5), at(.99), at(1))
}
