/* What is the same in every container of a kind: the file systems of its own, the paths hidden from it, and init. */
#ifndef COMMON_BUNDLE_TEMPLATE_H
#define COMMON_BUNDLE_TEMPLATE_H

#include "common/base/json.h"

/* Where init is in every container. */
#define TEMPLATE_INIT "/tmp/garden-init"

/* mounts, but for those of the image and the binds. init: its path on the host. */
json_object *template_mounts(bool privileged, bool cgroup_v2, const char *init);

/* process: init, as root in /. */
json_object *template_process(json_object *env, json_object *capabilities);

/* linux.maskedPaths of unprivileged containers. */
json_object *template_masked_paths(void);

/* windows: void of meaning here, but there, as in every bundle of the Garden protocol. */
json_object *template_windows(void);

#endif
