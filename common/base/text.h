/* The one growable buffer, and memory that lets go of itself. Running out of memory ends the program: there is nothing an
 * operation could do about it, and everything on disk is safe to be left at any point. */
#ifndef COMMON_BASE_TEXT_H
#define COMMON_BASE_TEXT_H

#include <stdarg.h>
#include <stddef.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Bytes with a NUL behind them that len does not count; data is NULL until something was added. */
struct text {
	char *data;
	size_t len, size;
};

#define autotext __attribute__((cleanup(text_free)))
void text_free(struct text *text);

void text_add(struct text *text, const void *data, size_t len);
void text_addf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Drops the first len bytes; the memory goes with the last. */
void text_drop(struct text *text, size_t len);

/* The bytes as a string, "" if there are none; owned by text. */
const char *text_string(const struct text *text);

/* Takes the string out; the caller frees it. */
char *text_take(struct text *text);

/* A pointer of any type from malloc, freed at the end of its scope. */
#define autofree __attribute__((cleanup(free_cleanup)))
void free_cleanup(void *pointer_to_pointer);

void *xmalloc(size_t size); /* zeroed */
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *string);
char *xprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A list of strings ended by NULL, as argv is; count does not include the NULL. Strings are owned by the list. */
struct strings {
	char **item;
	size_t count;
};

#define autostrings __attribute__((cleanup(strings_free)))
void strings_free(struct strings *list);
void strings_add(struct strings *list, const char *string);
void strings_addf(struct strings *list, const char *format, ...) __attribute__((format(printf, 2, 3)));
void strings_sort(struct strings *list);

#endif
