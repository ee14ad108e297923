/* process.capabilities: of init, and of one process. */
#ifndef COMMON_BUNDLE_CAPABILITIES_H
#define COMMON_BUNDLE_CAPABILITIES_H

#include "common/base/json.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Those of a container's kind. available: our own bounding set, a bit each; a privileged container cannot have more, and a
 * runtime that is asked for more refuses. */
json_object *capabilities_rule(bool privileged, uint64_t available);

/* Names, separated by spaces, those that a privileged container has to do without. "" if none. */
void capabilities_missing(uint64_t available, struct text *missing);

/* Those of a process: the container's bounding set, and no more than an unprivileged root has, and CAP_SYS_ADMIN, unless its
 * group is 0. NULL if that leaves none. */
json_object *capabilities_of_process(json_object *container, gid_t gid);

#endif
