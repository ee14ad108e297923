/* Any bytes as a client's input stream, which must mean the same however it is cut. The first byte chooses how. */
#include "guardian/input.h"

#include "common/base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define PIECE 65536 /* data that is longer is given out before its message is complete */

/* What the messages say, data on its own: it may come in any number of pieces. */
static bool decode(const char *bytes, size_t len, size_t cut, struct text *said, struct text *data)
{
	struct input_decoder *decoder = input_decoder_new();
	struct input_message message;
	ssize_t used = 0;
	bool complete;

	for (size_t at = 0; at < len; at += (size_t)used) {
		size_t piece = len - at < cut ? len - at : cut;

		memset(&message, 0, sizeof message);
		used = input_decode(decoder, bytes + at, piece, &message, &complete);
		if (used < 0 || (size_t)used > piece || (used == 0 && !complete))
			break;
		if (!complete)
			continue;
		if (message.kind == INPUT_DATA)
			text_add(data, message.data, message.len);
		else
			text_addf(said, "%d %d %u %u %d;", message.kind, message.window_given, message.columns,
				message.rows, message.signal);
		free(message.data);
	}
	input_decoder_free(decoder);
	return used >= 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	autotext struct text said = { 0 }, again = { 0 }, got = { 0 }, got_again = { 0 };
	const char *bytes = (const char *)data + 1;
	bool good, good_again;
	size_t common;

	if (len < 2)
		return 0;
	good = decode(bytes, len - 1, len, &said, &got);
	good_again = decode(bytes, len - 1, 1 + data[0] % 64, &again, &got_again);
	common = got.len < got_again.len ? got.len : got_again.len;
	if (good != good_again || strcmp(text_string(&said), text_string(&again)) != 0)
		abort();
	/* A long message that does not end, or not well, has given out more or less. */
	if (got.len != got_again.len && got.len + got_again.len <= PIECE)
		abort();
	if (common && memcmp(got.data, got_again.data, common) != 0)
		abort();
	return 0;
}
