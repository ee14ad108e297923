#include "guardian/lines.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static bool takes_more(int fd)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };

	/* Of a broken pipe the write tells. */
	return poll(&room, 1, 0) > 0 && room.revents;
}

/* Returns how much was written; *broken is set when no more ever will be. O_NONBLOCK would be of no use: an inherited
 * descriptor is somebody else's too. A pipe that polls writable has room for PIPE_BUF bytes, so pieces of that size do not
 * block, as long as nobody else writes to it. */
static size_t write_some(struct lines *lines, const char *data, size_t len, bool *broken)
{
	size_t done = 0;

	*broken = false;
	while (done < len && takes_more(lines->fd)) {
		size_t piece = len - done < PIPE_BUF ? len - done : PIPE_BUF;
		ssize_t n = write(lines->fd, data + done, piece);

		if (n > 0) {
			done += (size_t)n;
			lines->cut = data[done - 1] != '\n';
		} else if (n == 0 || errno != EINTR) {
			*broken = n == 0 || errno != EAGAIN;
			break;
		}
	}
	return done;
}

static unsigned long long count_lines(const struct text *text)
{
	unsigned long long count = 0;

	for (size_t i = 0; i < text->len; i++)
		count += text->data[i] == '\n';
	return count;
}

unsigned long long lines_flush(struct lines *lines)
{
	struct text *waiting = &lines->waiting;
	unsigned long long lost = 0;
	bool broken;
	size_t done;

	if (!waiting->len)
		return 0;
	done = write_some(lines, waiting->data, waiting->len, &broken);
	if (!done && !broken)
		return 0;
	text_drop(waiting, done);
	if (broken) {
		lost = count_lines(waiting);
		text_free(waiting);
	}
	return lost;
}

bool lines_put(struct lines *lines, const char *line, size_t len, unsigned long long *lost)
{
	size_t done = 0;
	bool broken;

	*lost += lines_flush(lines);
	if (lines->waiting.len + len > LINES_MOST && lines->waiting.len)
		return false;
	if (!lines->waiting.len && lines->cut && write_some(lines, "\n", 1, &broken) == 0)
		return false; /* a line that broke off is not continued by another */
	if (!lines->waiting.len) {
		done = write_some(lines, line, len, &broken);
		if (broken)
			return false;
	}
	if (done < len)
		text_add(&lines->waiting, line + done, len - done);
	return true;
}
