/* The decoder of a client's input stream, for wire.bats.
 *
 *	input CUT               the messages on standard input, taken in pieces of CUT bytes
 *	input random FROM COUNT     made-up messages, with these numbers for seeds: cut anywhere they must mean what they mean to
 *	                            a reader who has each as a whole; prints those that do not
 *	input long BYTES        a message of so much data, in pieces; prints how much came of it and the most memory in KiB */
#include "guardian/input.h"
#include "common/base/json.h"
#include "common/base/object.h"
#include "guardian/fields.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

/* --- What the messages say, as lines; data that was handed on in pieces makes one line --- */

static void say_data(struct text *lines, const char *data, size_t len)
{
	autojson json_object *string = json_object_new_string_len(data, (int)len);

	text_addf(lines, "data ");
	object_write_anyway(string, lines);
	text_addf(lines, "\n");
}

static void flush(struct text *lines, struct text *data)
{
	if (data->len)
		say_data(lines, data->data, data->len);
	text_free(data);
}

static void say_message(struct text *lines, struct text *data, struct input_message *message)
{
	if (message->kind != INPUT_DATA)
		flush(lines, data);
	switch (message->kind) {
	case INPUT_DATA: text_add(data, message->data, message->len); break;
	case INPUT_END: text_addf(lines, "end\n"); break;
	case INPUT_SIGNAL: text_addf(lines, "signal %d\n", message->signal); break;
	case INPUT_WINDOW:
		if (message->window_given)
			text_addf(lines, "window %u %u\n", message->columns, message->rows);
		else
			text_addf(lines, "no window\n");
		break;
	}
	free(message->data);
}

/* cut 0: pieces of any length. */
static void in_pieces(const char *bytes, size_t len, size_t cut, struct text *lines)
{
	struct input_decoder *decoder = input_decoder_new();
	autotext struct text data = { 0 };
	ssize_t used = 0;

	for (size_t at = 0, piece; at < len; at += (size_t)used) {
		struct input_message message = { 0 };
		bool complete;
		char *copy; /* so that a sanitizer sees each byte too many */

		piece = cut ? cut : 1 + (size_t)rand() % 20;
		if (piece > len - at)
			piece = len - at;
		copy = xmalloc(piece);
		memcpy(copy, bytes + at, piece);
		used = input_decode(decoder, copy, piece, &message, &complete);
		free(copy);
		if (used < 0)
			break;
		if (complete)
			say_message(lines, &data, &message);
	}
	flush(lines, &data);
	if (used < 0)
		text_addf(lines, "malformed\n");
	input_decoder_free(decoder);
}

/* --- The reference: json-c reads a message as a whole, and a few lines say what it means --- */

/* Also of a member that a later one of its name takes the place of. */
static bool typed(json_object *message)
{
	static const struct {
		const char *name;
		enum json_type type;
	} members[] = {
		{ "process_id", json_type_string },
		{ "stream_id", json_type_string },
		{ "source", json_type_int },
		{ "data", json_type_string },
		{ "exit_status", json_type_int },
		{ "error", json_type_string },
		{ "tty", json_type_object },
		{ "signal", json_type_int },
	};

	if (!message)
		return true;
	json_object_object_foreach(message, name, value)
	{
		if (json_object_is_type(value, json_type_int) && json_object_get_int64(value) >= 0 &&
			json_object_get_uint64(value) > INT64_MAX && !strcasecmp(name, "exit_status"))
			return false;
		for (size_t i = 0; i < ARRAY_SIZE(members); i++)
			if (!strcasecmp(name, members[i].name) && value && !json_object_is_type(value, members[i].type))
				return false;
	}
	return true;
}

static int size_of(json_object *window, const char *name)
{
	json_object *value = field(window, name);

	if ((value && !json_object_is_type(value, json_type_int)) || json_object_get_int64(value) < 0 ||
		json_object_get_int64(value) > 65535)
		return -1;
	return json_object_get_int(value);
}

/* "window 80 24", "no window", or "" for one that is malformed. */
static void window(json_object *tty, struct text *line)
{
	json_object *size = field(tty, "window_size");
	int columns, rows;

	if (!size) {
		text_addf(line, "no window\n");
		return;
	}
	if (!json_object_is_type(size, json_type_object))
		return;
	columns = size_of(size, "columns");
	rows = size_of(size, "rows");
	if (columns >= 0 && rows >= 0)
		text_addf(line, "window %d %d\n", columns, rows);
}

