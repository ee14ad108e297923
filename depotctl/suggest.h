/* "Did you mean": the word that somebody may have wanted to type. */
#ifndef DEPOTCTL_SUGGEST_H
#define DEPOTCTL_SUGGEST_H

#include <stddef.h>

/* The word nearest to typed, NULL if none is near: at most two slips (a letter too many, missing, wrong, or swapped with its
 * neighbour) and fewer than half of the letters. */
const char *suggest(const char *typed, const char *const *words, size_t count);

#endif
