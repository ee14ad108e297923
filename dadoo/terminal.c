#include "dadoo/terminal.h"

#include "common/base/error.h"
#include "common/base/fd.h"
#include "dadoo/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#define PARENT_MAX 80         /* of the contract */
#define CONSOLE_NAME_MAX 4096 /* of the contract; the name comes with the console and means nothing to us */

static struct sockaddr_un address; /* its path is empty when there is nothing to remove */
static bool own_directory;         /* the socket stands in one that was made for it */

static void remove_socket(void)
{
	if (!*address.sun_path)
		return;
	unlink(address.sun_path);
	if (own_directory) {
		*strrchr(address.sun_path, '/') = '\0';
		rmdir(address.sun_path);
	}
	*address.sun_path = '\0';
}

static void make_directory(const char *parent)
{
	static const char name[] = "dadoo.XXXXXX", file[] = "/tty.sock";
	char *path = address.sun_path;
	struct stat st;

	if (strlen(parent) > PARENT_MAX)
		give_up("value for --socket-dir-path cannot exceed %d characters in length", PARENT_MAX);
	if (stat(parent, &st) < 0)
		give_up("stat %s: %s", parent, errno_text(errno));
	snprintf(path, sizeof address.sun_path, "%s/%s", parent, name);
	if (!mkdtemp(path))
		give_up("mkdir %s/%s: %s", parent, name, errno_text(errno));
	memcpy(path + strlen(path), file, sizeof file);
	own_directory = true;
}

/* Where nobody says otherwise the socket stands in the process directory, with which it goes even when dadoo is killed. A
 * path of any length has a short name below /proc: for us by one link, for the runtime by another. */
static void name_socket(struct terminal *terminal, const char *parent, int dir)
{
	if (parent && *parent) {
		make_directory(parent);
		snprintf(terminal->path, sizeof terminal->path, "%s", address.sun_path);
		return;
	}
	snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/tty.sock", dir);
	snprintf(terminal->path, sizeof terminal->path, "/proc/%d/fd/%d/tty.sock", getpid(), dir);
}

void terminal_listen(struct terminal *terminal, const char *parent, int dir)
{
	address.sun_family = AF_UNIX;
	name_socket(terminal, parent, dir);
	atexit(remove_socket);
	terminal->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (terminal->socket < 0 || bind(terminal->socket, (struct sockaddr *)&address, sizeof address) < 0 ||
		listen(terminal->socket, 1) < 0)
		give_up("listen unix %s: %s", terminal->path, errno_text(errno));
}

/* Lines that the process ends with a newline are to start at the left on the user's screen. */
static int prepare_master(int master)
{
	struct termios settings;
	int flags = fcntl(master, F_GETFL);

	if (flags < 0 || fcntl(master, F_SETFL, flags | O_NONBLOCK) < 0 || tcgetattr(master, &settings) < 0)
		return -1;
	settings.c_oflag |= ONLCR;
	return tcsetattr(master, TCSANOW, &settings);
}

static void swap_socket(struct terminal *terminal, int socket)
{
	fd_close(&terminal->socket);
	terminal->socket = socket;
	terminal->connected = socket >= 0;
}

/* The descriptor in the message, -1 if that is not all there is in it. */
static int descriptor_in(struct msghdr *message)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(message);
	int fd;

	if (!control || control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS ||
		control->cmsg_len != CMSG_LEN(sizeof fd))
		return -1;
	memcpy(&fd, CMSG_DATA(control), sizeof fd);
	return fd;
}

/* 1 when the console has come, 0 when nothing has, -1 after a report. */
static int receive(struct terminal *terminal)
{
	enum { PIECE = 256, PIECES = CONSOLE_NAME_MAX / PIECE };
	char name[PIECE] = { 0 }; /* all pieces of it, one over the other: only their length is of interest */
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct iovec data[PIECES];
	struct msghdr message = {
		.msg_iov = data, .msg_iovlen = PIECES, .msg_control = control, .msg_controllen = sizeof control
	};
	ssize_t n;

	for (size_t i = 0; i < PIECES; i++)
		data[i] = (struct iovec){ name, sizeof name };
	n = recvmsg(terminal->socket, &message, MSG_CMSG_CLOEXEC);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0) {
		report("recvfile: %s", errno_text(errno));
		return -1;
	}
	terminal->master = n == 0 || n == CONSOLE_NAME_MAX ? -1 : descriptor_in(&message);
	if (terminal->master < 0) {
		report("recvfile: incorrect number of bytes read (n=%zd oobn=%zu)", n, (size_t)message.msg_controllen);
		return -1;
	}
	swap_socket(terminal, -1);
	remove_socket();
	if (prepare_master(terminal->master) < 0) {
		report("console: %s", errno_text(errno));
		return -1;
	}
	return 1;
}

/* 1 when there is now a connection, 0 when nobody has called, -1 after a report. */
static int take_call(struct terminal *terminal)
{
	int connection = accept4(terminal->socket, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (connection >= 0) {
		swap_socket(terminal, connection);
		return 1;
	}
	if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
		return 0;
	report("accept unix %s: %s", terminal->path, errno_text(errno));
	return -1;
}

int terminal_accept(struct terminal *terminal)
{
	int step = 1;

	while (step > 0 && terminal->socket >= 0)
		step = terminal->connected ? receive(terminal) : take_call(terminal);
	return step < 0 ? -1 : 0;
}

int terminal_complete(struct terminal *terminal)
{
	if (terminal_accept(terminal) < 0)
		return -1;
	if (terminal->socket < 0)
		return 0;
	report("recvfile: the runtime has ended without sending the console");
	return -1;
}
