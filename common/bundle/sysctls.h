/* linux.sysctl: kernel parameters of the container's own network namespace. */
#ifndef COMMON_BUNDLE_SYSCTLS_H
#define COMMON_BUNDLE_SYSCTLS_H

#include "common/bundle/host.h"

/* Their names below /proc/sys/net/ipv4. */
extern const char *const tcp_parameter_names[TCP_PARAMETERS];

json_object *sysctls_rule(bool privileged, const struct settings *settings, const struct host *host);

#endif
