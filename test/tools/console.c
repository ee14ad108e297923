/* Does what a runtime does to hand over a console, rightly or not.
 *
 *   console SOCKET MODE [COMMAND...]
 *
 * Starts COMMAND on a new terminal, connects to SOCKET, sends according to MODE, and prints the command's pid:
 *
 *   master   the master end, as it should be
 *   nothing  text without a descriptor
 *   two      the master end twice
 *   pipe     the end of a pipe
 *   long     the master end with a name of 4096 bytes
 *   close    not a byte
 *   hang     not a byte, and stays connected */
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(125);
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("connect");
	return fd;
}

static void send_fds(int socket, const int *fds, size_t count, size_t name_len)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = { 0 };
	static char name[4096];
	struct iovec data = { memset(name, 'n', sizeof name), name_len };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1 };
	struct cmsghdr *header;

	if (count) {
		message.msg_control = control;
		message.msg_controllen = CMSG_SPACE(count * sizeof *fds);
		header = CMSG_FIRSTHDR(&message);
		if (!header)
			die("control message");
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(count * sizeof *fds);
		memcpy(CMSG_DATA(header), fds, count * sizeof *fds);
	}
	if (sendmsg(socket, &message, 0) < 0)
		die("sendmsg");
}

static void send_as(const char *mode, int socket, int master)
{
	int twice[2] = { master, master }, ends[2];

	if (strcmp(mode, "master") == 0)
		send_fds(socket, &master, 1, 8);
	else if (strcmp(mode, "nothing") == 0)
		send_fds(socket, NULL, 0, 13);
	else if (strcmp(mode, "two") == 0)
		send_fds(socket, twice, 2, 8);
	else if (strcmp(mode, "long") == 0)
		send_fds(socket, &master, 1, 4096);
	else if (strcmp(mode, "pipe") == 0 && pipe2(ends, O_CLOEXEC) == 0)
		send_fds(socket, ends, 1, 8);
	else if (strcmp(mode, "hang") == 0)
		pause();
}

int main(int argc, char **argv)
{
	int master, socket;
	pid_t pid;

	if (argc < 4)
		return 125;
	pid = forkpty(&master, NULL, NULL, NULL);
	if (pid == 0) {
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	printf("%d", (int)pid);
	fflush(stdout);
	socket = connect_to(argv[1]);
	send_as(argv[2], socket, master);
	return 0;
}
