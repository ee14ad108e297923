#include "guardian/requestlog.h"

#include "common/base/json.h"
#include "guardian/routes.h"

#include <string.h>

static struct logger api, garden, sockets;

void requestlog_open(void)
{
	log_begin(&api, log_root(), "api");
	log_begin(&garden, &api, "garden-server");
	log_begin(&sockets, &api, "connection");
}

void requestlog_connection(const char *action)
{
	log_debug(&sockets, action, NULL);
}

static void add_number(json_object *data, const char *name, long long number)
{
	json_object_object_add(data, name, json_object_new_int64(number));
}

/* Who asked, of a unix socket's client; TCP does not say. */
static json_object *describe(const struct connection *c)
{
	json_object *data = json_object_new_object();

	if (c->request.captures.count)
		json_object_object_add(data, "handle", json_object_new_string(c->request.captures.item[0]));
	if (c->route->changes && c->peer.pid) {
		add_number(data, "peer-pid", c->peer.pid);
		add_number(data, "peer-uid", c->peer.uid);
	}
	if (c->request.trace_id)
		json_object_object_add(data, "request-id", json_object_new_string(c->request.trace_id));
	return data;
}

static void log_failure(struct logger *logger, const char *body, size_t len, json_object *data)
{
	struct error ignored;
	autojson json_object *envelope = json_parse(body, len, &ignored);

	/* A client that asks for a process that is gone is everyday. */
	if (!strcmp(json_string(envelope, "Type"), "ProcessNotFoundError"))
		json_object_put(data);
	else
		log_error(logger, "failed", json_string(envelope, "Message"), data);
}

void requestlog_answered(const struct connection *c, int status, const char *body, size_t len)
{
	struct logger logger;
	bool failed = status >= 400;

	if (!c->route->done && !failed)
		return;
	log_begin(&logger, &garden, c->route->name);
	if (c->request.trace_id)
		log_add_trace(&logger, c->request.trace_id);
	if (failed)
		log_failure(&logger, body, len, describe(c));
	else
		log_info(&logger, c->route->done, describe(c));
	log_end(&logger);
}
