/* Requests' bodies to structs. */
#include "guardian/wire.h"

#include "common/base/object.h"
#include "common/depot/properties.h"
#include "guardian/fields.h"
#include "guardian/wire_network.h"

#include <stdlib.h>

/* --- What several requests have --- */

/* Both fill in strings that are there already. */
static int take_image(json_object *from, char **uri, char **username, char **password, struct error *err)
{
	json_object *image = NULL;

	if (field_object(from, "image", &image, err) < 0)
		return -1;
	return field_string(image, "uri", uri, err) < 0 || field_string(image, "username", username, err) < 0 ||
			field_string(image, "password", password, err) < 0
		? wrap(err, "image")
		: 0;
}

static int take_bind_mount(json_object *from, struct bind_mount *mount, struct error *err)
{
	uint64_t mode = 0, origin = 0;

	if (field_string(from, "src_path", &mount->source, err) < 0 ||
		field_string(from, "dst_path", &mount->destination, err) < 0 ||
		field_unsigned(from, "mode", UINT8_MAX, &mode, err) < 0 ||
		field_unsigned(from, "origin", UINT8_MAX, &origin, err) < 0)
		return -1;
	mount->writable = mode == 1; /* any other is read-only; where it is from is always the host */
	return 0;
}

static int take_bind_mounts(json_object *from, struct bind_mount **mounts, size_t *count, struct error *err)
{
	json_object *array = NULL, *given;

	if (field_array(from, "bind_mounts", &array, err) < 0)
		return -1;
	for (size_t i = 0; i < array_length(array); i++) {
		*mounts = xrealloc(*mounts, (*count + 1) * sizeof **mounts);
		(*mounts)[(*count)++] = (struct bind_mount){ .source = xstrdup(""), .destination = xstrdup("") };
		if (array_object(array, i, "bind_mounts", &given, err) < 0)
			return -1;
		if (take_bind_mount(given, &(*mounts)[i], err) < 0)
			return wrap(err, "bind_mounts");
	}
	return 0;
}

static int take_cpu(json_object *from, struct limits *limits, struct error *err)
{
	json_object *cpu = NULL;
	uint64_t weight = 0, shares = 0;

	if (field_object(from, "cpu_limits", &cpu, err) < 0)
		return -1;
	if (field_unsigned(cpu, "weight", UINT64_MAX, &weight, err) < 0 ||
		field_unsigned(cpu, "limit_in_shares", UINT64_MAX, &shares, err) < 0)
		return wrap(err, "cpu_limits");
	limits->cpu_shares = weight ? weight : shares;
	return 0;
}

static int take_memory(json_object *from, struct limits *limits, struct error *err)
{
	json_object *memory = NULL;

	if (field_object(from, "memory_limits", &memory, err) < 0)
		return -1;
	if (field_unsigned(memory, "limit_in_bytes", UINT64_MAX, &limits->memory_bytes, err) < 0)
		return wrap(err, "memory_limits");
	if (limits->memory_bytes > INT64_MAX)
		limits->memory_bytes = INT64_MAX;
	return 0;
}

/* --- Create --- */

void create_request_free(struct create_request *request)
{
	container_spec_free(&request->spec);
	free(request->rootfs);
	free(request->image_uri);
	free(request->image_username);
	free(request->image_password);
	free(request->network);
	json_object_put(request->properties);
	json_object_put(request->net_in);
	json_object_put(request->net_out);
	*request = (struct create_request){ 0 };
}

static int take_properties(json_object *from, json_object **properties, struct error *err)
{
	json_object *given = NULL;

	if (field_object(from, "properties", &given, err) < 0)
		return -1;
	if (!given || !json_object_object_length(given))
		return 0;
	*properties = json_object_new_object();
	json_object_object_foreach(given, name, value)
	{
		if (value_is(value, json_type_string, "properties", err) < 0)
			return -1;
		object_add(*properties, name, value ? json_object_get(value) : json_object_new_string(""));
	}
	return 0;
}

