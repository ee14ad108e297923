/* What every operation begins with: a bundle's directory, its record, its lock. */
#ifndef COMMON_OPS_CONTAINER_H
#define COMMON_OPS_CONTAINER_H

#include "common/base/error.h"
#include "common/base/lock.h"
#include "common/depot/record.h"
#include "common/depot/settings.h"
#include "common/runtime/runc.h"

/* Opens depot/HANDLE. ERROR_BAD_INPUT for what cannot be a handle, ERROR_UNKNOWN_HANDLE when it is not there. */
int container_directory(const struct settings *settings, const char *handle, struct error *err);

/* Reads the record of an open bundle. A bundle without one that holds a live init was made by another tool and is adopted: it
 * gets a record in memory. Without record and init the state is creating and init's pid 0. -1 when the record is there and
 * cannot be read. */
int container_record(const struct settings *settings, int bundle_dir, struct record *record, struct error *err);

/* Both: the directory's descriptor, and the record. */
int container_open(const struct settings *settings, const char *handle, struct record *record, struct error *err);

/* Takes the container's lock and makes sure that it is still the container of that name. ERROR_UNKNOWN_HANDLE when it was
 * removed meanwhile, ERROR_TIMEOUT when another operation keeps it. */
int container_lock(const struct settings *settings, const char *handle, int bundle_dir, enum lock_mode mode,
	struct error *err);

/* Says why nothing can be done inside the container, if so: being made, being destroyed, dead, of another boot. */
int container_require_init(const struct record *record, struct error *err);

/* Whether its init lives. */
bool container_init_alive(const struct record *record);

/* The root directory as the container's init sees it, O_PATH; sure to be that of the recorded init. */
int container_root(const struct record *record, struct error *err);

/* The host's id for root in an unprivileged container, user and group alike: the highest that can be mapped. */
int container_root_id(uid_t *id, struct error *err);

/* The runtime that made it. Borrows from both. */
struct runc container_runtime(const struct settings *settings, const struct record *record);

/* depot/HANDLE; the caller frees it. */
char *container_path(const struct settings *settings, const char *handle);

#endif
