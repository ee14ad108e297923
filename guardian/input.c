#include "guardian/input.h"

#include "common/base/json.h"
#include "guardian/fields.h"
#include "guardian/jsonstring.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PIECE (64 << 10)    /* data that is longer is given out before the message is complete */
#define MOST_KEPT (1 << 20) /* of data that cannot be given out yet, and of everything else in one message */

#define SCALAR "+-.0123456789Eaeflnrstu" /* what numbers, true, false and null are made of */

/* What the next byte may be. */
enum state {
	BETWEEN,    /* white space, or the beginning of a message */
	FIRST_NAME, /* behind {, where a } may follow too */
	NEXT_NAME,  /* behind a comma */
	NAME,       /* in it */
	COLON,      /* behind the name */
	BEFORE_VALUE,
	VALUE, /* in one that json-c will read as a whole; data has a state of its own */
	DATA,
	BEHIND_VALUE, /* a comma, or } */
};

struct input_decoder {
	enum state state;
	bool bare; /* the value is no object: null is as good as an empty one, all else is malformed */
	struct jsonstring name;
	struct text value; /* raw */
	size_t nesting;    /* in value */
	bool quoted, escaped;
	struct jsonstring data;
	bool data_given;
	bool given_out;    /* some of it */
	json_object *rest; /* the other members */
	size_t kept;       /* bytes of the message's names and values so far, data apart */
};

/* The other members that mean something. What the server itself sends must have its type even so. */
static const struct {
	const char *name;
	enum json_type type;
} members[] = {
	{ "process_id", json_type_string },
	{ "stream_id", json_type_string },
	{ "source", json_type_int },
	{ "exit_status", json_type_int },
	{ "error", json_type_string },
	{ "tty", json_type_object },
	{ "signal", json_type_int },
};

struct input_decoder *input_decoder_new(void)
{
	return xmalloc(sizeof(struct input_decoder));
}

static void forget_message(struct input_decoder *decoder)
{
	text_free(&decoder->name.text);
	text_free(&decoder->value);
	text_free(&decoder->data.text);
	json_object_put(decoder->rest);
	*decoder = (struct input_decoder){ .state = BETWEEN };
}

void input_decoder_free(struct input_decoder *decoder)
{
	if (decoder)
		forget_message(decoder);
	free(decoder);
}

static int take_window(json_object *tty, struct input_message *message)
{
	json_object *size = NULL;
	uint64_t columns = 0, rows = 0;
	struct error ignored;

	if (field_object(tty, "window_size", &size, &ignored) < 0 ||
		field_unsigned(size, "columns", UINT16_MAX, &columns, &ignored) < 0 ||
		field_unsigned(size, "rows", UINT16_MAX, &rows, &ignored) < 0)
		return -1;
	*message = (struct input_message){
		.kind = INPUT_WINDOW,
		.window_given = size,
		.columns = (unsigned)columns,
		.rows = (unsigned)rows,
	};
	return 0;
}

static void give_data(struct input_decoder *decoder, struct input_message *message)
{
	*message = (struct input_message){ .kind = INPUT_DATA, .len = decoder->data.text.len };
	message->data = text_take(&decoder->data.text);
	decoder->given_out = true;
}

static int take_signal(json_object *number, struct input_message *message)
{
	static const int signals[] = { SIGTERM, SIGKILL };
	int64_t which = 0;
	struct error ignored;

	if (value_signed(number, "signal", &which, &ignored) < 0)
		return -1;
	if (which < 0 || which >= (int64_t)ARRAY_SIZE(signals))
		*message = (struct input_message){ .kind = INPUT_END };
	else
		*message = (struct input_message){ .kind = INPUT_SIGNAL, .signal = signals[which] };
	return 0;
}

static int check_numbers(json_object *rest)
{
	int64_t number;
	struct error ignored;

	return field_signed(rest, "source", &number, &ignored) < 0 ||
			field_signed(rest, "exit_status", &number, &ignored) < 0 ||
			field_signed(rest, "signal", &number, &ignored) < 0
		? -1
		: 0;
}

/* The message is there: what is to be done? */
static int judge(struct input_decoder *decoder, struct input_message *message, bool *complete)
{
	json_object *tty = field(decoder->rest, "tty"), *signal_given = field(decoder->rest, "signal");
	bool source = field(decoder->rest, "source");
	int result = 0;

	*complete = true;
	if (check_numbers(decoder->rest) < 0 || (tty && take_window(tty, message) < 0)) {
		result = -1;
	} else if (decoder->given_out || (source && decoder->data_given && !tty)) {
		*complete = decoder->data.text.len;
		if (*complete)
			give_data(decoder, message);
	} else if (!tty) {
		*message = (struct input_message){ .kind = INPUT_END };
		if (!source && signal_given)
			result = take_signal(signal_given, message);
	}
	forget_message(decoder);
	return result;
}

static bool named(const struct input_decoder *decoder, const char *name)
{
	const struct text *given = &decoder->name.text;

	return given->len == strlen(name) && !strcasecmp(text_string(given), name);
}

static int add_rest(struct input_decoder *decoder, json_object *value)
{
	struct error ignored;

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		if (!named(decoder, members[i].name))
			continue;
		if (!decoder->rest)
			decoder->rest = json_object_new_object();
		json_object_object_add(decoder->rest, text_string(&decoder->name.text), json_object_get(value));
		return value_is(value, members[i].type, members[i].name, &ignored);
	}
	return 0;
}

