#include "common/base/json.h"

#include <ctype.h>
#include <limits.h>

#define DEEPEST 64

void json_cleanup(json_object **object)
{
	json_object_put(*object);
}

json_object *json_parse(const char *data, size_t len, struct error *err)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEEPEST);
	json_object *object;
	size_t end;

	if (!tokener || len > INT_MAX) {
		json_tokener_free(tokener);
		fail(err, "JSON text too large");
		return NULL;
	}
	/* The NUL behind the text counts as its end, or a bare number would never be complete. */
	object = json_tokener_parse_ex(tokener, data, (int)len + 1);
	end = json_tokener_get_parse_end(tokener);
	if (json_tokener_get_error(tokener) != json_tokener_success) {
		fail(err, "%s", json_tokener_error_desc(json_tokener_get_error(tokener)));
	} else {
		while (end < len && isspace((unsigned char)data[end]))
			end++;
		if (end >= len) {
			json_tokener_free(tokener);
			return object;
		}
		fail(err, "something follows the JSON value");
	}
	json_object_put(object);
	json_tokener_free(tokener);
	return NULL;
}

json_object *json_member(json_object *object, const char *name)
{
	json_object *member = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, name, &member);
	return member;
}

const char *json_string(json_object *object, const char *name)
{
	json_object *member = json_member(object, name);

	return json_object_is_type(member, json_type_string) ? json_object_get_string(member) : "";
}

uint64_t json_number(json_object *object, const char *name)
{
	json_object *member = json_member(object, name);

	return json_object_is_type(member, json_type_int) ? json_object_get_uint64(member) : 0;
}

bool json_flag(json_object *object, const char *name)
{
	json_object *member = json_member(object, name);

	return json_object_is_type(member, json_type_boolean) && json_object_get_boolean(member);
}

json_object *json_of_strings(const struct strings *list)
{
	json_object *array = json_object_new_array();

	for (size_t i = 0; i < list->count; i++)
		json_object_array_add(array, json_object_new_string(list->item[i]));
	return array;
}

void json_to_strings(json_object *array, struct strings *list)
{
	if (!json_object_is_type(array, json_type_array))
		return;
	for (size_t i = 0; i < json_object_array_length(array); i++) {
		json_object *item = json_object_array_get_idx(array, i);

		if (json_object_is_type(item, json_type_string))
			strings_add(list, json_object_get_string(item));
	}
}
