/* Starts a program with a listening socket that was made for it, in one of the two ways that the daemon knows.
 *
 *   activate systemd|socket2me PATH COMMAND...
 *
 * systemd: descriptor 3, LISTEN_FDS and LISTEN_PID (sd_listen_fds(3)). socket2me: any descriptor, SOCKET2ME_FD. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int listen_on(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 64) < 0)
		return -1;
	return fd;
}

static int set_number(const char *name, int number)
{
	char text[16];

	snprintf(text, sizeof text, "%d", number);
	return setenv(name, text, 1);
}

int main(int argc, char **argv)
{
	int fd = argc > 3 ? listen_on(argv[2]) : -1, result;

	if (fd < 0)
		return 125;
	if (!strcmp(argv[1], "systemd"))
		result = (fd != 3 && (dup2(fd, 3) < 0 || close(fd) < 0)) || set_number("LISTEN_FDS", 1) < 0 ||
			set_number("LISTEN_PID", getpid()) < 0;
	else
		result = set_number("SOCKET2ME_FD", fd);
	if (!result)
		execvp(argv[3], argv + 3);
	return 125;
}
