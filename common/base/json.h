/* JSON as the suite reads and writes it, on json-c: bounded depth, missing members read as empty. */
#ifndef COMMON_BASE_JSON_H
#define COMMON_BASE_JSON_H

#include "common/base/error.h"
#include "common/base/text.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

/* Drops a reference at the end of its scope. */
#define autojson __attribute__((cleanup(json_cleanup)))
void json_cleanup(json_object **object);

/* Parses exactly one value, white space around it allowed; nesting at most 64 deep. The caller puts it. NULL with err. */
json_object *json_parse(const char *data, size_t len, struct error *err);

/* Parses the first value of bytes that come from outside, strictly, and ignores what follows it; *used, if used is not NULL,
 * is where that begins. Bytes that are no UTF-8 become U+FFFD, and an integer beyond 64 bits becomes a number that is none.
 * 0 with *value, which the caller puts (NULL stands for null); -1 with ERROR_BAD_INPUT, whose text is "EOF" when there is no
 * value and "unexpected EOF" when it is cut short. */
int json_parse_first(const char *data, size_t len, size_t *used, json_object **value, struct error *err);

/* A member of an object, owned by it; NULL when the object is NULL, is none, or lacks it. */
json_object *json_member(json_object *object, const char *name);

/* A member's value: "" / 0 / false when it is absent or of another type. The string is owned by the object. */
const char *json_string(json_object *object, const char *name);
uint64_t json_number(json_object *object, const char *name);
bool json_flag(json_object *object, const char *name);

/* An array of strings and back; elements that are no strings are passed over. */
json_object *json_of_strings(const struct strings *list);
void json_to_strings(json_object *array, struct strings *list);

#endif
