/* What can be done to a depot: plain blocking functions, used alike by depotctl and by guardian's workers. Each takes the
 * settings, reads and writes only the depot, the runtime and the kernel, and returns 0, or -1 with a filled error. Every
 * wait in here has a limit; settings.step_seconds bounds one command of the runtime, settings.lock_seconds the wait for
 * another operation on the same container. */
#ifndef COMMON_OPS_OPERATIONS_H
#define COMMON_OPS_OPERATIONS_H

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/bundle/bundle.h"
#include "common/depot/process.h"
#include "common/depot/record.h"
#include "common/depot/settings.h"

#include <stdbool.h>
#include <stdint.h>

/* Creates a container and starts its init. spec->handle is filled in when it was NULL. On failure everything is undone; an
 * existing container of the same handle is untouched (ERROR_IN_USE). */
int container_create(const struct settings *settings, struct container_spec *spec, struct error *err);

/* Takes a container down from whatever state it is in, and resumes what an earlier, interrupted destroy began.
 * ERROR_UNKNOWN_HANDLE when there is none; ERROR_IN_USE "container already being destroyed". */
int container_destroy(const struct settings *settings, const char *handle, struct error *err);

/* Ends the container's processes but not its init: SIGTERM once a second for ten seconds, then SIGKILL; SIGKILL at once if
 * kill. */
int container_stop(const struct settings *settings, const char *handle, bool kill, struct error *err);

/* The handles in the depot, sorted: every entry whose name can be a handle. */
int container_list(const struct settings *settings, struct strings *handles, struct error *err);

enum container_state {
	CONTAINER_CREATING,   /* an operation holds it */
	CONTAINER_ACTIVE,     /* init lives */
	CONTAINER_STOPPED,    /* init lives, stop was called */
	CONTAINER_PAUSED,     /* init lives, frozen */
	CONTAINER_DEAD,       /* init is gone: only destroy helps */
	CONTAINER_DESTROYING, /* being destroyed, or an interrupted destroy waits to be resumed */
	CONTAINER_BROKEN,     /* half made, unreadable, or from before a reboot: only destroy helps */
};

struct container_info {
	enum container_state state;
	char *note;   /* why it is broken or dead, NULL if all is well */
	char *path;   /* the bundle */
	char *rootfs; /* with container_info_bundle, like env */
	bool privileged;
	struct identity init;
	long long created_ms;
	struct strings processes; /* ids */
	struct strings env;
	struct strings cgroups;
};
void container_info_free(struct container_info *info);
const char *container_state_name(enum container_state state);

int container_info(const struct settings *settings, const char *handle, struct container_info *info, struct error *err);

/* Adds what only the bundle tells, rootfs and env, which costs more than all the rest. A container whose bundle cannot be read
 * becomes broken. */
void container_info_bundle(struct container_info *info);

/* The client's ends of a process's streams; -1 where it has none. Owned by the caller. */
struct streams {
	int process_dir;
	int in;  /* stdin, for reading and writing (so that a write never meets SIGPIPE), non-blocking */
	int out; /* stdout, non-blocking, locked: this process is its one reader */
	int err; /* stderr, likewise */
	int use; /* a shared lock, for whoever asks whether the container is in use (container_in_use) */
};
#define NO_STREAMS                 \
	{                          \
		-1, -1, -1, -1, -1 \
	}
#define autostreams __attribute__((cleanup(streams_close)))
void streams_close(struct streams *streams);

/* Whether somebody is attached to one of its processes with these functions, in any program. */
bool container_in_use(const struct settings *settings, const char *handle);

/* Starts a process and returns once it runs (its id is put in spec->id when that was NULL), with its streams when
 * streams is not NULL. A failed run removes its process directory. */
int process_run(const struct settings *settings, const char *handle, struct process_spec *spec, struct streams *streams,
	struct error *err);

/* Opens the streams of a process that exists, running or ended, and adopts it when its shim has died. with_input: open
 * stdin too. ERROR_IN_USE when somebody else reads its output. */
int process_attach(const struct settings *settings, const char *handle, const char *id, bool with_input,
	struct streams *streams, struct error *err);

/* Ends a process's input for good: its read gives end of file once every other writer is gone too. */
int process_close_input(int process_dir, struct error *err);

