/* mounts: those of the image, those of every container, those that were asked for, hosts and resolv.conf, in this order. */
#ifndef COMMON_BUNDLE_MOUNTS_H
#define COMMON_BUNDLE_MOUNTS_H

#include "common/bundle/host.h"

/* ERROR_BAD_INPUT when a destination that was asked for is not absolute. */
int mounts_rule(const struct container_spec *spec, const char *init, const char *bundle_path, const struct host *host,
	json_object **mounts, struct error *err);

#endif
