package main

/*
#include <malloc.h>

// Blocks as large as pictures and networks take come from the system and go back
// to it; two threads share what smaller ones come from. What is freed then does
// not stay with the thread that freed it, but for a little: giving each packet's
// memory back and asking for it again took a third of the time of an index.
static void dy_frugal(void) {
#ifdef __GLIBC__
	mallopt(M_ARENA_MAX, 2);
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, 4 << 20);
#endif
}
*/
import "C"

import "runtime/debug"

// collectAt is by how many percent Go's memory may grow before what is free of
// it is looked for: in a film of 90 minutes over 80 MB are Go's, and are used. Looking
// so often takes less than a hundredth of the time.
const collectAt = 20

// frugal makes the process hold less memory, for a little time.
func frugal() {
	C.dy_frugal()
	debug.SetGCPercent(collectAt)
}
