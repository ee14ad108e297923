/* Members of a JSON object as the Garden protocol takes them: names in any case, the last of equal ones counts, null is as good
 * as absent; but what is there must be of its type and in its range. Errors are ERROR_BAD_INPUT and name the member. */
#ifndef GUARDIAN_FIELDS_H
#define GUARDIAN_FIELDS_H

#include "common/base/error.h"
#include "common/base/json.h"
#include "common/base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* The member, owned by object; NULL when it is absent or null, or object itself is NULL. object must be an object. */
json_object *field(json_object *object, const char *name);

/* Each leaves *value as it is where the member is absent. A string is a copy that replaces *value, which is freed; it may not
 * hold a NUL. Objects and arrays stay owned by object. */
int field_string(json_object *object, const char *name, char **value, struct error *err);
int field_unsigned(json_object *object, const char *name, uint64_t most, uint64_t *value, struct error *err);
int field_signed(json_object *object, const char *name, int64_t *value, struct error *err);
int field_flag(json_object *object, const char *name, bool *value, struct error *err);
int field_object(json_object *object, const char *name, json_object **value, struct error *err);
int field_array(json_object *object, const char *name, json_object **value, struct error *err);

/* Adds the strings of an array; null counts as "". */
int field_strings(json_object *object, const char *name, struct strings *list, struct error *err);

/* A request's body: its first value, of that type or null (then *value is NULL). The caller puts it. */
int request_parse(const char *body, size_t len, enum json_type type, json_object **value, struct error *err);

/* An array's length, 0 for NULL; an element that must be an object or null, owned by array. */
size_t array_length(json_object *array);
int array_object(json_object *array, size_t index, const char *name, json_object **object, struct error *err);

/* The same for values that stand alone, with the name that an error shall give them. */
int value_is(json_object *value, enum json_type type, const char *name, struct error *err); /* or null */
int value_unsigned(json_object *value, const char *name, uint64_t most, uint64_t *number, struct error *err);
int value_signed(json_object *value, const char *name, int64_t *number, struct error *err);
int value_string(json_object *value, const char *name, char **string, struct error *err);

#endif
