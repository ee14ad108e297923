/* Any bytes as a client's input stream, which must mean the same however it is cut. The first byte says how. A byte 1, which
 * is none of JSON, stands for so much data that it is handed on before its message is complete. */
#include "guardian/input.h"

#include "common/base/text.h"
#include "test/fuzz/must.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define PIECE 65536   /* data that is longer is given out before its message is complete */
#define MUCH 50000    /* what a byte 1 is: one is held back, two are not */
#define MOST_MUCH 2   /* of them, for the sake of speed */
#define SHORTEST 1024 /* a piece of a stream that has them, likewise */
#define MOST_WINDOW 65535

static void expand(const uint8_t *data, size_t len, struct text *stream)
{
	static char much[MUCH];
	int left = MOST_MUCH;

	memset(much, 'x', sizeof much);
	for (size_t i = 0; i < len; i++)
		if (data[i] == 1 && left-- > 0)
			text_add(stream, much, sizeof much);
		else
			text_add(stream, &data[i], 1);
}

static void check(const struct input_message *message)
{
	switch (message->kind) {
	case INPUT_WINDOW:
		must(message->columns <= MOST_WINDOW && message->rows <= MOST_WINDOW);
		must(message->window_given || (!message->columns && !message->rows));
		break;
	case INPUT_DATA: must(message->data && message->len); break;
	case INPUT_SIGNAL: must(message->signal == SIGTERM || message->signal == SIGKILL); break;
	case INPUT_END: break;
	}
	must(message->kind == INPUT_DATA || !message->data);
}

/* What the messages say, data on its own: it may come in any number of pieces. */
static bool decode(const struct text *stream, size_t cut, struct text *said, struct text *data)
{
	struct input_decoder *decoder = input_decoder_new();
	ssize_t used = 0;
	bool complete;

	for (size_t at = 0; at < stream->len; at += (size_t)used) {
		size_t piece = stream->len - at < cut ? stream->len - at : cut;
		struct input_message message = { 0 };
		char *bytes = xmalloc(piece); /* so that a byte too many is seen */

		memcpy(bytes, stream->data + at, piece);
		used = input_decode(decoder, bytes, piece, &message, &complete);
		free(bytes);
		if (used < 0)
			break;
		must(complete ? (size_t)used <= piece : (size_t)used == piece);
		must(used > 0 || complete);
		if (!complete)
			continue;
		check(&message);
		if (message.kind == INPUT_DATA)
			text_add(data, message.data, message.len);
		else
			text_addf(said, "%d %d %u %u %d at %zu;", message.kind, message.window_given, message.columns,
				message.rows, message.signal, data->len);
		free(message.data);
	}
	input_decoder_free(decoder);
	return used >= 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	autotext struct text stream = { 0 }, said = { 0 }, again = { 0 }, got = { 0 }, got_again = { 0 };
	bool good, good_again;
	size_t cut, common;

	if (len < 2)
		return 0;
	expand(data + 1, len - 1, &stream);
	cut = 1 + data[0] % 64;
	if (stream.len >= MUCH)
		cut += SHORTEST;
	good = decode(&stream, stream.len, &said, &got);
	good_again = decode(&stream, cut, &again, &got_again);
	common = got.len < got_again.len ? got.len : got_again.len;
	must(good == good_again);
	must(strcmp(text_string(&said), text_string(&again)) == 0);
	/* A long message that does not end, or not well, has given out more or less. */
	must(got.len == got_again.len || got.len + got_again.len > PIECE);
	must(!common || memcmp(got.data, got_again.data, common) == 0);
	return 0;
}
