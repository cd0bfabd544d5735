package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net"
	"strconv"
)

// loopback are addresses at which only this machine reaches a door: one that is the same
// each time for a key, where nobody has it, else any. A page that is open finds such a
// door again, and what the browser keeps for it: the browser goes by the address.
func loopback(key [sha256.Size]byte) []string {
	const first, many = 20000, 12000 // ports that systems give to nobody by themselves
	port := first + int(binary.BigEndian.Uint32(key[:4])%many)
	return []string{net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), anyPort}
}

// anyPort is any address at which only this machine reaches a door.
const anyPort = "127.0.0.1:0"

// bind opens a door at the first of some addresses at which that can be done.
func bind(ctx context.Context, addresses []string) (door net.Listener, err error) {
	for _, address := range addresses {
		if door, err = (&net.ListenConfig{}).Listen(ctx, "tcp", address); err == nil {
			return door, nil
		}
	}
	return nil, fmt.Errorf("answer at %s: %w", addresses[0], err)
}
