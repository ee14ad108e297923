/* Any bytes as the body of any request. The first byte chooses which. */
#include "guardian/wire.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void create(const char *body, size_t len)
{
	struct create_request request;
	struct error err;

	if (wire_create(body, len, &request, &err) == 0)
		create_request_free(&request);
}

static void run(const char *body, size_t len)
{
	struct run_request request;
	struct error err;

	if (wire_run(body, len, &request, &err) == 0)
		run_request_free(&request);
}

/* What was taken from a client is given back to it. */
static void value(const char *body, size_t len)
{
	autofree char *taken = NULL;
	struct reply reply = { 0 };
	struct error err;

	if (wire_property_value(body, len, &taken, &err) == 0)
		wire_value(&reply, taken);
	else
		wire_fail(&reply, &err, NULL, NULL);
	text_free(&reply.body);
}

static void properties(const char *body, size_t len)
{
	struct container_info info = { .path = NULL };
	struct reply reply = { 0 };
	struct error err;
	json_object *given = NULL;

	if (json_parse_first(body, len, NULL, &given, &err) == 0 && json_object_is_type(given, json_type_object)) {
		info.path = xstrdup("/depot/h");
		wire_info(&reply, &info, given);
	}
	json_object_put(given);
	free(info.path);
	text_free(&reply.body);
}

static void small(const char *body, size_t len)
{
	struct error err;
	uint32_t host_port, container_port;
	int64_t ns;
	bool kill;

	(void)wire_stop(body, len, &kill, &err);
	(void)wire_grace_time(body, len, &ns, &err);
	(void)wire_net_in(body, len, &host_port, &container_port, &err);
}

static void rules(const char *body, size_t len)
{
	autojson json_object *rule = NULL, *list = NULL;
	struct error err;

	(void)wire_net_out(body, len, &rule, &err);
	(void)wire_bulk_net_out(body, len, &list, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static void (*const requests[])(const char *, size_t) = { create, run, value, properties, small, rules };

	if (len > 0)
		requests[data[0] % ARRAY_SIZE(requests)]((const char *)data + 1, len - 1);
	return 0;
}
