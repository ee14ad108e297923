#include "common/ops/operations.h"
#include "guardian/grace.h"
#include "guardian/handlers.h"
#include "guardian/lookup.h"
#include "guardian/routes.h"
#include "guardian/wire.h"

#include <stdlib.h>
#include <string.h>

static const struct settings *settings_of(const struct connection *c)
{
	return c->server->settings;
}

void handle_ping(struct connection *c)
{
	struct reply reply = { 0 };

	wire_empty(&reply);
	answer(c, &reply);
}

void handle_capacity(struct connection *c)
{
	struct reply reply = { 0 };
	struct capacity capacity;
	struct error err;

	if (host_capacity(settings_of(c), &capacity, &err) < 0) {
		answer_error(c, &err, NULL);
		return;
	}
	wire_capacity(&reply, &capacity);
	answer(c, &reply);
}

void handle_list(struct connection *c)
{
	autostrings struct strings wanted = { 0 }, handles = { 0 };
	struct reply reply = { 0 };
	struct error err;

	query_values(c->request.query, &wanted);
	if (lookup_handles(settings_of(c), &wanted, &handles, &err) < 0) {
		answer_error(c, &err, NULL);
		return;
	}
	wire_handles(&reply, &handles);
	answer(c, &reply);
}

/* --- Create --- */

/* The root filesystem that was asked for, as a directory: other kinds need an image plugin. */
static int choose_rootfs(const struct connection *c, struct create_request *request, struct error *err)
{
	const char *uri = *request->image_uri ? request->image_uri : request->rootfs;

	if (*request->image_uri && *request->rootfs)
		return fail(err, "Cannot provide both Image.URI and RootFSPath");
	if (!*uri)
		uri = c->server->default_rootfs;
	if (strncmp(uri, "raw://", 6) != 0)
		return fail(err, "no image plugin configured");
	free(request->spec.rootfs);
	request->spec.rootfs = xstrdup(uri + 6);
	return 0;
}

/* What is kept on the container from its first moment: the client's properties, and its grace time. */
static void choose_properties(const struct connection *c, struct create_request *request)
{
	int64_t grace_ns = request->grace_ns ? request->grace_ns : c->server->default_grace_ns;
	autofree char *text = xprintf("%lld", (long long)grace_ns);

	if (!request->properties)
		request->properties = json_object_new_object();
	if (grace_ns)
		json_object_object_add(request->properties, PROPERTY_GRACE_TIME, json_object_new_string(text));
	request->spec.properties = request->properties;
}

static void create(struct reply *reply, void *data)
{
	struct connection *c = data;
	struct create_request request = { 0 };
	struct error err = { 0 };

	if (wire_create(text_string(&c->request.body), c->request.body.len, &request, &err) < 0 ||
		choose_rootfs(c, &request, &err) < 0) {
		wire_fail(reply, &err, NULL, NULL);
		return;
	}
	choose_properties(c, &request);
	if (request.net_in || request.net_out)
		fail(&err, "networking is not available: netin and netout_rules cannot be honoured");
	else if (container_create(settings_of(c), &request.spec, &err) == 0) {
		wire_handle(reply, request.spec.handle);
		return;
	}
	/* The kinds that other routes answer with 404 are no such thing here. */
	err.kind = ERROR_OTHER;
	wire_fail(reply, &err, NULL, NULL);
}

static void created(struct reply *reply, void *data)
{
	struct connection *c = data;

	if (reply->status == 200) {
		struct error ignored;
		autojson json_object *body = json_parse(text_string(&reply->body), reply->body.len, &ignored);

		grace_begin(json_string(body, "Handle"));
	}
	answer(c, reply);
}

void handle_create(struct connection *c)
{
	in_worker_then(c, create, created);
}

/* --- Destroy and stop --- */

/* Failures of a destroy are a list, be it of one. */
static void destroy(struct reply *reply, void *data)
{
	struct connection *c = data;
	struct error err;

	if (container_destroy(settings_of(c), captured(c, 0), &err) == 0)
		wire_empty(reply);
	else if (err.kind == ERROR_UNKNOWN_HANDLE || err.kind == ERROR_BAD_INPUT || err.kind == ERROR_IN_USE)
		wire_fail(reply, &err, captured(c, 0), NULL);
	else
		wire_error(reply, ERROR_OTHER, NULL, NULL, "1 error occurred:\n\t* %s\n\n", err.text);
}

static void destroyed(struct reply *reply, void *data)
{
	struct connection *c = data;

	if (reply->status == 200)
		grace_forget(captured(c, 0));
	answer(c, reply);
}

void handle_destroy(struct connection *c)
{
	in_worker_then(c, destroy, destroyed);
}

