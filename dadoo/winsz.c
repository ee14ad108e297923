/* With a scanner for as much JSON as it takes to find two numbers in an object: json-c would make a third of dadoo, of which
 * there is one for each process. */
#include "dadoo/winsz.h"

#include "dadoo/caller.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { DEFAULT_COLUMNS = 80, DEFAULT_ROWS = 24, DEPTH_MAX = 8, END = -1 };

struct span {
	const char *at;
	int len;
};

/* One object. */
struct event {
	unsigned short columns, rows; /* 0 when absent */
	const char *refused;          /* a field that cannot be a size; NULL if all is well */
	struct span value;            /* what it was to be */
};

/* Each scan_... takes what it is named after and says true. If it does not, either that is no JSON (wrong), or more bytes
 * are needed to tell. */
struct scan {
	const char *at, *end;
	int depth;
	bool wrong;
};

static bool scan_fails(struct scan *scan)
{
	scan->wrong = scan->at < scan->end;
	return false;
}

/* The next byte that is no space; it is not taken. */
static int peek(struct scan *scan)
{
	while (scan->at < scan->end && isspace((unsigned char)*scan->at))
		scan->at++;
	return scan->at < scan->end ? (unsigned char)*scan->at : END;
}

static bool scan_byte(struct scan *scan, char wanted)
{
	if (peek(scan) != wanted)
		return scan_fails(scan);
	scan->at++;
	return true;
}

/* No newline can be in a string, so one that was cut off does not swallow the next line. */
static bool scan_string(struct scan *scan, struct span *inside)
{
	if (!scan_byte(scan, '"'))
		return false;
	for (inside->at = scan->at; scan->at < scan->end && !iscntrl((unsigned char)*scan->at); scan->at++) {
		if (*scan->at == '"') {
			inside->len = (int)(scan->at++ - inside->at);
			return true;
		}
		if (*scan->at == '\\' && scan->at + 1 < scan->end)
			scan->at++;
	}
	return scan_fails(scan);
}

/* A number or a name such as null. Its end is only seen by what follows. */
static bool scan_word(struct scan *scan)
{
	const char *start = scan->at;

	while (scan->at < scan->end && (isalnum((unsigned char)*scan->at) || memchr("+-.", *scan->at, 3)))
		scan->at++;
	return scan->at > start && scan->at < scan->end ? true : scan_fails(scan);
}

static bool scan_list(struct scan *scan, struct event *event);

static bool scan_value(struct scan *scan, struct span *value)
{
	struct span inside;
	int first = peek(scan);
	bool whole;

	value->at = scan->at;
	if (first == '"')
		whole = scan_string(scan, &inside);
	else if (first == '{' || first == '[')
		whole = scan_list(scan, NULL);
	else
		whole = scan_word(scan);
	value->len = (int)(scan->at - value->at);
	return whole;
}

static void read_cells(struct event *event, const char *name, unsigned short *cells, struct span value)
{
	bool null = value.len == 4 && memcmp(value.at, "null", 4) == 0;
	char *end = NULL;
	unsigned long wanted = isdigit((unsigned char)*value.at) ? strtoul(value.at, &end, 10) : 0;

	if (end == value.at + value.len && wanted <= UINT16_MAX) {
		*cells = (unsigned short)wanted;
	} else if (!null && !event->refused) {
		event->refused = name;
		event->value = value;
	}
}

/* Names count in any case, and the last of equal ones. */
static void read_field(struct event *event, struct span key, struct span value)
{
	if (key.len == 7 && strncasecmp(key.at, "columns", 7) == 0)
		read_cells(event, "columns", &event->columns, value);
	else if (key.len == 4 && strncasecmp(key.at, "rows", 4) == 0)
		read_cells(event, "rows", &event->rows, value);
}

/* An object, its fields read if event is not NULL, or an array. */
static bool scan_list(struct scan *scan, struct event *event)
{
	bool object = *scan->at++ == '{';
	char close = object ? '}' : ']';
	struct span key = { 0 }, value;

	if (peek(scan) == close)
		return scan_byte(scan, close);
	if (++scan->depth > DEPTH_MAX)
		return scan_fails(scan);
	do {
		if (object && (!scan_string(scan, &key) || !scan_byte(scan, ':')))
			return false;
		if (!scan_value(scan, &value))
			return false;
		if (object && event)
			read_field(event, key, value);
	} while (peek(scan) == ',' && scan_byte(scan, ','));
	scan->depth--;
	return scan_byte(scan, close);
}

/* Not only an object: null means a size without any fields. */
static bool scan_event(struct scan *scan, struct event *event)
{
	struct span word;

	if (peek(scan) == '{')
		return scan_list(scan, event);
	if (!scan_value(scan, &word))
		return false;
	if (word.len == 4 && memcmp(word.at, "null", 4) == 0)
		return true;
	scan->at = word.at;
	return scan_fails(scan);
}

static void consume(struct winsz *sizes, const char *up_to)
{
	size_t used = (size_t)(up_to - sizes->text);

	sizes->len -= used;
	memmove(sizes->text, up_to, sizes->len);
}

static void skip_line(struct winsz *sizes)
{
	const char *newline = memchr(sizes->text, '\n', sizes->len);

	sizes->skipping = !newline;
	consume(sizes, newline ? newline + 1 : sizes->text + sizes->len);
}

static void skip_space(struct winsz *sizes)
{
	struct scan scan = { .at = sizes->text, .end = sizes->text + sizes->len };

	peek(&scan);
	consume(sizes, scan.at);
}

static void report_wrong(const struct scan *scan)
{
	unsigned char byte = (unsigned char)*scan->at;

	report(isprint(byte) ? "invalid winsz event: invalid character '%c'"
			     : "invalid winsz event: invalid character 0x%02x",
		byte);
}

static void take_size(const struct event *event, struct winsize *newest)
{
	const char *first = event->value.at;

	if (event->refused)
		report("invalid winsz event: json: cannot unmarshal %s%.*s into Go struct field WindowSize.%s of type uint16",
			isdigit((unsigned char)*first) || *first == '-' ? "number " : "", event->value.len, first,
			event->refused);
	else
		*newest = (struct winsize){ .ws_col = event->columns ? event->columns : DEFAULT_COLUMNS,
			.ws_row = event->rows ? event->rows : DEFAULT_ROWS };
}

/* Takes one event, or one line that is none. False when it needs more bytes for either. */
static bool take_event(struct winsz *sizes, struct winsize *newest)
{
	struct scan scan = { .at = sizes->text, .end = sizes->text + sizes->len };
	struct event event = { 0 };

	if (scan_event(&scan, &event)) {
		take_size(&event, newest);
		consume(sizes, scan.at);
		return true;
	}
	if (!scan.wrong && sizes->len < sizeof sizes->text)
		return false;
	if (scan.wrong)
		report_wrong(&scan);
	else
		report("invalid winsz event: too long");
	skip_line(sizes);
	return true;
}

void winsz_read(struct winsz *sizes, int master)
{
	struct winsize newest = { 0 };
	ssize_t n = read(sizes->fifo, sizes->text + sizes->len, sizeof sizes->text - sizes->len);

	if (n <= 0)
		return; /* the FIFO has no end while we hold it, so there is just nothing there */
	sizes->len += (size_t)n;
	if (sizes->skipping)
		skip_line(sizes);
	do
		skip_space(sizes);
	while (take_event(sizes, &newest));
	/* Fails only when the terminal is gone, and then it does not matter. */
	if (newest.ws_col)
		ioctl(master, TIOCSWINSZ, &newest);
}
