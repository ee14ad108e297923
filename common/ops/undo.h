/* Taking a container down, whatever state it is in: the heart of destroy, the undo of a failed create, and recovery. */
#ifndef COMMON_OPS_UNDO_H
#define COMMON_OPS_UNDO_H

#include "common/base/error.h"
#include "common/depot/settings.h"

/* Undoes all that the record tells of, then removes the bundle. The caller holds the container's lock on bundle_dir. Safe at
 * any stage and any number of times. When something cannot be undone the bundle stays, with a record that says destroying. */
int container_undo(const struct settings *settings, const char *handle, int bundle_dir, struct error *err);

#endif