static int take_disk(json_object *from, struct create_request *request, struct error *err)
{
	json_object *disk = NULL;
	uint64_t ignored, scope = 0;

	if (field_object(from, "disk_limits", &disk, err) < 0)
		return -1;
	if (field_unsigned(disk, "inode_soft", UINT64_MAX, &ignored, err) < 0 ||
		field_unsigned(disk, "inode_hard", UINT64_MAX, &ignored, err) < 0 ||
		field_unsigned(disk, "byte_soft", UINT64_MAX, &ignored, err) < 0 ||
		field_unsigned(disk, "byte_hard", UINT64_MAX, &request->disk_bytes, err) < 0 ||
		field_unsigned(disk, "scope", UINT8_MAX, &scope, err) < 0)
		return wrap(err, "disk_limits");
	request->disk_exclusive = scope == 1;
	return 0;
}

static int check_bandwidth(json_object *from, struct error *err)
{
	json_object *bandwidth = NULL;
	uint64_t ignored;

	if (field_object(from, "bandwidth_limits", &bandwidth, err) < 0)
		return -1;
	return field_unsigned(bandwidth, "rate", UINT64_MAX, &ignored, err) < 0 ||
			field_unsigned(bandwidth, "burst", UINT64_MAX, &ignored, err) < 0
		? wrap(err, "bandwidth_limits")
		: 0;
}

static int take_limits(json_object *from, struct create_request *request, struct error *err)
{
	json_object *limits = NULL, *pids = NULL;

	if (field_object(from, "limits", &limits, err) < 0)
		return -1;
	if (check_bandwidth(limits, err) < 0 || take_cpu(limits, &request->spec.limits, err) < 0 ||
		take_disk(limits, request, err) < 0 || take_memory(limits, &request->spec.limits, err) < 0 ||
		field_object(limits, "pid_limits", &pids, err) < 0)
		return wrap(err, "limits");
	if (field_unsigned(pids, "max", UINT64_MAX, &request->spec.limits.pids, err) < 0)
		return wrap(err, "limits: pid_limits");
	return 0;
}

static int take_create(json_object *from, struct create_request *request, struct error *err)
{
	struct container_spec *spec = &request->spec;

	if (field_string(from, "handle", &spec->handle, err) < 0 ||
		field_signed(from, "grace_time", &request->grace_ns, err) < 0 ||
		field_string(from, "rootfs", &request->rootfs, err) < 0 ||
		take_image(from, &request->image_uri, &request->image_username, &request->image_password, err) < 0 ||
		take_bind_mounts(from, &spec->bind_mounts, &spec->bind_mount_count, err) < 0 ||
		take_properties(from, &request->properties, err) < 0 ||
		field_strings(from, "env", &spec->env, err) < 0 ||
		field_flag(from, "privileged", &spec->privileged, err) < 0 || take_limits(from, request, err) < 0 ||
		field_string(from, "network", &request->network, err) < 0 ||
		take_net_out(from, "netout_rules", &request->net_out, err) < 0 ||
		take_net_in(from, "netin", &request->net_in, err) < 0)
		return -1;
	return 0;
}

int wire_create(const char *body, size_t len, struct create_request *request, struct error *err)
{
	autojson json_object *from = NULL;

	*request = (struct create_request){
		.rootfs = xstrdup(""),
		.image_uri = xstrdup(""),
		.image_username = xstrdup(""),
		.image_password = xstrdup(""),
		.network = xstrdup(""),
	};
	if (request_parse(body, len, json_type_object, &from, err) == 0 && take_create(from, request, err) == 0)
		return 0;
	create_request_free(request);
	return -1;
}

/* --- Run --- */

void run_request_free(struct run_request *request)
{
	process_spec_free(&request->spec);
	free(request->image_uri);
	free(request->image_username);
	free(request->image_password);
	for (size_t i = 0; i < request->bind_mount_count; i++) {
		free(request->bind_mounts[i].source);
		free(request->bind_mounts[i].destination);
	}
	free(request->bind_mounts);
	*request = (struct run_request){ 0 };
}

