// Package version names the program's version.
package version

// Version of dyade. Results name it, since they may change with it.
const Version = "0.1.0"
