#include "common/bundle/namespaces.h"

#include "common/base/object.h"

#include <string.h>

static const char *const types[] = { "network", "pid", "uts", "ipc", "mount", "user" };

json_object *namespaces_rule(bool privileged)
{
	json_object *namespaces = json_object_new_array();

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		json_object *namespace;

		if (privileged && strcmp(types[i], "user") == 0)
			continue;
		namespace = json_object_new_object();
		object_add_string(namespace, "type", types[i]);
		array_add(namespaces, namespace);
	}
	return namespaces;
}

bool namespaces_privileged(json_object *namespaces)
{
	if (!json_object_is_type(namespaces, json_type_array))
		return true;
	for (size_t i = 0; i < json_object_array_length(namespaces); i++)
		if (strcmp(json_string(json_object_array_get_idx(namespaces, i), "type"), "user") == 0)
			return false;
	return true;
}
