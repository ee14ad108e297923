/* A directory as it is for a root filesystem: no image, no copy. */
#ifndef COMMON_IMAGE_RAW_H
#define COMMON_IMAGE_RAW_H

#include "common/base/error.h"

#include <sys/types.h>

/* Whether a container whose root is uid on the host (0 for a privileged one) can live in the directory path: it is there, it
 * belongs to that user, and every directory above lets him through. The error says which of these is missing and how to
 * mend it. */
int raw_check(const char *path, uid_t uid, struct error *err);

#endif
