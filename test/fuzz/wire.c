/* Any bytes as the body of any request. The first byte chooses which. What is taken from a body must be what is taken from that
 * body written anew, and what is refused must say why. */
#include "guardian/wire.h"

#include "common/base/object.h"
#include "common/depot/properties.h"
#include "test/fuzz/must.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* --- What was taken, as text --- */

static void say(struct text *said, const char *name, const char *string)
{
	text_addf(said, "%s=%s;", name, string ? string : "(none)");
}

static void say_number(struct text *said, const char *name, uint64_t number)
{
	text_addf(said, "%s=%" PRIu64 ";", name, number);
}

static void say_json(struct text *said, const char *name, json_object *value)
{
	say(said, name, "");
	if (value)
		object_write_anyway(value, said);
}

static void say_strings(struct text *said, const char *name, const struct strings *list)
{
	for (size_t i = 0; i < list->count; i++)
		say(said, name, list->item[i]);
}

static void say_mounts(struct text *said, const struct bind_mount *mounts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		text_addf(said, "%s to %s %d;", mounts[i].source, mounts[i].destination, mounts[i].writable);
}

static void say_limits(struct text *said, const struct limits *limits)
{
	must(limits->memory_bytes <= INT64_MAX);
	say_number(said, "memory", limits->memory_bytes);
	say_number(said, "shares", limits->cpu_shares);
	say_number(said, "pids", limits->pids);
}

/* --- Each takes a body, and says what it is --- */

static int create(const char *body, size_t len, struct text *said, struct error *err)
{
	struct create_request request;

	if (wire_create(body, len, &request, err) < 0)
		return -1;
	say(said, "handle", request.spec.handle);
	say_number(said, "grace", (uint64_t)request.grace_ns);
	say(said, "rootfs", request.rootfs);
	say(said, "uri", request.image_uri);
	say(said, "username", request.image_username);
	say(said, "password", request.image_password);
	say(said, "network", request.network);
	say_json(said, "properties", request.properties);
	say_strings(said, "env", &request.spec.env);
	say_number(said, "privileged", request.spec.privileged);
	say_mounts(said, request.spec.bind_mounts, request.spec.bind_mount_count);
	say_limits(said, &request.spec.limits);
	say_number(said, "disk", request.disk_bytes);
	say_number(said, "exclusive", request.disk_exclusive);
	say_json(said, "netin", request.net_in);
	say_json(said, "netout", request.net_out);
	create_request_free(&request);
	return 0;
}

static int run(const char *body, size_t len, struct text *said, struct error *err)
{
	struct run_request request;

	if (wire_run(body, len, &request, err) < 0)
		return -1;
	must(!request.spec.id || *request.spec.id);
	say(said, "id", request.spec.id);
	say(said, "path", request.spec.path);
	say(said, "dir", request.spec.dir);
	say(said, "user", request.spec.user);
	say_strings(said, "args", &request.spec.args);
	say_strings(said, "env", &request.spec.env);
	text_addf(said, "tty %d %d %ux%u;", request.spec.terminal, request.spec.window_given, request.spec.columns,
		request.spec.rows);
	for (size_t i = 0; i < RLIMITS; i++)
		if (request.spec.rlimit_given[i])
			say_number(said, rlimit_names[i], request.spec.rlimit[i]);
	say(said, "uri", request.image_uri);
	say(said, "username", request.image_username);
	say(said, "password", request.image_password);
	text_addf(said, "given %d %d;", request.bind_mounts_given, request.limits_given);
	say_mounts(said, request.bind_mounts, request.bind_mount_count);
	say_limits(said, &request.limits);
	run_request_free(&request);
	return 0;
}

static int stop(const char *body, size_t len, struct text *said, struct error *err)
{
	bool kill;

	if (wire_stop(body, len, &kill, err) < 0)
		return -1;
	say_number(said, "kill", kill);
	return 0;
}

static int grace_time(const char *body, size_t len, struct text *said, struct error *err)
{
	int64_t ns;

	if (wire_grace_time(body, len, &ns, err) < 0)
		return -1;
	say_number(said, "ns", (uint64_t)ns);
	return 0;
}

