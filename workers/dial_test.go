package workers_test

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"dyade/workers"
)

func TestDialTellsKindsApart(t *testing.T) {
	for address, is := range map[string]func(redis.UniversalClient) bool{
		"unix:///run/redis.sock":                            isA[*redis.Client],
		"redis://:word@10.0.0.1:6379/2":                     isA[*redis.Client],
		"rediss://10.0.0.1":                                 isA[*redis.Client],
		"redis://10.0.0.1:7000?addr=10.0.0.2:7000":          isA[*redis.ClusterClient],
		"rediss://10.0.0.1:26379?master_name=m&password=pw": isA[*redis.Client],
	} {
		client, err := workers.Dial(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if !is(client) {
			t.Errorf("%s gives a %T", address, client)
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
}

func isA[T redis.UniversalClient](c redis.UniversalClient) bool { _, ok := c.(T); return ok }

// Errors are logged and read aloud.
func TestAWrongAddressShowsNoPassword(t *testing.T) {
	for _, address := range []string{
		"redis://:geheim@host:port",
		"http://:geheim@host",
		"redis://user:geheim@host/zero",
		"redis://:geheim@host?nonsense=1",
		"redis://host?password=geheim",
		"redis://host?master_name=m&password=geheim&nonsense=1",
		"redis://host?master_name=m&addr=:geheim@host:1",
		"redis://host?addr=:geheim@host",
		"redis://host?addr=redis://:geheim@host:1",
	} {
		client, err := workers.Dial(address)
		if err == nil {
			t.Errorf("%s passed: %T", address, client)
			continue
		}
		if strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
