#include "guardian/wire_network.h"

#include "common/base/object.h"
#include "guardian/fields.h"
#include "guardian/wire.h"

#include <arpa/inet.h>

static int take_ports(json_object *from, uint32_t *host_port, uint32_t *container_port, struct error *err)
{
	uint64_t host = 0, container = 0;

	if (field_unsigned(from, "host_port", UINT32_MAX, &host, err) < 0 ||
		field_unsigned(from, "container_port", UINT32_MAX, &container, err) < 0)
		return -1;
	*host_port = (uint32_t)host;
	*container_port = (uint32_t)container;
	return 0;
}

static int take_address(json_object *from, const char *name, json_object *range, struct error *err)
{
	autofree char *address = xstrdup("");
	struct in6_addr ignored;

	if (field_string(from, name, &address, err) < 0)
		return -1;
	if (!*address)
		return 0;
	if (inet_pton(AF_INET, address, &ignored) != 1 && inet_pton(AF_INET6, address, &ignored) != 1)
		return fail_kind(err, ERROR_BAD_INPUT, "invalid IP address: %s", address);
	object_add_string(range, name, address);
	return 0;
}

static int take_addresses(json_object *from, json_object *range, struct error *err)
{
	return take_address(from, "start", range, err) < 0 || take_address(from, "end", range, err) < 0 ? -1 : 0;
}

static int take_number(json_object *from, const char *name, uint64_t most, json_object *into, struct error *err)
{
	uint64_t number = 0;

	if (field_unsigned(from, name, most, &number, err) < 0)
		return -1;
	if (field(from, name))
		object_add_unsigned(into, name, number);
	return 0;
}

static int take_port_range(json_object *from, json_object *range, struct error *err)
{
	return take_number(from, "start", UINT16_MAX, range, err) < 0 ||
			take_number(from, "end", UINT16_MAX, range, err) < 0
		? wrap(err, "ports")
		: 0;
}

typedef int take_object(json_object *from, json_object *into, struct error *err);

static int take_elements(json_object *array, const char *name, json_object *list, take_object *take, struct error *err)
{
	json_object *from;

	for (size_t i = 0; i < array_length(array); i++) {
		json_object *into = json_object_new_object();

		array_add(list, into);
		if (array_object(array, i, name, &from, err) < 0 || take(from, into, err) < 0)
			return -1;
	}
	return 0;
}

/* *list is NULL for one that is absent or empty. */
static int take_list(json_object *from, const char *name, take_object *take, json_object **list, struct error *err)
{
	json_object *array = NULL;

	*list = NULL;
	if (field_array(from, name, &array, err) < 0)
		return -1;
	if (!array_length(array))
		return 0;
	*list = json_object_new_array();
	if (take_elements(array, name, *list, take, err) == 0)
		return 0;
	json_object_put(*list);
	*list = NULL;
	return -1;
}

static int take_ranges(json_object *from, const char *name, take_object *take, json_object *rule, struct error *err)
{
	json_object *ranges;

	if (take_list(from, name, take, &ranges, err) < 0)
		return -1;
	if (ranges)
		object_add(rule, name, ranges);
	return 0;
}

static int take_icmps(json_object *from, json_object *rule, struct error *err)
{
	json_object *given = NULL, *icmps;

	if (field_object(from, "icmps", &given, err) < 0)
		return -1;
	if (!given)
		return 0;
	icmps = json_object_new_object();
	object_add(rule, "icmps", icmps);
	return take_number(given, "type", UINT8_MAX, icmps, err) < 0 ||
			take_number(given, "code", UINT8_MAX, icmps, err) < 0
		? wrap(err, "icmps")
		: 0;
}

static int take_rule(json_object *from, json_object *rule, struct error *err)
{
	bool log = false;

	if (take_number(from, "protocol", UINT8_MAX, rule, err) < 0 ||
		take_ranges(from, "networks", take_addresses, rule, err) < 0 ||
		take_ranges(from, "ports", take_port_range, rule, err) < 0 || take_icmps(from, rule, err) < 0 ||
		field_flag(from, "log", &log, err) < 0)
		return -1;
	if (log)
		object_add(rule, "log", json_object_new_boolean(true));
	return 0;
}

static int take_mapping(json_object *from, json_object *mapping, struct error *err)
{
	uint32_t host_port, container_port;

	if (take_ports(from, &host_port, &container_port, err) < 0)
		return -1;
	object_add_unsigned(mapping, "host_port", host_port);
	object_add_unsigned(mapping, "container_port", container_port);
	return 0;
}

int take_net_in(json_object *from, const char *name, json_object **mappings, struct error *err)
{
	return take_list(from, name, take_mapping, mappings, err);
}

int take_net_out(json_object *from, const char *name, json_object **rules, struct error *err)
{
	return take_list(from, name, take_rule, rules, err);
}

int wire_net_in(const char *body, size_t len, uint32_t *host_port, uint32_t *container_port, struct error *err)
{
	autojson json_object *from = NULL;

	return request_parse(body, len, json_type_object, &from, err) < 0 ||
			take_ports(from, host_port, container_port, err) < 0
		? -1
		: 0;
}

int wire_net_out(const char *body, size_t len, json_object **rule, struct error *err)
{
	autojson json_object *from = NULL, *taken = json_object_new_object();

	*rule = NULL;
	if (request_parse(body, len, json_type_object, &from, err) < 0 || take_rule(from, taken, err) < 0)
		return -1;
	*rule = json_object_get(taken);
	return 0;
}

int wire_bulk_net_out(const char *body, size_t len, json_object **rules, struct error *err)
{
	autojson json_object *from = NULL, *list = json_object_new_array();

	*rules = NULL;
	if (request_parse(body, len, json_type_array, &from, err) < 0 ||
		take_elements(from, "rules", list, take_rule, err) < 0)
		return -1;
	*rules = json_object_get(list);
	return 0;
}