static int net_in(const char *body, size_t len, struct text *said, struct error *err)
{
	uint32_t host, container;

	if (wire_net_in(body, len, &host, &container, err) < 0)
		return -1;
	text_addf(said, "%" PRIu32 " to %" PRIu32, host, container);
	return 0;
}

/* What was taken from a client is given back to it, so its own words make the same value again. */
static int value(const char *body, size_t len, struct text *said, struct error *err)
{
	autofree char *taken = NULL, *again = NULL;
	struct reply reply = { 0 };

	if (wire_property_value(body, len, &taken, err) < 0)
		return -1;
	wire_value(&reply, taken);
	must(wire_property_value(reply.body.data, reply.body.len, &again, err) == 0);
	must(strcmp(taken, again) == 0);
	say(said, "value", taken);
	text_free(&reply.body);
	return 0;
}

typedef int take_json(const char *body, size_t len, json_object **taken, struct error *err);

/* Rules have a form of their own, which is one that a client may send, and stays as it is. */
static int rules(take_json *take, const char *body, size_t len, struct text *said, struct error *err)
{
	autojson json_object *taken = NULL, *again = NULL;
	autotext struct text written = { 0 };

	if (take(body, len, &taken, err) < 0) {
		must(!taken);
		return -1;
	}
	must(object_write(taken, &written, err) == 0);
	must(take(written.data, written.len, &again, err) == 0);
	must(json_object_equal(taken, again));
	text_add(said, written.data, written.len);
	return 0;
}

static int net_out(const char *body, size_t len, struct text *said, struct error *err)
{
	return rules(wire_net_out, body, len, said, err);
}

static int bulk_net_out(const char *body, size_t len, struct text *said, struct error *err)
{
	return rules(wire_bulk_net_out, body, len, said, err);
}

/* Properties as they are told, those that mean something to Info among them. */
static int properties(const char *body, size_t len, struct text *said, struct error *err)
{
	struct container_info info = { .path = NULL };
	autojson json_object *given = NULL, *told = NULL;
	struct reply reply = { 0 };

	if (json_parse_first(body, len, NULL, &given, err) < 0)
		return -1;
	if (!json_object_is_type(given, json_type_object))
		return fail_kind(err, ERROR_BAD_INPUT, "no object");
	info.path = xstrdup("/depot/h");
	wire_info(&reply, &info, given);
	free(info.path);
	must(json_parse_first(reply.body.data, reply.body.len, NULL, &told, err) == 0);
	text_add(said, reply.body.data, reply.body.len);
	text_free(&reply.body);
	return 0;
}

/* --- The promises --- */

static void check_refusal(const struct error *err)
{
	autojson json_object *envelope = NULL;
	struct reply reply = { 0 };
	struct error ignored;

	must(err->kind == ERROR_BAD_INPUT && *err->text);
	wire_fail(&reply, err, NULL, NULL);
	must(reply.status == 500);
	must(json_parse_first(reply.body.data, reply.body.len, NULL, &envelope, &ignored) == 0);
	must(*json_string(envelope, "Message"));
	text_free(&reply.body);
}

typedef int request(const char *body, size_t len, struct text *said, struct error *err);

static void check_again(request *take, const char *body, size_t len, int result, const struct text *said)
{
	autotext struct text written = { 0 }, again = { 0 };
	autojson json_object *whole = NULL;
	struct error err;
	size_t used;

	if (json_parse_first(body, len, &used, &whole, &err) < 0)
		return;
	must(used <= len);
	if (!whole)
		text_addf(&written, "null");
	else
		must(object_write(whole, &written, &err) == 0);
	must(take(written.data, written.len, &again, &err) == result);
	must(strcmp(text_string(said), text_string(&again)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static request *const requests[] = { create, run, value, properties, stop, net_out, bulk_net_out, grace_time,
		net_in };
	autotext struct text said = { 0 };
	struct error err = { 0 };
	request *take;
	int result;

	if (len == 0)
		return 0;
	take = requests[data[0] % ARRAY_SIZE(requests)];
	result = take((const char *)data + 1, len - 1, &said, &err);
	if (result < 0) {
		text_free(&said);
		check_refusal(&err);
	}
	check_again(take, (const char *)data + 1, len - 1, result, &said);
	return 0;
}
