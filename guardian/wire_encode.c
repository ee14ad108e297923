/* Replies' bodies, and the messages of a process stream. */
#include "guardian/wire.h"

#include "common/base/object.h"
#include "common/depot/names.h"
#include "common/depot/properties.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes over the value. */
static void write_value(struct text *text, json_object *value)
{
	object_write_anyway(value, text);
	text_add(text, "\n", 1);
	json_object_put(value);
}

static void reply_with(struct reply *reply, int status, json_object *value)
{
	reply->status = status;
	text_free(&reply->body);
	write_value(&reply->body, value);
}

/* Names that are keys of a map, as against those of a struct, are sorted by their bytes. The new object shares the values. */
static json_object *sorted(json_object *map)
{
	json_object *made;
	autostrings struct strings names = { 0 };

	if (!map)
		return NULL;
	made = json_object_new_object();
	json_object_object_foreach(map, name, value)
	{
		(void)value;
		strings_add(&names, name);
	}
	strings_sort(&names);
	for (size_t i = 0; i < names.count; i++)
		json_object_object_add(made, names.item[i], json_object_get(json_member(map, names.item[i])));
	return made;
}

static void add_unless_zero(json_object *object, const char *name, uint64_t value)
{
	if (value)
		object_add_unsigned(object, name, value);
}

static void add_null(json_object *object, const char *name)
{
	json_object_object_add(object, name, NULL);
}

/* --- Errors --- */

static json_object *envelope(const char *type, const char *message, const char *handle, const char *process_id)
{
	json_object *made = json_object_new_object();

	object_add_string(made, "Type", type);
	object_add_string(made, "Message", message);
	object_add_string(made, "Handle", handle);
	object_add_string(made, "ProcessID", process_id);
	object_add_string(made, "Binary", "");
	return made;
}

static void reply_error(struct reply *reply, enum error_kind kind, const char *handle, const char *process_id,
	const char *message)
{
	const char *none = "";

	if (kind == ERROR_UNKNOWN_HANDLE)
		reply_with(reply, 404, envelope("ContainerNotFoundError", message, handle ? handle : none, none));
	else if (kind == ERROR_UNKNOWN_PROCESS)
		reply_with(reply, 404, envelope("ProcessNotFoundError", message, none, process_id ? process_id : none));
	else if (kind == ERROR_EXECUTABLE_NOT_FOUND)
		reply_with(reply, 500, envelope("ExecutableNotFoundError", message, none, none));
	else
		reply_with(reply, 500, envelope(none, message, none, none));
}

void wire_error(struct reply *reply, enum error_kind kind, const char *handle, const char *process_id,
	const char *format, ...)
{
	char message[sizeof(struct error)];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	reply_error(reply, kind, handle, process_id, message);
}

void wire_fail(struct reply *reply, const struct error *err, const char *handle, const char *process_id)
{
	struct error why;

	/* What cannot be a handle is one that nobody has. */
	if (err->kind == ERROR_BAD_INPUT && handle && name_check_handle(handle, &why) < 0) {
		fail_kind(&why, ERROR_UNKNOWN_HANDLE, "unknown handle: %s", handle);
		err = &why;
	}
	reply_error(reply, err->kind, handle, process_id, err->text);
}

/* --- The small ones --- */

void wire_empty(struct reply *reply)
{
	reply_with(reply, 200, json_object_new_object());
}

void wire_handle(struct reply *reply, const char *handle)
{
	json_object *made = json_object_new_object();

	object_add_string(made, "Handle", handle);
	reply_with(reply, 200, made);
}

void wire_handles(struct reply *reply, const struct strings *handles)
{
	json_object *made = json_object_new_object();

	object_add(made, "Handles", json_of_strings(handles));
	reply_with(reply, 200, made);
}

void wire_capacity(struct reply *reply, const struct capacity *capacity)
{
	json_object *made = json_object_new_object();

	add_unless_zero(made, "memory_in_bytes", capacity->memory_bytes);
	add_unless_zero(made, "disk_in_bytes", capacity->disk_bytes);
	add_unless_zero(made, "schedulable_disk_in_bytes", capacity->schedulable_disk_bytes);
	add_unless_zero(made, "max_containers", capacity->max_containers);
	reply_with(reply, 200, made);
}

