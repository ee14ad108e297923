#include "common/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *or_abort(void *memory)
{
	static const char message[] = "out of memory\n";

	if (!memory) {
		(void)!write(2, message, sizeof message - 1); /* nobody left to tell */
		abort();
	}
	return memory;
}

void *xmalloc(size_t size)
{
	return or_abort(calloc(1, size ? size : 1));
}

void *xrealloc(void *old, size_t size)
{
	return or_abort(realloc(old, size ? size : 1));
}

char *xstrdup(const char *string)
{
	return or_abort(strdup(string));
}

static char *format_string(const char *format, va_list args)
{
	char *made;

	return vasprintf(&made, format, args) < 0 ? or_abort(NULL) : made;
}

char *xprintf(const char *format, ...)
{
	va_list args;
	char *made;

	va_start(args, format);
	made = format_string(format, args);
	va_end(args);
	return made;
}

void free_cleanup(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){ 0 };
}

void text_add(struct text *text, const void *data, size_t len)
{
	if (text->len + len + 1 > text->size) {
		text->size = (text->len + len + 1) * 2;
		text->data = xrealloc(text->data, text->size);
	}
	if (len)
		memcpy(text->data + text->len, data, len);
	text->len += len;
	text->data[text->len] = '\0';
}

void text_addf(struct text *text, const char *format, ...)
{
	va_list args;
	autofree char *made = NULL;

	va_start(args, format);
	made = format_string(format, args);
	va_end(args);
	text_add(text, made, strlen(made));
}

void text_drop(struct text *text, size_t len)
{
	text->len -= len;
	if (text->len)
		memmove(text->data, text->data + len, text->len + 1);
	else
		text_free(text);
}

const char *text_string(const struct text *text)
{
	return text->data ? text->data : "";
}

char *text_take(struct text *text)
{
	char *taken = text->data ? text->data : xstrdup("");

	*text = (struct text){ 0 };
	return taken;
}

void strings_free(struct strings *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->item[i]);
	free(list->item);
	*list = (struct strings){ 0 };
}

static void add_owned(struct strings *list, char *string)
{
	list->item = xrealloc(list->item, (list->count + 2) * sizeof *list->item);
	list->item[list->count++] = string;
	list->item[list->count] = NULL;
}

void strings_add(struct strings *list, const char *string)
{
	add_owned(list, xstrdup(string));
}

void strings_addf(struct strings *list, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_owned(list, format_string(format, args));
	va_end(args);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void strings_sort(struct strings *list)
{
	if (list->count)
		qsort(list->item, list->count, sizeof *list->item, by_name);
}
