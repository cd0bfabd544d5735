package main

import (
	"fmt"
	"net/url"
	"os"

	"github.com/redis/go-redis/v9"
)

// redisVariable names Redis where --redis does not. A password given so is seen
// by nobody who lists processes.
const redisVariable = "DYADE_REDIS"

// redisAddress is what --redis says, or else the environment; empty: nothing.
func redisAddress(flag string) string {
	if flag != "" {
		return flag
	}
	return os.Getenv(redisVariable)
}

// dial makes a client of the Redis at an address, which may be away for now:
// redis://, rediss:// (TLS) or unix://; with ?master_name= that of Sentinels, with
// ?addr= one or more further nodes of a Cluster, as go-redis takes them.
func dial(address string) (redis.UniversalClient, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("the address of Redis is no URL like redis://host:6379") // it may hold a password: it is not shown
	}
	client, err := dialURL(u)
	if err != nil {
		return nil, fmt.Errorf("the address of Redis %s: %w", u.Redacted(), err)
	}
	return client, nil
}

func dialURL(u *url.URL) (redis.UniversalClient, error) {
	q := u.Query()
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
