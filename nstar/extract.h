#ifndef NSTAR_EXTRACT_H
#define NSTAR_EXTRACT_H

#include "nstar/stream.h"

/* Unpacks an uncompressed tar archive into the working directory. Files are ours and modes obey the umask, whatever the
 * archive says. What cannot be unpacked is reported, and the rest goes on. */
void extract(struct stream *in);

#endif
