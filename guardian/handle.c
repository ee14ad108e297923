#include "guardian/handlers.h"

#include "guardian/routes.h"
#include "guardian/wire.h"

const char *captured(const struct connection *c, size_t which)
{
	return which < c->request.captures.count ? c->request.captures.item[which] : "";
}

void answer(struct connection *c, struct reply *reply)
{
	connection_reply(c, reply->status, "application/json", "", text_string(&reply->body), reply->body.len);
	text_free(&reply->body);
}

void answer_error(struct connection *c, const struct error *err, const char *process_id)
{
	struct reply reply = { 0 };

	wire_fail(&reply, err, captured(c, 0), process_id);
	answer(c, &reply);
}

void in_worker_then(struct connection *c, void (*work)(struct reply *reply, void *connection),
	void (*done)(struct reply *reply, void *connection))
{
	connection_wait(c);
	worker_run(c->route->name, work, done, c, -1, false);
}

static void done(struct reply *reply, void *connection)
{
	answer(connection, reply);
}

void in_worker(struct connection *c, void (*work)(struct reply *reply, void *connection))
{
	in_worker_then(c, work, done);
}
