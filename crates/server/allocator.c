#include <mimalloc.h>

// Freed memory goes back to the system after so many milliseconds; after mimalloc's own second, tens of megabytes more stand
// beside a large Distributed Map. MIMALLOC_PURGE_DELAY in the environment has the last word, whichever constructor comes first.
__attribute__((constructor(101))) static void purge_soon(void) {
  mi_option_set_default(mi_option_purge_delay, 10);
}
