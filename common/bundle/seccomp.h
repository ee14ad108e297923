/* linux.seccomp of unprivileged containers: the system calls they may make, all others fail with EPERM. */
#ifndef COMMON_BUNDLE_SECCOMP_H
#define COMMON_BUNDLE_SECCOMP_H

#include "common/bundle/host.h"

json_object *seccomp_rule(const struct host *host);

#endif
