#ifndef NSTAR_PACK_H
#define NSTAR_PACK_H

#include "nstar/names.h"
#include "nstar/stream.h"

/* Writes an uncompressed pax archive of member, a path from the working directory, with all that is below it. What cannot be
 * packed is reported, and the rest goes on. Nothing is written when there is nothing of member. */
void pack(const char *member, struct names *users, struct names *groups, struct stream *out);

#endif
