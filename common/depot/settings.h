/* Every knob of the operations. A program fills it from its flags; settings_default gives what holds without any. */
#ifndef COMMON_DEPOT_SETTINGS_H
#define COMMON_DEPOT_SETTINGS_H

#include "common/base/error.h"
#include "common/base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct settings {
	char *depot;     /* absolute once checked */
	char *state_dir; /* what containers share, outside of the depot */
	char *runtime;   /* --runtime-plugin: path or a name in PATH */
	struct strings runtime_extra_args;
	char *runtime_root; /* where the runtime keeps its state; NULL: its own default, filled in by the check */
	char *dadoo, *init, *nstar; /* helper programs, absolute once checked */
	char *tar;                  /* handed to nstar, which opens nothing */
	uint32_t uid_map_start, uid_map_length, gid_map_start, gid_map_length; /* length 0: computed */
	char *apparmor;                                                        /* profile name, NULL: none */
	bool no_new_privileges;
	bool disable_privileged_containers;
	bool cleanup_process_dirs_on_wait;
	bool disable_swap_limit;
	char *tag;                   /* suffix of cgroup names, "" for none */
	struct strings device_rules; /* --device-cgroup-rule, checked when the bundle is made */
	uint32_t tcp_keepalive_time, tcp_keepalive_interval, tcp_keepalive_probes, tcp_retries1,
		tcp_retries2;             /* 0: host's */
	unsigned max_containers;          /* 0: no limit */
	uint64_t network_slots;           /* containers that the network has addresses for */
	double cpu_entitlement_per_share; /* percent of one CPU; 0: all CPUs for shares that are as many as MiB of memory */
	uint64_t cpu_quota_per_share;
	unsigned default_blockio_weight;
	int step_seconds; /* the most that one runtime command or helper may take */
	int lock_seconds; /* the most that an operation waits for another one on the same container */
};

/* What holds without any flag: the helpers that stand beside the running program, runc from PATH. Every string is owned by
 * the settings; settings_set replaces one. */
void settings_default(struct settings *settings);
void settings_set(char **knob, const char *value);
void settings_free(struct settings *settings);

/* Checks what every operation relies on, and makes paths absolute: the depot is a directory, a runtime that is a path can be
 * executed. */
int settings_check(struct settings *settings, struct error *err);

/* The same for the helper programs, which looking and taking down do without. */
int settings_check_helpers(struct settings *settings, struct error *err);

/* The directory where that runtime keeps its state when nobody says another; the caller frees it. */
char *settings_runtime_root(const char *runtime);

#endif
