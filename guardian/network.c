#include "guardian/handlers.h"

#include "guardian/wire.h"

/* No networker has given the container an interface, and this is how the protocol says so. */
static void no_network(struct connection *c, int decoded, struct error *err)
{
	if (decoded == 0)
		fail(err, "property not found: kawasaki.host-interface");
	answer_error(c, err, NULL);
}

void handle_net_in(struct connection *c)
{
	uint32_t host_port, container_port;
	struct error err;

	no_network(c,
		wire_net_in(text_string(&c->request.body), c->request.body.len, &host_port, &container_port, &err),
		&err);
}

void handle_net_out(struct connection *c)
{
	autojson json_object *rule = NULL;
	struct error err;

	no_network(c, wire_net_out(text_string(&c->request.body), c->request.body.len, &rule, &err), &err);
}

void handle_bulk_net_out(struct connection *c)
{
	autojson json_object *rules = NULL;
	struct error err;

	no_network(c, wire_bulk_net_out(text_string(&c->request.body), c->request.body.len, &rules, &err), &err);
}
