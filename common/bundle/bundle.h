/* The OCI bundle of a container: from what was asked for to the config.json that the runtime runs, by pure rules in a fixed
 * order; and the process object that one exec is given. */
#ifndef COMMON_BUNDLE_BUNDLE_H
#define COMMON_BUNDLE_BUNDLE_H

#include "common/base/error.h"
#include "common/base/json.h"
#include "common/base/text.h"
#include "common/base/users.h"
#include "common/depot/settings.h"

#include <stdbool.h>
#include <stdint.h>

struct host;

struct bind_mount {
	char *source;      /* a path of the host */
	char *destination; /* a path in the container */
	bool writable;
};

struct limits {
	uint64_t memory_bytes; /* 0: none */
	uint64_t cpu_shares;   /* weight if that was given, else shares; 0: none */
	uint64_t pids;         /* 0: none */
};

/* What a client asks for. All strings may be NULL where nothing was said. */
struct container_spec {
	char *handle;
	char *hostname; /* NULL: the handle; "": none */
	char *rootfs;   /* absolute path of the root filesystem */
	bool privileged;
	struct strings image_env; /* what the image brings */
	struct strings env;
	json_object *image_mounts; /* OCI mounts that the image plugin printed, or NULL */
	struct bind_mount *bind_mounts;
	size_t bind_mount_count;
	struct limits limits;
	json_object *properties; /* strings to keep on the container from its first moment, or NULL; borrowed */
};
void container_spec_free(struct container_spec *spec);
void container_spec_bind(struct container_spec *spec, const char *source, const char *destination, bool writable);

/* A process's resource limits: the value for soft and hard, in the order of the contract. */
enum { RLIMITS = 15 };
extern const char *const rlimit_names[RLIMITS]; /* "as", "core", ... as the API and the command line spell them */

struct process_spec {
	char *id; /* NULL: a random one is made */
	char *path;
	struct strings args; /* without the path */
	struct strings env;
	char *user; /* NULL or "": root */
	char *dir;  /* NULL or "": the user's home */
	bool terminal;
	bool window_given;
	unsigned columns, rows; /* if window_given */
	bool rlimit_given[RLIMITS];
	uint64_t rlimit[RLIMITS];
};
void process_spec_free(struct process_spec *spec);

/* Generates config.json for this machine; bundle_compose does it for a given one (common/bundle/host.h), from its arguments
 * alone. bundle_path is the bundle's absolute path, where hosts and resolv.conf are. The caller puts the bundle.
 * ERROR_BAD_INPUT for what cannot be meant, such as a bind mount of a path that is not there. */
int bundle_generate(const struct container_spec *spec, const struct settings *settings, const char *bundle_path,
	json_object **bundle, struct error *err);
int bundle_compose(const struct container_spec *spec, const struct settings *settings, const char *bundle_path,
	const struct host *host, json_object **bundle, struct error *err);

/* Writes it to config.json in the bundle directory (mode 0600, one line), and reads it back, but for linux.seccomp, which comes
 * back empty. */
int bundle_save(int bundle_dir, json_object *bundle, struct error *err);
int bundle_load(int bundle_dir, json_object **bundle, struct error *err);

/* Facts of a loaded bundle. */
bool bundle_privileged(json_object *bundle);                      /* no user namespace */
void bundle_map_ids(json_object *bundle, uid_t *uid, gid_t *gid); /* ids inside to ids on the host */
const char *bundle_rootfs(json_object *bundle);                   /* root.path, "" if absent; owned by bundle */

/* The process object for one exec (compact JSON, no newline), for a user that was looked up and a working directory that
 * was made. Added to spec_text. */
int bundle_process(json_object *bundle, const struct process_spec *spec, const struct user *user, const char *cwd,
	struct text *spec_text, struct error *err);

#endif
