/* A container's record, record.json in its bundle: what state it is in, and all that destroying it has to undo. Written
 * before each step that cannot be taken back, so that recovery needs nothing but this file. */
#ifndef COMMON_DEPOT_RECORD_H
#define COMMON_DEPOT_RECORD_H

#include "common/base/error.h"
#include "common/base/pidfile.h"
#include "common/base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum record_state { RECORD_CREATING, RECORD_CREATED, RECORD_DESTROYING };

struct record {
	enum record_state state;
	bool stopped; /* stop was called */
	bool privileged;
	char *boot_id;                           /* of the kernel that everything below belongs to */
	uint64_t pid_namespace, mount_namespace; /* inode numbers, of the process that created the container */
	char *runtime, *runtime_root;
	struct identity init;   /* pid 0 until the runtime has started it */
	struct strings cgroups; /* absolute directories, one a hierarchy, read from /proc/INIT/cgroup */
	struct strings mounts;  /* made by create, to be undone; first made first */
	long long created_ms;   /* wall clock, milliseconds since 1970 */
	/* The limits that were asked for; 0: none. */
	uint64_t memory_bytes, cpu_shares;
};

#define autorecord __attribute__((cleanup(record_free)))
void record_free(struct record *record);

/* A record for the kernel and namespaces that we run in now, state creating. */
int record_begin(struct record *record, const char *runtime, const char *runtime_root, struct error *err);

/* Writes it whole. */
int record_save(int bundle_dir, const struct record *record, struct error *err);

/* Reads it. -1 with errno ENOENT when there is none, EINVAL when it cannot be read as one (err says why). */
int record_load(int bundle_dir, struct record *record, struct error *err);

/* Whether it belongs to the kernel that runs now; if not, everything in it is gone but the files. */
bool record_this_boot(const struct record *record);

/* Whether its pids mean something here: it was made in our pid namespace. */
bool record_this_namespace(const struct record *record);

/* "creating", "created", "destroying" */
const char *record_state_name(enum record_state state);

#endif
