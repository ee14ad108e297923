#include "dadoo/stdio.h"

#include "common/base/error.h"
#include "common/base/fd.h"
#include "common/base/fifo.h"
#include "common/depot/names.h"
#include "dadoo/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/time.h>

#define LOOK_FOR_CALLER_MS 250

/* fd, unless opening it has failed. */
static int opened(int fd, const struct directory *dir, const char *name)
{
	if (fd < 0)
		give_up("open %s/%s: %s", dir->path, name, errno_text(errno));
	return fd;
}

/* An end of ours, non-blocking. */
static int open_end(const struct directory *dir, const char *name, int flags)
{
	return opened(fifo_open(dir->fd, name, flags), dir, name);
}

/* Waits until somebody has the other end open. If the caller died that would be for ever, so the timer of stdio_open
 * interrupts it now and then. */
static int open_awaiting_peer(const struct directory *dir, const char *name, int flags)
{
	int fd;

	while ((fd = openat(dir->fd, name, flags | O_CLOEXEC)) < 0 && errno == EINTR)
		if (caller_gone())
			give_up("open %s/%s: the caller is gone", dir->path, name);
	return opened(fd, dir, name);
}

static void interrupt(int number)
{
	(void)number; /* that it was handled is enough: open returns with EINTR */
}

static void set_timer_ms(int ms)
{
	struct timeval period = { .tv_usec = ms * 1000 };
	struct itimerval timer = { period, period };
	struct sigaction action = { .sa_handler = interrupt };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

/* A writing end, once there is a reader. It is a reader itself: then the process, which gets the same, can write, and wait
 * for room, even when all others have died, dadoo included, and nothing ends it with SIGPIPE. */
static int open_output(const struct directory *dir, const char *name, bool terminal)
{
	autoclose int awaited = open_awaiting_peer(dir, name, O_WRONLY);

	return opened(terminal ? fifo_open(dir->fd, name, O_RDWR) : fifo_open_blocking(dir->fd, name, O_RDWR), dir,
		name);
}

/* With a terminal dadoo itself reads stdin, and a client that leaves must not be the end for those who come later. */
static int open_input(const struct directory *dir, bool terminal)
{
	autoclose int awaited = open_awaiting_peer(dir, NAME_STDIN, O_RDONLY);

	return terminal ? open_end(dir, NAME_STDIN, O_RDWR) : fd_take(&awaited);
}

static int open_hold(const struct directory *dir)
{
	return directory_has(dir, NAME_STDIN_HOLD) ? open_end(dir, NAME_STDIN, O_WRONLY) : -1;
}

void stdio_open(struct stdio *io, const struct directory *dir, bool terminal)
{
	set_timer_ms(LOOK_FOR_CALLER_MS);
	io->in = open_input(dir, terminal);
	io->in_held = terminal ? -1 : open_hold(dir); /* now, while the caller's own end is surely open */
	io->out = open_output(dir, NAME_STDOUT, terminal);
	io->err = open_output(dir, NAME_STDERR, terminal);
	set_timer_ms(0);
	io->exit = open_end(dir, NAME_EXIT, O_RDWR);
}

void stdio_keep(struct stdio *io, const struct directory *dir, bool terminal)
{
	io->out_kept = open_end(dir, NAME_STDOUT, O_RDONLY);
	io->err_kept = open_end(dir, NAME_STDERR, O_RDONLY);
	io->winsz = terminal ? open_end(dir, NAME_WINSZ, O_RDWR) : -1;
}

void stdio_reopen(struct stdio *io, const struct directory *dir)
{
	io->in = open_end(dir, NAME_STDIN, O_RDONLY);
	io->in_held = open_hold(dir);
	io->out = open_end(dir, NAME_STDOUT, O_RDWR);
	io->err = open_end(dir, NAME_STDERR, O_RDWR);
	io->exit = open_end(dir, NAME_EXIT, O_RDWR);
	stdio_keep(io, dir, false);
}

void stdio_check_hold(struct stdio *io, const struct directory *dir)
{
	if (io->in_held >= 0 && !directory_has(dir, NAME_STDIN_HOLD))
		fd_close(&io->in_held);
}

void stdio_release(struct stdio *io)
{
	fd_close(&io->in);
	fd_close(&io->in_held);
	fd_close(&io->out);
	fd_close(&io->err);
	fd_close(&io->exit);
}

static bool named(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

static bool unread(int fd)
{
	return fifo_pending(fd) > 0 && named(fd);
}

bool stdio_unread(const struct stdio *io)
{
	return unread(io->out_kept) || unread(io->err_kept);
}

bool stdio_removed(const struct stdio *io)
{
	return !named(io->out_kept);
}
