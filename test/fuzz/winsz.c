/* Any bytes in the FIFO of window sizes: however they are cut, the terminal ends up with the same size and the same is reported
 * of them; and what is JSON is understood as a reader of all of JSON understands it. The first byte says how they are cut. */
#include "dadoo/winsz.h"

#include "common/base/fd.h"
#include "common/base/json.h"
#include "common/base/text.h"
#include "dadoo/caller.h"
#include "test/fuzz/must.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define FIRST_COLUMNS 7 /* what no event has been applied to */
#define FIRST_ROWS 5
#define DEEPEST 8
#define FITS 1000 /* bytes of one event, surely */

static struct text *reports;

/* In the place of dadoo's own, which writes to a descriptor. */
void report(const char *format, ...)
{
	char line[4096];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof line, format, args);
	va_end(args);
	text_addf(reports, "%s\n", line);
}

static int terminal(void)
{
	static int master = -1;

	if (master < 0)
		master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	must(master >= 0);
	return master;
}

static struct winsize feed(const char *bytes, size_t len, size_t cut, struct text *reported)
{
	struct winsize size = { .ws_col = FIRST_COLUMNS, .ws_row = FIRST_ROWS };
	struct winsz sizes = { 0 };
	int ends[2], left;

	must(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
	must(ioctl(terminal(), TIOCSWINSZ, &size) == 0);
	sizes.fifo = ends[0];
	reports = reported;
	for (size_t piece; len; bytes += piece, len -= piece) {
		piece = len < cut ? len : cut;
		must(write(ends[1], bytes, piece) == (ssize_t)piece);
		do {
			winsz_read(&sizes, terminal());
			must(sizes.len < sizeof sizes.text); /* or no more would ever be read */
			must(ioctl(ends[0], FIONREAD, &left) == 0);
		} while (left);
	}
	close(ends[0]);
	close(ends[1]);
	must(ioctl(terminal(), TIOCGWINSZ, &size) == 0);
	return size;
}

/* --- A second opinion, of one event that has nothing in it which the two may see differently --- */

/* White space that JSON does not have, escapes in names, names twice, more depth. */
static bool peculiar(const char *bytes, size_t len)
{
	int depth = 0, columns = 0, rows = 0;

	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\\' || (iscntrl((unsigned char)bytes[i]) && bytes[i] != '\n' && bytes[i] != '\t'))
			return true;
		depth += bytes[i] == '{' || bytes[i] == '[';
		columns += len - i >= 7 && strncasecmp(bytes + i, "columns", 7) == 0;
		rows += len - i >= 4 && strncasecmp(bytes + i, "rows", 4) == 0;
	}
	return depth > DEEPEST || columns > 1 || rows > 1 || len > FITS;
}

/* The size that object gives for name; -1 for one that is none. */
static int cells(json_object *object, const char *name, int otherwise)
{
	json_object_object_foreach(object, key, value)
	{
		if (strcasecmp(key, name) != 0)
			continue;
		if (value &&
			(!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0 ||
				json_object_get_int64(value) > UINT16_MAX))
			return -1;
		return json_object_get_int(value) ? json_object_get_int(value) : otherwise;
	}
	return otherwise;
}

static void check_meaning(const char *bytes, size_t len, const struct winsize *size, const struct text *reported)
{
	autojson json_object *object = NULL;
	struct error err;
	size_t used;
	int columns, rows;

	if (peculiar(bytes, len) || json_parse_first(bytes, len, &used, &object, &err) < 0)
		return;
	if (!json_object_is_type(object, json_type_object) || used + strspn(bytes + used, " \n\t") < len)
		return;
	columns = cells(object, "columns", 80);
	rows = cells(object, "rows", 24);
	if (columns < 0 || rows < 0) {
		must(reported->len && size->ws_col == FIRST_COLUMNS && size->ws_row == FIRST_ROWS);
	} else {
		must(!reported->len);
		must(size->ws_col == columns && size->ws_row == rows);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	autotext struct text whole = { 0 }, pieces = { 0 }, bytes = { 0 };
	struct winsize size, again;

	if (len < 2)
		return 0;
	text_add(&bytes, data + 1, len - 1);
	size = feed(bytes.data, bytes.len, bytes.len, &whole);
	again = feed(bytes.data, bytes.len, 1 + data[0] % 64, &pieces);
	must(size.ws_col == again.ws_col && size.ws_row == again.ws_row);
	must(strcmp(text_string(&whole), text_string(&pieces)) == 0);
	must(size.ws_xpixel == 0 && size.ws_ypixel == 0);
	check_meaning(bytes.data, bytes.len, &size, &whole);
	return 0;
}
