package workers

import (
	"errors"
	"fmt"
	"net"
	"net/url"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
)

// Dial makes a client of the Redis at an address, which may be away for now:
// redis://, rediss:// (TLS) or unix://; with ?master_name= that of Sentinels, with
// ?addr= one or more further nodes of a Cluster, as go-redis takes them. An error
// shows no password, wherever in the address that is.
func Dial(address string) (redis.UniversalClient, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the address of Redis is no URL like redis://host:6379")
	}
	logging.Disable() // what fails is told to who asked for it
	client, err := dialURL(u)
	if err != nil {
		return nil, fmt.Errorf("the address of Redis, %s://%s: %w", u.Scheme, u.Host, err)
	}
	return client, nil
}

func dialURL(u *url.URL) (redis.UniversalClient, error) {
	q := u.Query()
	for _, node := range q["addr"] {
		if host, port, err := net.SplitHostPort(node); err != nil || host == "" || port == "" {
			return nil, errors.New("addr= is not like host:6379") // go-redis would show it
		}
	}
	switch {
	case q.Has("master_name"):
		o, err := redis.ParseFailoverURL(u.String())
		if err != nil {
			return nil, err
		}
		return redis.NewFailoverClient(o), nil
	case q.Has("addr"):
		o, err := redis.ParseClusterURL(u.String())
		if err != nil {
			return nil, err
		}
		return redis.NewClusterClient(o), nil
	}
	o, err := redis.ParseURL(u.String())
	if err != nil {
		return nil, err
	}
	return redis.NewClient(o), nil
}