void wire_properties(struct reply *reply, json_object *properties)
{
	reply_with(reply, 200, sorted(properties));
}

void wire_value(struct reply *reply, const char *value)
{
	json_object *made = json_object_new_object();

	object_add(made, "value", property_value(value));
	reply_with(reply, 200, made);
}

void wire_cpu_limits(struct reply *reply, uint64_t shares)
{
	json_object *made = json_object_new_object();

	add_unless_zero(made, "limit_in_shares", shares);
	reply_with(reply, 200, made);
}

void wire_memory_limits(struct reply *reply, uint64_t bytes)
{
	json_object *made = json_object_new_object();

	add_unless_zero(made, "limit_in_bytes", bytes);
	reply_with(reply, 200, made);
}

/* --- Info --- */

static json_object *events(const char *list)
{
	json_object *made = *list ? json_object_new_array() : NULL;
	autofree char *copy = xstrdup(list);
	char *rest = copy, *event;

	while (made && (event = strsep(&rest, ",")))
		array_add_string(made, event);
	return made;
}

/* The property is JSON itself; whatever else it holds is no mapping. */
static json_object *mapped_ports(const char *list)
{
	json_object *made = json_object_new_array();
	autojson json_object *given = NULL;
	struct error ignored;

	if (json_parse_first(list, strlen(list), NULL, &given, &ignored) < 0 ||
		!json_object_is_type(given, json_type_array))
		return made;
	for (size_t i = 0; i < json_object_array_length(given); i++) {
		json_object *from = json_object_array_get_idx(given, i), *mapping = json_object_new_object();

		object_add_unsigned(mapping, "HostPort", json_number(from, "HostPort"));
		object_add_unsigned(mapping, "ContainerPort", json_number(from, "ContainerPort"));
		array_add(made, mapping);
	}
	return made;
}

/* info NULL: all zero, as it stands beside an error. */
static json_object *info_object(const struct container_info *info, json_object *properties)
{
	json_object *made = json_object_new_object();
	bool stopped = properties ? !strcmp(json_string(properties, "rundmc.state"), "stopped")
				  : info && info->state == CONTAINER_STOPPED;

	object_add_string(made, "State", !info ? "" : stopped ? "stopped" : "active");
	json_object_object_add(made, "Events", events(json_string(properties, "rundmc.events")));
	object_add_string(made, "HostIP", json_string(properties, "garden.network.host-ip"));
	object_add_string(made, "ContainerIP", json_string(properties, "garden.network.container-ip"));
	object_add_string(made, "ContainerIPv6", json_string(properties, "garden.network.container-ipv6"));
	object_add_string(made, "ExternalIP", json_string(properties, "garden.network.external-ip"));
	object_add_string(made, "ContainerPath", info ? info->path : "");
	add_null(made, "ProcessIDs");
	json_object_object_add(made, "Properties", sorted(properties));
	json_object_object_add(made, "MappedPorts",
		info ? mapped_ports(json_string(properties, "garden.network.mapped-ports")) : NULL);
	return made;
}

void wire_info(struct reply *reply, const struct container_info *info, json_object *properties)
{
	reply_with(reply, 200, info_object(info, properties));
}

/* --- Metrics --- */

static json_object *memory_object(const struct metrics *metrics)
{
	json_object *made = json_object_new_object();

	for (size_t i = 0; i < MEMORY_STATS; i++) {
		if (!strcmp(memory_stat_names[i], "anon")) /* stands before the names of cgroup version 2 */
			object_add_unsigned(made, "TotalUsageTowardLimit", metrics->memory_toward_limit);
		object_add_unsigned(made, memory_stat_names[i], metrics->memory[i]);
	}
	return made;
}

static json_object *cpu_object(const struct metrics *metrics)
{
	json_object *made = json_object_new_object();

	object_add_unsigned(made, "Usage", metrics->cpu_usage_ns);
	object_add_unsigned(made, "User", metrics->cpu_user_ns);
	object_add_unsigned(made, "System", metrics->cpu_system_ns);
	return made;
}

