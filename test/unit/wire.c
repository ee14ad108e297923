/* Garden JSON as functions, for wire.bats.
 *
 *	wire create | run | stop | grace_time | value | net_in | net_out | bulk_net_out     what the body on standard input says
 *	wire error KIND HANDLE PROCESS TEXT     the reply to an error, its status before it; so for all of the following
 *	wire handle HANDLE... | value_of STRING | cpu N | memory N | capacity N N N N
 *	wire properties | info | bulk           for an object of properties on standard input; without, for none
 *	wire metrics FIRST [NETWORK]            where the memory statistics count up from FIRST
 *	wire stream                             the messages of a stream
 *
 * A request that is refused: one line, and status 2. */
#include "guardian/wire.h"
#include "common/base/object.h"
#include "common/depot/properties.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct error err;

static void read_all(struct text *into)
{
	char bytes[65536];
	ssize_t n;

	text_add(into, "", 0);
	while ((n = read(0, bytes, sizeof bytes)) > 0)
		text_add(into, bytes, (size_t)n);
}

static int show(json_object *object)
{
	autotext struct text text = { 0 };

	object_write_anyway(object, &text);
	puts(text_string(&text));
	return 0;
}

static int refused(void)
{
	puts(err.text);
	return err.kind == ERROR_BAD_INPUT ? 2 : 3;
}

static void add_text(json_object *object, const char *name, const char *value)
{
	json_object_object_add(object, name, value ? json_object_new_string(value) : NULL);
}

static void add_limits(json_object *object, const struct limits *limits)
{
	object_add_unsigned(object, "memory", limits->memory_bytes);
	object_add_unsigned(object, "shares", limits->cpu_shares);
	object_add_unsigned(object, "pids", limits->pids);
}

static void add_mounts(json_object *object, const struct bind_mount *mounts, size_t count)
{
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < count; i++) {
		json_object *mount = json_object_new_object();

		add_text(mount, "source", mounts[i].source);
		add_text(mount, "destination", mounts[i].destination);
		object_add(mount, "writable", json_object_new_boolean(mounts[i].writable));
		array_add(list, mount);
	}
	object_add(object, "mounts", list);
}

static int create(const struct text *body)
{
	json_object *made = json_object_new_object();
	struct create_request request;

	if (wire_create(body->data, body->len, &request, &err) < 0)
		return refused();
	add_text(made, "handle", request.spec.handle);
	object_add_int(made, "grace", request.grace_ns);
	add_text(made, "rootfs", request.rootfs);
	add_text(made, "uri", request.image_uri);
	add_text(made, "username", request.image_username);
	add_text(made, "password", request.image_password);
	add_text(made, "network", request.network);
	json_object_object_add(made, "properties", json_object_get(request.properties));
	object_add(made, "env", json_of_strings(&request.spec.env));
	object_add(made, "privileged", json_object_new_boolean(request.spec.privileged));
	add_mounts(made, request.spec.bind_mounts, request.spec.bind_mount_count);
	add_limits(made, &request.spec.limits);
	object_add_unsigned(made, "disk", request.disk_bytes);
	object_add(made, "exclusive", json_object_new_boolean(request.disk_exclusive));
	json_object_object_add(made, "netin", json_object_get(request.net_in));
	json_object_object_add(made, "netout", json_object_get(request.net_out));
	create_request_free(&request);
	return show(made);
}

static int run(const struct text *body)
{
	json_object *made = json_object_new_object(), *rlimits = json_object_new_object();
	struct run_request request;

	if (wire_run(body->data, body->len, &request, &err) < 0)
		return refused();
	add_text(made, "id", request.spec.id);
	add_text(made, "path", request.spec.path);
	object_add(made, "args", json_of_strings(&request.spec.args));
	object_add(made, "env", json_of_strings(&request.spec.env));
	add_text(made, "user", request.spec.user);
	add_text(made, "dir", request.spec.dir);
	object_add(made, "terminal", json_object_new_boolean(request.spec.terminal));
	if (request.spec.window_given) {
		object_add_unsigned(made, "columns", request.spec.columns);
		object_add_unsigned(made, "rows", request.spec.rows);
	}
	for (size_t i = 0; i < RLIMITS; i++)
		if (request.spec.rlimit_given[i])
			object_add_unsigned(rlimits, rlimit_names[i], request.spec.rlimit[i]);
	object_add(made, "rlimits", rlimits);
	add_text(made, "uri", request.image_uri);
	object_add(made, "mounts_given", json_object_new_boolean(request.bind_mounts_given));
	add_mounts(made, request.bind_mounts, request.bind_mount_count);
	object_add(made, "limits_given", json_object_new_boolean(request.limits_given));
	add_limits(made, &request.limits);
	run_request_free(&request);
	return show(made);
}

static int net(const char *what, const struct text *body)
{
	json_object *made = NULL;
	uint32_t host_port, container_port;

	if (!strcmp(what, "net_in")) {
		if (wire_net_in(body->data, body->len, &host_port, &container_port, &err) < 0)
			return refused();
		printf("%" PRIu32 " %" PRIu32 "\n", host_port, container_port);
		return 0;
	}
	if ((strcmp(what, "net_out") ? wire_bulk_net_out : wire_net_out)(body->data, body->len, &made, &err) < 0)
		return refused();
	return show(made);
}

