/* Devices of a privileged container: linux.devices, the nodes made for it beyond those that every runtime makes, and
 * linux.resources.devices, what the devices cgroup lets it use. An unprivileged one gets the runtime's own defaults. */
#ifndef COMMON_BUNDLE_DEVICES_H
#define COMMON_BUNDLE_DEVICES_H

#include "common/base/error.h"
#include "common/base/json.h"

#include <stdbool.h>

/* The nodes. */
json_object *devices_nodes(void);

/* The cgroup's rules: all forbidden, then the operator's rules, then those of the usual ones that none of his is about.
 * An operator's rule is "TYPE MAJOR:MINOR ACCESS", a number may be `*`; ERROR_BAD_INPUT when it is not.
 * A number that means all is -1, as the Garden world writes it and runc takes it; with bare_wildcards it is left out, which the
 * OCI runtime specification has and crun needs: it hands a -1 to the kernel, which refuses it. */
int devices_rule(const struct strings *operators, bool bare_wildcards, json_object **rules, struct error *err);

#endif
