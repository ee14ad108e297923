/* linux.namespaces: what a container has of its own. A cgroup or time namespace is never among it. */
#ifndef COMMON_BUNDLE_NAMESPACES_H
#define COMMON_BUNDLE_NAMESPACES_H

#include "common/base/json.h"

#include <stdbool.h>

/* A privileged container has no user namespace; that is what makes it one. */
json_object *namespaces_rule(bool privileged);

/* Whether a list of that form lacks a user namespace. */
bool namespaces_privileged(json_object *namespaces);

#endif
