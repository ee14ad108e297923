/* A client that reads nothing, for tests.
 *
 *   unread SOCKET flood REQUEST               sends it again and again, until nothing more is taken for a second
 *   unread SOCKET pile MOST REQUEST LAST      opens MOST connections; the first sends REQUEST once, the second twice ..., each
 *                                             then LAST
 *
 * Prints how many bytes were taken, and keeps its connections until standard input ends. In requests \r and \n are as in
 * printf. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_MS 1000

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	strncpy(address.sun_path, path, sizeof address.sun_path - 1);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
		perror("unread: fatal: unable to connect");
		exit(1);
	}
	return fd;
}

static char *plain(const char *escaped)
{
	char *text = strdup(escaped), *to = text;

	for (const char *from = escaped; *from; from++)
		if (from[0] == '\\' && (from[1] == 'r' || from[1] == 'n'))
			*to++ = *++from == 'r' ? '\r' : '\n';
		else
			*to++ = *from;
	*to = '\0';
	return text;
}

/* How much was taken: less than all when there was no room for so long. */
static size_t put(int fd, const char *text)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };
	size_t len = strlen(text), done = 0;

	while (done < len) {
		ssize_t n = send(fd, text + done, len - done, MSG_NOSIGNAL);

		if (n > 0)
			done += (size_t)n;
		else if (errno != EAGAIN || poll(&room, 1, WAIT_MS) != 1)
			break;
	}
	return done;
}

static size_t flood(const char *path, const char *request)
{
	int fd = connect_to(path);
	size_t taken = 0, n;

	do {
		n = put(fd, request);
		taken += n;
	} while (n == strlen(request));
	return taken;
}

/* All that a connection sends in one piece, which has room in any socket. */
static size_t pile(const char *path, int most, const char *request, const char *last)
{
	char *piece = calloc((size_t)most + 1, strlen(request) + strlen(last));
	size_t taken = 0;

	for (int i = 1; i <= most; i++) {
		stpcpy(stpcpy(piece + (size_t)(i - 1) * strlen(request), request), last);
		taken += put(connect_to(path), piece);
	}
	return taken;
}

int main(int argc, char **argv)
{
	char byte;

	if (argc == 4 && !strcmp(argv[2], "flood"))
		printf("%zu\n", flood(argv[1], plain(argv[3])));
	else if (argc == 6 && !strcmp(argv[2], "pile"))
		printf("%zu\n", pile(argv[1], atoi(argv[3]), plain(argv[4]), plain(argv[5])));
	else
		return 2;
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		continue;
	return 0;
}
