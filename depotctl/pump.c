#include "depotctl/pump.h"

#include "common/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CHUNK = 64 * 1024,
	SMALL_CHUNK = 4096, /* poll promises this much room on a blocking socket or terminal, more or less */
	KEY_FIRST = 'P' & 0x1f,
	KEY_SECOND = 'Q' & 0x1f,
};

void pump_begin(struct pump *pump, int from, int to)
{
	struct stat st;
	int flags = fcntl(to, F_GETFL);
	bool waits = flags >= 0 && !(flags & O_NONBLOCK) && fstat(to, &st) == 0 &&
		(S_ISSOCK(st.st_mode) || S_ISCHR(st.st_mode));

	*pump = (struct pump){ .from = from, .to = to, .chunk = waits ? SMALL_CHUNK : CHUNK, .left = SIZE_MAX };
}

void pump_free(struct pump *pump)
{
	free(pump->held);
	pump->held = NULL;
	pump->from = -1;
	pump->len = 0;
}

bool pump_done(const struct pump *pump)
{
	return pump->len == 0 && (pump->from < 0 || pump->left == 0);
}

struct pollfd pump_watch(const struct pump *pump)
{
	if (pump_done(pump))
		return (struct pollfd){ .fd = -1 };
	return pump->full ? (struct pollfd){ .fd = pump->to, .events = POLLOUT }
			  : (struct pollfd){ .fd = pump->from, .events = POLLIN };
}

static bool waits(void)
{
	return errno == EAGAIN || errno == EINTR;
}

static enum pump_result ended(struct pump *pump)
{
	pump->from = -1;
	return PUMP_END;
}

static size_t portion(const struct pump *pump)
{
	return pump->left < pump->chunk ? pump->left : pump->chunk;
}

/* Where the second key of the detach sequence stands in what was read; -1 if it is not there. The first key is not held
 * back until the next one is known, since it has a meaning of its own to many programs; so it gets there in any case. */
static ssize_t find_keys(struct pump *pump)
{
	for (size_t i = 0; i < pump->len; i++) {
		if (pump->first_key && pump->held[i] == KEY_SECOND)
			return (ssize_t)i;
		pump->first_key = pump->held[i] == KEY_FIRST;
	}
	return -1;
}

static enum pump_result copy_out(struct pump *pump)
{
	ssize_t n = write(pump->to, pump->held + pump->at, pump->len);

	if (n < 0 && !waits())
		return PUMP_BROKEN;
	if (n > 0) {
		pump->at += (size_t)n;
		pump->len -= (size_t)n;
	}
	pump->full = pump->len > 0;
	return PUMP_ON;
}

static enum pump_result copy(struct pump *pump)
{
	ssize_t n, keys;

	if (pump->len > 0)
		return copy_out(pump);
	if (!pump->held)
		pump->held = xmalloc(CHUNK);
	n = read(pump->from, pump->held, portion(pump));
	if (n < 0)
		return waits() ? PUMP_ON : PUMP_BROKEN;
	if (n == 0)
		return ended(pump);
	pump->at = 0;
	pump->len = (size_t)n;
	if (pump->left != SIZE_MAX)
		pump->left -= (size_t)n;
	keys = pump->keys ? find_keys(pump) : -1;
	if (keys < 0)
		return copy_out(pump);
	pump->len = (size_t)keys;
	(void)copy_out(pump); /* what was typed before the keys; we leave, whether it gets there or not */
	return PUMP_KEYS;
}

enum pump_result pump_turn(struct pump *pump)
{
	ssize_t n;

	if (!pump->full) { /* something has come; what it waits for now is room */
		pump->full = true;
		return PUMP_ON;
	}
	pump->full = false;
	if (pump->copies || pump->keys)
		return copy(pump);
	n = splice(pump->from, NULL, pump->to, NULL, portion(pump), SPLICE_F_NONBLOCK);
	if (n < 0 && errno == EINVAL) { /* a file opened for appending, or a device without support for it */
		pump->copies = true;
		return copy(pump);
	}
	if (n < 0)
		return waits() ? PUMP_ON : PUMP_BROKEN;
	if (n == 0)
		return ended(pump);
	if (pump->left != SIZE_MAX)
		pump->left -= (size_t)n;
	return PUMP_ON;
}
