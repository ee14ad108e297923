#include "common/base/object.h"

#include "common/base/utf8.h"

#include <stdlib.h>
#include <string.h>

void object_add(json_object *object, const char *name, json_object *value)
{
	if (!value || json_object_object_add(object, name, value) < 0)
		abort();
}

void object_add_string(json_object *object, const char *name, const char *value)
{
	object_add(object, name, json_object_new_string(value));
}

void object_add_int(json_object *object, const char *name, int64_t value)
{
	object_add(object, name, json_object_new_int64(value));
}

void object_add_unsigned(json_object *object, const char *name, uint64_t value)
{
	object_add(object, name, json_object_new_uint64(value));
}

void array_add(json_object *array, json_object *value)
{
	if (!value || json_object_array_add(array, value) < 0)
		abort();
}

void array_add_string(json_object *array, const char *value)
{
	array_add(array, json_object_new_string(value));
}

json_object *json_written(struct text *text)
{
	json_object *value = json_object_new_array();

	if (!value)
		abort();
	json_object_set_serializer(value, json_object_userdata_to_json_string, text_take(text),
		json_object_free_userdata);
	return value;
}

/* The characters that the contract wants escaped besides JSON's own. They can stand nowhere but inside a string, so no parsing
 * is needed to find them. */
static const char *escaped(const char *character)
{
	switch (*character) {
	case '<': return "\\u003c";
	case '>': return "\\u003e";
	case '&': return "\\u0026";
	case '\xe2':
		if (!strncmp(character, "\xe2\x80\xa8", 3))
			return "\\u2028";
		return strncmp(character, "\xe2\x80\xa9", 3) ? NULL : "\\u2029";
	default: return NULL;
	}
}

/* json-c writes the bytes of a string as they are. Returns how many were no UTF-8. */
static size_t write_checked(json_object *object, struct text *text)
{
	const int flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE;
	size_t len, bad = 0, step, from = 0; /* from: what was not added yet */
	const char *plain = json_object_to_json_string_length(object, flags, &len);

	if (!plain)
		abort();
	for (size_t i = 0; i < len; i += step) {
		const char *instead = escaped(plain + i);

		step = utf8_length(plain + i, len - i);
		if (step && !instead)
			continue;
		if (!step) {
			instead = UTF8_REPLACEMENT;
			step = 1;
			bad++;
		}
		text_add(text, plain + from, i - from);
		text_add(text, instead, strlen(instead));
		from = i + step;
	}
	text_add(text, plain + from, len - from);
	return bad;
}

int object_write(json_object *object, struct text *text, struct error *err)
{
	if (write_checked(object, text))
		return fail_kind(err, ERROR_BAD_INPUT, "a string is not UTF-8, which is all that JSON can carry");
	return 0;
}

void object_write_anyway(json_object *object, struct text *text)
{
	(void)write_checked(object, text);
}
