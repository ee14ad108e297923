#include "depotctl/columns.h"

#include "common/base/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void table_begin(struct table *table, const char *const *headings, size_t columns)
{
	*table = (struct table){ .columns = columns };
	for (size_t i = 0; i < columns; i++)
		strings_add(&table->cells, headings[i]);
}

void table_cell(struct table *table, const char *cell)
{
	autofree char *clean = clean_text(cell && *cell ? cell : "-");

	strings_add(&table->cells, clean);
}

void table_cellf(struct table *table, const char *format, ...)
{
	autofree char *cell = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&cell, format, args) < 0)
		cell = NULL;
	va_end(args);
	table_cell(table, cell);
}

char *clean_text(const char *text)
{
	char *clean = xstrdup(text);

	for (char *at = clean; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	return clean;
}

/* Characters, of UTF-8: bytes that continue one take no column. */
static size_t width(const char *cell)
{
	size_t columns = 0;

	for (; *cell; cell++)
		columns += (*cell & 0xc0) != 0x80;
	return columns;
}

static size_t column_width(const struct table *table, size_t column)
{
	size_t widest = 0;

	for (size_t i = column; i < table->cells.count; i += table->columns) {
		size_t cell = width(table->cells.item[i]);

		widest = cell > widest ? cell : widest;
	}
	return widest;
}

void table_print(struct table *table)
{
	size_t *widths = xmalloc(table->columns * sizeof *widths);

	for (size_t i = 0; i < table->columns; i++)
		widths[i] = column_width(table, i);
	for (size_t i = 0; i < table->cells.count; i++) {
		const char *cell = table->cells.item[i];
		size_t column = i % table->columns;

		if (column + 1 < table->columns)
			printf("%s%*s", cell, (int)(widths[column] - width(cell) + 2), "");
		else
			puts(cell);
	}
	free_cleanup(&widths);
	strings_free(&table->cells);
}

void print_names(const struct strings *names, bool json)
{
	if (json) {
		json_print(json_of_strings(names));
		return;
	}
	for (size_t i = 0; i < names->count; i++)
		puts(names->item[i]);
}

char *age_text(long long since_ms)
{
	struct timespec now;
	long long seconds;

	if (since_ms == 0)
		return NULL;
	clock_gettime(CLOCK_REALTIME, &now);
	seconds = now.tv_sec - since_ms / 1000;
	if (seconds < 0)
		seconds = 0; /* the clock was set back */
	if (seconds < 120)
		return xprintf("%llds", seconds);
	if (seconds < 120 * 60)
		return xprintf("%lldm", seconds / 60);
	if (seconds < 48 * 3600)
		return xprintf("%lldh", seconds / 3600);
	return xprintf("%lldd", seconds / 86400);
}

char *time_text(long long ms)
{
	time_t seconds = (time_t)(ms / 1000);
	struct tm parts;
	char day[32];

	if (ms == 0 || !gmtime_r(&seconds, &parts) || !strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts))
		return NULL;
	return xprintf("%s.%03dZ", day, (int)(ms % 1000));
}

void json_add_text(json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, value ? json_object_new_string(value) : NULL);
}

void json_add_positive(json_object *object, const char *key, long long value)
{
	json_object_object_add(object, key, value > 0 ? json_object_new_int64(value) : NULL);
}

void json_print(json_object *object)
{
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(object);
}
