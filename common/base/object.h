/* JSON put together and written as the contracts of the depot and the API want it: members stay in the order in which they
 * were added. Running out of memory ends the program, as everywhere. */
#ifndef COMMON_BASE_OBJECT_H
#define COMMON_BASE_OBJECT_H

#include "common/base/json.h"

#include <stddef.h>
#include <stdint.h>

/* Adds a member; the object then owns the value. */
void object_add(json_object *object, const char *name, json_object *value);
void object_add_string(json_object *object, const char *name, const char *value);
void object_add_int(json_object *object, const char *name, int64_t value);
void object_add_unsigned(json_object *object, const char *name, uint64_t value); /* the whole 64-bit range */

/* Adds an element; the array then owns the value. */
void array_add(json_object *array, json_object *value);
void array_add_string(json_object *array, const char *value);

/* A value that was written already: text, which it takes, is what it will be written as. Not for looking into. */
json_object *json_written(struct text *text);

/* The object as compact text, added to text: one line without spaces, `/` as it is, and `<`, `>`, `&`, U+2028 and U+2029 as
 * \u003c and so on. ERROR_BAD_INPUT when a string in it is not UTF-8 (a runtime would refuse it, or change it silently); then
 * what was added to text is of no use. */
int object_write(json_object *object, struct text *text, struct error *err);

/* The same for readers that must be told in any case: what is not UTF-8 becomes U+FFFD. */
void object_write_anyway(json_object *object, struct text *text);

#endif
