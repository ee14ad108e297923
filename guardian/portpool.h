/* The port pool's state file of the reference: {"offset":N}, how far into the pool the next port is. Ports in use are in the
 * depot; the file only tells where to go on, and is written for whoever takes over from us. */
#ifndef GUARDIAN_PORTPOOL_H
#define GUARDIAN_PORTPOOL_H

#include "common/base/error.h"

#include <stdint.h>

/* The offset in the file at path, which may be NULL; 0, with a line in the log, if there is none or none that is in a pool of
 * that size. */
uint64_t portpool_load(const char *path, uint64_t size);

/* Writes the file whole, unless path is NULL. */
int portpool_save(const char *path, uint64_t offset, struct error *err);

#endif
