#include "common/base/json.h"

#include "common/base/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define DEEPEST 64
#define SPACE " \t\r\n"

void json_cleanup(json_object **object)
{
	json_object_put(*object);
}

static int parse(const char *data, size_t len, int flags, json_object **value, struct error *err)
{
	struct json_tokener *tokener = len < INT_MAX ? json_tokener_new_ex(DEEPEST) : NULL;
	enum json_tokener_error error;
	size_t end;

	*value = NULL;
	if (!tokener)
		return fail(err, "JSON text too large");
	json_tokener_set_flags(tokener, flags);
	/* The NUL behind the text counts as its end, or a bare number would never be complete. */
	*value = json_tokener_parse_ex(tokener, data, (int)len + 1);
	error = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	while (end < len && isspace((unsigned char)data[end]))
		end++;
	if (error == json_tokener_success && end >= len)
		return 0;
	json_object_put(*value);
	*value = NULL;
	if (error == json_tokener_error_parse_eof)
		return fail(err, "unexpected EOF");
	return fail(err, "%s",
		error == json_tokener_success ? "something follows the JSON value" : json_tokener_error_desc(error));
}

json_object *json_parse(const char *data, size_t len, struct error *err)
{
	json_object *value;

	if (parse(data, len, 0, &value, err) == 0 && !value)
		fail(err, "the JSON value is null");
	return value;
}

static bool is_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static size_t span(const char *data, size_t len, const char *set)
{
	size_t n = 0;

	while (n < len && is_of(data[n], set))
		n++;
	return n;
}

/* json-c takes what does not fit into 64 bits for the largest number that does. */
static size_t tidy_number(const char *data, size_t len, struct text *tidied)
{
	size_t n = span(data, len, "+-.0123456789Ee"), before = tidied->len;
	const char *number;
	char *end;

	text_add(tidied, data, n);
	number = tidied->data + before;
	errno = 0;
	if (*number == '-')
		(void)strtoll(number, &end, 10);
	else
		(void)strtoull(number, &end, 10);
	if (errno == ERANGE && !*end)
		text_addf(tidied, "e0");
	return n;
}

/* json-c takes raw control characters and any bytes. Returns 0 at one of the former. */
static size_t tidy_string(const char *data, size_t len, struct text *tidied)
{
	size_t i = 1, step;

	text_add(tidied, data, 1);
	for (; i < len && data[i] != '"'; i += step) {
		if ((unsigned char)data[i] < ' ')
			return 0;
		if (data[i] == '\\' && i + 1 < len && is_of(data[i + 1], "\"\\"))
			step = 2;
		else
			step = utf8_length(data + i, len - i);
		if (step) {
			text_add(tidied, data + i, step);
		} else {
			text_add(tidied, UTF8_REPLACEMENT, strlen(UTF8_REPLACEMENT));
			step = 1;
		}
	}
	if (i < len)
		text_add(tidied, &data[i++], 1);
	return i;
}

static size_t tidy_token(const char *data, size_t len, struct text *tidied)
{
	size_t word = span(data, len, "aeflnrstu"); /* of true, false and null, in lower case only */

	if (*data == '"')
		return tidy_string(data, len, tidied);
	if (is_of(*data, "-0123456789"))
		return tidy_number(data, len, tidied);
	if (!word && is_of(*data, SPACE "{}[]:,"))
		word = 1;
	text_add(tidied, data, word);
	return word;
}

/* The first value, without all that json-c would let pass: not its own extensions alone, which it can be told to refuse. */
static int tidy(const char *data, size_t len, size_t *used, struct text *tidied, struct error *err)
{
	size_t i = span(data, len, SPACE), depth = 0, step;

	if (i == len)
		return fail(err, "EOF");
	do {
		step = tidy_token(data + i, len - i, tidied);
		if (!step)
			return fail(err, "invalid character in JSON text");
		if (is_of(data[i], "{["))
			depth++;
		else if (is_of(data[i], "}]") && depth)
			depth--;
		i += step;
	} while (i < len && depth);
	*used = i;
	return 0;
}

int json_parse_first(const char *data, size_t len, size_t *used, json_object **value, struct error *err)
{
	autotext struct text tidied = { 0 };
	size_t end;

	*value = NULL;
	if (tidy(data, len, used ? used : &end, &tidied, err) == 0 &&
		parse(tidied.data, tidied.len, JSON_TOKENER_STRICT, value, err) == 0)
		return 0;
	err->kind = ERROR_BAD_INPUT;
	return -1;
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