/* Waits until the process has ended, at most timeout_ms (-1: for ever), adopting it when its shim has died.
 * ERROR_TIMEOUT; ERROR_STATUS_LOST when it ended and nobody could record how. */
int process_wait(const struct settings *settings, const char *handle, const char *id, int timeout_ms, int *exit_code,
	struct error *err);

/* A descriptor that becomes readable (end of file) when the process's shim lets go of `exit`; for callers with a poll loop of
 * their own. When it fires, ask process_wait with a timeout of 0. -1 when it is over already, or with err. */
int process_exit_fd(int process_dir);

/* Sends a signal to the process itself, through a pidfd, if it is still that very process. */
int process_signal(const struct settings *settings, const char *handle, const char *id, int number, struct error *err);

/* Tells the shim of a process with a terminal its new size. */
int process_set_window(int process_dir, unsigned columns, unsigned rows, struct error *err);

/* The process of that id. */
int process_info(const struct settings *settings, const char *handle, const char *id, struct process *process,
	struct error *err);

/* Removes an ended process's directory and log. Refused while it runs. */
int process_forget(const struct settings *settings, const char *handle, const char *id, struct error *err);

/* Unpacks the tar stream read from fd into path, as user (NULL: root). */
int container_stream_in(const struct settings *settings, const char *handle, const char *user, const char *path, int fd,
	struct error *err);

/* Packs path to fd. A trailing slash means its contents, otherwise the entry itself is in the archive. What was written when it fails is
 * no whole archive. */
int container_stream_out(const struct settings *settings, const char *handle, const char *user, const char *path,
	int fd, struct error *err);

/* Properties: strings that a client or the daemon keeps on a container, in the depot, saved at each change. Values are UTF-8;
 * common/depot/properties.h says what stands for a NUL in one. The record adds "garden.state", which is "created" from the end
 * of a container's creation until it is gone, and "rundmc.state", which is "stopped" once it was stopped, where no property of
 * that name says otherwise. */

/* All of them as a JSON object; *properties is NULL when the handle is unknown or has none. The caller puts it. */
int container_properties(const struct settings *settings, const char *handle, json_object **properties,
	struct error *err);

/* One value; the caller frees it. Fails with "property does not exist: KEY". */
int container_property(const struct settings *settings, const char *handle, const char *key, char **value,
	struct error *err);

/* Sets one, or removes it when value is NULL. An unknown handle is no error and changes nothing, as the protocol has it. */
int container_set_property(const struct settings *settings, const char *handle, const char *key, const char *value,
	struct error *err);

/* Replaces all (an object of strings), as create does before anything else. */
int container_set_properties(const struct settings *settings, const char *handle, json_object *properties,
	struct error *err);

/* The same, but only for a container of which nobody has stored any yet; others keep what they have. */
int container_seed_properties(const struct settings *settings, const char *handle, json_object *properties,
	struct error *err);

/* What this host can hold. */
struct capacity {
	uint64_t memory_bytes, disk_bytes, schedulable_disk_bytes, max_containers;
};
int host_capacity(const struct settings *settings, struct capacity *capacity, struct error *err);

/* Prepares the host for containers: the parent of their cgroups in each hierarchy. */
int host_setup(const struct settings *settings, struct error *err);

/* The limits that were asked for; 0: none. */
int container_cpu_limit(const struct settings *settings, const char *handle, uint64_t *shares, struct error *err);
int container_memory_limit(const struct settings *settings, const char *handle, uint64_t *bytes, struct error *err);

/* What a container uses, from its cgroup files. */
enum { MEMORY_STATS = 31 }; /* in the protocol's order, without the computed total */
extern const char *const memory_stat_names[MEMORY_STATS];
struct metrics {
	uint64_t memory[MEMORY_STATS], memory_toward_limit;
	uint64_t cpu_usage_ns, cpu_user_ns, cpu_system_ns;
	uint64_t pids_current, pids_max;
	uint64_t disk_total_bytes, disk_exclusive_bytes;
	bool network_known;
	uint64_t network_rx_bytes, network_tx_bytes;
	uint64_t age_ns, entitlement_ns;
};
int container_metrics(const struct settings *settings, const char *handle, struct metrics *metrics, struct error *err);

#endif