static int decode(const char *what)
{
	autotext struct text body = { 0 };
	autofree char *value = NULL;
	int64_t ns;
	bool kill;

	read_all(&body);
	if (!strcmp(what, "create"))
		return create(&body);
	if (!strcmp(what, "run"))
		return run(&body);
	if (!strncmp(what, "net", 3) || !strncmp(what, "bulk", 4))
		return net(what, &body);
	if (!strcmp(what, "value"))
		return wire_property_value(body.data, body.len, &value, &err) < 0 ? refused()
										  : show(property_value(value));
	if (!strcmp(what, "stop")) {
		if (wire_stop(body.data, body.len, &kill, &err) < 0)
			return refused();
		puts(kill ? "true" : "false");
		return 0;
	}
	if (wire_grace_time(body.data, body.len, &ns, &err) < 0)
		return refused();
	printf("%" PRId64 "\n", ns);
	return 0;
}

static int print(struct reply *reply)
{
	printf("%d ", reply->status);
	fwrite(reply->body.data, 1, reply->body.len, stdout);
	return 0;
}

static json_object *given(void)
{
	autotext struct text bytes = { 0 };

	read_all(&bytes);
	return bytes.len ? json_parse(bytes.data, bytes.len, &err) : NULL;
}

static enum error_kind kind_named(const char *name)
{
	return !strcmp(name, "handle")        ? ERROR_UNKNOWN_HANDLE
		: !strcmp(name, "process")    ? ERROR_UNKNOWN_PROCESS
		: !strcmp(name, "executable") ? ERROR_EXECUTABLE_NOT_FOUND
					      : ERROR_OTHER;
}

static struct metrics counting(uint64_t from, bool network)
{
	struct metrics metrics = {
		.memory_toward_limit = 1000,
		.cpu_usage_ns = 1,
		.cpu_user_ns = 2,
		.cpu_system_ns = 3,
		.pids_current = 4,
		.pids_max = 5,
		.disk_total_bytes = 6,
		.disk_exclusive_bytes = 7,
		.network_known = network,
		.network_rx_bytes = 8,
		.network_tx_bytes = 9,
		.age_ns = 10,
		.entitlement_ns = 11,
	};

	for (size_t i = 0; i < MEMORY_STATS; i++)
		metrics.memory[i] = from + i;
	return metrics;
}

static void bulk(struct reply *reply, json_object *properties)
{
	struct container_info info = { .path = xstrdup("/depot/b") };
	struct metrics metrics = counting(0, false);
	struct error unknown = { ERROR_UNKNOWN_HANDLE, "unknown handle: a" };
	struct wire_bulk entries;

	wire_bulk_begin(&entries);
	wire_bulk_info(&entries, "b", &info, properties, NULL);
	wire_bulk_info(&entries, "a", &info, properties, &unknown);
	wire_bulk_info(&entries, "b", &info, properties, NULL);
	wire_bulk_metrics(&entries, "C", &metrics, &unknown);
	wire_bulk_end(&entries, reply);
}

static void stream(void)
{
	autotext struct text text = { 0 };

	wire_stream_begin(&text, "p", "17");
	wire_stream_exit(&text, "p", 0);
	wire_stream_error(&text, "p", "<bad> \xff");
	fwrite(text.data, 1, text.len, stdout);
}

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 10);
}

static int encode(char **argv)
{
	struct container_info info = { .path = xstrdup("/depot/h") };
	struct reply reply = { 0 };
	struct strings handles = { argv + 1, 0 };

	while (argv[1 + handles.count])
		handles.count++;
	if (!strcmp(argv[0], "error") && argv[4])
		wire_error(&reply, kind_named(argv[1]), argv[2], argv[3], "%s", argv[4]);
	else if (!strcmp(argv[0], "empty"))
		wire_empty(&reply);
	else if (!strcmp(argv[0], "handle"))
		handles.count == 1 ? wire_handle(&reply, argv[1]) : wire_handles(&reply, &handles);
	else if (!strcmp(argv[0], "value_of") && argv[1])
		wire_value(&reply, argv[1]);
	else if (!strcmp(argv[0], "cpu") && argv[1])
		wire_cpu_limits(&reply, number(argv[1]));
	else if (!strcmp(argv[0], "memory") && argv[1])
		wire_memory_limits(&reply, number(argv[1]));
	else if (!strcmp(argv[0], "capacity") && handles.count == 4)
		wire_capacity(&reply,
			&(struct capacity){ number(argv[1]), number(argv[2]), number(argv[3]), number(argv[4]) });
	else if (!strcmp(argv[0], "properties"))
		wire_properties(&reply, given());
	else if (!strcmp(argv[0], "info"))
		wire_info(&reply, &info, given());
	else if (!strcmp(argv[0], "bulk"))
		bulk(&reply, given());
	else if (!strcmp(argv[0], "metrics") && argv[1])
		wire_metrics(&reply, &(struct metrics[]){ counting(number(argv[1]), argv[2]) }[0]);
	else
		return 1;
	return print(&reply);
}

int main(int argc, char **argv)
{
	static const char *const requests[] = { "create", "run", "stop", "grace_time", "value", "net_in", "net_out",
		"bulk_net_out" };

	if (argc < 2)
		return 1;
	if (!strcmp(argv[1], "stream")) {
		stream();
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++)
		if (!strcmp(argv[1], requests[i]))
			return decode(requests[i]);
	return encode(argv + 1);
}
