/* A directory as it is for a root filesystem: no image, no copy. */
#ifndef COMMON_IMAGE_RAW_H
#define COMMON_IMAGE_RAW_H

#include "common/base/error.h"

#include <sys/types.h>

enum raw_fit {
	RAW_FITS,  /* its files belong to the container's root already */
	RAW_SHIFT, /* its files belong to the host's root: raw_mount shows them as the container's */
};

/* Whether a container whose root is the host's user root_id (0 for a privileged one) can live in the directory path: it is
 * there, it belongs to that user or to root, and every directory above lets that user through. *fit says how. The error
 * says what is missing and how to mend it. */
int raw_check(const char *path, uid_t root_id, enum raw_fit *fit, struct error *err);

/* Mounts path on target (an existing directory) with its ids shifted, so that what belongs to id N on disk belongs to the
 * container's N: an id-mapped mount (mount_setattr(2)). uid_map and gid_map are as in user_namespaces(7), "inside host
 * count" lines. The error names the filesystem where that cannot do it. */
int raw_mount(const char *path, const char *target, const char *uid_map, const char *gid_map, struct error *err);

#endif
