/* Garden JSON to our structs and back. Nobody else in the daemon knows the names of its fields. Decoding is lenient where the
 * protocol is: keys in any case, unknown ones ignored, the last of equal ones wins, null is as good as absent, whatever
 * follows the first value is ignored; and strict where it is: wrong types and numbers out of range are errors. */
#ifndef GUARDIAN_WIRE_H
#define GUARDIAN_WIRE_H

#include "common/base/error.h"
#include "common/base/json.h"
#include "common/ops/operations.h"
#include "guardian/input.h"
#include "guardian/worker.h"

#include <stdbool.h>
#include <stdint.h>

/* A create request: what the operation wants, and what only the daemon deals with. */
struct create_request {
	struct container_spec spec; /* handle, hostname NULL, env, privileged, bind mounts, limits */
	int64_t grace_ns;
	char *rootfs, *image_uri, *image_username, *image_password; /* "" where absent */
	char *network;
	json_object *properties; /* an object of strings, or NULL */
	uint64_t disk_bytes;
	bool disk_exclusive;
	json_object *net_in, *net_out; /* arrays, in the form that wire_network.h tells; NULL when absent or empty */
};
void create_request_free(struct create_request *request);
int wire_create(const char *body, size_t len, struct create_request *request, struct error *err);

/* A run request. spec has all but what concerns an image of its own. */
struct run_request {
	struct process_spec spec;
	char *image_uri, *image_username, *image_password;
	bool bind_mounts_given, limits_given;
	struct bind_mount *bind_mounts;
	size_t bind_mount_count;
	struct limits limits;
};
void run_request_free(struct run_request *request);
int wire_run(const char *body, size_t len, struct run_request *request, struct error *err);

/* {"kill":bool}; a bare integer of nanoseconds; {"value":"..."} (the caller frees it; common/depot/properties.h says what stands
 * for a NUL in it, here and in wire_value). */
int wire_stop(const char *body, size_t len, bool *kill, struct error *err);
int wire_grace_time(const char *body, size_t len, int64_t *grace_ns, struct error *err);
int wire_property_value(const char *body, size_t len, char **value, struct error *err);

/* {"host_port":n,"container_port":m}, a rule, a list of rules (never NULL): checked, and in the form that wire_network.h tells. The
 * caller puts them. */
int wire_net_in(const char *body, size_t len, uint32_t *host_port, uint32_t *container_port, struct error *err);
int wire_net_out(const char *body, size_t len, json_object **rule, struct error *err);
int wire_bulk_net_out(const char *body, size_t len, json_object **rules, struct error *err);

/* Replies. wire_error fills a reply with the error envelope: 404 for the two unknowns (whose Handle or ProcessID is given), else
 * 500. wire_fail does that with an error that an operation left. */
void wire_error(struct reply *reply, enum error_kind kind, const char *handle, const char *process_id,
	const char *format, ...) __attribute__((format(printf, 5, 6)));
void wire_fail(struct reply *reply, const struct error *err, const char *handle, const char *process_id);

/* "{}\n" with status 200, and the others' 200 bodies, each one JSON value and a newline. */
void wire_empty(struct reply *reply);
void wire_handle(struct reply *reply, const char *handle);
void wire_handles(struct reply *reply, const struct strings *handles);
void wire_capacity(struct reply *reply, const struct capacity *capacity);
void wire_properties(struct reply *reply, json_object *properties); /* NULL: null */
void wire_value(struct reply *reply, const char *value);
void wire_cpu_limits(struct reply *reply, uint64_t shares);
void wire_memory_limits(struct reply *reply, uint64_t bytes);

/* What Info and Metrics give for one container; properties as in wire_properties. */
void wire_info(struct reply *reply, const struct container_info *info, json_object *properties);
void wire_metrics(struct reply *reply, const struct metrics *metrics);

/* The bulk replies, an entry at a time: begin, then for each handle one of the two, then end. */
struct wire_bulk {
	json_object *entries;
};
void wire_bulk_begin(struct wire_bulk *bulk);
void wire_bulk_info(struct wire_bulk *bulk, const char *handle, const struct container_info *info,
	json_object *properties, const struct error *err); /* err NULL: all is well */
void wire_bulk_metrics(struct wire_bulk *bulk, const char *handle, const struct metrics *metrics,
	const struct error *err);
void wire_bulk_end(struct wire_bulk *bulk, struct reply *reply);

/* The messages of a process stream, each ended by a newline. */
void wire_stream_begin(struct text *text, const char *process_id, const char *stream_id);
void wire_stream_exit(struct text *text, const char *process_id, int exit_status);
void wire_stream_error(struct text *text, const char *process_id, const char *error);

#endif
