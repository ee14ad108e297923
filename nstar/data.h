/* The bytes of one regular file on their way into an archive: where it has holes, and what is between them. */
#ifndef NSTAR_DATA_H
#define NSTAR_DATA_H

#include "nstar/stream.h"

#include <archive_entry.h>
#include <sys/stat.h>

#define DATA_MOST (INT64_C(1) << 50) /* bytes of a file: even holes take time, if they are without end */

/* Notes in entry where the file has data, if it has holes. */
void data_map(int fd, const struct stat *st, struct archive_entry *entry);

/* Writes the data after the entry's header, by way of out's stream. A file that cannot be read, or that others change
 * meanwhile, is reported under its name; the archive stays well-formed. -1 when nothing can be written any more. */
int data_copy(int fd, const struct stat *st, struct archive_entry *entry, struct archive *out, struct stream *stream);

#endif
