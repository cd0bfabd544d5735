package workers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"dyade/annotate/blob"
	"dyade/annotate/store"
	"dyade/models"
	"dyade/pipeline/decode"
	"dyade/pipeline/vision"
)

// Realm names the work of one data folder, done by one edition of dyade: a Redis
// may serve several, which do not see each other. Its form is INSTANCE-EDITION.
type Realm string

// NewRealm is that of this program, of an instance that is no other data folder's.
func NewRealm(instance string) (Realm, error) {
	e, err := edition()
	return Realm(instance + "-" + e), err
}

// Instance is what stays the same where another edition serves a data folder.
func (r Realm) Instance() string {
	instance, _, _ := strings.Cut(string(r), "-")
	return instance
}

// ErrEdition says that another edition of dyade is at a realm's work: what this one
// gives may differ.
var ErrEdition = errors.New("this is not the same dyade as the server's")

// Check gives ErrEdition where the realm is not of this program.
func (r Realm) Check() error {
	own, err := NewRealm(r.Instance())
	if err == nil && own != r {
		err = ErrEdition
	}
	return err
}

// edition names this program, the libraries that it found, and its networks.
var edition = sync.OnceValues(func() (string, error) {
	program, err := blob.OfFile(context.Background(), "/proc/self/exe") // the one that runs, though another took its place
	if err != nil {
		return "", fmt.Errorf("tell which dyade this is: %w", err)
	}
	name := string(program) + " " + decode.FFmpegVersion() + " " + vision.OpenCVVersion()
	for _, e := range models.Manifest() {
		name += " " + e.SHA256
	}
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:6]), nil
})

// Names of what Redis holds for a realm beside asynq's tasks. The braces keep it in
// one place of a cluster.
func (r Realm) reports() string              { return "dyade:{" + string(r) + "}:reports" }
func (r Realm) lease(attempt string) string  { return "dyade:{" + string(r) + "}:lease:" + attempt }
func (r Realm) voided(attempt string) string { return "dyade:{" + string(r) + "}:void:" + attempt }

// Queue is asynq's name of a queue.
func (r Realm) Queue(q store.Queue) string { return string(r) + "-" + string(q) }

// first is the queue of what goes before all else: it is soon done, and somebody looks
// at what comes of it.
const first store.Queue = "first"

// queueOf is asynq's name of the queue of an attempt.
func (r Realm) queueOf(a store.Attempt) string {
	if a.Name == rankStep {
		return r.Queue(first)
	}
	return r.Queue(a.Queue)
}

// queues are all, in order of urgency, as asynq ranks them.
func (r Realm) queues() map[string]int {
	return map[string]int{r.Queue(first): 4, r.Queue(store.Interactive): 3, r.Queue(store.Default): 2, r.Queue(store.Batch): 1}
}

// former is the realm of a queue that another edition had at the same instance.
func (r Realm) former(queue string) (Realm, bool) {
	f := Realm(queue[:max(0, strings.LastIndex(queue, "-"))])
	return f, f != r && f.Instance() == r.Instance()
}
