#include "nstar/stream.h"

#include "common/base/fd.h"
#include "nstar/report.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

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

la_ssize_t stream_write(struct archive *archive, void *stream, const void *block, size_t len)
{
	const struct stream *out = stream;

	if (wait_ready(out, POLLOUT) < 0 || fd_write_all(out->fd, block, len) < 0)
		return fail(archive, "Cannot write");
	return (la_ssize_t)len;
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