/* A value has come whole. */
static int keep_value(struct input_decoder *decoder)
{
	autojson json_object *value = NULL;
	autotext struct text raw = decoder->value;
	struct error ignored;
	size_t used;

	decoder->value = (struct text){ 0 };
	if (json_parse_first(text_string(&raw), raw.len, &used, &value, &ignored) < 0 || used != raw.len)
		return -1;
	if (decoder->bare || named(decoder, "data")) {
		decoder->data_given = false;
		return value ? -1 : 0;
	}
	return add_rest(decoder, value);
}

/* Takes bytes of a value up to its end, which can be found without understanding it. */
static size_t take_value(struct input_decoder *decoder, const char *bytes, size_t len, bool *ended)
{
	size_t i;

	*ended = false;
	for (i = 0; i < len && !*ended; i++) {
		char c = bytes[i];

		if (decoder->quoted) {
			decoder->quoted = decoder->escaped || c != '"';
			decoder->escaped = !decoder->escaped && c == '\\';
			*ended = !decoder->quoted && !decoder->nesting;
		} else if (!decoder->nesting && !strchr(SCALAR, c) &&
			(decoder->value.len + i > 0 || !strchr("\"{[", c))) {
			*ended = true;
			break;
		} else if (c == '"') {
			decoder->quoted = true;
		} else if (c == '{' || c == '[') {
			decoder->nesting++;
		} else if (decoder->nesting && (c == '}' || c == ']')) {
			*ended = --decoder->nesting == 0;
		}
	}
	text_add(&decoder->value, bytes, i);
	return i;
}

static ssize_t in_value(struct input_decoder *decoder, const char *bytes, size_t len, struct input_message *message,
	bool *complete)
{
	bool ended;
	size_t used = take_value(decoder, bytes, len, &ended);

	decoder->kept += used;
	if (!ended)
		return (ssize_t)used;
	if (keep_value(decoder) < 0 || (decoder->bare && judge(decoder, message, complete) < 0))
		return -1;
	if (!*complete)
		decoder->state = BEHIND_VALUE;
	return (ssize_t)used;
}

static ssize_t in_name(struct input_decoder *decoder, const char *bytes, size_t len)
{
	bool closed;
	ssize_t used = jsonstring_take(&decoder->name, bytes, len, &closed);

	if (used > 0)
		decoder->kept += (size_t)used;
	if (closed)
		decoder->state = COLON;
	return used;
}

static ssize_t in_data(struct input_decoder *decoder, const char *bytes, size_t len, struct input_message *message,
	bool *complete)
{
	bool closed;
	ssize_t used = jsonstring_take(&decoder->data, bytes, len < PIECE ? len : PIECE, &closed);

	if (closed)
		decoder->state = BEHIND_VALUE;
	if (decoder->data.text.len <= PIECE || used < 0)
		return used;
	if (decoder->given_out || (field(decoder->rest, "source") && !field(decoder->rest, "tty"))) {
		give_data(decoder, message);
		*complete = true;
	}
	return decoder->data.text.len <= MOST_KEPT ? used : -1;
}

static void begin_data(struct input_decoder *decoder)
{
	decoder->state = DATA;
	decoder->data_given = true;
	if (!decoder->given_out)
		text_free(&decoder->data.text); /* of an earlier member of that name */
}

/* A byte between tokens. It is not taken if it begins a value that is read as a whole. */
static ssize_t between(struct input_decoder *decoder, char c, struct input_message *message, bool *complete)
{
	enum state state = decoder->state;

	if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
		return 1;
	if (c == '}' && (state == FIRST_NAME || state == BEHIND_VALUE))
		return judge(decoder, message, complete) < 0 ? -1 : 1;
	if (c == '"' && (state == FIRST_NAME || state == NEXT_NAME)) {
		text_free(&decoder->name.text);
		decoder->state = NAME;
	} else if (c == '"' && state == BEFORE_VALUE && named(decoder, "data")) {
		begin_data(decoder);
	} else if (c == '{' && state == BETWEEN) {
		decoder->state = FIRST_NAME;
	} else if (c == ':' && state == COLON) {
		decoder->state = BEFORE_VALUE;
	} else if (c == ',' && state == BEHIND_VALUE) {
		decoder->state = NEXT_NAME;
	} else if (state == BETWEEN || state == BEFORE_VALUE) {
		decoder->bare = state == BETWEEN;
		decoder->state = VALUE;
		return 0;
	} else {
		return -1;
	}
	return 1;
}

static ssize_t take(struct input_decoder *decoder, const char *bytes, size_t len, struct input_message *message,
	bool *complete)
{
	switch (decoder->state) {
	case NAME: return in_name(decoder, bytes, len);
	case VALUE: return in_value(decoder, bytes, len, message, complete);
	case DATA: return in_data(decoder, bytes, len, message, complete);
	case BETWEEN:
	case FIRST_NAME:
	case NEXT_NAME:
	case COLON:
	case BEFORE_VALUE:
	case BEHIND_VALUE: break;
	}
	return between(decoder, *bytes, message, complete);
}

ssize_t input_decode(struct input_decoder *decoder, const char *bytes, size_t len, struct input_message *message,
	bool *complete)
{
	size_t at = 0;

	*complete = false;
	while (at < len && !*complete) {
		ssize_t used = take(decoder, bytes + at, len - at, message, complete);

		if (used < 0 || decoder->kept > MOST_KEPT)
			return -1;
		at += (size_t)used;
	}
	return (ssize_t)at;
}