static json_object *disk_object(const struct metrics *metrics)
{
	json_object *made = json_object_new_object();

	object_add_unsigned(made, "TotalBytesUsed", metrics->disk_total_bytes);
	object_add_unsigned(made, "TotalInodesUsed", 0);
	object_add_unsigned(made, "ExclusiveBytesUsed", metrics->disk_exclusive_bytes);
	object_add_unsigned(made, "ExclusiveInodesUsed", 0);
	return made;
}

static json_object *network_object(const struct metrics *metrics)
{
	json_object *made = metrics->network_known ? json_object_new_object() : NULL;

	if (made) {
		object_add_unsigned(made, "RxBytes", metrics->network_rx_bytes);
		object_add_unsigned(made, "TxBytes", metrics->network_tx_bytes);
	}
	return made;
}

static json_object *pids_object(const struct metrics *metrics)
{
	json_object *made = json_object_new_object();

	object_add_unsigned(made, "Current", metrics->pids_current);
	object_add_unsigned(made, "Max", metrics->pids_max);
	return made;
}

static json_object *metrics_object(const struct metrics *metrics)
{
	json_object *made = json_object_new_object();

	object_add(made, "MemoryStat", memory_object(metrics));
	object_add(made, "CPUStat", cpu_object(metrics));
	object_add(made, "DiskStat", disk_object(metrics));
	json_object_object_add(made, "NetworkStat", network_object(metrics));
	object_add(made, "PidStat", pids_object(metrics));
	object_add_unsigned(made, "Age", metrics->age_ns);
	object_add_unsigned(made, "CPUEntitlement", metrics->entitlement_ns);
	return made;
}

void wire_metrics(struct reply *reply, const struct metrics *metrics)
{
	reply_with(reply, 200, metrics_object(metrics));
}

/* --- Bulk --- */

void wire_bulk_begin(struct wire_bulk *bulk)
{
	bulk->entries = json_object_new_object();
}

/* Errors in here have no type and no handle. */
static void add_entry(struct wire_bulk *bulk, const char *handle, const char *name, json_object *value,
	const char *error)
{
	json_object *entry = json_object_new_object();

	object_add(entry, name, value);
	json_object_object_add(entry, "Err", error ? envelope("", error, "", "") : NULL);
	object_add(bulk->entries, handle, entry);
}

void wire_bulk_info(struct wire_bulk *bulk, const char *handle, const struct container_info *info,
	json_object *properties, const struct error *err)
{
	if (err)
		add_entry(bulk, handle, "Info", info_object(NULL, NULL), err->text);
	else
		add_entry(bulk, handle, "Info", info_object(info, properties), NULL);
}

void wire_bulk_metrics(struct wire_bulk *bulk, const char *handle, const struct metrics *metrics,
	const struct error *err)
{
	static const struct metrics none;

	if (!err)
		add_entry(bulk, handle, "Metrics", metrics_object(metrics), NULL);
	else if (err->kind == ERROR_UNKNOWN_HANDLE || err->kind == ERROR_BAD_INPUT)
		add_entry(bulk, handle, "Metrics", metrics_object(&none),
			"runC stats: runc: exit status 1: container does not exist");
	else
		add_entry(bulk, handle, "Metrics", metrics_object(&none), err->text);
}

void wire_bulk_end(struct wire_bulk *bulk, struct reply *reply)
{
	reply_with(reply, 200, sorted(bulk->entries));
	json_object_put(bulk->entries);
	bulk->entries = NULL;
}

/* --- Process streams --- */

void wire_stream_begin(struct text *text, const char *process_id, const char *stream_id)
{
	json_object *made = json_object_new_object();

	object_add_string(made, "process_id", process_id);
	object_add_string(made, "stream_id", stream_id);
	write_value(text, made);
}

void wire_stream_exit(struct text *text, const char *process_id, int exit_status)
{
	json_object *made = json_object_new_object();

	object_add_string(made, "process_id", process_id);
	object_add_int(made, "exit_status", exit_status);
	write_value(text, made);
}

void wire_stream_error(struct text *text, const char *process_id, const char *error)
{
	json_object *made = json_object_new_object();

	object_add_string(made, "process_id", process_id);
	object_add_string(made, "error", error);
	write_value(text, made);
}