static int take_rlimits(json_object *from, struct process_spec *spec, struct error *err)
{
	json_object *rlimits = NULL;

	if (field_object(from, "rlimits", &rlimits, err) < 0)
		return -1;
	for (size_t i = 0; i < RLIMITS; i++) {
		spec->rlimit_given[i] = field(rlimits, rlimit_names[i]);
		if (field_unsigned(rlimits, rlimit_names[i], UINT64_MAX, &spec->rlimit[i], err) < 0)
			return wrap(err, "rlimits");
	}
	return 0;
}

static int take_terminal(json_object *from, struct process_spec *spec, struct error *err)
{
	json_object *tty = NULL, *size = NULL;
	uint64_t columns = 0, rows = 0;

	if (field_object(from, "tty", &tty, err) < 0)
		return -1;
	if (field_object(tty, "window_size", &size, err) < 0 ||
		field_unsigned(size, "columns", UINT16_MAX, &columns, err) < 0 ||
		field_unsigned(size, "rows", UINT16_MAX, &rows, err) < 0)
		return wrap(err, "tty");
	spec->terminal = tty;
	spec->window_given = size;
	spec->columns = (unsigned)columns;
	spec->rows = (unsigned)rows;
	return 0;
}

static int take_own_limits(json_object *from, struct run_request *request, struct error *err)
{
	json_object *limits = NULL;

	if (field_object(from, "limits", &limits, err) < 0)
		return -1;
	request->limits_given = limits;
	return take_cpu(limits, &request->limits, err) < 0 || take_memory(limits, &request->limits, err) < 0
		? wrap(err, "limits")
		: 0;
}

static int take_run(json_object *from, struct run_request *request, struct error *err)
{
	struct process_spec *spec = &request->spec;

	request->bind_mounts_given = field(from, "bind_mounts");
	return field_string(from, "id", &spec->id, err) < 0 || field_string(from, "path", &spec->path, err) < 0 ||
			field_strings(from, "args", &spec->args, err) < 0 ||
			field_strings(from, "env", &spec->env, err) < 0 ||
			field_string(from, "dir", &spec->dir, err) < 0 ||
			field_string(from, "user", &spec->user, err) < 0 || take_rlimits(from, spec, err) < 0 ||
			take_own_limits(from, request, err) < 0 || take_terminal(from, spec, err) < 0 ||
			take_image(from, &request->image_uri, &request->image_username, &request->image_password, err) <
				0 ||
			take_bind_mounts(from, &request->bind_mounts, &request->bind_mount_count, err) < 0
		? -1
		: 0;
}

int wire_run(const char *body, size_t len, struct run_request *request, struct error *err)
{
	autojson json_object *from = NULL;

	*request = (struct run_request){
		.spec.path = xstrdup(""),
		.image_uri = xstrdup(""),
		.image_username = xstrdup(""),
		.image_password = xstrdup(""),
	};
	if (request_parse(body, len, json_type_object, &from, err) == 0 && take_run(from, request, err) == 0) {
		if (request->spec.id && !*request->spec.id) {
			free(request->spec.id);
			request->spec.id = NULL;
		}
		return 0;
	}
	run_request_free(request);
	return -1;
}

/* --- The small ones --- */

int wire_stop(const char *body, size_t len, bool *kill, struct error *err)
{
	autojson json_object *from = NULL;

	*kill = false;
	return request_parse(body, len, json_type_object, &from, err) < 0 ? -1 : field_flag(from, "kill", kill, err);
}

int wire_grace_time(const char *body, size_t len, int64_t *grace_ns, struct error *err)
{
	autojson json_object *value = NULL;

	*grace_ns = 0;
	return json_parse_first(body, len, NULL, &value, err) < 0 ? -1
								  : value_signed(value, "grace time", grace_ns, err);
}

int wire_property_value(const char *body, size_t len, char **value, struct error *err)
{
	autojson json_object *from = NULL;
	json_object *given;

	*value = NULL;
	if (request_parse(body, len, json_type_object, &from, err) < 0)
		return -1;
	given = field(from, "value");
	if (value_is(given, json_type_string, "value", err) < 0)
		return -1;
	*value = given ? property_string(given) : xstrdup("");
	return 0;
}
