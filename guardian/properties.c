#include "common/ops/operations.h"
#include "guardian/grace.h"
#include "guardian/handlers.h"
#include "guardian/routes.h"
#include "guardian/wire.h"

#include <stdlib.h>

void handle_properties(struct connection *c)
{
	autojson json_object *properties = NULL;
	struct reply reply = { 0 };
	struct error err;

	if (container_properties(c->server->settings, captured(c, 0), &properties, &err) < 0) {
		answer_error(c, &err, NULL);
		return;
	}
	wire_properties(&reply, properties);
	answer(c, &reply);
}

void handle_property(struct connection *c)
{
	autofree char *value = NULL;
	struct reply reply = { 0 };
	struct error err;

	if (container_property(c->server->settings, captured(c, 0), captured(c, 1), &value, &err) < 0) {
		err.kind = ERROR_OTHER; /* of an unknown handle too */
		answer_error(c, &err, NULL);
		return;
	}
	wire_value(&reply, value);
	answer(c, &reply);
}

static void set_property(struct reply *reply, void *data)
{
	struct connection *c = data;
	autofree char *value = NULL;
	struct error err;

	if (wire_property_value(text_string(&c->request.body), c->request.body.len, &value, &err) < 0 ||
		container_set_property(c->server->settings, captured(c, 0), captured(c, 1), value, &err) < 0)
		wire_fail(reply, &err, captured(c, 0), NULL);
	else
		wire_empty(reply);
}

void handle_set_property(struct connection *c)
{
	in_worker(c, set_property);
}

static void remove_property(struct reply *reply, void *data)
{
	struct connection *c = data;
	struct error err;

	if (container_set_property(c->server->settings, captured(c, 0), captured(c, 1), NULL, &err) < 0)
		wire_fail(reply, &err, captured(c, 0), NULL);
	else
		wire_empty(reply);
}

void handle_remove_property(struct connection *c)
{
	in_worker(c, remove_property);
}

/* Stored first, so that it also holds after a restart. */
static void store_grace_time(struct reply *reply, void *data)
{
	struct connection *c = data;
	autofree char *value = NULL;
	struct error err;
	int64_t grace_ns;

	if (wire_grace_time(text_string(&c->request.body), c->request.body.len, &grace_ns, &err) < 0) {
		wire_fail(reply, &err, NULL, NULL);
		return;
	}
	value = xprintf("%lld", (long long)grace_ns);
	if (container_set_property(c->server->settings, captured(c, 0), PROPERTY_GRACE_TIME, value, &err) < 0)
		wire_fail(reply, &err, captured(c, 0), NULL);
	else
		wire_empty(reply);
}

static void grace_time_stored(struct reply *reply, void *data)
{
	struct connection *c = data;
	struct error ignored;
	int64_t grace_ns;

	if (reply->status == 200 &&
		wire_grace_time(text_string(&c->request.body), c->request.body.len, &grace_ns, &ignored) == 0)
		grace_set(captured(c, 0), grace_ns);
	answer(c, reply);
}

void handle_set_grace_time(struct connection *c)
{
	in_worker_then(c, store_grace_time, grace_time_stored);
}
