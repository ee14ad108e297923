#include "nstar/stream.h"

#include "common/base/fd.h"
#include "nstar/report.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

#define HOLD_MOST (64u << 10) /* bytes in the block until they are written */
#define SEND_MOST (1u << 20)  /* at once: between two, the container is looked after */

/* Waits until the descriptor is ready. -1 with errno ESRCH when the container has gone. */
static int wait_ready(const struct stream *stream, short events)
{
	struct pollfd watch[] = {
		{ .fd = stream->container, .events = POLLIN },
		{ .fd = stream->fd, .events = events },
	};

	while (poll(watch, 2, -1) < 0)
		if (errno != EINTR)
			return -1;
	errno = ESRCH;
	return watch[0].revents ? -1 : 0;
}

static ssize_t read_some(struct stream *stream)
{
	ssize_t len;

	do {
		if (wait_ready(stream, POLLIN) < 0)
			return -1;
		len = read(stream->fd, stream->block, STREAM_BLOCK);
	} while (len < 0 && (errno == EINTR || errno == EAGAIN));
	return len;
}

static la_ssize_t fail(struct archive *archive, const char *what)
{
	if (errno == ESRCH)
		archive_set_error(archive, 0, "the container is gone");
	else
		archive_set_error(archive, errno, "%s", what);
	return -1;
}

la_ssize_t stream_read(struct archive *archive, void *stream, const void **block)
{
	struct stream *in = stream;
	ssize_t len = read_some(in);

	*block = in->block;
	return len < 0 ? fail(archive, "Cannot read") : len;
}

static int write_held(struct stream *out)
{
	size_t len = out->held;

	if (len && (wait_ready(out, POLLOUT) < 0 || fd_write_all(out->fd, out->block, len) < 0))
		return -1;
	out->held = 0;
	return 0;
}

/* The next bytes of the source into the block. Returns how many, 0 when it is over. */
static ssize_t hold_source(struct stream *out, size_t len)
{
	struct source *source = out->source;
	size_t room = HOLD_MOST - out->held;
	ssize_t n;

	do
		n = pread(source->fd, out->block + out->held, len < room ? len : room, source->at);
	while (n < 0 && errno == EINTR);
	if (n <= 0) {
		source->over = true;
		source->error = n < 0 ? errno : 0;
		return 0;
	}
	out->held += (size_t)n;
	source->at += n;
	return n;
}

/* The same, but what is too much to be held goes out by the kernel alone, without a copy if that is a pipe. Where that is
 * not possible, or went wrong, reading tells what it was. */
static ssize_t take_source(struct stream *out, size_t len)
{
	ssize_t n;

	if (out->held + len <= HOLD_MOST)
		return hold_source(out, len);
	if (write_held(out) < 0 || wait_ready(out, POLLOUT) < 0)
		return -1;
	n = sendfile(out->fd, out->source->fd, &out->source->at, len < SEND_MOST ? len : SEND_MOST);
	return n > 0 ? n : hold_source(out, len);
}

static ssize_t hold(struct stream *out, const char *block, size_t len)
{
	if (out->held == HOLD_MOST && write_held(out) < 0)
		return -1;
	if (len > HOLD_MOST - out->held)
		len = HOLD_MOST - out->held;
	memcpy(out->block + out->held, block, len);
	out->held += len;
	return (ssize_t)len;
}

la_ssize_t stream_write(struct archive *archive, void *stream, const void *block, size_t len)
{
	struct stream *out = stream;
	ssize_t n = 0;

	if (out->source && !out->source->over)
		n = take_source(out, len);
	if (n == 0)
		n = hold(out, block, len);
	if (n < 0)
		return fail(archive, "Cannot write");
	out->written += (size_t)n;
	return n;
}

int stream_finish(struct archive *archive, struct stream *stream, size_t size)
{
	static const char zeros[512];

	while (stream->written % size) {
		size_t left = size - stream->written % size;
		ssize_t n = hold(stream, zeros, left < sizeof zeros ? left : sizeof zeros);

		if (n < 0)
			return (int)fail(archive, "Cannot write");
		stream->written += (size_t)n;
	}
	return write_held(stream) < 0 ? (int)fail(archive, "Cannot write") : 0;
}

void stream_drain(struct stream *stream)
{
	while (read_some(stream) > 0)
		continue;
}

const char *stream_problem(struct archive *archive)
{
	static char text[512];
	const char *what = archive_error_string(archive);
	int number = archive_errno(archive);

	/* libarchive's own kinds of errors are -1 and EILSEQ, which say nothing more than its words. */
	if (number > 0 && number != EILSEQ)
		snprintf(text, sizeof text, "%s: %s", what ? what : "error", report_reason(number));
	else
		snprintf(text, sizeof text, "%s", what ? what : "error");
	return text;
}
