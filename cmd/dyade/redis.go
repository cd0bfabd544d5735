package main

import "os"

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