static bool understand(json_object *message, struct text *lines, struct text *held)
{
	json_object *source = field(message, "source"), *data = field(message, "data"), *tty = field(message, "tty"),
		    *number = field(message, "signal");
	autotext struct text size = { 0 };

	if (!typed(message))
		return false;
	if (!tty && source && data) {
		text_add(held, json_object_get_string(data), (size_t)json_object_get_string_len(data));
		return true;
	}
	if (tty)
		window(tty, &size);
	if (tty && !size.len)
		return false;
	flush(lines, held);
	if (tty)
		text_add(lines, size.data, size.len);
	else if (source || !number || json_object_get_int64(number) < 0 || json_object_get_int64(number) > 1)
		text_addf(lines, "end\n");
	else
		text_addf(lines, "signal %d\n", json_object_get_int(number) ? SIGKILL : SIGTERM);
	return true;
}

static void whole(const char *bytes, size_t len, struct text *lines)
{
	autotext struct text held = { 0 };
	size_t used;

	for (size_t at = 0; at < len && strspn(bytes + at, " \t\r\n") < len - at; at += used) {
		autojson json_object *message = NULL;
		struct error err = { 0 };
		if (json_parse_first(bytes + at, len - at, &used, &message, &err) == 0 &&
			(!message || json_object_is_type(message, json_type_object)) &&
			understand(message, lines, &held))
			continue;
		if (!strcmp(err.text, "unexpected EOF"))
			break;
		flush(lines, &held);
		text_addf(lines, "malformed\n");
		return;
	}
	flush(lines, &held);
}

/* --- Made-up streams --- */

static const char *one_of(const char *const choices[], size_t count)
{
	return choices[(size_t)rand() % count];
}

#define ANY(...) one_of((const char *const[]){ __VA_ARGS__ }, ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })))

/* In names there is no NUL, where json-c would cut them. */
static void make_string(struct text *text, bool name)
{
	text_addf(text, "\"");
	for (int left = rand() % 8; left > 0; left--)
		text_addf(text, "%s",
			ANY("a", name ? "date" : "data", " ", "\\n", "\\\"", "\\\\", "\\/", "\\b\\f\\r\\t",
				name ? "" : "\\u0000", "\\u00e9", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
				"\\ud83d\\ude00", "\\uD83D\\uDE00", "\\ud83d", "\\ude00", "\\ud83dx", "\\ud83d\\n",
				"\\ud83d\\u0041", "\xff", "\xc3", "\xe2\x82", "\xe2\x82x", "\xf0\x9f", "\xed\xa0\x80",
				"\xc0\x80", "\xf4\x90\x80\x80", "\x7f", "{", "}", "[", "]", ",", ":"));
	text_addf(text, "\"");
}

static void make_value(struct text *text, int deep)
{
	switch (rand() % (deep < 4 ? 6 : 4)) {
	case 0: make_string(text, false); break;
	case 1:
		text_addf(text, "%s",
			ANY("0", "1", "-1", "2", "1.5", "1e3", "18446744073709551615", "99999999999999999999", "-0"));
		break;
	case 2: text_addf(text, "%s", ANY("null", "true", "false")); break;
	case 3: text_addf(text, "%s", ANY("[]", "{}", " 7 ", "\"\"")); break;
	case 4:
		text_addf(text, "[");
		make_value(text, deep + 1);
		text_addf(text, " , ");
		make_value(text, deep + 1);
		text_addf(text, "]");
		break;
	default:
		text_addf(text, "{");
		make_string(text, true);
		text_addf(text, ":");
		make_value(text, deep + 1);
		text_addf(text, "}");
		break;
	}
}

static void make_member(struct text *text, bool good)
{
	switch (rand() % (good ? 14 : 13)) {
	case 0: text_addf(text, "\"process_id\":\"p\""); break;
	case 1: text_addf(text, "\"s\\u006furce\" : %s", ANY("0", "1", "7", "null")); break;
	case 2:
	case 3: text_addf(text, "%s", ANY("\"source\":0", "\"Source\":0 ")); break;
	case 4:
	case 5:
	case 6:
		text_addf(text, "%s", ANY("\"data\":", "\"DATA\" : ", "\"\\u0064ata\":"));
		make_string(text, false);
		break;
	case 7: text_addf(text, "\"signal\":%s", ANY("0", "1", "2", "-1", "null")); break;
	case 8:
		text_addf(text, "\"tty\":%s",
			ANY("{}", "null", "{\"window_size\":{\"columns\":80,\"rows\":24}}", "{\"window_size\":null}",
				"{\"Window_Size\":{\"rows\":70000}}"));
		break;
	case 13: /* of the wrong type and of names that no other has, for of equal ones json-c keeps but the last */
		text_addf(text, "%s",
			ANY("\"sOurce\":1.5", "\"soUrce\":\"0\"", "\"sIgnal\":[]", "\"tTy\":3", "\"dAta\":0",
				"\"error\":false", "\"Exit_Status\":99999999999999999999", "\"siGnal\":null"));
		break;
	default:
		make_string(text, true);
		text_addf(text, ":");
		make_value(text, 0);
	}
}

