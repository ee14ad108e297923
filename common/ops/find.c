#include "common/ops/operations.h"

#include <string.h>

static bool equals(json_object *properties, const char *name, const char *value)
{
	json_object *given = json_member(properties, name);
	size_t len = strlen(value);

	if (!json_object_is_type(given, json_type_string))
		return !*value;
	return (size_t)json_object_get_string_len(given) == len && !memcmp(json_object_get_string(given), value, len);
}

static bool matches(json_object *properties, const struct strings *wanted)
{
	bool state_given = false;

	for (size_t i = 0; i + 1 < wanted->count; i += 2) {
		const char *name = wanted->item[i], *value = wanted->item[i + 1];
		bool state = !strcmp(name, "garden.state");

		state_given |= state;
		if (!(state && !strcmp(value, "all")) && !equals(properties, name, value))
			return false;
	}
	return state_given || equals(properties, "garden.state", "created");
}

int container_find(const struct settings *settings, const struct strings *wanted, struct strings *handles,
	struct error *err)
{
	autostrings struct strings all = { 0 };

	if (container_list(settings, &all, err) < 0)
		return -1;
	for (size_t i = 0; i < all.count; i++) {
		autojson json_object *properties = NULL;
		struct error
			ignored; /* one whose properties cannot be read has none, and is no reason to hide the others */

		(void)container_properties(settings, all.item[i], &properties, &ignored);
		if (matches(properties, wanted))
			strings_add(handles, all.item[i]);
	}
	return 0;
}
