/* What commands print: aligned columns and ages for people, JSON for programs. */
#ifndef DEPOTCTL_COLUMNS_H
#define DEPOTCTL_COLUMNS_H

#include "common/base/error.h"
#include "common/base/text.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

/* Cells row by row, the headings first. */
struct table {
	size_t columns;
	struct strings cells;
};

/* Starts a table with its headings. */
void table_begin(struct table *table, const char *const *headings, size_t columns);

/* Adds the next cell. NULL is shown as "-". */
void table_cell(struct table *table, const char *cell);
void table_cellf(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints it, and frees it. */
void table_print(struct table *table);

/* A copy in which a '?' stands for every byte that a terminal would act upon, for names come from anywhere. Every cell of a
 * table is such a copy. The caller frees it. */
char *clean_text(const char *text);

/* Names alone: one a line, or a JSON array. */
void print_names(const struct strings *names, bool json);

/* "12s", "5m", "3h", "4d" since a time in ms since 1970; the caller frees it. NULL when the time is 0, not known. */
char *age_text(long long since_ms);

/* RFC 3339 in UTC with milliseconds; the caller frees it. NULL when the time is 0. */
char *time_text(long long ms);

/* Adds a string, or null for NULL; a number, or null where it is 0. */
void json_add_text(json_object *object, const char *key, const char *value);
void json_add_positive(json_object *object, const char *key, long long value);

/* Prints it on one line, and frees it. */
void json_print(json_object *object);

#endif
