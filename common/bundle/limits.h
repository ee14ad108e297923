/* linux.resources and linux.cgroupsPath: how much a container may use, and the cgroup that holds it to that. What nobody
 * limited has no key: a limit of 0 means none to one runtime and is refused by another. */
#ifndef COMMON_BUNDLE_LIMITS_H
#define COMMON_BUNDLE_LIMITS_H

#include "common/bundle/bundle.h"

/* devices: rules of the devices cgroup, or NULL for the runtime's own; the resources then own them. */
json_object *limits_rule(const struct limits *limits, const struct settings *settings, bool cgroup_v2,
	json_object *devices);

/* Shares of version 1 as a weight of version 2, as the runtimes convert them. 0 stays 0. */
uint64_t limits_weight(uint64_t shares);

/* And back: to shares that have this weight, for several do. */
uint64_t limits_shares(uint64_t weight);

/* The limits that a bundle was made for, also by a tool that writes 0 where there is none. */
void limits_of(json_object *bundle, struct limits *limits);

/* The cgroup of an unprivileged container; the caller frees it. Relative on version 1, where the runtime puts it below its
 * own cgroup. */
char *limits_cgroup(const char *handle, const char *tag, bool cgroup_v2);

#endif
