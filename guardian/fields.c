#include "guardian/fields.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *type_name(enum json_type type)
{
	switch (type) {
	case json_type_null: return "null";
	case json_type_boolean: return "a boolean";
	case json_type_double:
	case json_type_int: return "a number";
	case json_type_object: return "an object";
	case json_type_array: return "an array";
	case json_type_string: return "a string";
	}
	return "?";
}

json_object *field(json_object *object, const char *name)
{
	json_object *found = NULL;

	if (!object)
		return NULL;
	json_object_object_foreach(object, key, value)
	{
		if (!strcasecmp(key, name))
			found = value;
	}
	return found;
}

int value_is(json_object *value, enum json_type type, const char *name, struct error *err)
{
	if (!value || json_object_is_type(value, type))
		return 0;
	return fail_kind(err, ERROR_BAD_INPUT, "%s: %s where %s is wanted", name,
		type_name(json_object_get_type(value)), type_name(type));
}

/* A number that json-c does not keep as an integer has a fraction, an exponent or more than 64 bits. */
static int check_integer(json_object *value, const char *name, struct error *err)
{
	if (json_object_is_type(value, json_type_double))
		return fail_kind(err, ERROR_BAD_INPUT, "%s: a number that is no integer of 64 bits", name);
	return value_is(value, json_type_int, name, err);
}

/* json-c keeps an integer as signed or as unsigned, and gives the nearest that the other type has. */
static bool negative(json_object *value)
{
	return json_object_get_int64(value) < 0;
}

int value_unsigned(json_object *value, const char *name, uint64_t most, uint64_t *number, struct error *err)
{
	uint64_t given;

	if (!value)
		return 0;
	if (check_integer(value, name, err) < 0)
		return -1;
	given = json_object_get_uint64(value);
	if (negative(value) || given > most)
		return fail_kind(err, ERROR_BAD_INPUT, "%s: %s is not in the range from 0 to %" PRIu64, name,
			json_object_get_string(value), most);
	*number = given;
	return 0;
}

int value_signed(json_object *value, const char *name, int64_t *number, struct error *err)
{
	if (!value)
		return 0;
	if (check_integer(value, name, err) < 0)
		return -1;
	if (!negative(value) && json_object_get_uint64(value) > INT64_MAX)
		return fail_kind(err, ERROR_BAD_INPUT, "%s: %s is not in the range of a signed integer", name,
			json_object_get_string(value));
	*number = json_object_get_int64(value);
	return 0;
}

int value_string(json_object *value, const char *name, char **string, struct error *err)
{
	if (!value)
		return 0;
	if (value_is(value, json_type_string, name, err) < 0)
		return -1;
	if (strlen(json_object_get_string(value)) != (size_t)json_object_get_string_len(value))
		return fail_kind(err, ERROR_BAD_INPUT, "%s: a NUL in a string", name);
	free(*string);
	*string = xstrdup(json_object_get_string(value));
	return 0;
}

int request_parse(const char *body, size_t len, enum json_type type, json_object **value, struct error *err)
{
	if (json_parse_first(body, len, NULL, value, err) == 0 && value_is(*value, type, "request", err) == 0)
		return 0;
	json_object_put(*value);
	*value = NULL;
	return -1;
}

size_t array_length(json_object *array)
{
	return array ? json_object_array_length(array) : 0;
}

int array_object(json_object *array, size_t index, const char *name, json_object **object, struct error *err)
{
	*object = json_object_array_get_idx(array, index);
	return value_is(*object, json_type_object, name, err);
}

int field_string(json_object *object, const char *name, char **value, struct error *err)
{
	return value_string(field(object, name), name, value, err);
}

int field_unsigned(json_object *object, const char *name, uint64_t most, uint64_t *value, struct error *err)
{
	return value_unsigned(field(object, name), name, most, value, err);
}

int field_signed(json_object *object, const char *name, int64_t *value, struct error *err)
{
	return value_signed(field(object, name), name, value, err);
}

int field_flag(json_object *object, const char *name, bool *value, struct error *err)
{
	json_object *given = field(object, name);

	if (value_is(given, json_type_boolean, name, err) < 0)
		return -1;
	if (given)
		*value = json_object_get_boolean(given);
	return 0;
}

int field_object(json_object *object, const char *name, json_object **value, struct error *err)
{
	json_object *given = field(object, name);

	if (value_is(given, json_type_object, name, err) < 0)
		return -1;
	if (given)
		*value = given;
	return 0;
}

int field_array(json_object *object, const char *name, json_object **value, struct error *err)
{
	json_object *given = field(object, name);

	if (value_is(given, json_type_array, name, err) < 0)
		return -1;
	if (given)
		*value = given;
	return 0;
}

int field_strings(json_object *object, const char *name, struct strings *list, struct error *err)
{
	json_object *array = NULL;

	if (field_array(object, name, &array, err) < 0)
		return -1;
	for (size_t i = 0; i < array_length(array); i++) {
		autofree char *string = xstrdup("");

		if (value_string(json_object_array_get_idx(array, i), name, &string, err) < 0)
			return -1;
		strings_add(list, string);
	}
	return 0;
}
