/* Everything that an operator can set: one table of flags, from which the command line, the configuration file, their checks,
 * the defaults and the help all follow, and the variables that they fill. */
#ifndef GUARDIAN_FLAGS_H
#define GUARDIAN_FLAGS_H

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/depot/settings.h"
#include "guardian/command.h"
#include "guardian/values.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts are NULL, and lists empty, where nothing was given and there is no default. Names are those of the flags, with the
 * unit behind where it needs one. */
struct flags {
	char *log_level, *log_file, *time_format;

	char *bind_ip, *bind_socket, *debug_bind_ip, *tag;
	uint64_t bind_port, debug_bind_port;
	bool skip_setup;
	int64_t read_header_timeout_ns;
	uint64_t socket_mode;
	char *socket_owner, *socket_group;             /* decimal */
	struct strings allow_peer_uid, allow_peer_gid; /* decimal */
	int64_t client_stall_limit_ns;
	uint64_t worker_limit;

	char *depot, *state_dir, *properties_path, *console_sockets_path;
	bool cleanup_process_dirs_on_wait, disable_privileged_containers;
	struct strings device_cgroup_rule;
	uint64_t uid_map_start, uid_map_length, gid_map_start, gid_map_length;
	char *default_rootfs;
	int64_t default_grace_time_ns;
	bool destroy_containers_on_startup;
	char *apparmor;
	bool no_new_privileges;
	int64_t step_timeout_ns, lock_timeout_ns;

	char *assets_dir, *dadoo_bin, *nstar_bin, *tar_bin, *iptables_bin, *iptables_restore_bin, *init_bin;

	char *runtime_plugin;
	struct strings runtime_plugin_extra_arg;
	bool no_image_plugin;
	char *image_plugin, *privileged_image_plugin;
	struct strings image_plugin_extra_arg, privileged_image_plugin_extra_arg;
	char *docker_registry;
	struct strings insecure_docker_registry;

	char *network_pool;
	bool allow_host_access;
	struct strings deny_network, dns_server, additional_dns_server, additional_host_entry;
	char *external_ip;
	uint64_t port_pool_start, port_pool_size;
	char *port_pool_properties_path;
	int64_t mtu;
	char *network_plugin;
	struct strings network_plugin_extra_arg;
	bool enable_container_network_metrics;

	uint64_t cpu_quota_per_share_us, default_container_blockio_weight;
	uint64_t container_io_max_read_bps, container_io_max_write_bps, container_io_max_read_iops,
		container_io_max_write_iops;
	uint64_t max_containers;
	bool disable_swap_limit;

	int64_t metrics_emission_interval_ns;
	char *dropsonde_origin, *dropsonde_destination;

	char *containerd_socket;
	bool use_containerd_for_processes;

	double cpu_entitlement_per_share;
	bool enable_cpu_throttling;
	uint64_t cpu_throttling_check_interval_seconds;

	uint64_t tcp_keepalive_time, tcp_keepalive_interval, tcp_keepalive_probes, tcp_retries1, tcp_retries2;
};

/* Sections of the help, and of the configuration file as "server.NAME". */
enum flag_group {
	GROUP_COMMAND, /* has no name: flags of the command itself */
	GROUP_SERVER,
	GROUP_LIFECYCLE,
	GROUP_BINARIES,
	GROUP_RUNTIME,
	GROUP_IMAGE,
	GROUP_DOCKER,
	GROUP_NETWORK,
	GROUP_LIMITS,
	GROUP_METRICS,
	GROUP_CONTAINERD,
	GROUP_THROTTLING,
	GROUP_SYSCTL,
	FLAG_GROUPS
};
extern const char *const flag_group_names[FLAG_GROUPS];

struct flag {
	const char *name;
	enum flag_group group;
	unsigned commands; /* that have it */
	const struct value_type *type;
	size_t variable;     /* its offset in struct flags */
	const char *initial; /* its default as text, NULL for none */
	const char *help;
	bool list; /* may be given several times; the variable is a struct strings of what the type keeps as text */
	unsigned hidden;            /* commands whose help does not tell of it */
	const char *const *choices; /* the only values allowed, ended by NULL; NULL for any */
};
extern const struct flag flag_table[];
extern const size_t flag_count;

/* The flag of that name (len bytes of it) which one of the commands has; NULL for none. */
const struct flag *flag_find(const char *name, size_t len, unsigned commands);

/* Fills in the defaults. A default that its own check refuses is left out without a word: a tool that is not installed
 * counts as not given, until something needs it. */
void flags_default(struct flags *flags);
void flags_free(struct flags *flags);

/* Sets one flag, or adds to it if it is a list. -1 with err: the bare reason. */
int flag_take(struct flags *flags, const struct flag *flag, const char *value, struct error *err);

/* Where its value is. */
void *flag_variable(struct flags *flags, const struct flag *flag);

/* What makes no sense together, or needs more than one flag to tell: an error of the start, not of the command line. */
int flags_check(const struct flags *flags, struct error *err);

/* The operations' settings. They are the caller's, and not checked yet. */
void flags_settings(const struct flags *flags, struct settings *settings);

/* Whether one of the decimals in the list is that id. */
bool flags_list_id(const struct strings *list, unsigned id);

#endif
