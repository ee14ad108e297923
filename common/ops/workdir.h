/* The working directory of a process: made inside the container if it is missing. */
#ifndef COMMON_OPS_WORKDIR_H
#define COMMON_OPS_WORKDIR_H

#include "common/base/error.h"

#include <sys/types.h>

/* Makes dir below root (an O_PATH descriptor of the container's root) with all its parents, mode 0755, new ones owned by uid
 * and gid of the host. Links are followed inside the container only. What exists is left as it is. */
int workdir_make(int root, const char *dir, uid_t uid, gid_t gid, struct error *err);

#endif
