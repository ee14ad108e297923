#include "common/bundle/sysctls.h"

#include "common/base/object.h"

#include <stdlib.h>

const char *const tcp_parameter_names[TCP_PARAMETERS] = {
	[TCP_KEEPALIVE_TIME] = "tcp_keepalive_time",
	[TCP_KEEPALIVE_INTVL] = "tcp_keepalive_intvl",
	[TCP_KEEPALIVE_PROBES] = "tcp_keepalive_probes",
	[TCP_RETRIES1] = "tcp_retries1",
	[TCP_RETRIES2] = "tcp_retries2",
};

/* Keys of a map are sorted in the file. */
static const enum tcp_parameter sorted[] = { TCP_KEEPALIVE_INTVL, TCP_KEEPALIVE_PROBES, TCP_KEEPALIVE_TIME,
	TCP_RETRIES1, TCP_RETRIES2 };

json_object *sysctls_rule(bool privileged, const struct settings *settings, const struct host *host)
{
	json_object *sysctls = json_object_new_object();

	/* ping is a file with a capability, which no_new_privs makes void; sockets for it are then allowed to every group. */
	if (settings->no_new_privileges && !privileged)
		object_add_string(sysctls, "net.ipv4.ping_group_range", "1 65535");
	for (size_t i = 0; i < ARRAY_SIZE(sorted); i++) {
		autofree char *key = xprintf("net.ipv4.%s", tcp_parameter_names[sorted[i]]);
		autofree char *value = xprintf("%u", host->tcp[sorted[i]]);

		object_add_string(sysctls, key, value);
	}
	return sysctls;
}