static void stop(struct reply *reply, void *data)
{
	struct connection *c = data;
	struct error err;
	bool kill;

	if (wire_stop(text_string(&c->request.body), c->request.body.len, &kill, &err) < 0)
		wire_fail(reply, &err, NULL, NULL);
	else if (container_stop(settings_of(c), captured(c, 0), kill, &err) == 0)
		wire_empty(reply);
	else if (err.kind == ERROR_UNKNOWN_HANDLE || err.kind == ERROR_BAD_INPUT)
		wire_error(reply, ERROR_OTHER, NULL, NULL,
			"stop: pid not found for container: runc state: runc: exit status 1: container does not exist");
	else
		wire_fail(reply, &err, captured(c, 0), NULL);
}

void handle_stop(struct connection *c)
{
	in_worker(c, stop);
}

/* --- Looking --- */

static json_object *properties_of(const struct connection *c, const char *handle)
{
	json_object *properties = NULL;
	struct error ignored;

	/* A container whose properties cannot be read has none to show; its info is worth having all the same. */
	if (container_properties(settings_of(c), handle, &properties, &ignored) < 0)
		return NULL;
	return properties;
}

void handle_info(struct connection *c)
{
	autojson json_object *properties = properties_of(c, captured(c, 0));
	struct container_info info;
	struct reply reply = { 0 };
	struct error err;

	if (container_info(settings_of(c), captured(c, 0), &info, &err) < 0) {
		answer_error(c, &err, NULL);
		return;
	}
	wire_info(&reply, &info, properties);
	container_info_free(&info);
	answer(c, &reply);
}

void handle_metrics(struct connection *c)
{
	struct metrics metrics;
	struct reply reply = { 0 };
	struct error err;

	if (container_metrics(settings_of(c), captured(c, 0), &metrics, &err) < 0) {
		if (err.kind == ERROR_UNKNOWN_HANDLE || err.kind == ERROR_BAD_INPUT)
			fail(&err, "runC stats: runc: exit status 1: container does not exist");
		answer_error(c, &err, NULL);
		return;
	}
	wire_metrics(&reply, &metrics);
	answer(c, &reply);
}

/* The handles of a bulk call. */
static int bulk_handles(const struct connection *c, struct strings *handles, struct error *err)
{
	autofree char *list = query_value(c->request.query, "handles");
	char *rest = list, *handle;

	if (!list)
		return fail(err, "no handles given: the query parameter handles is missing");
	while (*list && (handle = strsep(&rest, ",")))
		strings_add(handles, handle);
	return 0;
}

static void bulk_info(struct reply *reply, void *data)
{
	const struct connection *c = data;
	autostrings struct strings handles = { 0 };
	struct wire_bulk bulk;
	struct error err;

	if (bulk_handles(c, &handles, &err) < 0) {
		wire_fail(reply, &err, NULL, NULL);
		return;
	}
	wire_bulk_begin(&bulk);
	for (size_t i = 0; i < handles.count; i++) {
		autojson json_object *properties = properties_of(c, handles.item[i]);
		struct container_info info = { 0 };
		bool failed = container_info(settings_of(c), handles.item[i], &info, &err) < 0;

		wire_bulk_info(&bulk, handles.item[i], &info, properties, failed ? &err : NULL);
		container_info_free(&info);
	}
	wire_bulk_end(&bulk, reply);
}

/* In a worker, since hundreds of containers would take tens of milliseconds of the loop. */
void handle_bulk_info(struct connection *c)
{
	in_worker(c, bulk_info);
}

static void bulk_metrics(struct reply *reply, void *data)
{
	const struct connection *c = data;
	autostrings struct strings handles = { 0 };
	struct wire_bulk bulk;
	struct error err;

	if (bulk_handles(c, &handles, &err) < 0) {
		wire_fail(reply, &err, NULL, NULL);
		return;
	}
	wire_bulk_begin(&bulk);
	for (size_t i = 0; i < handles.count; i++) {
		struct metrics metrics = { 0 };
		bool failed = container_metrics(settings_of(c), handles.item[i], &metrics, &err) < 0;

		wire_bulk_metrics(&bulk, handles.item[i], &metrics, failed ? &err : NULL);
	}
	wire_bulk_end(&bulk, reply);
}

void handle_bulk_metrics(struct connection *c)
{
	in_worker(c, bulk_metrics);
}

/* --- Limits --- */

void handle_no_limits(struct connection *c)
{
	handle_ping(c); /* neither bandwidth nor disk has any to show: {} for every handle, known or not */
}

void handle_cpu_limits(struct connection *c)
{
	struct reply reply = { 0 };
	struct error err;
	uint64_t shares;

	if (container_cpu_limit(settings_of(c), captured(c, 0), &shares, &err) < 0) {
		answer_error(c, &err, NULL);
		return;
	}
	wire_cpu_limits(&reply, shares);
	answer(c, &reply);
}

void handle_memory_limits(struct connection *c)
{
	struct reply reply = { 0 };
	struct error err;
	uint64_t bytes;

	if (container_memory_limit(settings_of(c), captured(c, 0), &bytes, &err) < 0) {
		answer_error(c, &err, NULL);
		return;
	}
	wire_memory_limits(&reply, bytes);
	answer(c, &reply);
}
