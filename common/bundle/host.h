/* What the rules have to know about this machine. Gathered in one place, so that the rules themselves depend on nothing but
 * their arguments. */
#ifndef COMMON_BUNDLE_HOST_H
#define COMMON_BUNDLE_HOST_H

#include "common/base/error.h"
#include "common/bundle/bundle.h"

#include <stdbool.h>
#include <stdint.h>

/* Parameters below /proc/sys/net/ipv4 that every container is given explicitly, in the order in which they are read. */
enum tcp_parameter {
	TCP_KEEPALIVE_TIME,
	TCP_KEEPALIVE_INTVL,
	TCP_KEEPALIVE_PROBES,
	TCP_RETRIES1,
	TCP_RETRIES2,
	TCP_PARAMETERS
};

struct host {
	uint64_t highest_id;   /* that can be mapped: the last one of our user namespace */
	uint64_t capabilities; /* our bounding set, a bit each */
	bool cgroup_v2;        /* version 2 alone; false on version 1 and on a mixture */
	char machine[65];      /* of uname(2): "x86_64", "aarch64" */
	unsigned kernel_major, kernel_minor;
	uint32_t tcp[TCP_PARAMETERS]; /* the operator's value, or the host's current one where he gave none */
	unsigned long *source_flags;  /* of statvfs(3), for the source of each bind mount that was asked for */
	unsigned long bundle_flags;   /* likewise for the bundle itself */
};

#define autohost __attribute__((cleanup(host_free)))
void host_free(struct host *host);

/* Reads all of it now, for that container. ERROR_BAD_INPUT when the source of a bind mount is not there. */
int host_gather(const struct container_spec *spec, const struct settings *settings, const char *bundle_path,
	struct host *host, struct error *err);

/* The steps that parse, on their own. The number is 0 for a map without lines. */
int host_highest_id(const char *uid_map, uint64_t *highest, struct error *err);
int host_kernel_version(const char *release, unsigned *major, unsigned *minor, struct error *err);

#endif
