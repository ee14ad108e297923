#include "guardian/logfile.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "guardian/lines.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODE 0640

static struct {
	char *path; /* NULL: standard output */
	struct lines lines;
	bool waiting;            /* as changed was told */
	unsigned long long lost; /* lines that nobody was told of yet */
	char *(*tell_lost)(unsigned long long lines);
	void (*changed)(int fd, bool waiting);
	void (*put)(const char *line, size_t len);
} out = { .lines.fd = STDOUT_FILENO };

/* Non-blocking for the case that it is a FIFO, which then needs a reader. */
static int open_file(const char *path, struct error *err)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, MODE);

	return fd >= 0 ? fd : fail_sys(err, "open %s", path);
}

int logfile_open(const char *path, char *(*tell_lost)(unsigned long long lines), struct error *err)
{
	out.tell_lost = tell_lost;
	if (!path || !*path)
		return 0;
	out.lines.fd = open_file(path, err);
	if (out.lines.fd < 0)
		return -1;
	out.path = xstrdup(path);
	return 0;
}

static void tell_waiting(bool waiting)
{
	if (out.waiting != waiting && out.changed)
		out.changed(out.lines.fd, waiting);
	out.waiting = waiting;
}

/* While little is kept, so that the line about lost ones does not take the place of others. False if it is lost too. */
static bool put_count(void)
{
	autofree char *line = NULL;

	if (!out.lost || !out.tell_lost || out.lines.waiting.len > LINES_MOST / 2)
		return true;
	line = out.tell_lost(out.lost);
	if (!lines_put(&out.lines, line, strlen(line), &out.lost))
		return false;
	out.lost = 0;
	return true;
}

void logfile_put(const char *line, size_t len)
{
	if (out.put) {
		out.put(line, len);
		return;
	}
	if (!put_count() || !lines_put(&out.lines, line, len, &out.lost))
		out.lost++;
	tell_waiting(out.lines.waiting.len > 0);
}

void logfile_flush(void)
{
	out.lost += lines_flush(&out.lines);
	(void)put_count(); /* if it is lost the count stays */
	tell_waiting(out.lines.waiting.len > 0);
}

int logfile_reopen(struct error *err)
{
	int fd;

	if (!out.path)
		return 0;
	fd = open_file(out.path, err);
	if (fd < 0)
		return -1;
	logfile_flush();
	tell_waiting(false);
	fd_close(&out.lines.fd);
	out.lines.fd = fd;
	logfile_flush(); /* what the old one did not take */
	return 0;
}

void logfile_watch(void (*changed)(int fd, bool waiting))
{
	out.changed = changed;
	if (out.waiting && changed)
		changed(out.lines.fd, true);
}

void logfile_finish(int timeout_ms)
{
	long long deadline = clock_ms() + timeout_ms;
	struct pollfd room = { .fd = out.lines.fd, .events = POLLOUT };

	logfile_flush();
	while (out.lines.waiting.len && clock_left_ms(deadline) > 0) {
		(void)poll(&room, 1, clock_left_ms(deadline)); /* the flush finds out */
		logfile_flush();
	}
}

void logfile_through(void (*put)(const char *line, size_t len))
{
	out.put = put;
	out.changed = NULL;
	text_free(&out.lines.waiting);
	out.waiting = false;
	out.lost = 0;
}
