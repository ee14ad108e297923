/* process.env: of the container, and of one process in it. Nothing is de-duplicated: the runtime lets the last one win. */
#ifndef COMMON_BUNDLE_ENV_H
#define COMMON_BUNDLE_ENV_H

#include "common/base/json.h"

#include <sys/types.h>

/* What the image brings, then what the request adds. */
json_object *env_of_container(const struct strings *image, const struct strings *request);

/* What the container has (NULL: nothing), then what the request adds, then PATH and USER where nobody has set them. user is
 * what the request said, "" for root. */
json_object *env_of_process(json_object *container, const struct strings *request, uid_t uid, const char *user);

#endif