/* False if a byte of it was made wrong. */
static bool make_stream(struct text *text)
{
	bool good = rand() % 4 > 0;

	for (int left = 1 + rand() % 4; left > 0; left--) {
		text_addf(text, "{%s", ANY("", " ", "\n"));
		for (int members = rand() % 4, i = 0; i < members; i++) {
			text_addf(text, "%s", i ? ANY(",", " ,\t") : "");
			make_member(text, good);
		}
		text_addf(text, "}%s", ANY("", "\n", " \r\n"));
	}
	if (!good)
		text->data[(size_t)rand() % text->len] = *ANY("\"", "{", "}", ",", ":", "x", "\\", "\n", "0", "\xff");
	return good;
}

static size_t without(const char *lines, const char *end)
{
	size_t len = strlen(lines), less = strlen(end);

	return len >= less && !strcmp(lines + len - less, end) ? len - less : len;
}

/* What is wrong in a message that never ends need not be found, by either: the decoder looks at a value when it is whole, but
 * then without waiting for the rest of the message. */
static bool equal(const char *got, const char *expected, bool good)
{
	size_t len = without(got, "malformed\n");

	if (good)
		return !strcmp(got, expected);
	return len == without(expected, "malformed\n") && !strncmp(got, expected, len);
}

static int compare(unsigned from, unsigned count)
{
	int wrong = 0;

	for (unsigned seed = from; seed < from + count; seed++) {
		autotext struct text stream = { 0 }, expected = { 0 };

		bool good;

		srand(seed);
		good = make_stream(&stream);
		whole(stream.data, stream.len, &expected);
		for (size_t cut = 0; cut < 4; cut++) {
			autotext struct text got = { 0 };

			in_pieces(stream.data, stream.len, cut == 3 ? stream.len : cut, &got);
			if (equal(text_string(&got), text_string(&expected), good))
				continue;
			printf("seed %u, cut %zu: %s\n--- got\n%s--- expected\n%s", seed, cut, stream.data,
				text_string(&got), text_string(&expected));
			wrong++;
		}
	}
	return wrong > 0;
}

static int feed_long(size_t bytes)
{
	static char piece[65536];
	static const char head[] = "{\"source\":0,\"data\":\"";
	struct input_decoder *decoder = input_decoder_new();
	struct input_message message = { 0 };
	struct rusage usage;
	size_t came = 0, at;
	bool complete;

	memset(piece, 'x', sizeof piece);
	if (input_decode(decoder, head, sizeof head - 1, &message, &complete) < 0)
		return 1;
	for (size_t sent = 0; sent < bytes; sent += sizeof piece) {
		for (at = 0; at < sizeof piece;) {
			ssize_t used = input_decode(decoder, piece + at, sizeof piece - at, &message, &complete);

			if (used < 0)
				return 1;
			at += (size_t)used;
			came += complete ? message.len : 0;
			if (complete)
				free(message.data);
		}
	}
	if (input_decode(decoder, "\"}", 2, &message, &complete) < 0)
		return 1;
	came += complete ? message.len : 0;
	getrusage(RUSAGE_SELF, &usage);
	printf("%zu %ld\n", came, usage.ru_maxrss);
	return 0;
}

int main(int argc, char **argv)
{
	autotext struct text stream = { 0 }, lines = { 0 };
	char bytes[4096];
	ssize_t n;

	if (argc == 4 && !strcmp(argv[1], "random"))
		return compare((unsigned)atoi(argv[2]), (unsigned)atoi(argv[3]));
	if (argc == 3 && !strcmp(argv[1], "long"))
		return feed_long(strtoul(argv[2], NULL, 10));
	if (argc != 2)
		return 1;
	while ((n = read(0, bytes, sizeof bytes)) > 0)
		text_add(&stream, bytes, (size_t)n);
	in_pieces(text_string(&stream), stream.len, strtoul(argv[1], NULL, 10), &lines);
	fputs(text_string(&lines), stdout);
	return 0;
}
