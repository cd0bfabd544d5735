// Package sample makes a recording of two people at play whose truth is known:
// real faces from moving clips, turned on a solid head by known angles, a real
// conversation cut at its own pauses, in a drawn room, following a script drawn
// from a seed. It writes the film and, beside it, what a perfect observer would
// have labelled.
//
// The script (script.go) is a set of exact signals over time; the truth
// (truth.go) is read off those signals by the definitions of the kinds of
// moment, never copied from the script's intentions, so that a stretch that
// satisfies a definition by accident is listed too.
package sample
