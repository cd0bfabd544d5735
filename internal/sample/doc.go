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
//
// It also makes the set of recordings that dyade is measured on (set.go): such
// films at a smaller size and rate, under conditions that make them hard to see
// (lens.go), with others in them, with episodes of their own (together.go), films
// in which nothing is to be proposed (nothing.go), sound that is hard to hear
// (voices.go), and stills for the face detector (stills.go).
package sample
