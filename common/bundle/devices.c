#include "common/bundle/devices.h"

#include "common/base/object.h"
#include "common/depot/devicerule.h"

#include <string.h>

static const struct device_rule usual[] = {
	{ "c", DEVICE_ANY, DEVICE_ANY, "m" }, /* nodes can be made, whatever they are */
	{ "b", DEVICE_ANY, DEVICE_ANY, "m" }, /* likewise */
	{ "c", 1, 3, "rwm" },                 /* null */
	{ "c", 1, 8, "rwm" },                 /* random */
	{ "c", 1, 7, "rwm" },                 /* full */
	{ "c", 5, 0, "rwm" },                 /* tty */
	{ "c", 1, 5, "rwm" },                 /* zero */
	{ "c", 1, 9, "rwm" },                 /* urandom */
	{ "c", 136, DEVICE_ANY, "rwm" },      /* pts */
	{ "c", 5, 2, "rwm" },                 /* ptmx */
	{ "c", 10, 200, "rwm" },              /* net/tun */
	{ "c", 10, 229, "rwm" },              /* fuse */
};

json_object *devices_nodes(void)
{
	json_object *nodes = json_object_new_array(), *fuse = json_object_new_object();

	object_add_string(fuse, "path", "/dev/fuse");
	object_add_string(fuse, "type", "c");
	object_add_int(fuse, "major", 10);
	object_add_int(fuse, "minor", 229);
	object_add_int(fuse, "fileMode", 0666);
	array_add(nodes, fuse);
	return nodes;
}

static void add_number(json_object *made, const char *name, int64_t number, bool bare)
{
	if (number != DEVICE_ANY)
		object_add_int(made, name, number);
	else if (!bare)
		object_add_int(made, name, -1);
}

static json_object *allow(const struct device_rule *rule, bool bare)
{
	json_object *made = json_object_new_object();

	object_add(made, "allow", json_object_new_boolean(true));
	object_add_string(made, "type", rule->type);
	add_number(made, "major", rule->major, bare);
	add_number(made, "minor", rule->minor, bare);
	object_add_string(made, "access", rule->access);
	return made;
}

static json_object *forbid_all(void)
{
	json_object *made = json_object_new_object();

	object_add(made, "allow", json_object_new_boolean(false));
	object_add_string(made, "access", "rwm");
	return made;
}

/* Whether an operator's rule takes the place of a usual one. What it allows does not matter. */
static bool replaces(const struct device_rule *operators, const struct device_rule *other)
{
	return strcmp(operators->type, other->type) == 0 &&
		((operators->major == DEVICE_ANY && operators->minor == DEVICE_ANY) ||
			(operators->major == other->major && operators->minor == other->minor));
}

int devices_rule(const struct strings *operators, bool bare_wildcards, json_object **rules, struct error *err)
{
	autojson json_object *made = json_object_new_array();
	bool replaced[ARRAY_SIZE(usual)] = { false };

	array_add(made, forbid_all());
	for (size_t i = 0; i < operators->count; i++) {
		autofree char *words = xstrdup(operators->item[i]);
		struct device_rule rule;

		if (device_rule_parse(words, &rule, err) < 0)
			return -1;
		array_add(made, allow(&rule, bare_wildcards));
		for (size_t u = 0; u < ARRAY_SIZE(usual); u++)
			replaced[u] = replaced[u] || replaces(&rule, &usual[u]);
	}
	for (size_t u = 0; u < ARRAY_SIZE(usual); u++)
		if (!replaced[u])
			array_add(made, allow(&usual[u], bare_wildcards));
	*rules = json_object_get(made);
	return 0;
}
